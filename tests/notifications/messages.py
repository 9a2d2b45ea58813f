"""Messages that tests stand on, in any state, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from crm.actors import SYSTEM
from crm.enums import AddressKind
from crm.models import Address, Contact, ContactPoint, Location, SafetyHold, Staff
from notifications.channels.base import Channel as ChannelProtocol
from notifications.channels.memory import MemoryChannel
from notifications.domain import consents, dispatch
from notifications.domain.dispatch import Summary
from notifications.enums import AboutKind, Channel, ConsentStatus, MessageState, Purpose
from notifications.models import Message, MessageEvent
from tests import factories

_serial = count(1)

ACK_PARAMS = (
    '{"reference": "1007", "received_local": "Tue, Mar 10, 11:00 AM", "who": "Our front desk", '
    '"how": "call", "promise": "today by 11:05 AM"}'
)


@dataclass(slots=True)
class Clock:
    """The database's clock, moved by hand."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **more: float) -> datetime:
        self.at += timedelta(**more)
        return self.at


def person(
    *, kind: str = AddressKind.EMAIL, value: str = "", at: Location | None = None
) -> tuple[Contact, Address]:
    """Make a contact with one address."""
    n = next(_serial)
    value = value or (f"ann{n}@example.com" if kind == AddressKind.EMAIL else f"+1512555{n % 10000:04d}")
    contact = factories.contact()
    address = factories.address(value, kind=kind)
    ContactPoint.objects.create(contact=contact, address=address, created_at=factories.NOON)
    return contact, address


def message(
    *,
    now: datetime,
    to: tuple[Contact, Address] | None = None,
    at: Location | None = None,
    state: str = MessageState.QUEUED,
    **more: Any,
) -> Message:
    """Write an acknowledgement by e-mail that is due, in any state."""
    contact, address = to or person()
    working = state in {MessageState.CLAIMED, MessageState.HANDED}
    went = state not in {
        *(MessageState.QUEUED, MessageState.CLAIMED, MessageState.CANCELLED),
        *(MessageState.EXPIRED, MessageState.SUPPRESSED, MessageState.FAILED),
    }
    return Message.objects.create(
        **{
            "dedupe_key": f"test:{next(_serial)}",
            "contact": contact,
            "address": address,
            "location": at or factories.location(),
            "channel": Channel.SMS if address.kind == AddressKind.PHONE else Channel.EMAIL,
            "purpose": Purpose.TRANSACTIONAL,
            "template_code": "acknowledgement",
            "about_kind": AboutKind.LEAD,
            "about_ref": "0" * 32,
            "params": ACK_PARAMS,
            "due_at": now,
            "expires_at": now + timedelta(hours=24),
            "created_at": now,
            "state": state,
            "token": "mine" if working or state == MessageState.UNKNOWN else "",
            "lease_until": now + timedelta(minutes=5) if working else None,
            "handed_at": now if went else None,
            **Message.by(SYSTEM),
            **more,
        }
    )


def to_staff(staff: Staff, *, now: datetime, **more: Any) -> Message:
    """Write an alert to a member of staff."""
    return Message.objects.create(
        **{
            "dedupe_key": f"test:{next(_serial)}",
            "staff": staff,
            "location": factories.location(),
            "channel": Channel.EMAIL,
            "purpose": Purpose.INTERNAL,
            "template_code": "new-lead-alert",
            "about_kind": AboutKind.LEAD,
            "about_ref": "0" * 32,
            "params": '{"number": "1007", "location": "Downtown", "answer_by": "today by 9", "link": "http://x"}',
            "due_at": now,
            "expires_at": now + timedelta(hours=24),
            "created_at": now,
            **Message.by(SYSTEM),
            **more,
        }
    )


def consent(
    address: Address,
    status: str = ConsentStatus.GRANTED,
    *,
    at: datetime,
    channel: str = Channel.SMS,
    purpose: str = Purpose.TRANSACTIONAL,
) -> None:
    """Write down a consent or its withdrawal."""
    consents.record(
        address_id=address.pk,
        channel=channel,
        purpose=purpose,
        status=status,
        wording_version="v1",
        source="test",
        evidence={"page": "/"},
        at=at,
        actor=SYSTEM,
    )


def hold(contact: Contact, *, now: datetime) -> SafetyHold:
    return SafetyHold.objects.create(contact=contact, kind="crisis", phrase_codes=["x"], raised_at=now)


def send(
    channel: ChannelProtocol | None = None, *, clock: Clock, batch: int = 50
) -> tuple[Summary, ChannelProtocol]:
    """Run one round of the dispatcher over one channel for everything."""
    used = channel if channel is not None else MemoryChannel()
    return dispatch.send_due(now=clock(), batch=batch, clock=clock, channel_for=lambda _name: used), used


def story(message: Message) -> list[tuple[str, str]]:
    """Give the moves a message made, oldest first."""
    events = MessageEvent.objects.filter(message=message).order_by("pk")
    return list(events.values_list("from_state", "to_state"))
