"""A lead's life: the table of ways, the one writer of the status, and the event. Calls nobody."""

from __future__ import annotations

from datetime import datetime

from crm.actors import Actor
from crm.errors import DomainError, TransitionNotAllowed
from leads.enums import CLOSED, LeadEventKind, LeadStatus
from leads.errors import ReasonNeeded, VisitStanding
from leads.models import Lead, LeadEvent, LostReason

S = LeadStatus

# From each status, where a lead may go by what people do. Reopening and corrections are below.
TRANSITIONS: dict[str, frozenset[str]] = {
    S.NEW: frozenset({S.ATTEMPTING, S.CONTACTED, S.QUALIFIED, S.BOOKED, S.NURTURING, S.LOST}),
    S.ATTEMPTING: frozenset({S.CONTACTED, S.QUALIFIED, S.BOOKED, S.NURTURING, S.LOST}),
    S.CONTACTED: frozenset({S.QUALIFIED, S.BOOKED, S.NURTURING, S.LOST}),
    S.QUALIFIED: frozenset({S.BOOKED, S.NURTURING, S.LOST}),
    S.NURTURING: frozenset({S.ATTEMPTING, S.CONTACTED, S.QUALIFIED, S.BOOKED, S.LOST}),
    S.BOOKED: frozenset({S.ATTENDED, S.QUALIFIED, S.NURTURING, S.LOST}),
    S.ATTENDED: frozenset(),
    S.LOST: frozenset(),
}
# What the correction of a visit may do to a lead that is over. From closed to closed too, so that none has to
# be open beside a newer lead of the same person: it came after all, or closes since the newer one carries on.
CORRECTIONS: dict[str, frozenset[str]] = {
    S.ATTENDED: frozenset({S.BOOKED, S.QUALIFIED, S.LOST}),
    S.LOST: frozenset({S.ATTENDED}),
}

# How a refusal begins and ends: one of each makes a sentence.
_WHO: dict[str, str] = {
    S.NEW: "A new lead",
    S.ATTEMPTING: "A lead that was not reached yet",
    S.CONTACTED: "A lead that was contacted",
    S.QUALIFIED: "A qualified lead",
    S.NURTURING: "A lead that is set aside",
    S.BOOKED: "A booked lead",
    S.ATTENDED: "A lead that came",
}
_WHAT: dict[str, str] = {
    S.NEW: "made new",
    S.ATTEMPTING: "marked as not reached yet",
    S.CONTACTED: "marked as contacted",
    S.QUALIFIED: "marked as qualified",
    S.NURTURING: "set aside",
    S.BOOKED: "booked",
    S.ATTENDED: "marked as come",
    S.LOST: "closed",
}
# What stands in the way of an act that only an open lead allows.
_OVER: dict[str, str] = {
    S.LOST: "This lead is closed. Reopen it first.",
    S.ATTENDED: "This lead is done: they came. Book them again to go on.",
}


def lock(lead_id: int) -> Lead:
    """Read a lead and keep others from changing it until the transaction ends."""
    return Lead.objects.select_for_update().get(pk=lead_id)


def lock_open(lead_id: int) -> Lead:
    """Lock a lead as `lock` does, for an act that only an open one allows.

    :raises DomainError: when it is closed.
    """
    lead = lock(lead_id)
    if not lead.is_open:
        raise DomainError(_OVER[lead.status], code="lead_closed")
    return lead


def check_can_move(
    lead: Lead, *, to: str, visit_stands: bool, correction: bool = False, reopen: bool = False
) -> None:
    """Refuse a way that the table does not have.

    :raises TransitionNotAllowed: when there is no such way from here.
    :raises VisitStanding: when the lead would leave `booked` although a visit still stands.
    """
    ways = TRANSITIONS[lead.status]
    if correction:
        ways = CORRECTIONS.get(lead.status, frozenset())
    if reopen:
        ways = frozenset({lead.status_before}) if lead.status == S.LOST else frozenset()
    if to not in ways:
        raise TransitionNotAllowed(_refusal(lead.status, to=to, reopen=reopen))
    if lead.status == S.BOOKED and to != S.ATTENDED and visit_stands:
        raise VisitStanding("A visit is still booked. Cancel or move the visit first.")


