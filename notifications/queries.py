"""Reads of what is said, used in more than one place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from crm.models import Address, Appointment, SafetyHold
from notifications.enums import GONE_OUT
from notifications.models import Consent, Message, Suppression, Template

ConsentKey = tuple[int, str, str]
Inbox = tuple[str, str]


def newest_consents(address_ids: Collection[int]) -> dict[ConsentKey, str]:
    """Give the newest status for each (address, channel, purpose) of these addresses."""
    rows = (
        Consent.objects.filter(address_id__in=address_ids)
        .order_by("at", "id")
        .values_list("address_id", "channel", "purpose", "status")
    )
    return {(address_id, channel, purpose): status for address_id, channel, purpose, status in rows}


def suppressed_inboxes(addresses: Collection[Address]) -> set[Inbox]:
    """Tell which of these inboxes nothing may be sent to, whatever spelling the stop came from."""
    rows = Suppression.objects.filter(
        lifted_at__isnull=True, address__match_key__in={address.match_key for address in addresses}
    ).values_list("address__kind", "address__match_key")
    return set(rows)


def held_contacts(contact_ids: Collection[int]) -> set[int]:
    """Tell which of these contacts a safety hold stands over."""
    holds = SafetyHold.objects.filter(contact_id__in=contact_ids, lifted_at__isnull=True)
    return set(holds.values_list("contact_id", flat=True))


def handed_since(template_code: str, *, addresses: Collection[Address], since: datetime) -> set[Inbox]:
    """Tell which of these inboxes were handed a message of this kind after `since`."""
    rows = Message.objects.filter(
        template_code=template_code,
        address__match_key__in={address.match_key for address in addresses},
        handed_at__gt=since,
        state__in=GONE_OUT,
    ).values_list("address__kind", "address__match_key")
    return set(rows)


def visits_by_reference(references: Collection[str]) -> dict[str, Appointment]:
    """Give visits by their public reference."""
    return {visit.reference: visit for visit in Appointment.objects.filter(reference__in=references)}


def templates(codes: Collection[str]) -> dict[tuple[str, str, str], Template]:
    """Give the wordings of these codes, by code, channel and language."""
    rows = Template.objects.filter(code__in=codes)
    return {(row.code, row.channel, row.language): row for row in rows}
