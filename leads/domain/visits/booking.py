"""Book, move, confirm and cancel a visit, each with its lead, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from crm.actors import Actor
from crm.domain import appointments
from crm.enums import AppointmentStatus
from crm.errors import AppointmentConflict
from crm.models import Appointment, Location, Service
from leads.domain import followups, lifecycle
from leads.domain.visits import linking, returning
from leads.enums import LeadStatus
from leads.models import Lead
from notifications.domain import reminders

# A cancellation this close to the visit is a late one; the clinic's terms start here.
LATE_BEFORE = timedelta(hours=24)


@transaction.atomic
def book(
    *,
    lead_id: int,
    service: Service,
    location: Location,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    ends_at: datetime | None = None,
    chair: int | None = None,
    source: str = "clinic",
    external_ref: str | None = None,
    by_click: bool = True,
) -> Appointment:
    """Book a visit (times UTC) for a lead: link it, move the lead to `booked`, plan the reminders.

    For a lead that came, this is the person's next episode: the one they have open, or a new one.
    The same (source, external_ref) again gives the visit that stands already; so does the same service at the
    same time for the same lead, since nobody sits in two chairs: a button pressed twice books once.

    :raises AppointmentConflict: when the chair is taken, or the outside booking came before with other facts.
    :raises TransitionNotAllowed: when the lead is closed.
    """
    lead = returning.lock_to_book(lead_id)
    there = _booked_before(lead, service, location, starts_at, source=source, external_ref=external_ref)
    if there is not None:
        return there
    if lead.status == LeadStatus.ATTENDED:
        lead = returning.open_next(lead, location=location, actor=actor, now=now)
    if lead.status != LeadStatus.BOOKED:
        lifecycle.check_can_move(lead, to=LeadStatus.BOOKED, visit_stands=False)
    appointment = appointments.book(
        contact_id=lead.contact_id,
        location=location,
        service=service,
        starts_at=starts_at,
        ends_at=ends_at,
        chair=chair,
        source=source,
        external_ref=external_ref,
        actor=actor,
        now=now,
    )
    linking.link(lead, appointment, actor=actor, now=now)
    followups.drop_open(lead, now=now, kinds=followups.PURSUIT)
    linking.await_outcomes(lead, actor=actor, now=now)
    linking.settle(lead, actor=actor, now=now)
    followups.answered(lead, now=now)
    reminders.plan(appointment, now=now, actor=actor, by_click=by_click)
    linking.audit_visit("visit.booked", appointment, actor=actor, now=now)
    return appointment


def _booked_before(
    lead: Lead,
    service: Service,
    location: Location,
    starts_at: datetime,
    *,
    source: str,
    external_ref: str | None,
) -> Appointment | None:
    known = linking.known(source, external_ref)
    if known is None:
        twin = linking.standing_twin(lead, service=service, location=location, starts_at=starts_at)
        return twin if external_ref is None else None
    if (known.contact_id, known.service_id, known.location_id, known.starts_at) != (
        lead.contact_id,
        service.pk,
        location.pk,
        starts_at,
    ):
        raise AppointmentConflict("This outside booking came before with other details.")
    return known


@transaction.atomic
def move(
    *,
    appointment_id: int,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    chair: int | None = None,
    by_click: bool = True,
) -> Appointment:
    """Move a visit to another time (UTC): a new row, the old one left `rescheduled`, reminders anew.

    Money noted for it goes along.
    """
    lead, old = linking.lock_both(appointment_id)
    appointments.move(old, to=AppointmentStatus.RESCHEDULED, actor=actor, now=now)
    new = appointments.book(
        contact_id=old.contact_id,
        location=old.location,
        service=old.service,
        starts_at=starts_at,
        # What was agreed stays agreed: the length and the price, not today's catalogue.
        ends_at=starts_at + (old.ends_at - old.starts_at),
        chair=chair,
        source=old.source,
        moved_from=old,
        actor=actor,
        now=now,
    )
    carried = appointments.carry_payments(moved=old, to=new)
    linking.withdraw(old, reason="The visit was moved.", actor=actor, now=now)
    if lead is not None:
        linking.revoke(old, actor=actor, now=now)
        linking.link(lead, new, actor=actor, now=now)
        linking.await_outcomes(lead, actor=actor, now=now)
        linking.settle(lead, actor=actor, now=now)
    reminders.plan(new, now=now, actor=actor, by_click=by_click)
    fields = ["payments"] if carried else []
    linking.audit_visit("visit.moved", new, actor=actor, now=now, fields=fields)
    return new


@transaction.atomic
def cancel(*, appointment_id: int, by_client: bool, reason: str, actor: Actor, now: datetime) -> Appointment:
    """Cancel a visit; within a day of it by the client it is a late one. Somebody follows up."""
    lead, appointment = linking.lock_both(appointment_id)
    to = AppointmentStatus.CANCELLED_BY_CLINIC
    if by_client:
        late = (
            appointment.starts_at - now < LATE_BEFORE and appointment.status != AppointmentStatus.CHECKED_IN
        )
        to = AppointmentStatus.LATE_CANCELLED if late else AppointmentStatus.CANCELLED_BY_CLIENT
    appointments.move(appointment, to=to, actor=actor, now=now, reason=reason)
    linking.withdraw(appointment, reason="The visit was cancelled.", actor=actor, now=now)
    if lead is not None:
        linking.after_no_visit(lead, what="The visit was cancelled: offer another time", actor=actor, now=now)
    linking.audit_visit("visit.cancelled", appointment, actor=actor, now=now)
    return appointment


@transaction.atomic
def confirm(*, appointment_id: int, actor: Actor, now: datetime) -> Appointment:
    """Note that the person said they will come. Saying it twice changes nothing."""
    _, appointment = linking.lock_both(appointment_id)
    if appointment.status != AppointmentStatus.CONFIRMED:
        appointments.move(appointment, to=AppointmentStatus.CONFIRMED, actor=actor, now=now)
        linking.audit_visit("visit.confirmed", appointment, actor=actor, now=now)
    return appointment
