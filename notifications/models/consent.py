"""What was allowed, with evidence; and the addresses nothing may be sent to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.fields import EncryptedTextField
from crm.models.references import ActedBy
from notifications.enums import Channel, ConsentStatus, Purpose


class Consent(ActedBy):
    """One statement about one address, channel and purpose: immutable; the newest one counts."""

    address = models.ForeignKey(
        "crm.Address", on_delete=models.PROTECT, related_name="consents", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    status = models.CharField(max_length=10, choices=ConsentStatus.choices)
    wording_version = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=60)
    evidence = EncryptedTextField(blank=True, help_text="Page, form, wording and how it was given, as JSON")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=[Purpose.TRANSACTIONAL, Purpose.MARKETING]),
                name="consent_is_for_people",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ConsentStatus.values), name="consent_status_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["address", "channel", "purpose", "-at", "-id"], name="consent_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_purpose_display()} · {self.get_status_display()}"


class Suppression(ActedBy):
    """That nothing may be sent to an address. Lifted only by a person, never edited away."""

    address = models.ForeignKey("crm.Address", on_delete=models.PROTECT, related_name="suppressions")
    reason = models.CharField(max_length=120, help_text="One of our own sentences, never typed")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address"], condition=models.Q(lifted_at__isnull=True), name="suppression_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return self.reason
