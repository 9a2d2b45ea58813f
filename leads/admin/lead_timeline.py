"""A lead's story as the page tells it: newest first, in the location's clock, the routine left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.admin.words import money
from crm.enums import AppointmentStatus
from crm.errors import DomainError
from crm.models import Appointment, AppointmentEvent, Payment
from leads.admin import wording
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.enums import SCREEN_WORD, LeadEventKind, LeadStatus
from leads.models import FollowUp, Lead, LeadEvent
from leads.queries import lead_page, timeline
from leads.queries.timeline import Entry
from notifications.domain.wording import VISIT_REMINDER_2H, VISIT_REMINDER_24H, VISIT_REMINDER_48H
from notifications.enums import MessageState, Purpose
from notifications.models import Message

# A new lead is told by its arrival, these by their visit.
TOLD_OTHERWISE = frozenset({LeadStatus.BOOKED, LeadStatus.ATTENDED})
REMINDERS = frozenset({VISIT_REMINDER_48H, VISIT_REMINDER_24H, VISIT_REMINDER_2H})
CALLED_OFF = frozenset(
    {
        AppointmentStatus.CANCELLED_BY_CLIENT,
        AppointmentStatus.CANCELLED_BY_CLINIC,
        AppointmentStatus.LATE_CANCELLED,
    }
)
# How an event begins that says somebody answered outside this system; no follow-up tells of it.
ALREADY_ANSWERED = "Already answered"
WENT_OUT = frozenset({MessageState.SENT, MessageState.DELIVERED})
WENT_WRONG = frozenset({MessageState.FAILED, MessageState.UNKNOWN, MessageState.BOUNCED})


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the story. `quote` is what a person wrote; it is shown as text, never as markup."""

    when: str
    icon: str
    title: str
    who: str = ""
    text: str = ""
    quote: str = ""
    tone: str = "calm"


@dataclass(frozen=True, slots=True)
class _Telling:
    zone: ZoneInfo
    now: datetime
    words: dict[int, str]

    def clock(self, moment: datetime) -> str:
        return wording.clock(moment, zone=self.zone, now=self.now)


def read(lead: Lead, *, zone: ZoneInfo, now: datetime) -> list[Item]:
    """Read a lead's story; eight queries however long it is."""
    telling = _Telling(zone=zone, now=now, words=_words(lead))
    return [item for item in _told(timeline.of(lead), telling) if item is not None]


def _words(lead: Lead) -> dict[int, str]:
    """Give what the person wrote in each arrival. One that cannot be read (any more) says nothing."""
    words = {}
    for pk, (body, content_type) in lead_page.arrivals_as_they_came(lead).items():
        try:
            words[pk] = enquiries.clean(bodies.read_body(body, content_type)).message
        except DomainError:
            words[pk] = ""
    return words


def _told(entries: Iterable[Entry], telling: _Telling) -> Iterable[Item | None]:
    entries = list(entries)
    told = _together(entries, telling)
    for entry in entries:
        row = entry.row
        if isinstance(row, LeadEvent):
            yield _event(row, telling)
        elif isinstance(row, FollowUp):
            yield _follow_up(entry, row, telling)
        elif isinstance(row, Message):
            yield told.get(row.pk)
        elif isinstance(row, AppointmentEvent):
            yield _visit(row, telling)
        elif isinstance(row, Payment):
            yield _payment(row, telling)
        else:
            yield _written(entry, telling)


def _written(entry: Entry, telling: _Telling) -> Item:
    """An arrival, or a note."""
    when = telling.clock(entry.at)
    if entry.kind == "arrival":
        quote = telling.words.get(entry.row.pk, "")
        return Item(when, "forum", "Wrote to us", who=f"through {entry.detail}", quote=quote, tone="person")
    return Item(when, "sticky_note_2", "Note", who=entry.actor, text=entry.text)


def _event(row: LeadEvent, telling: _Telling) -> Item | None:
    when = telling.clock(row.at)
    if row.kind == LeadEventKind.STATUS:
        return _status(row, when)
    if row.kind == LeadEventKind.OWNER:
        return Item(when, "person", f"Looked after by {row.reason}", who=row.actor_label)
    if row.kind == LeadEventKind.ARRIVAL:
        return None  # the arrival itself is in the story
    if row.kind == LeadEventKind.SAFETY:
        return Item(when, "health_and_safety", row.reason, who=row.actor_label, tone="act")
    return _answered(row, when)


def _answered(row: LeadEvent, when: str) -> Item:
    """Our own words first, then what somebody said about how."""
    title, _, how = row.reason.partition(": ")
    return Item(when, "done", title or "Answered", who=row.actor_label, text=how)


