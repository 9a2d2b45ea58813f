"""Where leads come from, and each arrival exactly as it came."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.fields import EncryptedBytesField
from crm.models.references import ReferenceField
from leads.enums import MissingProof, SubmissionState


class CaptureForm(models.Model):
    """One place leads come from. Its key is public: it names the form, it proves nothing."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    key = models.CharField("publishable key", max_length=64, unique=True)
    allowed_origins = models.JSONField(default=list, blank=True)
    location = models.ForeignKey("crm.Location", on_delete=models.PROTECT, related_name="capture_forms")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="capture_forms",
        help_text="Empty: the location's front desk",
    )
    missing_proof = models.CharField(max_length=12, choices=MissingProof.choices, default=MissingProof.ACCEPT)
    flood_limit = models.PositiveIntegerField(default=30, help_text="Posts a minute from one address")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """One arrival. What came (`body`, `content_type`, `received_at`, …) is never changed, except that erasure
    and retention blank the body; the columns below the line say what has become of it."""

    reference = ReferenceField()
    form = models.ForeignKey(
        CaptureForm, on_delete=models.PROTECT, related_name="submissions", db_index=False
    )
    received_at = models.DateTimeField()
    content_type = models.CharField(max_length=200)
    body = EncryptedBytesField()
    origin = models.CharField(max_length=200, blank=True)
    idempotency_key = models.CharField(max_length=64, null=True, blank=True)
    fields_hash = models.CharField(max_length=64)
    window = models.BigIntegerField(help_text="Ten-minute window of arrival, for posts without a key")
    sender_hash = models.CharField(max_length=64, help_text="Keyed hash of the network address's prefix")

    # What has become of it.
    state = models.CharField(max_length=12, choices=SubmissionState.choices, default=SubmissionState.WAITING)
    look_at = models.DateTimeField(help_text="When to look at it (again)")
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    lead = models.ForeignKey(
        "leads.Lead",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="submissions",
        db_index=False,
    )
    blanked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="submission_once_per_key",
            ),
            models.UniqueConstraint(
                fields=["form", "fields_hash", "window"],
                condition=models.Q(idempotency_key__isnull=True),
                name="submission_once_per_window",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=SubmissionState.values), name="submission_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SubmissionState.PROCESSED) | models.Q(lead__isnull=False),
                name="submission_processed_has_a_lead",
            ),
        ]
        indexes: ClassVar = [
            # Read by arrivals.claim.
            models.Index(
                fields=["look_at", "id"],
                condition=models.Q(state=SubmissionState.WAITING),
                name="submission_waiting",
            ),
            # Read by the lead's page. What has no lead yet stays out, so that accepting does not pay for it.
            models.Index(fields=["lead"], condition=models.Q(lead__isnull=False), name="submission_by_lead"),
            # Read by Today.
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=[SubmissionState.WAITING, SubmissionState.PARKED]),
                name="submission_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return f"Arrival {self.reference}"


class FloodCount(models.Model):
    """How many posts one form took from one network address in one minute."""

    bucket = models.CharField(max_length=96, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    minute = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["minute"], name="flood_count_by_minute")]

    def __str__(self) -> str:
        return f"{self.count}"
