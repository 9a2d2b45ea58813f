"""The lead: one enquiry episode of one contact, and what happened in it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.fields import EncryptedTextField
from crm.models.references import ActedBy, ReferenceField
from leads.enums import CLOSED, OPEN, LeadEventKind, LeadKind, LeadStatus, PreferredContact

NUMBER_OFFSET = 1000


class LostReason(models.Model):
    """Why a lead was closed. A pack row: labels may be edited, codes may not."""

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.label


class LeadQuerySet(models.QuerySet["Lead"]):
    def open(self) -> LeadQuerySet:
        return self.filter(status__in=OPEN)


class Lead(models.Model):
    """One enquiry episode of one contact, from first submission to its outcome.

    No index on the few locations, forms, owners and reasons: lists read the newest, or the open ones.
    """

    reference = ReferenceField()
    contact = models.ForeignKey("crm.Contact", on_delete=models.PROTECT, related_name="leads")
    location = models.ForeignKey(
        "crm.Location", on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    form = models.ForeignKey(
        "leads.CaptureForm",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        db_index=False,
    )
    services = models.ManyToManyField("crm.Service", blank=True, related_name="leads")
    kind = models.CharField(max_length=16, choices=LeadKind.choices, default=LeadKind.NEW)
    status = models.CharField(
        max_length=12, choices=LeadStatus.choices, default=LeadStatus.NEW, editable=False
    )
    status_before = models.CharField(
        max_length=12,
        choices=LeadStatus.choices,
        blank=True,
        editable=False,
        help_text="Before it was closed",
    )
    lost_reason = models.ForeignKey(
        LostReason,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        editable=False,
        db_index=False,
    )
    message = EncryptedTextField(blank=True, help_text="What they wrote, newest")
    article = models.CharField(max_length=100, blank=True)
    preferred_contact = models.CharField(max_length=8, choices=PreferredContact.choices, blank=True)
    preferred_time = EncryptedTextField(blank=True, help_text="When they would like a call, in their words")
    voicemail_ok = models.BooleanField(null=True, blank=True)

    arrived_at = models.DateTimeField()
    last_arrival_at = models.DateTimeField()
    respond_by = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True, help_text="When the clock last stopped")
    first_contacted_at = models.DateTimeField(null=True, blank=True)
    booked_at = models.DateTimeField(null=True, blank=True)
    attended_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    next_action_at = models.DateTimeField(null=True, blank=True)
    nurture_until = models.DateTimeField(null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        permissions: ClassVar = [("view_report", "Can see the report")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=LeadStatus.values), name="lead_status_is_known"
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=~models.Q(status__in=sorted(CLOSED)),
                name="lead_open_once_per_contact",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=sorted(CLOSED)) | models.Q(next_action_at__isnull=False),
                name="lead_open_has_a_next_action",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=LeadStatus.LOST) | models.Q(lost_reason__isnull=False),
                name="lead_lost_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=LeadStatus.LOST) | ~models.Q(status_before=""),
                name="lead_lost_knows_where_it_stood",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-arrived_at", "-id"], name="lead_newest"),
            models.Index(
                fields=["respond_by"],
                condition=models.Q(responded_at__isnull=True) & ~models.Q(status__in=sorted(CLOSED)),
                name="lead_unanswered",
            ),
            models.Index(
                fields=["next_action_at"],
                condition=~models.Q(status__in=sorted(CLOSED)),
                name="lead_next_action",
            ),
            models.Index(fields=["article", "arrived_at"], name="lead_by_article"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def number(self) -> int:
        """The short number for people. Made of the row's id, so it is unique and costs no second write."""
        return NUMBER_OFFSET + self.pk

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class LeadEvent(ActedBy):
    """One change in a lead's life: immutable."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=LeadEventKind.choices)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, blank=True)
    reason = EncryptedTextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["lead", "at"], name="lead_event_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.from_status}→{self.to_status}"


class Note(ActedBy):
    """Something staff wrote down about a lead."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="notes", db_index=False)
    at = models.DateTimeField()
    text = EncryptedTextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["lead", "at"], name="note_by_time")]

    def __str__(self) -> str:
        return f"Note of {self.at:%Y-%m-%d}"