def _status(row: LeadEvent, when: str) -> Item | None:
    """Only what changes one of the five words is news, and what somebody did that has no other line."""
    if not row.from_status or row.to_status in TOLD_OTHERWISE:
        return None
    if row.to_status == LeadStatus.LOST:
        why, _, note = row.reason.partition("\n")
        return Item(when, "archive", f"Closed: {why}" if why else "Closed", who=row.actor_label, text=note)
    if row.to_status == LeadStatus.NURTURING:
        return Item(when, "bedtime", "Set aside", who=row.actor_label, text=row.reason)
    if row.reason.startswith(ALREADY_ANSWERED):
        return _answered(row, when)
    word = SCREEN_WORD[row.to_status]
    if word == SCREEN_WORD[row.from_status]:
        return None
    return Item(when, "flag", f"Now: {word}", who=row.actor_label, text=row.reason)


def _follow_up(entry: Entry, row: FollowUp, telling: _Telling) -> Item | None:
    """Only what was done: what is open stands above the story, and what was dropped needs no telling."""
    if entry.kind != "follow_up_done":
        return None
    return Item(telling.clock(entry.at), "call", entry.detail, who=entry.actor, text=entry.text, tone="act")


def _together(entries: Iterable[Entry], telling: _Telling) -> dict[int, Item]:
    """Tell each message once, by the row that tells it: what is one thing to a reader is one line.

    Reminders that ended with their visit are one line, and so are the e-mail and the text of one message.
    """
    visits = {
        e.row.appointment.reference: e.row.appointment for e in entries if isinstance(e.row, AppointmentEvent)
    }
    groups: dict[tuple[str, ...], list[tuple[Entry, Message]]] = {}
    for entry in entries:
        row = entry.row
        if not isinstance(row, Message) or (row.purpose == Purpose.INTERNAL and row.state not in WENT_WRONG):
            continue  # an alert to staff is routine
        groups.setdefault(_same(entry, row, telling), []).append((entry, row))
    return {group[0][1].pk: _message(group, visits, telling) for group in groups.values()}


def _same(entry: Entry, row: Message, telling: _Telling) -> tuple[str, ...]:
    """Name what a message is told together with."""
    when, state = telling.clock(entry.at), str(row.state)
    if _is_cancelled_reminder(row):
        return (row.about_ref, when, state, row.reason)
    to = str(row.contact_id or row.staff_id)
    return (row.about_ref, when, state, row.template_code, to, _fate(row, telling))


def _is_cancelled_reminder(row: Message) -> bool:
    return row.state == MessageState.CANCELLED and row.template_code in REMINDERS


def _message(
    group: Sequence[tuple[Entry, Message]], visits: Mapping[str, Appointment], telling: _Telling
) -> Item:
    entry, row = group[0]
    when = telling.clock(entry.at)
    if _is_cancelled_reminder(row):
        visit = visits.get(row.about_ref)
        if visit is not None and visit.status in CALLED_OFF:
            return Item(when, "notifications_off", "Reminders: cancelled with the visit")
        return Item(when, "notifications_off", "Reminders: cancelled", text=row.reason)
    channels = {each.get_channel_display() for _, each in group}
    return Item(
        when,
        {"email": "mail", "sms": "sms"}.get(row.channel, "send"),
        f"{' and '.join(sorted(channels)).capitalize()}: {row.template_code.replace('-', ' ')}",
        who="to staff" if row.staff_id else "to the person",
        text=_fate(row, telling),
        tone="late" if row.state in WENT_WRONG else "calm",
    )


def _fate(row: Message, telling: _Telling) -> str:
    """Say what became of a message and, unless it simply went out, why."""
    state = MessageState(row.state)
    why = row.held_reason or row.reason
    if state == MessageState.QUEUED and not row.held_reason:
        why = f"goes out {telling.clock(row.due_at)}" + (f" ({row.reason})" if row.reason else "")
    if state in WENT_OUT:
        why = ""
    return f"{'Held' if row.held_reason else state.label}{' · ' if why else ''}{why}"


def _visit(row: AppointmentEvent, telling: _Telling) -> Item | None:
    visit, status = row.appointment, AppointmentStatus(row.to_status)
    if status == AppointmentStatus.CHECKED_IN:
        return None  # one button marks both: they came
    zone = ZoneInfo(visit.location.time_zone)
    tones = {AppointmentStatus.COMPLETED: "good", AppointmentStatus.NO_SHOW: "late"}
    starts = wording.clock(visit.starts_at, zone=zone, now=telling.now)
    title = f"Visit booked: {starts}" if not row.from_status else f"Visit {starts}: {status.label.lower()}"
    return Item(
        telling.clock(row.at),
        "event",
        title,
        who=row.actor_label,
        text=f"{visit.service.name}{' · ' if row.reason else ''}{row.reason}",
        tone=tones.get(status, "calm"),
    )


def _payment(row: Payment, telling: _Telling) -> Item:
    amount = money(row.amount_minor, row.currency) if row.amount_minor else ""
    return Item(
        telling.clock(row.at), "payments", f"{row.get_kind_display()} {amount}".strip(), who=row.actor_label
    )
