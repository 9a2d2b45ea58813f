"""The addresses at the head of a lead's page: how each reaches the person, and which of them are stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from crm.addresses import readable_phone
from crm.enums import AddressKind
from crm.models import Address, Staff
from crm.queries import addresses_of
from leads.admin import wording
from leads.models import Lead
from leads.queries import stops as queries
from notifications.models import Suppression

SCHEMES = {AddressKind.PHONE: "tel:", AddressKind.EMAIL: "mailto:"}
ICONS = {AddressKind.PHONE: "call", AddressKind.EMAIL: "mail"}


def read(lead: Lead, *, staff: Staff, now: datetime) -> dict[str, Any]:
    """Read what the page shows of a person's addresses, and whether there is anything left to stop."""
    addresses = addresses_of(lead.contact)
    stops = queries.standing(addresses)
    zone = ZoneInfo(lead.location.time_zone)
    return {
        "points": [_point(address) for address in addresses],
        "tel": next((a.value for a in addresses if a.kind == AddressKind.PHONE), ""),
        "stops": [
            _stop(address, stops[address.pk], staff=staff, zone=zone, now=now)
            for address in addresses
            if address.pk in stops
        ],
        "may_stop": staff.has_perm("leads.change_lead") and len(stops) < len(addresses),
    }


def _point(address: Address) -> dict[str, str]:
    kind = AddressKind(address.kind)
    scheme = SCHEMES.get(kind, "")
    return {
        "text": _words(address),
        "href": f"{scheme}{address.value}" if scheme else "",
        "kind": address.kind,
        "icon": ICONS.get(kind, "alternate_email"),
    }


def _stop(
    address: Address, row: Suppression, *, staff: Staff, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """Say since when nothing is sent to an address; the way back is the page of what stopped it."""
    may_see = staff.has_perm("notifications.view_suppression")
    return {
        "text": _words(address),
        "since": wording.clock(row.at, zone=zone, now=now),
        "may_lift": staff.has_perm("notifications.change_suppression"),
        "href": reverse("admin:notifications_suppression_change", args=[row.pk]) if may_see else "",
    }


def _words(address: Address) -> str:
    return readable_phone(address.value) if address.kind == AddressKind.PHONE else address.value
