"""A lead and its visits: the link, what staff must do about it, and the locks, in one order everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm.actors import Actor
from crm.domain import appointments, audit
from crm.enums import STANDING
from crm.models import Appointment, Location, Service
from leads.domain import conversions, followups, lifecycle
from leads.enums import FollowUpKind, LeadStatus
from leads.models import Lead, LeadVisit
from notifications.domain import outbox
from notifications.enums import AboutKind

OUTCOME_AFTER = timedelta(minutes=60)


def known(source: str, external_ref: str | None) -> Appointment | None:
    if external_ref is None:
        return None
    return Appointment.objects.filter(source=source, external_ref=external_ref).first()


def lock_both(appointment_id: int) -> tuple[Lead | None, Appointment]:
    """Lock the lead first, then the visit: one order everywhere, so that two acts never wait in a ring."""
    lead_id = (
        LeadVisit.objects.filter(appointment_id=appointment_id, revoked_at__isnull=True)
        .values_list("lead_id", flat=True)
        .first()
    )
    lead = lifecycle.lock(lead_id) if lead_id is not None else None
    return lead, appointments.lock(appointment_id)


def link(lead: Lead, appointment: Appointment, *, actor: Actor, now: datetime) -> LeadVisit:
    return LeadVisit.objects.create(lead=lead, appointment=appointment, linked_at=now, **LeadVisit.by(actor))


def revoke(appointment: Appointment, *, actor: Actor, now: datetime) -> None:
    link = conversions.link_of(appointment)
    if link is not None:
        link.revoked_at, link.revoked_by, link.converted_at = now, actor.label, None
        link.save(update_fields=["revoked_at", "revoked_by", "converted_at"])


def standing_of(lead: Lead) -> list[Appointment]:
    return list(
        Appointment.objects.filter(
            lead_visits__lead=lead, lead_visits__revoked_at__isnull=True, status__in=STANDING
        ).order_by("ends_at")
    )


def visit_stands(lead: Lead) -> bool:
    """Say whether a lead has a visit that is still going to happen."""
    return bool(standing_of(lead))


def standing_twin(
    lead: Lead, *, service: Service, location: Location, starts_at: datetime
) -> Appointment | None:
    """Give the lead's standing visit for this service at this place and time, if there is one."""
    return next(
        (
            each
            for each in standing_of(lead)
            if (each.service_id, each.location_id, each.starts_at) == (service.pk, location.pk, starts_at)
        ),
        None,
    )


def await_outcomes(lead: Lead, *, actor: Actor, now: datetime) -> None:
    """Let somebody say of each visit that stands whether they came, an hour after its end; of no other."""
    followups.plan_exactly(
        lead,
        kind=FollowUpKind.VISIT_OUTCOME,
        what="Say whether they came",
        due_times=[appointment.ends_at + OUTCOME_AFTER for appointment in standing_of(lead)],
        actor=actor,
        now=now,
    )


def settle(lead: Lead, *, actor: Actor, now: datetime) -> None:
    """Bring a lead with a standing visit to `booked`, or only refresh what is next when it is there."""
    if lead.status == LeadStatus.BOOKED:
        followups.refresh(lead, actor=actor, now=now)
        return
    lifecycle.move(
        lead,
        to=LeadStatus.BOOKED,
        next_action_at=followups.ensure_next(lead, actor=actor, now=now),
        actor=actor,
        now=now,
    )


def after_no_visit(lead: Lead, *, what: str, actor: Actor, now: datetime) -> None:
    """Go back to `qualified`, with a call, when no visit is left; stay booked when another one stands."""
    await_outcomes(lead, actor=actor, now=now)
    if lead.status == LeadStatus.BOOKED:
        followups.plan(
            lead,
            kind=FollowUpKind.CALL,
            due_at=followups.suggested_moment(lead, days=0, at=None, now=now),
            what=what,
            actor=actor,
            now=now,
        )
    if visit_stands(lead) or lead.status != LeadStatus.BOOKED:
        followups.refresh(lead, actor=actor, now=now)
        return
    lifecycle.move(
        lead,
        to=LeadStatus.QUALIFIED,
        next_action_at=followups.ensure_next(lead, actor=actor, now=now),
        visit_stands=False,
        actor=actor,
        now=now,
        reason=what,
    )


def withdraw(appointment: Appointment, *, reason: str, actor: Actor, now: datetime) -> None:
    outbox.cancel_about(AboutKind.APPOINTMENT, appointment.reference, reason=reason, actor=actor, now=now)


def audit_visit(
    action: str, appointment: Appointment, *, actor: Actor, now: datetime, fields: list[str] | None = None
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject_kind="appointment",
        subject_ref=appointment.reference,
        fields=fields or [],
        now=now,
    )
