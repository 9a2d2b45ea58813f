"""What staff must do for a lead, and that an open lead always has something to be done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Min

from crm.actors import SYSTEM, Actor
from crm.domain import clinic, opening_hours
from crm.enums import ActorKind
from crm.models import Staff
from leads.domain import assignment, flood, links
from leads.enums import CLOSED, FollowUpKind, FollowUpState
from leads.errors import FollowUpClosed
from leads.models import CallOutcome, FollowUp, Lead
from leads.models.followup import FollowUpQuerySet
from notifications.domain import moments, outbox
from notifications.enums import AboutKind, Channel, Purpose

REMINDER_LIFE = timedelta(hours=24)
NO_LONGER_NEEDED = "The follow-up is no longer needed."
DEFAULT_NEXT_TIME = time(10)
# Kinds that pursue the person; a booking ends them. A question to a nurse or a thing to read outlives it.
PURSUIT = frozenset({FollowUpKind.CALL, FollowUpKind.TEXT, FollowUpKind.EMAIL})


def plan(
    lead: Lead,
    *,
    kind: str,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    what: str = "",
    assigned_to_id: int | None = None,
) -> FollowUp:
    """Add something to be done for a lead. The caller refreshes the lead's next action."""
    planned = planned_row(
        lead, kind=kind, due_at=due_at, actor=actor, now=now, what=what, assigned_to_id=assigned_to_id
    )
    planned.save(force_insert=True)
    return planned


def planned_row(
    lead: Lead,
    *,
    kind: str,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    what: str = "",
    assigned_to_id: int | None = None,
) -> FollowUp:
    """Give the row that `plan` adds, for an act that writes all its rows in one go."""
    return FollowUp(
        lead=lead,
        kind=kind,
        due_at=due_at,
        planned_at=now,
        what=what,
        assigned_to_id=assigned_to_id,
        **FollowUp.by(actor),
    )


def lock(follow_up_id: int) -> FollowUp:
    """Read a follow-up and keep others from closing it until the transaction ends.

    :raises FollowUpClosed: when it is done or no longer needed, perhaps by somebody else a moment ago.
    """
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up_id)
    if follow_up.state != FollowUpState.OPEN:
        raise FollowUpClosed("This was already done, perhaps by a colleague a moment ago.")
    return follow_up


def finish(follow_up: FollowUp, *, outcome: CallOutcome, note: str, by: Staff | None, now: datetime) -> None:
    """End a locked follow-up in an outcome, and silence its reminder."""
    follow_up.state = FollowUpState.DONE
    follow_up.outcome = outcome
    follow_up.outcome_note = note
    follow_up.done_at = now
    follow_up.done_by = by
    follow_up.save(update_fields=["state", "outcome", "outcome_note", "done_at", "done_by"])
    _silence(follow_up.reference, reason="The follow-up is done.", actor=SYSTEM, now=now)


def put_off(follow_up: FollowUp, *, until: datetime, now: datetime) -> None:
    """Move a locked follow-up's due time (UTC). It will remind again."""
    follow_up.due_at = until
    follow_up.snoozed += 1
    follow_up.reminded_for = None
    follow_up.save(update_fields=["due_at", "snoozed", "reminded_for"])
    _silence(follow_up.reference, reason="The follow-up was put off.", actor=SYSTEM, now=now)


def plan_exactly(
    lead: Lead, *, kind: str, what: str, due_times: Iterable[datetime], actor: Actor, now: datetime
) -> None:
    """Let a locked lead have one open follow-up of a kind for each of these moments (UTC), and no other.

    One that is there for such a moment stays, with all that was done about it; the others end.
    """
    lacking = list(due_times)
    needless = []
    for pk, due_at in FollowUp.objects.filter(lead=lead, kind=kind).open().values_list("pk", "due_at"):
        if due_at in lacking:
            lacking.remove(due_at)
        else:
            needless.append(pk)
    _drop(FollowUp.objects.open().filter(pk__in=needless), reason=NO_LONGER_NEEDED, actor=SYSTEM, now=now)
    for due_at in lacking:
        plan(lead, kind=kind, what=what, due_at=due_at, actor=actor, now=now)


def drop_open(
    lead: Lead,
    *,
    now: datetime,
    kinds: Collection[str] | None = None,
    planned_at: datetime | None = None,
) -> int:
    """Mark a locked lead's open follow-ups as no longer needed: all, or those of these kinds or that moment.

    Returns how many.
    """
    wanted = FollowUp.objects.filter(lead=lead).open()
    if kinds is not None:
        wanted = wanted.filter(kind__in=kinds)
    if planned_at is not None:
        wanted = wanted.filter(planned_at=planned_at)
    return _drop(wanted, reason=NO_LONGER_NEEDED, actor=SYSTEM, now=now)


def leads_with_readings(contact_id: int) -> list[int]:
    """Give the leads for which the system put alarming words before a person who has not judged yet."""
    return list(_readings().filter(lead__contact_id=contact_id).values_list("lead_id", flat=True))


def end_readings(leads: Collection[Lead], *, actor: Actor, now: datetime) -> None:
    """End what was put before a person for these locked leads, now that a person has read and judged."""
    _drop(_readings().filter(lead__in=leads), reason="It was read and judged.", actor=actor, now=now)
    for lead in leads:
        refresh(lead, actor=actor, now=now)


def _readings() -> FollowUpQuerySet:
    """What a safety hold put before a person; a reading that a colleague asked for stays theirs."""
    return FollowUp.objects.open().filter(kind=FollowUpKind.REVIEW, actor_kind=ActorKind.SYSTEM)