def _refusal(status: str, *, to: str, reopen: bool) -> str:
    if status == S.LOST:
        return _OVER[S.LOST]
    if reopen:
        return "Only a closed lead can be reopened."
    return f"{_WHO[status]} cannot be {_WHAT[to]} this way."


def can_move(
    lead: Lead, *, to: str, visit_stands: bool, correction: bool = False, reopen: bool = False
) -> bool:
    """Say whether `check_can_move` would let it."""
    try:
        check_can_move(lead, to=to, visit_stands=visit_stands, correction=correction, reopen=reopen)
    except (TransitionNotAllowed, VisitStanding):
        return False
    return True


def move(
    lead: Lead,
    *,
    to: str,
    next_action_at: datetime | None,
    actor: Actor,
    now: datetime,
    reason: str = "",
    lost_reason: LostReason | None = None,
    visit_stands: bool = False,
    correction: bool = False,
    reopen: bool = False,
) -> LeadEvent:
    """Take a locked lead to another status, with its event. The one writer of `status`.

    `next_action_at` (UTC) is when staff must look again; it is needed while the lead stays open.

    :raises TransitionNotAllowed, VisitStanding: as `check_can_move`.
    :raises ReasonNeeded: when a lead is closed without a reason.
    """
    check_can_move(lead, to=to, visit_stands=visit_stands, correction=correction, reopen=reopen)
    if to == S.LOST and lost_reason is None:
        raise ReasonNeeded("Say why the lead is closed.")
    before = lead.status
    lead.status = to
    # Reopened, a lead that had not come after all goes on where people who did not come do.
    lead.status_before = "" if to != S.LOST else S.QUALIFIED if before == S.ATTENDED else before
    lead.lost_reason = lost_reason if to == S.LOST else None
    lead.next_action_at = None if to in CLOSED else next_action_at
    _stamp(lead, to=to, now=now)
    lead.save(
        update_fields=[
            "status",
            "status_before",
            "lost_reason",
            "next_action_at",
            "first_contacted_at",
            "booked_at",
            "attended_at",
            "closed_at",
            "nurture_until",
        ]
    )
    return note_event(
        lead, kind=LeadEventKind.STATUS, from_status=before, to_status=to, reason=reason, actor=actor, now=now
    )


def _stamp(lead: Lead, *, to: str, now: datetime) -> None:
    """Keep the stage times on the lead, so that reports never read events. First times stay."""
    if to in {S.CONTACTED, S.QUALIFIED, S.BOOKED} and lead.first_contacted_at is None:
        lead.first_contacted_at = now
    if to == S.BOOKED and lead.booked_at is None:
        lead.booked_at = now
    # Whoever came once has come, wherever the lead goes from there; see `stamp_attended`.
    if to == S.ATTENDED and lead.attended_at is None:
        lead.attended_at = now
    lead.closed_at = now if to in CLOSED else None
    if to != S.NURTURING:
        lead.nurture_until = None


def stamp_attended(lead: Lead, *, at: datetime | None) -> None:
    """Write on a locked lead when the first of its visits that took place was marked so; None: none did."""
    if lead.attended_at != at:
        lead.attended_at = at
        lead.save(update_fields=["attended_at"])


def note_event(
    lead: Lead,
    *,
    kind: str,
    actor: Actor,
    now: datetime,
    from_status: str = "",
    to_status: str = "",
    reason: str = "",
) -> LeadEvent:
    """Append one event to a lead's history."""
    event = event_row(
        lead, kind=kind, actor=actor, now=now, from_status=from_status, to_status=to_status, reason=reason
    )
    event.save(force_insert=True)
    return event


def event_row(
    lead: Lead,
    *,
    kind: str,
    actor: Actor,
    now: datetime,
    from_status: str = "",
    to_status: str = "",
    reason: str = "",
) -> LeadEvent:
    """Give the event that `note_event` appends, for an act that writes all its rows in one go."""
    return LeadEvent(
        lead=lead,
        at=now,
        kind=kind,
        from_status=from_status,
        to_status=to_status,
        reason=reason,
        **LeadEvent.by(actor),
    )
