"""Contacts page by page, newest first, and one with all that hangs on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from crm.addresses import NormalAddress
from crm.models import Appointment, Contact, ContactPoint
from leads.models import Lead


@dataclass(frozen=True, slots=True)
class Page:
    """Some contacts in a row, newest first, and whether there are others on either side."""

    contacts: list[Contact]
    has_newer: bool
    has_older: bool


def by_reference(reference: str) -> Contact | None:
    """Find a contact, merged or not, by its reference."""
    return Contact.objects.select_related("merged_into").filter(reference=reference).first()


def reached_at(address: NormalAddress) -> list[Contact]:
    """Give whom an address reaches, in exactly this spelling, also those who were merged since."""
    there = Contact.objects.filter(points__address__kind=address.kind, points__address__value=address.value)
    return list(there.select_related("merged_into"))


def page(
    *,
    limit: int,
    among: Collection[int] | None = None,
    older_than: int | None = None,
    newer_than: int | None = None,
) -> Page:
    """Read one page of contacts from a row on, either way; who was merged is left out.

    Newest first is by the row: a contact is written when it is made, and the rows' own key is what a page can
    be read from however deep it lies.
    """
    contacts = _with_facts(Contact.objects.filter(merged_into__isnull=True))
    if among is not None:
        contacts = contacts.filter(pk__in=among)
    if newer_than is not None:
        rows = list(contacts.filter(pk__gt=newer_than).order_by("pk")[: limit + 1])
        return Page(contacts=rows[:limit][::-1], has_newer=len(rows) > limit, has_older=True)
    if older_than is not None:
        contacts = contacts.filter(pk__lt=older_than)
    rows = list(contacts.order_by("-pk")[: limit + 1])
    return Page(contacts=rows[:limit], has_newer=older_than is not None, has_older=len(rows) > limit)


def record(contact_id: int) -> Contact:
    """Give a contact with its addresses, leads and visits, the newest first; nothing that anybody wrote."""
    leads = Lead.objects.only("reference", "status", "kind", "arrived_at", "contact_id")
    visits = Appointment.objects.select_related("service", "location")
    return (
        _with_facts(Contact.objects.all())
        .prefetch_related(
            Prefetch("leads", queryset=leads.order_by("-arrived_at", "-id")),
            Prefetch("appointments", queryset=visits.order_by("-starts_at", "-id")),
        )
        .get(pk=contact_id)
    )


def _with_facts(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Read along what a list shows of each contact, in two queries however many there are."""
    open_lead = Lead.objects.open().filter(contact=OuterRef("pk")).values("reference")
    points = ContactPoint.objects.select_related("address").order_by("id")
    return contacts.annotate(open_lead=Subquery(open_lead[:1])).prefetch_related(
        Prefetch("points", queryset=points)
    )
