"""People, the addresses in the world, and which of them reach whom."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.enums import AddressKind, ZoneSource
from crm.models.references import ReferenceField


class Contact(models.Model):
    """One person the clinic knows."""

    reference = ReferenceField()
    full_name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64)
    time_zone_source = models.CharField(max_length=10, choices=ZoneSource.choices)
    verify = models.BooleanField(
        default=False, help_text="Another name came with the same address: check who this is"
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_from",
        editable=False,
        db_index=False,
    )
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(models.functions.Upper("full_name"), name="contact_by_name"),
            # Hardly anybody is merged: an index of all would hold nothing but nulls.
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="contact_merged_into",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")),
                name="contact_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or "No name yet"


class Address(models.Model):
    """One normalised e-mail, phone or handle in the world. Consent, suppression, caps and locks hang here."""

    kind = models.CharField(max_length=8, choices=AddressKind.choices)
    value = models.CharField(max_length=320)
    match_key = models.CharField(max_length=320, help_text="Without plus tag: spellings of one inbox agree")
    value_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "addresses"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value"], name="address_once"),
            # Here and not as `unique=True`, which makes a second index for LIKE on PostgreSQL.
            models.UniqueConstraint(fields=["value_hash"], name="address_hash_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "match_key"], name="address_by_match_key"),
        ]

    def __str__(self) -> str:
        return self.value


class ContactPoint(models.Model):
    """That an address reaches a contact. A couple may share one."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="points", db_index=False)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="points")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "address"], name="contact_point_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}·{self.address_id}"
