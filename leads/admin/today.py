"""*Today*: the page staff look at all day. What is due, who waits, who comes, what is stuck."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse

from crm.addresses import readable_phone
from crm.enums import AppointmentStatus
from crm.models import Staff
from crm.queries import database_now
from leads.admin import wording
from leads.queries import today
from notifications.models import Message

# A worker looks every second; one not seen for this long has stopped.
WORKER_SILENT_AFTER = timedelta(seconds=60)
# What came in waits a moment until a worker takes it; only after this is it worth an alarm.
WAITS_CALMLY = timedelta(minutes=2)
# An answer owed within this time is marked.
SOON = timedelta(minutes=5)
UPCOMING = {AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN}
ATTENDED_BEFORE_START = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: a lead, and what is to be said about it."""

    lead: today.LeadLine
    location: str
    when: str
    left: str
    tone: str
    what: str
    details: list[str]
    phone_words: str = ""


@dataclass(frozen=True, slots=True)
class VisitLine:
    visit: today.VisitToday
    clock: str
    location: str
    tone: str
    may_come: bool
    may_miss: bool


@dataclass(slots=True)
class Screen:
    """All that the page shows."""

    heading: str
    one_place: bool
    everywhere: bool
    has_own_places: bool
    has_place: bool = True
    answers: list[Line] = field(default_factory=list)
    answers_total: int = 0
    overdue: list[Line] = field(default_factory=list)
    later: list[Line] = field(default_factory=list)
    due_total: int = 0
    due_shown: int = 0
    visits: list[VisitLine] = field(default_factory=list)
    nobody_yet: bool = False
    start: list[tuple[str, str]] = field(default_factory=list)
    waiting: str = ""
    worker: str = ""
    alarm: bool = False
    parked: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    messages_total: int = 0
    holds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def needs_a_look(self) -> bool:
        return bool(self.parked or self.messages or self.holds)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put *Today* into the context of the admin's first page, for those who may see leads."""
    context["may_see_report"] = request.user.has_perm("leads.view_report")
    if isinstance(request.user, Staff) and request.user.has_perm("leads.view_lead"):
        screen = read(request.user, now=database_now(), everywhere=request.GET.get("where") == "everywhere")
        screen.start = _first_steps(request, screen)
        context["screen"] = screen
        context["may_act"] = request.user.has_perm("leads.change_lead")
        context["may_see_messages"] = request.user.has_perm("notifications.view_message")
        context["here"] = request.get_full_path()
    return context


def read(staff: Staff, *, now: datetime, everywhere: bool) -> Screen:
    """Read what a member of staff has to see now, at their locations or everywhere; at most nine queries."""
    places = today.places(staff)
    shown = places.all if everywhere else places.mine
    by_id = {place.id: place for place in places.all}
    ids = [place.id for place in shown]
    home = ZoneInfo(staff.time_zone) if len(shown) != 1 else shown[0].zone
    screen = Screen(
        heading=wording.day(now, zone=home),
        one_place=len(places.all) == 1,
        everywhere=everywhere,
        has_own_places=len(places.mine) < len(places.all),
    )
    unanswered, screen.answers_total = today.unanswered(ids)
    screen.has_place = bool(places.all)
    screen.nobody_yet = not unanswered and today.nobody_has_written()
    screen.answers = [_answer_line(row, by_id[row.lead.location_id], now=now) for row in unanswered]
    due, screen.due_total = today.due_follow_ups(ids, before=_end_of_day(home, now))
    screen.due_shown = len(due)
    lines = [(row.due_at <= now, _due_line(row, by_id[row.lead.location_id], now=now)) for row in due]
    screen.overdue = [line for is_late, line in lines if is_late]
    screen.later = [line for is_late, line in lines if not is_late]
    screen.visits = [
        _visit_line(row, by_id[row.location_id], now=now) for row in today.visits_of_the_day(shown, now=now)
    ]
    _read_arrivals(screen, seen_at=places.worker_seen_at, zone=home, now=now)
    stuck, screen.messages_total = today.stuck_messages(ids, now=now)
    screen.messages = [_message_line(row, by_id[row.location_id].zone, now=now) for row in stuck]
    screen.holds = [
        {
            "name": row.name,
            "kind": row.kind_word,
            "since": wording.clock(row.raised_at, zone=home, now=now),
            "lead_id": row.lead_id,
        }
        for row in today.standing_holds()
    ]
    return screen


