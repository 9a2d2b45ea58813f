"""Appointment reminders: what is said about a visit, over which channel, and when.

Reminders move earlier out of quiet hours, never later: a reminder after the visit reminds nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm.actors import Actor
from crm.enums import RemindersBy
from crm.models import Address, Appointment
from notifications.domain import outbox, recipients, send_windows
from notifications.domain.wording import (
    VISIT_CONFIRMATION,
    VISIT_REMINDER_2H,
    VISIT_REMINDER_24H,
    VISIT_REMINDER_48H,
)
from notifications.enums import AboutKind, Channel, Purpose
from notifications.models import Message

# What a click queued waits for an undo.
UNDO = timedelta(minutes=3)
# A reminder this soon after the confirmation would say the same again.
COVERED = timedelta(minutes=30)

# Elapsed time before the visit, so that the night the clocks change makes no difference.
BEFORE: tuple[tuple[str, timedelta], ...] = (
    (VISIT_REMINDER_48H, timedelta(hours=48)),
    (VISIT_REMINDER_24H, timedelta(hours=24)),
    (VISIT_REMINDER_2H, timedelta(hours=2)),
)

Plan = list[tuple[str, datetime]]


def plan(appointment: Appointment, *, now: datetime, actor: Actor, by_click: bool) -> list[Message]:
    """Queue the confirmation and the reminders of a standing visit, in the transaction that books it.

    E-mail goes to the address that reached the contact last; a text only where texts about visits were agreed
    to. The confirmation waits three minutes when a click made it. Each expires when the next is due, the last
    and the confirmation when the visit starts. Nothing is planned where the other calendar reminds.
    """
    location, contact = appointment.location, appointment.contact
    if not appointment.stands or location.reminders_by != RemindersBy.US:
        return []
    confirmed_at = now + UNDO if by_click else now
    wishes: list[outbox.Wish] = []
    if (email := recipients.email_of(contact)) is not None:
        dues = email_dues(starts_at=appointment.starts_at, confirmed_at=confirmed_at)
        wishes += _wishes(appointment, Channel.EMAIL, email, dues)
    if (phone := recipients.textable_phone_of(contact)) is not None:
        zones = recipients.zones(contact=contact, address=phone, location=location, at=now)
        dues = text_dues(starts_at=appointment.starts_at, confirmed_at=confirmed_at, zones=zones)
        wishes += _wishes(appointment, Channel.SMS, phone, dues)
    return outbox.queue(wishes, actor=actor, now=now)


def email_dues(*, starts_at: datetime, confirmed_at: datetime) -> Plan:
    """Tell when each e-mail about a visit is due; e-mail about one's own visit keeps no hours."""
    reminders = [(code, starts_at - before) for code, before in BEFORE]
    return _in_order(reminders, starts_at=starts_at, confirmed_at=confirmed_at, first=confirmed_at + COVERED)


def text_dues(*, starts_at: datetime, confirmed_at: datetime, zones: Sequence[ZoneInfo]) -> Plan:
    """Tell when each text about a visit is due: at its moment, or at the last allowed one before it.

    The confirmation waits at the gate for the next opening of the window; no reminder comes before it.
    """
    opened = send_windows.next_allowed(zones, at=confirmed_at)
    first = (confirmed_at if opened is None else opened) + COVERED
    reminders = []
    for code, before in BEFORE:
        due = send_windows.last_allowed(zones, at=starts_at - before, not_before=first)
        if due is not None:
            reminders.append((code, due))
    return _in_order(reminders, starts_at=starts_at, confirmed_at=confirmed_at, first=first)


def _in_order(reminders: Plan, *, starts_at: datetime, confirmed_at: datetime, first: datetime) -> Plan:
    """Put the confirmation in front; leave out what it covers and what a later reminder says as early."""
    kept: Plan = []
    for code, due in reversed(reminders):
        if due >= first and (not kept or due < kept[0][1]):
            kept.insert(0, (code, due))
    return [(VISIT_CONFIRMATION, confirmed_at), *kept] if confirmed_at < starts_at else []


def _wishes(appointment: Appointment, channel: str, address: Address, dues: Plan) -> list[outbox.Wish]:
    ends = [due for _code, due in dues[2:]] + [appointment.starts_at]
    # The confirmation says what every reminder says: it stays useful until the visit.
    expiries = [appointment.starts_at, *ends]
    return [
        outbox.Wish(
            template_code=code,
            channel=channel,
            purpose=Purpose.TRANSACTIONAL,
            dedupe_key=f"{code}:{appointment.reference}:{channel}",
            about_kind=AboutKind.APPOINTMENT,
            about_ref=appointment.reference,
            location_id=appointment.location_id,
            language=appointment.contact.language,
            params={},
            due_at=due,
            expires_at=expires_at,
            contact_id=appointment.contact_id,
            address_id=address.pk,
        )
        for (code, due), expires_at in zip(dues, expiries, strict=False)
    ]
