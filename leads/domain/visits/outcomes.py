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
from leads.models import Lead, LeadVisit

ATTENDED_BEFORE_START = timedelta(minutes=60)


@transaction.atomic
def attend(*, appointment_id: int, actor: Actor, now: datetime) -> Appointment:
    """Mark that they came: checked in and completed in one step; the lead converts.

    Marking it again changes nothing. A *no-show* that was a mistake is corrected by `correct`.

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
    """Turn a wrong *came* into *did not come*, or the other way round, carrying the conversion along."""
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
    link = conversions.link_of(appointment)
    if link is None:
        return
    conversions.convert(link, now=now)
    if lead.status == LeadStatus.ATTENDED:
        return
    # A corrected no-show: the lead had gone back to being pursued, or was closed meanwhile.
    if lead.status == LeadStatus.LOST:
        _refuse_beside_newer(lead)
        lifecycle.move(
            lead,
            to=lead.status_before,
            next_action_at=now,
            reopen=True,
            actor=actor,
            now=now,
            reason="correction",
        )
    if lead.status != LeadStatus.BOOKED:
        lifecycle.move(
            lead,
            to=LeadStatus.BOOKED,
            next_action_at=lead.next_action_at,
            actor=actor,
            now=now,
            reason="correction",
        )
    followups.drop_open(lead, now=now)
    lifecycle.move(lead, to=LeadStatus.ATTENDED, next_action_at=None, actor=actor, now=now)


def _refuse_beside_newer(lead: Lead) -> None:
    """Refuse to open a closed lead while a later enquiry of the same person is open and carries on."""
    if Lead.objects.open().filter(contact_id=lead.contact_id).exclude(pk=lead.pk).exists():
        raise DomainError(
            "This person has a newer open lead. Close that one first, then correct this visit.",
            code="newer_lead_open",
        )


def _take_back(lead: Lead, appointment: Appointment, *, actor: Actor, now: datetime) -> None:
    link = conversions.link_of(appointment)
    if link is not None:
        conversions.unconvert(link)
    other = LeadVisit.objects.filter(lead=lead, revoked_at__isnull=True, converted_at__isnull=False).exists()
    if lead.status != LeadStatus.ATTENDED or other:
        return
    _refuse_beside_newer(lead)
    standing = linking.standing_of(lead)
    followups.plan(
        lead,
        kind=FollowUpKind.CALL,
        due_at=followups.suggested_moment(lead, days=0, at=None, now=now),
        what="Marked as not come after all: call",
        actor=actor,
        now=now,
    )
    lifecycle.move(
        lead,
        to=LeadStatus.BOOKED if standing else LeadStatus.QUALIFIED,
        next_action_at=followups.ensure_next(lead, actor=actor, now=now),
        correction=True,
        actor=actor,
        now=now,
        reason="correction",
    )
