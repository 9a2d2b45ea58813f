"""What the desk does in one step although it is two acts: one transaction, so that both stand or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm.domain import safety
from crm.models import Appointment, Location, Service, Staff
from leads.domain import acts, lifecycle, visits
from leads.models import CallOutcome
from notifications.domain import outbox


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


@transaction.atomic
def judge_hold(*, lead_id: int, by: Staff, now: datetime) -> int:
    """Lift what holds a lead's contact, after a person has judged; what was held takes its turn again.

    Returns how many holds stood. The gate judges every released message anew.
    """
    lead = lifecycle.lock(lead_id)
    lifted = safety.lift_holds(contact=lead.contact, by=by, now=now)
    outbox.release_held(contact_id=lead.contact_id, actor=by.as_actor, now=now)
    return lifted
