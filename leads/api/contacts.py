"""Contacts for staff tools: whom the clinic knows, and who it is on the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.addresses import InvalidAddress, NormalAddress, normalise_email, normalise_phone
from crm.domain import audit
from crm.domain.contacts import resolve
from crm.enums import Scope
from crm.models import Appointment, Contact, ContactPoint
from leads.api import pagination, schema
from leads.api.authentication import StaffToolView
from leads.api.leads import checked
from leads.models import Lead
from leads.queries import contacts, stops

# A place in the list, by the reference of the contact it lies beside: a row's number stays in the house.
PLACE = re.compile(rf"({pagination.OLDER}|{pagination.NEWER}):([0-9a-f]{{32}})")


class ContactQuery(serializers.Serializer[Any]):
    """What a list of contacts can be narrowed to."""

    # Blank is let through to be refused as an address: passed over, it would find everybody.
    email = serializers.CharField(
        required=False,
        default=None,
        allow_blank=True,
        help_text="Who is reached at this e-mail address, in this spelling",
    )
    phone = serializers.CharField(
        required=False,
        default=None,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Who is reached at this number, however it is written",
    )
    cursor = serializers.CharField(
        required=False, default="", max_length=200, help_text="From `next` or `previous`"
    )

    def validate_email(self, typed: str | None) -> NormalAddress | None:
        return _read(normalise_email, typed)

    def validate_phone(self, typed: str | None) -> NormalAddress | None:
        # The + of a number that nobody escaped reads as a space here. Left out, the rest could be read as
        # a number of this country, and be another person's.
        plus = typed is not None and typed.startswith(" ")
        return _read(normalise_phone, f"+{typed}" if plus else typed)


def _read(normalise: Callable[[str], NormalAddress], typed: str | None) -> NormalAddress | None:
    """Read an address as it is read everywhere.

    :raises ValidationError: when it is none.
    """
    try:
        return None if typed is None else normalise(typed)
    except InvalidAddress as refusal:
        raise ValidationError(refusal.message, code=refusal.code) from None


class ContactItem(serializers.Serializer[Contact]):
    """One person the clinic knows. Times are UTC. Says nothing of what anybody wrote."""

    reference = serializers.CharField()
    name = serializers.CharField(source="full_name")
    email = serializers.SerializerMethodField(help_text="Their oldest")
    phone = serializers.SerializerMethodField(help_text="Their oldest")
    language = serializers.CharField()
    time_zone = serializers.CharField()
    verify = serializers.BooleanField(help_text="Another name came with the same address: check who this is")
    open_lead = serializers.CharField(allow_null=True, help_text="The reference of the lead that is open")
    created_at = serializers.DateTimeField()

    def get_email(self, contact: Contact) -> str | None:
        return _first_address(contact, "email")

    def get_phone(self, contact: Contact) -> str | None:
        return _first_address(contact, "phone")


def _first_address(contact: Contact, kind: str) -> str | None:
    return next((p.address.value for p in contact.points.all() if p.address.kind == kind), None)


class ContactPage(serializers.Serializer[Any]):
    """Fifty contacts, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ContactItem(many=True)


class AddressOfContact(serializers.Serializer[ContactPoint]):
    """Where a contact is reached, and since when nothing may be sent there."""

    kind = serializers.CharField(source="address.kind", help_text="`email`, `phone` or `handle`")
    value = serializers.CharField(source="address.value")
    stopped_at = serializers.SerializerMethodField(help_text="Null: nobody said stop")

    def get_stopped_at(self, point: ContactPoint) -> datetime | None:
        stop = self.context["stops"].get(point.address_id)
        return stop.at if stop else None


class LeadOfContact(serializers.Serializer[Lead]):
    """One enquiry of a contact."""

    reference = serializers.CharField()
    number = serializers.IntegerField()
    status = serializers.CharField()
    kind = serializers.CharField()
    created_at = serializers.DateTimeField(source="arrived_at")


class VisitOfContact(serializers.Serializer[Appointment]):
    """One visit of a contact. One that was moved stays as `rescheduled`; its new time is another one."""

    reference = serializers.CharField()
    service = serializers.CharField(source="service.slug")
    location = serializers.CharField(source="location.slug")
    starts_at = serializers.DateTimeField()
    status = serializers.CharField()


class ContactRecord(ContactItem):
    """One person the clinic knows, with all their addresses, leads and visits, newest first."""

    addresses = AddressOfContact(source="points", many=True)
    leads = LeadOfContact(many=True)
    visits = VisitOfContact(source="appointments", many=True)


class Contacts(StaffToolView):
    """Whom the clinic knows."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.CONTACTS_READ}

    @extend_schema(
        operation_id="contacts_list",
        summary="Contacts, newest first",
        description="With `email` or `phone`: who is reached there; a couple may share one. With both: who "
        "is reached at both. Whose record was merged is left out; the one that stands for them is listed.",
        parameters=[ContactQuery],
        responses={200: ContactPage, **schema.refusals(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """List contacts, fifty a page; that the list was looked through is noted."""
        query = checked(ContactQuery, request.query_params)
        asked = [address for address in (query["email"], query["phone"]) if address is not None]
        page = contacts.page(limit=pagination.SIZE, among=_reached(asked), **_place(query["cursor"]))
        audit.record(
            actor=self.caller.actor,
            action="contacts.listed",
            subject_kind="contact",
            fields=[f"count_{len(page.contacts)}"],
            now=self.now,
        )
        items = [ContactItem(contact).data for contact in page.contacts]
        return Response({**_links(request, page), "results": items})


class ContactDetail(StaffToolView):
    """One contact."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.CONTACTS_READ}

    @extend_schema(
        summary="One contact",
        description="The reference of a record that was merged gives the one that stands for it, under its "
        "own reference.",
        parameters=[schema.REFERENCE],
        responses={200: ContactRecord, **schema.refusals(401, 403, 404)},
    )
    def get(self, request: Request, reference: str) -> Response:
        """Show one contact with their addresses, leads and visits; that it was looked at is noted."""
        found = contacts.by_reference(reference)
        if found is None:
            raise NotFound("No contact goes by this reference.")
        contact = contacts.record(resolve(found).pk)
        stopped = stops.standing([point.address for point in contact.points.all()])
        audit.record(
            actor=self.caller.actor,
            action="contact.viewed",
            subject_kind="contact",
            subject_ref=contact.reference,
            now=self.now,
        )
        return Response(ContactRecord(contact, context={"stops": stopped}).data)


def _reached(asked: list[NormalAddress]) -> set[int] | None:
    """Give the contacts who are reached at all of these addresses; None when none was asked for."""
    reached = [{resolve(contact).pk for contact in contacts.reached_at(address)} for address in asked]
    return set.intersection(*reached) if reached else None


def _place(cursor: str) -> dict[str, int]:
    """Read from where on a page is to be read.

    :raises ValidationError: when the cursor is none of ours.
    """
    if not cursor:
        return {}
    place = PLACE.fullmatch(pagination.read(cursor))
    contact = contacts.by_reference(place[2]) if place else None
    if place is None or contact is None:
        raise pagination.not_ours()
    return {"older_than" if place[1] == pagination.OLDER else "newer_than": contact.pk}


def _links(request: Request, page: contacts.Page) -> dict[str, str | None]:
    rows = page.contacts
    older, newer = rows and page.has_older, rows and page.has_newer
    return {
        "next": pagination.link(request, pagination.OLDER, rows[-1].reference) if older else None,
        "previous": pagination.link(request, pagination.NEWER, rows[0].reference) if newer else None,
    }
