"""The gate: may this be said, to this person, over this channel, now? Judged at the moment of sending.

`judge` is pure. `gather` reads what it needs from this floor and `crm` only; whoever knows more about a wish
(the lead floor) cancels it instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm.enums import STANDING, RemindersBy
from crm.models import Address
from notifications import queries
from notifications.domain import consents, recipients, send_windows
from notifications.domain.wording import ACKNOWLEDGEMENT, VISIT_CODES
from notifications.enums import AboutKind, Channel, ConsentStatus, MessageState, Purpose
from notifications.models import Message

ACKNOWLEDGED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Send:
    """It may go; `reason` says what allows it."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not before `until`."""

    until: datetime
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before a person has looked."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Never:
    """Not at all: `state` is where the message ends."""

    state: str
    code: str
    reason: str


Verdict = Send | Later | Hold | Never


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the gate looks at for one message."""

    template_code: str
    channel: str
    purpose: str
    expires_at: datetime
    is_about_a_visit: bool = False
    visit_stands: bool = False
    reminded_elsewhere: bool = False
    staff_is_active: bool = True
    suppressed: bool = False
    safety_hold: bool = False
    consent: str | None = None
    zones: tuple[ZoneInfo, ...] = ()
    acknowledged: bool = False

    @property
    def internal(self) -> bool:
        return self.purpose == Purpose.INTERNAL


def judge(facts: Facts, *, now: datetime) -> Verdict:
    """Say whether the message may go now, later, after a person looked, or never, and why, for staff."""
    for rule in _RULES:
        verdict = rule(facts, now)
        if verdict is not None:
            return verdict
    return _allowed(facts)


def gather(messages: Sequence[Message], *, now: datetime) -> dict[int, Facts]:
    """Read the facts of many messages in one query, however many they are.

    The messages come with contact, address, location and staff selected.
    """
    to_people = [message.pk for message in messages if message.address_id is not None]
    found: dict[int, queries.Standing] = {}
    if to_people:
        found = queries.standing_of(to_people, acknowledgement=ACKNOWLEDGEMENT, since=now - ACKNOWLEDGED_FOR)
    return {message.pk: _facts(message, found.get(message.pk), now) for message in messages}


def _facts(message: Message, standing: queries.Standing | None, now: datetime) -> Facts:
    facts = Facts(
        template_code=message.template_code,
        channel=message.channel,
        purpose=message.purpose,
        expires_at=message.expires_at,
    )
    if standing is None or message.address is None:
        return replace(facts, staff_is_active=message.staff is not None and message.staff.is_active)
    return replace(
        facts,
        is_about_a_visit=message.about_kind == AboutKind.APPOINTMENT,
        visit_stands=standing.visit_status in STANDING,
        reminded_elsewhere=message.template_code in VISIT_CODES
        and message.location.reminders_by != RemindersBy.US,
        suppressed=standing.suppressed,
        safety_hold=standing.safety_hold,
        consent=standing.consent,
        zones=_zones(message, message.address, now),
        acknowledged=standing.acknowledged,
    )


def _zones(message: Message, address: Address, now: datetime) -> tuple[ZoneInfo, ...]:
    if message.contact is None or not _keeps_hours(message.channel, message.purpose):
        return ()
    return recipients.zones(contact=message.contact, address=address, location=message.location, at=now)


def _keeps_hours(channel: str, purpose: str) -> bool:
    """Quiet hours bind texts and offers, never an e-mail about somebody's own request."""
    return purpose != Purpose.INTERNAL and (channel == Channel.SMS or purpose == Purpose.MARKETING)


def _wish_ended(facts: Facts, _now: datetime) -> Verdict | None:
    if facts.internal:
        if facts.staff_is_active:
            return None
        return Never(MessageState.CANCELLED, "staff_left", "This member of staff is no longer active.")
    if facts.is_about_a_visit and not facts.visit_stands:
        return Never(MessageState.CANCELLED, "visit_ended", "The visit was cancelled, moved or is over.")
    if facts.reminded_elsewhere:
        return Never(
            MessageState.CANCELLED,
            "reminded_elsewhere",
            "The other calendar sends the reminders of this location.",
        )
    return None


def _too_late(facts: Facts, now: datetime) -> Verdict | None:
    if now < facts.expires_at:
        return None
    return Never(MessageState.EXPIRED, "too_late", "Its time had passed before it could be sent.")


def _suppressed(facts: Facts, _now: datetime) -> Verdict | None:
    if not facts.suppressed:
        return None
    return Never(MessageState.SUPPRESSED, "stopped", "They asked us to send nothing to this address.")


def _held(facts: Facts, _now: datetime) -> Verdict | None:
    # The acknowledgement by e-mail goes all the same: it carries the crisis notice.
    crisis_notice = facts.template_code == ACKNOWLEDGEMENT and facts.channel == Channel.EMAIL
    if not facts.safety_hold or crisis_notice:
        return None
    return Hold("safety_hold", "Something they wrote may mean danger: a person looks first.")


def _consent(facts: Facts, _now: datetime) -> Verdict | None:
    if facts.internal or consents.permits(facts.consent, channel=facts.channel, purpose=facts.purpose):
        return None
    if facts.consent == ConsentStatus.WITHDRAWN:
        return Never(MessageState.SUPPRESSED, "consent_withdrawn", "They took their consent to this back.")
    if facts.purpose == Purpose.MARKETING:
        return Never(
            MessageState.SUPPRESSED, "no_consent", "They have not agreed to receive offers this way."
        )
    return Never(MessageState.SUPPRESSED, "no_consent", "They have not agreed to be texted about this.")


def _quiet(facts: Facts, now: datetime) -> Verdict | None:
    if not _keeps_hours(facts.channel, facts.purpose):
        return None
    if not facts.zones:
        return Hold("hour_unknown", "Nobody knows what hour it is where they are: a person decides.")
    if send_windows.allowed(facts.zones, at=now):
        return None
    until = send_windows.next_allowed(facts.zones, at=now)
    if until is None or until >= facts.expires_at:
        return Never(
            MessageState.EXPIRED,
            "quiet_until_too_late",
            "It is too early or too late in their day, until it is too late.",
        )
    return Later(until, "quiet_hours", "It is before 9 AM or after 8 PM where they are.")


def _acknowledged(facts: Facts, _now: datetime) -> Verdict | None:
    if facts.template_code != ACKNOWLEDGEMENT or not facts.acknowledged:
        return None
    return Never(
        MessageState.SUPPRESSED,
        "already_acknowledged",
        "Already acknowledged within the hour at this address.",
    )


_RULES: tuple[Callable[[Facts, datetime], Verdict | None], ...] = (
    _wish_ended,
    _too_late,
    _suppressed,
    _held,
    _consent,
    _quiet,
    _acknowledged,
)


def _allowed(facts: Facts) -> Send:
    if facts.internal:
        return Send("to_staff", "To our own staff.")
    if facts.consent == ConsentStatus.GRANTED:
        return Send("consent_given", "They agreed to this.")
    return Send("own_request", "About their own request, by e-mail: this needs no consent.")
