"""Holds: while one stands, everything automatic to the contact waits for a person."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.enums import HoldKind
from crm.models.contact import Contact


class SafetyHold(models.Model):
    """That something a contact wrote may mean danger. Only a person lifts it."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="safety_holds")
    kind = models.CharField(max_length=12, choices=HoldKind.choices)
    phrase_codes = models.JSONField(default=list, help_text="Which phrases; never the words themselves")
    raised_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["contact", "kind"],
                condition=models.Q(lifted_at__isnull=True),
                name="safety_hold_stands_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | models.Q(lifted_by__isnull=False),
                name="safety_hold_lifted_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
