"""What the desk does in one step although it is two acts: one transaction, so that both stand or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from crm.domain import clinic, opening_hours, safety
from crm.domain.opening_hours import Calendar
from crm.errors import TransitionNotAllowed
from crm.models import Appointment, Location, Service, Staff
from leads.domain import acts, followups, lifecycle, visits
from leads.enums import LeadEventKind, LeadStatus
from leads.models import CallOutcome, Lead
from notifications.domain import outbox

# Somebody who stands at the desk is booked for this minute, give or take the time a page was open.
HERE_NOW = timedelta(minutes=30)
# A visit noted the day after is routine; one from further back is more likely a wrong date.
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Booking:
    """What is booked while the person is on the line; `starts_at` is UTC."""

    service: Service
    location: Location
    starts_at: datetime
    chair: int | None = None


@transaction.atomic
def log_call_and_book(
    *,
    lead_id: int,
    outcome: CallOutcome,
    note: str,
    booking: Booking,
    by: Staff,
    now: datetime,
    follow_up_id: int | None = None,
) -> Appointment:
    """Note how a call ended and book the visit agreed on in it.

    :raises FollowUpClosed: when a colleague ended the same follow-up a moment ago.
    :raises AppointmentConflict: when the chair is taken; then the call is not noted either.
    :raises TransitionNotAllowed: when the outcome closes the lead.
    """
    if outcome.moves_to == LeadStatus.LOST:
        raise TransitionNotAllowed("This outcome closes the lead. Choose another one, or book no visit.")
    acts.log_call(
        lead_id=lead_id,
        outcome=outcome,
        note=note,
        next_step=None,
        by=by,
        now=now,
        follow_up_id=follow_up_id,
    )
    return visits.book(
        lead_id=lead_id,
        service=booking.service,
        location=booking.location,
        starts_at=booking.starts_at,
        chair=booking.chair,
        actor=by.as_actor,
        now=now,
    )


def doubt_about(*, location: Location, starts_at: datetime, now: datetime) -> str:
    """Say in one sentence why a visit at this time (UTC) is probably a slip; empty when nothing is odd.

    The location is closed then, or it is more than a day ago. Whoever walked in is never doubted, and a
    location without opening hours is open as far as anybody knows.
    """
    if abs(starts_at - now) <= HERE_NOW:
        return ""
    if now - starts_at > LATELY:
        return "That is more than a day ago."
    calendar = clinic.location_facts(location.pk).calendar
    if not calendar.weekly or opening_hours.is_open(calendar, starts_at):
        return ""
    return f"{location.name} is closed then ({_why_closed(calendar, starts_at)})."


def _why_closed(calendar: Calendar, at: datetime) -> str:
    wall = at.astimezone(calendar.zone)
    spans = sorted(calendar.weekly.get(wall.weekday(), ()))
    if wall.date() in calendar.closed_dates:
        return "closed day"
    if not spans:
        return f"no hours on {wall:%A}s"
    opens = next((opening for opening, _ in spans if opening > wall.time()), None)
    return f"closes {_clock(spans[-1][1])}" if opens is None else f"opens {_clock(opens)}"


def _clock(at: time) -> str:
    return at.strftime("%-I:%M %p")


@transaction.atomic
def judge_hold(*, lead_id: int, by: Staff, now: datetime) -> int:
    """Lift what holds a lead's contact, after a person has judged; what was held takes its turn again.

    What was planned so that somebody reads the alarming words is done with it, and who judged is written into
    the lead's history. Returns how many holds stood. The gate judges every released message anew.
    """
    contact_id = Lead.objects.values_list("contact_id", flat=True).get(pk=lead_id)
    # In one order, so that two who judge at once never wait for each other.
    ids = sorted({lead_id, *followups.leads_with_readings(contact_id)})
    leads = {pk: lifecycle.lock(pk) for pk in ids}
    lead = leads[lead_id]
    lifted = safety.lift_holds(contact=lead.contact, by=by, now=now)
    outbox.release_held(contact_id=contact_id, actor=by.as_actor, now=now)
    if lifted:
        lifecycle.note_event(
            lead,
            kind=LeadEventKind.SAFETY,
            actor=by.as_actor,
            now=now,
            reason="Read and judged: the hold is lifted",
        )
    followups.end_readings(leads.values(), actor=by.as_actor, now=now)
    return lifted
