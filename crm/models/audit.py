"""What was done to whose record: appended in the transaction of the act, never read for logic."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.models.references import ActedBy


class AuditEntry(ActedBy):
    """One act. Names fields, never values, so that erasing a person leaves the record whole."""

    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_ref = models.CharField(max_length=64, blank=True)
    fields = models.JSONField(default=list)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_ref"], name="audit_by_subject"),
            models.Index(fields=["-at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind}"
