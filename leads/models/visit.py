"""The link between a lead and a visit, and the conversion it may carry."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.models.references import ActedBy
from leads.models.lead import Lead


class LeadVisit(ActedBy):
    """That a visit belongs to a lead. Revoked, never edited away; a conversion is a completed link."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="visits", db_index=False)
    appointment = models.ForeignKey("crm.Appointment", on_delete=models.PROTECT, related_name="lead_visits")
    linked_at = models.DateTimeField()
    converted_at = models.DateTimeField(null=True, blank=True, help_text="When the visit was completed")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "visit of a lead"
        verbose_name_plural = "visits of leads"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=models.Q(revoked_at__isnull=True),
                name="lead_visit_one_per_appointment",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | models.Q(converted_at__isnull=True),
                name="lead_visit_revoked_converts_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | ~models.Q(revoked_by=""),
                name="lead_visit_revoked_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["lead"], name="lead_visit_by_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id}·{self.appointment_id}"
