"""What people do with a lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from crm.errors import DomainError
from crm.models import AuditEntry, Staff
from leads.domain import acts, arrivals, closing
from leads.errors import FollowUpClosed
from leads.models import FollowUp, Lead, LeadEvent, Note
from notifications.models import Message, Suppression
from tests import factories
from tests.leads.domain.visiting import booked, check_in_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Staff:
    return factories.staff()


@pytest.fixture
def lead(now: datetime) -> Lead:
    submission = factories.arrival(
        factories.form(), now=now, phone="512-555-0140", consent_sms=True, message="hello"
    )
    arrivals.process(submission_id=submission.pk, now=now)
    return Lead.objects.get()


def test_an_attempt_stops_the_clock_moves_the_lead_and_plans_the_next(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    later = now + timedelta(minutes=3)

    acts.log_call(
        lead_id=lead.pk, outcome=factories.outcome(), note="rang out", next_step=None, by=desk, now=later
    )

    lead.refresh_from_db()
    done = FollowUp.objects.get(state="done")
    planned = FollowUp.objects.get(state="open")
    assert (lead.status, lead.responded_at) == ("attempting", later)
    assert (done.outcome.code if done.outcome else None, done.outcome_note, done.done_by) == (
        "no_answer",
        "rang out",
        desk,
    )
    assert lead.next_action_at == planned.due_at
    # Tomorrow, Wednesday, at ten in Chicago.
    assert planned.due_at.isoformat() == "2026-03-11T15:00:00+00:00"


def test_a_second_no_answer_keeps_the_status(lead: Lead, desk: Staff, now: datetime) -> None:
    for _ in range(2):
        acts.log_call(lead_id=lead.pk, outcome=factories.outcome(), note="", next_step=None, by=desk, now=now)

    lead.refresh_from_db()
    assert (lead.status, FollowUp.objects.filter(state="done").count()) == ("attempting", 2)


def test_somebody_reached_counts_as_contacted_though_the_status_stays(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    reached = factories.outcome("asked_to_wait", moves_to="", reached=True)

    acts.log_call(lead_id=lead.pk, outcome=reached, note="", next_step=None, by=desk, now=now)

    lead.refresh_from_db()
    assert (lead.status, lead.first_contacted_at) == ("new", now)


@pytest.mark.parametrize(
    ("start", "to", "end"),
    [
        ("qualified", "contacted", "qualified"),
        ("contacted", "contacted", "contacted"),
        ("contacted", "", "contacted"),
        ("contacted", "qualified", "qualified"),
        ("nurturing", "attempting", "attempting"),
    ],
)
def test_an_outcome_moves_the_lead_on_and_never_back(
    start: str, to: str, end: str, desk: Staff, now: datetime
) -> None:
    lead = factories.lead(status=start)
    outcome = factories.outcome("talked", moves_to=to)

    acts.log_call(lead_id=lead.pk, outcome=outcome, note="", next_step=None, by=desk, now=now)

    lead.refresh_from_db()
    assert lead.status == end


def test_a_call_about_a_visit_that_stands_leaves_the_lead_booked(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    booked(lead, factories.service(), now)
    outcome = factories.outcome("talked", moves_to="qualified")

    acts.log_call(lead_id=lead.pk, outcome=outcome, note="", next_step=None, by=desk, now=now)

    check_in_order(lead)
    assert lead.status == "booked"


def test_a_reason_to_close_on_an_outcome_that_closes_nothing_says_nothing(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    outcome = factories.outcome(lost_reason=factories.lost_reason("opted_out"))

    acts.log_call(lead_id=lead.pk, outcome=outcome, note="", next_step=None, by=desk, now=now)

    lead.refresh_from_db()
    assert (lead.status, Suppression.objects.count()) == ("attempting", 0)


def test_the_next_step_chosen_by_staff_wins(lead: Lead, desk: Staff, now: datetime) -> None:
    chosen = now + timedelta(days=3)

    acts.log_call(
        lead_id=lead.pk,
        outcome=factories.outcome(),
        note="",
        next_step=acts.NextStep(kind="text", due_at=chosen, what="send the menu"),
        by=desk,
        now=now,
    )

    planned = FollowUp.objects.get(state="open")
    assert (planned.kind, planned.due_at, planned.what) == ("text", chosen, "send the menu")


def test_a_call_that_closes_needs_no_second_step(lead: Lead, desk: Staff, now: datetime) -> None:
    over = factories.outcome(
        "not_interested", moves_to="lost", lost_reason=factories.lost_reason("changed_mind"), next_days=None
    )

    acts.log_call(lead_id=lead.pk, outcome=over, note="", next_step=None, by=desk, now=now)

    lead.refresh_from_db()
    assert (lead.status, lead.lost_reason and lead.lost_reason.code) == ("lost", "changed_mind")
    assert FollowUp.objects.filter(state="open").count() == 0


def test_a_follow_up_ended_by_a_colleague_is_not_ended_twice(lead: Lead, desk: Staff, now: datetime) -> None:
    follow_up = FollowUp.objects.get()
    facts = {"lead_id": lead.pk, "outcome": factories.outcome(), "note": "", "next_step": None}
    acts.log_call(**facts, by=desk, now=now, follow_up_id=follow_up.pk)  # type: ignore[arg-type]

    with pytest.raises(FollowUpClosed):
        acts.log_call(**facts, by=factories.staff(), now=now, follow_up_id=follow_up.pk)  # type: ignore[arg-type]

    assert FollowUp.objects.filter(state="done").count() == 1


def test_a_human_answer_drops_the_waiting_text_but_not_the_mail(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    acts.log_call(lead_id=lead.pk, outcome=factories.outcome(), note="", next_step=None, by=desk, now=now)

    states = dict(Message.objects.filter(template_code="acknowledgement").values_list("channel", "state"))
    assert states == {"email": "queued", "sms": "cancelled"}


def test_answered_elsewhere_stops_the_clock_and_says_how(lead: Lead, desk: Staff, now: datetime) -> None:
    acts.answer_elsewhere(lead_id=lead.pk, how="Instagram", by=desk, now=now)

    lead.refresh_from_db()
    assert (lead.status, lead.responded_at) == ("contacted", now)
    assert lead.next_action_at is not None
    assert lead.next_action_at > now
    assert LeadEvent.objects.filter(lead=lead).latest("pk").reason == "Already answered: Instagram"


def test_a_note_is_kept_and_does_not_stop_the_clock(lead: Lead, desk: Staff, now: datetime) -> None:
    acts.add_note(lead_id=lead.pk, text=" prefers mornings ", actor=desk.as_actor, now=now)

    lead.refresh_from_db()
    assert Note.objects.get().text == "prefers mornings"
    assert lead.responded_at is None


def test_setting_aside_waits_until_the_day_and_then_calls(lead: Lead, desk: Staff, now: datetime) -> None:
    until = now + timedelta(days=30)

    acts.nurture(lead_id=lead.pk, until=until, actor=desk.as_actor, now=now)

    lead.refresh_from_db()
    assert (lead.status, lead.nurture_until, lead.next_action_at) == ("nurturing", until, until)


@pytest.mark.parametrize("act", ["snooze", "nurture", "plan"])
def test_the_past_is_no_time_for_a_next_step(act: str, lead: Lead, desk: Staff, now: datetime) -> None:
    past, actor = now - timedelta(minutes=1), desk.as_actor
    step = acts.NextStep(kind="call", due_at=past)
    asked: dict[str, Callable[[], object]] = {
        "snooze": lambda: acts.snooze(follow_up_id=FollowUp.objects.get().pk, until=past, by=desk, now=now),
        "nurture": lambda: acts.nurture(lead_id=lead.pk, until=past, actor=actor, now=now),
        "plan": lambda: acts.plan_follow_up(lead_id=lead.pk, step=step, actor=actor, now=now),
    }

    with pytest.raises(DomainError) as refusal:
        asked[act]()

    assert refusal.value.code == "not_in_the_future"


def test_a_closed_lead_takes_a_note_but_no_call(lead: Lead, desk: Staff, now: datetime) -> None:
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=desk.as_actor, now=now)

    acts.add_note(lead_id=lead.pk, text="rang anyway", actor=desk.as_actor, now=now)
    with pytest.raises(DomainError) as refusal:
        acts.log_call(lead_id=lead.pk, outcome=factories.outcome(), note="", next_step=None, by=desk, now=now)

    assert refusal.value.code == "lead_closed"


def test_taking_a_lead_is_written_down(lead: Lead, desk: Staff, now: datetime) -> None:
    acts.take(lead_id=lead.pk, owner=desk, actor=desk.as_actor, now=now)

    lead.refresh_from_db()
    assert lead.owner == desk
    assert LeadEvent.objects.filter(lead=lead, kind="owner").count() == 1


def test_every_act_leaves_an_audit_row_with_its_actor(lead: Lead, desk: Staff, now: datetime) -> None:
    AuditEntry.objects.all().delete()
    actor = desk.as_actor
    acts.view(lead=lead, actor=actor, now=now)
    acts.add_note(lead_id=lead.pk, text="x", actor=actor, now=now)
    acts.take(lead_id=lead.pk, owner=desk, actor=actor, now=now)
    acts.change_kind(lead_id=lead.pk, kind="existing_client", actor=actor, now=now)
    acts.snooze(follow_up_id=FollowUp.objects.get().pk, until=now + timedelta(hours=1), by=desk, now=now)
    acts.log_call(lead_id=lead.pk, outcome=factories.outcome(), note="", next_step=None, by=desk, now=now)
    acts.answer_elsewhere(lead_id=lead.pk, how="phone", by=desk, now=now)
    acts.nurture(lead_id=lead.pk, until=now + timedelta(days=1), actor=actor, now=now)
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=actor, now=now)
    closing.reopen(lead_id=lead.pk, actor=actor, now=now)

    rows = list(AuditEntry.objects.order_by("pk").values_list("action", "actor_staff", "subject_ref"))

    assert [action for action, _, _ in rows] == [
        "lead.viewed",
        "lead.noted",
        "lead.owner_changed",
        "lead.kind_changed",
        "follow_up.snoozed",
        "lead.outcome_logged",
        "lead.answered_elsewhere",
        "lead.set_aside",
        "lead.closed",
        "lead.reopened",
    ]
    assert {row[1:] for row in rows} == {(desk.pk, lead.reference)}