def _drop(wanted: FollowUpQuerySet, *, reason: str, actor: Actor, now: datetime) -> int:
    references = list(wanted.select_for_update().values_list("reference", flat=True))
    if not references:
        return 0
    FollowUp.objects.filter(reference__in=references).update(state=FollowUpState.CANCELLED, done_at=now)
    for reference in references:
        _silence(reference, reason=reason, actor=actor, now=now)
    return len(references)


def _silence(reference: str, *, reason: str, actor: Actor, now: datetime) -> None:
    outbox.cancel_about(AboutKind.FOLLOW_UP, reference, reason=reason, actor=actor, now=now)


def next_due(lead: Lead) -> datetime | None:
    """Give the earliest due time (UTC) of a lead's open follow-ups."""
    found: datetime | None = FollowUp.objects.filter(lead=lead).open().aggregate(due=Min("due_at"))["due"]
    return found


def ensure_next(lead: Lead, *, actor: Actor, now: datetime) -> datetime:
    """Give a lead's next due time, and plan a call for the next open day when nothing is planned.

    A lead in hand with nothing to be done is a lead forgotten, so there is always something.
    """
    due = next_due(lead)
    if due is None:
        due = suggested_moment(lead, days=1, at=None, now=now)
        plan(lead, kind=FollowUpKind.CALL, due_at=due, what="Decide the next step", actor=actor, now=now)
    return due


def refresh(lead: Lead, *, actor: Actor, now: datetime) -> None:
    """Write a locked lead's `next_action_at` anew from its open follow-ups."""
    due = None if lead.status in CLOSED else ensure_next(lead, actor=actor, now=now)
    if due != lead.next_action_at:
        lead.next_action_at = due
        lead.save(update_fields=["next_action_at"])


def suggested_moment(lead: Lead, *, days: int, at: time | None, now: datetime) -> datetime:
    """Suggest when to try again: that local time on the n-th open day from now (UTC).

    `days=0` is later today: two business hours on.
    """
    calendar = clinic.location_facts(lead.location_id).calendar
    if days == 0:
        return opening_hours.add_business_minutes(calendar, start=now, minutes=120)
    return opening_hours.business_day_moment(calendar, now=now, days_ahead=days, at=at or DEFAULT_NEXT_TIME)


def answered(lead: Lead, *, now: datetime) -> None:
    """Stop the clock, and drop what a human answer has made pointless: the late text, the alert to staff."""
    if lead.responded_at is None:
        lead.responded_at = now
        lead.save(update_fields=["responded_at"])
    for template, channel in (("acknowledgement", Channel.SMS), ("new-lead-alert", None)):
        outbox.cancel_about(
            AboutKind.LEAD,
            lead.reference,
            reason="Somebody was in touch already.",
            actor=SYSTEM,
            now=now,
            template_codes=[template],
            channel=channel,
        )


def look(clock: Callable[[], datetime]) -> int:
    """Tell staff of every follow-up that fell due, however many. Returns how many.

    What the flood limit counted long ago is forgotten along the way: that is no tick of its own.
    """
    now, told = clock(), 0
    while reminded := remind_due(now=now):
        told += reminded
    flood.forget_old(now=now)
    return told


def remind_due(*, now: datetime, limit: int = 100) -> int:
    """Tell staff of follow-ups that fell due and that they were not yet told of. Returns how many.

    One row, one reminder: the mark and the messages are one transaction, and the mark is a compare-and-swap,
    so two sweeps at once tell once.
    """
    with transaction.atomic():
        due = list(
            FollowUp.objects.open()
            .filter(due_at__lte=now, reminded_for__isnull=True)
            .select_related("lead__location")
            # What is encrypted is not needed, and one value that does not open must not silence the rest.
            .defer("what", "outcome_note", "lead__message", "lead__preferred_time")
            .order_by("due_at", "id")[:limit]
        )
        taken = [f for f in due if _mark_reminded(f)]
        outbox.queue(
            [wish for follow_up in taken for wish in _reminders(follow_up, now=now)], actor=SYSTEM, now=now
        )
    return len(taken)


def _mark_reminded(follow_up: FollowUp) -> bool:
    return bool(
        FollowUp.objects.open()
        .filter(pk=follow_up.pk, due_at=follow_up.due_at, reminded_for__isnull=True)
        .update(reminded_for=F("due_at"))
    )


def _reminders(follow_up: FollowUp, *, now: datetime) -> list[outbox.Wish]:
    lead = follow_up.lead
    staff_ids = assignment.recipients(
        location_id=lead.location_id,
        staff_ids=[follow_up.assigned_to_id] if follow_up.assigned_to_id else [lead.owner_id],
    )
    zone = clinic.location_facts(lead.location_id).zone
    return [
        outbox.Wish(
            template_code="follow-up-due",
            channel=Channel.EMAIL,
            purpose=Purpose.INTERNAL,
            dedupe_key=f"follow-up-due:{follow_up.reference}:{follow_up.snoozed}:{staff_id}",
            about_kind=AboutKind.FOLLOW_UP,
            about_ref=follow_up.reference,
            location_id=lead.location_id,
            language="en",
            params={
                "number": str(lead.number),
                "location": lead.location.name,
                "answer_by": moments.in_full(follow_up.due_at, zone=zone, language="en"),
                "link": links.lead_page(lead.reference),
            },
            due_at=now,
            expires_at=now + REMINDER_LIFE,
            staff_id=staff_id,
        )
        for staff_id in staff_ids
    ]
