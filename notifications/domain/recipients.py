"""Who hears it: which of a contact's addresses, and what hour it is there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.addresses import phone_time_zones
from crm.enums import AddressKind, ZoneSource
from crm.models import Address, Contact, Location
from notifications.domain import consents, send_windows
from notifications.enums import Channel, Purpose


def zones(*, contact: Contact, address: Address, location: Location, at: datetime) -> tuple[ZoneInfo, ...]:
    """Tell in which time zones the recipient may be: a message must suit all. None: nobody knows.

    What the person said stands alone. Else every zone of the phone number, and with them the browser's (it
    may be a traveller's): where they disagree, the hour must be a decent one in all. Where they share no
    allowed hour the number counts and not the browser: anybody can post a browser's zone for an address. A
    number whose zones share none tells nothing, and then the contact's own zone counts, or the clinic's.
    """
    own = _zones([contact.time_zone]) or _zones([location.time_zone])
    if contact.time_zone_source == ZoneSource.STATED or address.kind != AddressKind.PHONE:
        return own
    of_number = _zones(phone_time_zones(address.value))
    choices = [of_number]
    if contact.time_zone_source == ZoneSource.BROWSER and of_number:
        choices.insert(0, tuple(dict.fromkeys((*own, *of_number))))
    for candidates in choices:
        if candidates and send_windows.next_allowed(candidates, at=at) is not None:
            return candidates
    return own


def email_of(contact: Contact) -> Address | None:
    """Find the e-mail address that reached the contact last, if there is one."""
    return next(iter(_points(contact, AddressKind.EMAIL)), None)


def textable_phone_of(contact: Contact) -> Address | None:
    """Find the newest phone number of the contact that may be texted about their request and visits."""
    phones = list(_points(contact, AddressKind.PHONE))
    allowed = consents.allowed_among(phones, channel=Channel.SMS, purpose=Purpose.TRANSACTIONAL)
    return next((phone for phone in phones if phone.pk in allowed), None)


def _points(contact: Contact, kind: str) -> Iterable[Address]:
    return Address.objects.filter(points__contact=contact, kind=kind).order_by("-points__id")


def _zones(names: Iterable[str]) -> tuple[ZoneInfo, ...]:
    """Turn names into zones, leaving out those this machine does not know."""
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return tuple(found)
