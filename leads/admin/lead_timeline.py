"""A lead's story as the page tells it: newest first, in the location's clock, the routine left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.enums import AppointmentStatus
from crm.errors import DomainError
from crm.models import AppointmentEvent, Payment
from leads.admin import wording
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.enums import SCREEN_WORD, LeadEventKind, LeadStatus
from leads.models import FollowUp, Lead, LeadEvent
from leads.queries import lead_page, timeline
from leads.queries.timeline import Entry
from notifications.enums import MessageState, Purpose
from notifications.models import Message

# A new lead is told by its arrival, these by their visit.
TOLD_OTHERWISE = frozenset({LeadStatus.BOOKED, LeadStatus.ATTENDED})
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
    for entry in entries:
        row = entry.row
        if isinstance(row, LeadEvent):
            yield _event(row, telling)
        elif isinstance(row, FollowUp):
            yield _follow_up(entry, row, telling)
        elif isinstance(row, Message):
            yield _message(entry, row, telling)
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
        if not row.from_status or row.to_status in TOLD_OTHERWISE:
            return None
        title = LeadStatus(row.to_status).label
        word = SCREEN_WORD[row.to_status]
        shown = title if title.lower() == word else f"{title} ({word})"
        return Item(when, "flag", f"Now: {shown.lower()}", who=row.actor_label, text=row.reason)
    if row.kind == LeadEventKind.OWNER:
        return Item(when, "person", f"Looked after by {row.reason}", who=row.actor_label)
    if row.kind == LeadEventKind.ARRIVAL:
        return None  # the arrival itself is in the story
    return Item(when, "done", row.reason or "Answered", who=row.actor_label)


def _follow_up(entry: Entry, row: FollowUp, telling: _Telling) -> Item | None:
    """Only what was done: what is open stands above the story, and what was dropped needs no telling."""
    if entry.kind != "follow_up_done":
        return None
    return Item(telling.clock(entry.at), "call", entry.detail, who=entry.actor, text=entry.text, tone="act")


def _message(entry: Entry, row: Message, telling: _Telling) -> Item | None:
    state = MessageState(row.state)
    if row.purpose == Purpose.INTERNAL and state not in WENT_WRONG:
        return None  # an alert to staff is routine
    why = row.held_reason or row.reason
    if state == MessageState.QUEUED and not row.held_reason:
        why = f"goes out {telling.clock(row.due_at)}" + (f" ({row.reason})" if row.reason else "")
    return Item(
        telling.clock(entry.at),
        {"email": "mail", "sms": "sms"}.get(row.channel, "send"),
        f"{row.get_channel_display()}: {row.template_code.replace('-', ' ')}",
        who="to staff" if row.staff_id else "to the person",
        text=f"{'Held' if row.held_reason else state.label}{' · ' if why else ''}{why}",
        tone="late" if state in WENT_WRONG else "calm",
    )


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
    amount = wording.money(row.amount_minor, row.currency) if row.amount_minor else ""
    return Item(
        telling.clock(row.at), "payments", f"{row.get_kind_display()} {amount}".strip(), who=row.actor_label
    )
