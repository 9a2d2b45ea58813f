"""What people do with a lead: one function for each act, one transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm.actors import Actor
from crm.errors import DomainError
from crm.models import Staff
from leads.domain import closing, followups, lifecycle, trail, visits
from leads.enums import FollowUpKind, LeadEventKind, LeadKind, LeadStatus
from leads.models import CallOutcome, FollowUp, Lead, Note


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, and when (UTC)."""

    kind: str
    due_at: datetime
    what: str = ""
    assigned_to_id: int | None = None


@transaction.atomic
def log_call(
    *,
    lead_id: int,
    outcome: CallOutcome,
    note: str,
    next_step: NextStep | None,
    by: Staff,
    now: datetime,
    follow_up_id: int | None = None,
) -> Lead:
    """Note how a follow-up ended; the outcome moves the lead, and the next step is planned.

    Without `follow_up_id` the earliest open follow-up that pursues the person is the one that was done, or,
    when there is none, a new one is written down as done.

    :raises FollowUpClosed: when a colleague ended the same follow-up a moment ago.
    :raises DomainError: when the lead is closed.
    """
    ends_because = outcome.lost_reason if outcome.moves_to == LeadStatus.LOST else None
    lead = closing.lock_open(lead_id, reason=ends_because)
    follow_up = _the_one_done(lead, follow_up_id, by=by, now=now)
    followups.finish(follow_up, outcome=outcome, note=note, by=by, now=now)
    if outcome.stops_clock:
        followups.answered(lead, now=now)
    if outcome.reached and lead.first_contacted_at is None:
        lead.first_contacted_at = now
        lead.save(update_fields=["first_contacted_at"])
    if ends_because is not None:
        closing.close(lead, reason=ends_because, note=note, actor=by.as_actor, now=now)
    else:
        _plan_next(lead, outcome, next_step, by=by, now=now)
        _move_by_outcome(lead, outcome, actor=by.as_actor, now=now)
    trail.record("lead.outcome_logged", lead, actor=by.as_actor, now=now, fields=[outcome.code])
    return lead


def _the_one_done(lead: Lead, follow_up_id: int | None, *, by: Staff, now: datetime) -> FollowUp:
    if follow_up_id is not None:
        follow_up = followups.lock(follow_up_id)
        if follow_up.lead_id != lead.pk:
            raise DomainError("That follow-up belongs to another lead.", code="wrong_lead")
        return follow_up
    found = (
        FollowUp.objects.select_for_update()
        .filter(lead=lead, kind__in=followups.PURSUIT)
        .open()
        .order_by("due_at", "id")
        .first()
    )
    return found or followups.plan(lead, kind=FollowUpKind.CALL, due_at=now, actor=by.as_actor, now=now)


def _plan_next(
    lead: Lead, outcome: CallOutcome, next_step: NextStep | None, *, by: Staff, now: datetime
) -> None:
    if next_step is not None:
        _plan(lead, next_step, actor=by.as_actor, now=now)
        return
    if outcome.next_days is not None and lead.status != LeadStatus.BOOKED:
        due_at = followups.suggested_moment(lead, days=outcome.next_days, at=outcome.next_time, now=now)
        followups.plan(lead, kind=FollowUpKind.CALL, due_at=due_at, actor=by.as_actor, now=now)


def _move_by_outcome(lead: Lead, outcome: CallOutcome, *, actor: Actor, now: datetime) -> None:
    """Move the lead where the outcome says, when that is a step on; a step back is no step."""
    to = outcome.moves_to
    due = followups.ensure_next(lead, actor=actor, now=now)
    stands = visits.visit_stands(lead)
    if to and lifecycle.can_move(lead, to=to, visit_stands=stands):
        lifecycle.move(lead, to=to, next_action_at=due, actor=actor, now=now, reason=outcome.label)
        return
    followups.refresh(lead, actor=actor, now=now)


@transaction.atomic
def answer_elsewhere(*, lead_id: int, how: str, by: Staff, now: datetime) -> Lead:
    """Note that the person was answered outside this system, so that the clock tells the truth."""
    lead = lifecycle.lock_open(lead_id)
    followups.answered(lead, now=now)
    followups.drop_open(lead, now=now, kinds=followups.PURSUIT)
    due = followups.ensure_next(lead, actor=by.as_actor, now=now)
    if lifecycle.can_move(lead, to=LeadStatus.CONTACTED, visit_stands=visits.visit_stands(lead)):
        lifecycle.move(
            lead,
            to=LeadStatus.CONTACTED,
            next_action_at=due,
            actor=by.as_actor,
            now=now,
            reason=f"Already answered: {how}",
        )
    else:
        lifecycle.note_event(
            lead, kind=LeadEventKind.CLOCK, actor=by.as_actor, now=now, reason=f"Already answered: {how}"
        )
        followups.refresh(lead, actor=by.as_actor, now=now)
    trail.record("lead.answered_elsewhere", lead, actor=by.as_actor, now=now)
    return lead