def _first_steps(request: HttpRequest, screen: Screen) -> list[tuple[str, str]]:
    """Give what a new clinic lacks before anybody can write to it, as words and where to do it."""
    if not screen.nobody_yet:
        return []
    steps = []
    if not screen.has_place and request.user.has_perm("crm.add_location"):
        steps.append(("Add a location", reverse("admin:crm_location_add")))
    if request.user.has_perm("leads.add_captureform") and not today.has_a_form():
        steps.append(("Add a capture form", reverse("admin:leads_captureform_add")))
    return steps


def _end_of_day(zone: ZoneInfo, now: datetime) -> datetime:
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone).astimezone(UTC)


def _tone(moment: datetime, *, now: datetime) -> str:
    if moment <= now:
        return "late"
    return "soon" if moment - now <= SOON else "calm"


def _answer_line(row: today.Unanswered, place: today.Place, *, now: datetime) -> Line:
    details = [
        f"{'wrote again' if row.again else 'wrote'} {wording.clock(row.arrived_at, zone=place.zone, now=now)}"
    ]
    if row.article:
        details.append(f"read {row.article}")
    if row.preferred_time:
        details.append(f"prefers {row.preferred_time}")
    if row.language != "en":
        details.append(language_word(row.language))
    return Line(
        lead=row.lead,
        location=place.name,
        when=f"answer by {wording.clock(row.respond_by, zone=place.zone, now=now)}",
        left=wording.time_left(row.respond_by, now=now),
        tone=_tone(row.respond_by, now=now),
        what="",
        details=details,
        phone_words=readable_phone(row.lead.phone) if row.lead.phone else "",
    )


def _due_line(row: today.Due, place: today.Place, *, now: datetime) -> Line:
    return Line(
        lead=row.lead,
        location=place.name,
        when=wording.clock(row.due_at, zone=place.zone, now=now),
        left=wording.due(row.due_at, now=now),
        tone=_tone(row.due_at, now=now),
        what=row.what or row.kind,
        details=[],
        phone_words=readable_phone(row.lead.phone) if row.lead.phone else "",
    )


def _visit_line(row: today.VisitToday, place: today.Place, *, now: datetime) -> VisitLine:
    tones = {AppointmentStatus.COMPLETED: "good", AppointmentStatus.NO_SHOW: "late"}
    return VisitLine(
        visit=row,
        clock=wording.clock(row.starts_at, zone=place.zone, now=now),
        location=place.name,
        tone=tones.get(AppointmentStatus(row.status), "calm"),
        may_come=row.status in UPCOMING and now >= row.starts_at - ATTENDED_BEFORE_START,
        may_miss=row.status in UPCOMING and now >= row.starts_at,
    )


def _read_arrivals(screen: Screen, *, seen_at: datetime | None, zone: ZoneInfo, now: datetime) -> None:
    arrivals = today.unsettled_arrivals()
    waiting = [row for row in arrivals if not row.parked]
    if waiting:
        many = len(waiting) > 1
        first = wording.clock(waiting[0].received_at, zone=zone, now=now)
        count = f"{len(waiting)}+" if len(arrivals) == today.ARRIVALS_SHOWN else str(len(waiting))
        screen.waiting = f"{count} {'arrivals wait' if many else 'arrival waits'} since {first}"
    waits_long = bool(waiting) and now - waiting[0].received_at > WAITS_CALMLY
    if seen_at is not None:
        screen.alarm = now - seen_at > WORKER_SILENT_AFTER
        since = wording.clock(seen_at, zone=zone, now=now)
        screen.worker = f"The worker has not come round since {since}" if screen.alarm else ""
    elif waiting:
        screen.alarm = waits_long
        screen.worker = "The worker has not come round yet"
    else:
        screen.worker = "Scheduled work has not started yet"
    screen.parked = [
        {
            "id": row.id,
            "form": row.form,
            "reason": row.reason,
            "at": wording.clock(row.received_at, zone=zone, now=now),
        }
        for row in arrivals
        if row.parked
    ][: today.SHOWN]


def _message_line(message: Message, zone: ZoneInfo, *, now: datetime) -> dict[str, Any]:
    return {
        "id": message.pk,
        "to": str(message.contact or message.staff),
        "what": message.template_code.replace("-", " "),
        "channel": message.get_channel_display(),
        "state": message.get_state_display(),
        "reason": message.reason,
        "at": wording.clock(message.created_at, zone=zone, now=now),
    }


def language_word(code: str) -> str:
    """Name a contact's language for staff."""
    return {"en": "English", "es": "Spanish"}.get(code, code)
