"""Visits: what was booked, what became of it, and the money that came in for it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.enums import OCCUPYING, STANDING, AppointmentStatus, PaymentKind
from crm.fields import EncryptedTextField
from crm.models.catalogue import Service
from crm.models.clinic import Location
from crm.models.contact import Contact
from crm.models.references import ActedBy, ReferenceField


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def standing(self) -> AppointmentQuerySet:
        return self.filter(status__in=STANDING)


class Appointment(models.Model):
    """A booked visit. Moving it makes a new row and leaves this one `rescheduled`."""

    reference = ReferenceField()
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    status = models.CharField(
        max_length=20, choices=AppointmentStatus.choices, default=AppointmentStatus.SCHEDULED, editable=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    chair = models.PositiveSmallIntegerField(null=True, blank=True)
    price_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=40, default="clinic")
    external_ref = models.CharField(max_length=120, null=True, blank=True)
    moved_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="moved_to", editable=False
    )
    created_at = models.DateTimeField()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "visit"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_ref"], name="appointment_once_per_source"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="appointment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=AppointmentStatus.values), name="appointment_status_is_known"
            ),
            # Overlaps are judged under the location's row lock; this says the plainest case to the database.
            models.UniqueConstraint(
                fields=["location", "chair", "starts_at"],
                condition=models.Q(chair__isnull=False, status__in=sorted(OCCUPYING)),
                name="appointment_chair_taken_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["location", "starts_at"], name="appointment_by_day"),
            models.Index(fields=["starts_at"], name="appointment_by_start"),
            models.Index(fields=["contact", "starts_at"], name="appointment_by_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"

    @property
    def stands(self) -> bool:
        return self.status in STANDING


class AppointmentEvent(ActedBy):
    """One step in a visit's life: immutable."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    at = models.DateTimeField()
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, choices=AppointmentStatus.choices)
    reason = EncryptedTextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["appointment", "at"], name="appointment_event_by_time")]

    def __str__(self) -> str:
        return f"{self.from_status}→{self.to_status}"


class Payment(ActedBy):
    """Money, or what stood for it, that came in for a visit, or went back. Amounts are never negative."""

    reference = ReferenceField()
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    kind = models.CharField(max_length=14, choices=PaymentKind.choices)
    amount_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=PaymentKind.values), name="payment_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[PaymentKind.PAID, PaymentKind.REFUNDED])
                | models.Q(amount_minor__gt=0),
                name="payment_of_money_has_an_amount",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["appointment"], name="payment_by_appointment")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_minor} {self.currency}"