@transaction.atomic
def add_note(*, lead_id: int, text: str, actor: Actor, now: datetime) -> Note:
    """Write something down about a lead; a closed one may be noted too."""
    if not text.strip():
        raise DomainError("Write something first.", code="empty_note")
    lead = lifecycle.lock(lead_id)
    note = Note.objects.create(lead=lead, at=now, text=text.strip(), **Note.by(actor))
    trail.record("lead.noted", lead, actor=actor, now=now)
    return note


@transaction.atomic
def plan_follow_up(*, lead_id: int, step: NextStep, actor: Actor, now: datetime) -> FollowUp:
    """Add a follow-up to an open lead; several may be open."""
    lead = lifecycle.lock_open(lead_id)
    follow_up = _plan(lead, step, actor=actor, now=now)
    followups.refresh(lead, actor=actor, now=now)
    trail.record("follow_up.planned", lead, actor=actor, now=now)
    return follow_up


@transaction.atomic
def snooze(*, follow_up_id: int, until: datetime, by: Staff, now: datetime) -> FollowUp:
    """Put a follow-up off until a later moment (UTC). The response clock runs on.

    :raises DomainError: when the moment is not in the future.
    """
    if until <= now:
        raise DomainError("Choose a time in the future.", code="not_in_the_future")
    lead = lifecycle.lock_open(FollowUp.objects.values_list("lead_id", flat=True).get(pk=follow_up_id))
    follow_up = followups.lock(follow_up_id)
    followups.put_off(follow_up, until=until, now=now)
    followups.refresh(lead, actor=by.as_actor, now=now)
    trail.record("follow_up.snoozed", lead, actor=by.as_actor, now=now)
    return follow_up


@transaction.atomic
def nurture(*, lead_id: int, until: datetime, actor: Actor, now: datetime) -> Lead:
    """Set a lead aside until a moment (UTC) at which somebody calls."""
    if until <= now:
        raise DomainError("Choose a time in the future.", code="not_in_the_future")
    lead = lifecycle.lock_open(lead_id)
    lifecycle.check_can_move(lead, to=LeadStatus.NURTURING, visit_stands=visits.visit_stands(lead))
    followups.drop_open(lead, now=now, kinds=followups.PURSUIT)
    followups.plan(lead, kind=FollowUpKind.CALL, due_at=until, what="Ask again", actor=actor, now=now)
    lead.nurture_until = until
    lifecycle.move(
        lead,
        to=LeadStatus.NURTURING,
        next_action_at=followups.next_due(lead),
        visit_stands=visits.visit_stands(lead),
        actor=actor,
        now=now,
    )
    trail.record("lead.set_aside", lead, actor=actor, now=now)
    return lead


@transaction.atomic
def take(*, lead_id: int, owner: Staff | None, actor: Actor, now: datetime) -> Lead:
    """Give a lead to a member of staff, or back to the front desk."""
    lead = lifecycle.lock(lead_id)
    if lead.owner_id == (owner.pk if owner else None):
        return lead
    lead.owner = owner
    lead.save(update_fields=["owner"])
    lifecycle.note_event(
        lead,
        kind=LeadEventKind.OWNER,
        actor=actor,
        now=now,
        reason=str(owner) if owner else "Front desk",
    )
    trail.record("lead.owner_changed", lead, actor=actor, now=now)
    return lead


@transaction.atomic
def change_kind(*, lead_id: int, kind: str, actor: Actor, now: datetime) -> Lead:
    """Say what kind of enquiry this is. *Not a lead* leaves every rate."""
    lead = lifecycle.lock(lead_id)
    lead.kind = LeadKind(kind)
    lead.save(update_fields=["kind"])
    trail.record("lead.kind_changed", lead, actor=actor, now=now, fields=["kind"])
    return lead


@transaction.atomic
def view(*, lead: Lead, actor: Actor, now: datetime) -> None:
    """Note that somebody looked at a lead's page: looking at a person's record is an act."""
    trail.record("lead.viewed", lead, actor=actor, now=now)


def suggest_next(*, lead: Lead, outcome: CallOutcome, now: datetime) -> datetime | None:
    """Suggest when the next step after this outcome is due (UTC); None when there is none."""
    if outcome.next_days is None:
        return None
    return followups.suggested_moment(lead, days=outcome.next_days, at=outcome.next_time, now=now)


def _plan(lead: Lead, step: NextStep, *, actor: Actor, now: datetime) -> FollowUp:
    if step.due_at <= now:
        raise DomainError("Choose a time in the future for the next step.", code="not_in_the_future")
    return followups.plan(
        lead,
        kind=step.kind,
        due_at=step.due_at,
        what=step.what,
        assigned_to_id=step.assigned_to_id,
        actor=actor,
        now=now,
    )
