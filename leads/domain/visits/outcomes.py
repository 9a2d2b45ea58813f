"""What became of a visit: they came, they did not, or it was marked wrongly."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from crm.actors import Actor
from crm.domain import appointments, contacts
from crm.enums import AppointmentStatus
from crm.errors import DomainError
from crm.models import Appointment
from leads.domain import conversions, followups, lifecycle
from leads.domain.visits import linking
from leads.enums import FollowUpKind, LeadStatus
from leads.models import Lead, LostReason

ATTENDED_BEFORE_START = timedelta(minutes=60)
# The reason for closing a lead beside another one of the same person.
CARRIED_ON = "duplicate"


@transaction.atomic
def attend(*, appointment_id: int, actor: Actor, now: datetime) -> Appointment:
    """Mark that they came: checked in and completed in one step; the visit converts its lead.

    While another visit of the lead stands, the lead stays booked: it has come with the last one. Marking it
    again changes nothing. A *no-show* that was a mistake is corrected by `correct`.

    :raises DomainError: earlier than an hour before the start.
    """
    lead, appointment = linking.lock_both(appointment_id)
    if appointment.status == AppointmentStatus.COMPLETED:
        return appointment
    if appointment.status == AppointmentStatus.NO_SHOW:
        raise DomainError("It is marked as not come. Correct that instead.", code="correct_instead")
    if now < appointment.starts_at - ATTENDED_BEFORE_START:
        raise DomainError("It is too early: mark it from an hour before the visit.", code="too_early")
    if appointment.status != AppointmentStatus.CHECKED_IN:
        appointments.move(appointment, to=AppointmentStatus.CHECKED_IN, actor=actor, now=now)
    appointments.move(appointment, to=AppointmentStatus.COMPLETED, actor=actor, now=now)
    linking.withdraw(appointment, reason="They came.", actor=actor, now=now)
    if lead is not None:
        _convert(lead, appointment, actor=actor, now=now)
    linking.audit_visit("visit.attended", appointment, actor=actor, now=now)
    return appointment


@transaction.atomic
def no_show(*, appointment_id: int, actor: Actor, now: datetime) -> Appointment:
    """Mark that they did not come; somebody calls. Nothing is sent: a person confirmed it, not a clock."""
    lead, appointment = linking.lock_both(appointment_id)
    if appointment.status == AppointmentStatus.NO_SHOW:
        return appointment
    if appointment.status == AppointmentStatus.COMPLETED:
        raise DomainError("It is marked as come. Correct that instead.", code="correct_instead")
    if now < appointment.starts_at:
        raise DomainError("The visit has not begun yet.", code="too_early")
    appointments.move(appointment, to=AppointmentStatus.NO_SHOW, actor=actor, now=now)
    linking.withdraw(appointment, reason="They did not come.", actor=actor, now=now)
    if lead is not None:
        linking.after_no_visit(lead, what="Did not come: call and offer another time", actor=actor, now=now)
    linking.audit_visit("visit.no_show", appointment, actor=actor, now=now)
    return appointment


@transaction.atomic
def correct(*, appointment_id: int, came: bool, actor: Actor, now: datetime) -> Appointment:
    """Turn a wrong *came* into *did not come*, or the other way round, carrying the conversion along.

    A lead that had come is open again then; closed, when a newer one of the same person carries on.
    """
    # It may open a closed lead: an arrival that opens one locks the same addresses first.
    contacts.lock_addresses_of(
        Appointment.objects.values_list("contact_id", flat=True).get(pk=appointment_id)
    )
    lead, appointment = linking.lock_both(appointment_id)
    to = AppointmentStatus.COMPLETED if came else AppointmentStatus.NO_SHOW
    if appointment.status == to:
        return appointment
    if appointment.status not in {AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW}:
        raise DomainError("Only a visit that was marked can be corrected.", code="nothing_to_correct")
    appointments.move(appointment, to=to, actor=actor, now=now, reason="correction")
    if lead is not None and came:
        _convert(lead, appointment, actor=actor, now=now)
    elif lead is not None:
        _take_back(lead, appointment, actor=actor, now=now)
    linking.audit_visit("visit.corrected", appointment, actor=actor, now=now)
    return appointment


def _convert(lead: Lead, appointment: Appointment, *, actor: Actor, now: datetime) -> None:
    """Note on the lead that a visit of it took place; it has come when no other visit is still to happen."""
    link = conversions.link_of(appointment)
    if link is None:
        return
    conversions.convert(link, now=now)
    lifecycle.stamp_attended(lead, at=conversions.first_at(lead))
    if lead.status == LeadStatus.ATTENDED:
        return
    if linking.visit_stands(lead):
        linking.await_outcomes(lead, actor=actor, now=now)
        _end_call_about(appointment, lead, now=now)
        followups.refresh(lead, actor=actor, now=now)
        return
    if lead.status not in {LeadStatus.BOOKED, LeadStatus.LOST}:
        # It went on after a no-show that was none, and is pursued.
        lifecycle.move(
            lead,
            to=LeadStatus.BOOKED,
            next_action_at=lead.next_action_at,
            actor=actor,
            now=now,
            reason="correction",
        )
    followups.drop_open(lead, now=now)
    closed = lead.status == LeadStatus.LOST
    lifecycle.move(
        lead,
        to=LeadStatus.ATTENDED,
        next_action_at=None,
        correction=closed,
        actor=actor,
        now=now,
        reason="correction" if closed else "",
    )


def _end_call_about(appointment: Appointment, lead: Lead, *, now: datetime) -> None:
    """End the call that was planned when the visit was marked as missed: a correction says they came."""
    missed = appointment.events.filter(to_status=AppointmentStatus.NO_SHOW)
    for marked_at in missed.values_list("at", flat=True):
        followups.drop_open(lead, now=now, kinds={FollowUpKind.CALL}, planned_at=marked_at)


def _take_back(lead: Lead, appointment: Appointment, *, actor: Actor, now: datetime) -> None:
    """Note on the lead that a visit did not take place after all; somebody calls, unless the lead is over."""
    link = conversions.link_of(appointment)
    if link is not None:
        conversions.unconvert(link)
    first_at = conversions.first_at(lead)
    lifecycle.stamp_attended(lead, at=first_at)
    if lead.is_open:
        _plan_call(lead, actor=actor, now=now)
        followups.refresh(lead, actor=actor, now=now)
        return
    if lead.status == LeadStatus.LOST or first_at is not None:
        return  # it is over all the same: closed, or they came to another visit of it
    newer = Lead.objects.select_for_update().filter(contact_id=lead.contact_id).open().first()
    if newer is not None:
        _close_before(newer, lead, actor=actor, now=now)
        return
    _plan_call(lead, actor=actor, now=now)
    lifecycle.move(
        lead,
        to=LeadStatus.BOOKED if linking.visit_stands(lead) else LeadStatus.QUALIFIED,
        next_action_at=followups.ensure_next(lead, actor=actor, now=now),
        correction=True,
        actor=actor,
        now=now,
        reason="correction",
    )


def _close_before(newer: Lead, lead: Lead, *, actor: Actor, now: datetime) -> None:
    """Close a lead that did not come after all: a newer one of the same person is open and carries on."""
    lifecycle.move(
        lead,
        to=LeadStatus.LOST,
        next_action_at=None,
        lost_reason=LostReason.objects.filter(code=CARRIED_ON).first(),
        correction=True,
        actor=actor,
        now=now,
        reason=f"Corrected: did not come. {newer} carries on.",
    )


def _plan_call(lead: Lead, *, actor: Actor, now: datetime) -> None:
    followups.plan(
        lead,
        kind=FollowUpKind.CALL,
        due_at=followups.suggested_moment(lead, days=0, at=None, now=now),
        what="Marked as not come after all: call",
        actor=actor,
        now=now,
    )
