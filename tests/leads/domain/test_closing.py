"""How a lead ends and begins again, and how everything sent to a person stops."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.actors import SYSTEM
from crm.errors import DomainError, TransitionNotAllowed
from crm.models import AuditEntry, Staff
from leads.domain import acts, arrivals, closing, visits
from leads.errors import VisitStanding
from leads.models import FollowUp, Lead
from notifications.channels.memory import MemoryChannel
from notifications.domain import dispatch
from notifications.models import Message, Suppression
from tests import factories
from tests.at_once import before_the_commit
from tests.leads.domain.visiting import ann, booked
from tests.notifications.messages import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Staff:
    return factories.staff()


@pytest.fixture
def lead(now: datetime) -> Lead:
    return ann(now)


def test_closing_ends_what_was_planned_and_queued(lead: Lead, desk: Staff, now: datetime) -> None:
    closing.lose(
        lead_id=lead.pk, reason=factories.lost_reason(), note="too dear", actor=desk.as_actor, now=now
    )

    lead.refresh_from_db()
    assert (lead.status, lead.next_action_at, lead.closed_at) == ("lost", None, now)
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"cancelled"}
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}


def test_closing_because_they_want_no_contact_stops_every_address(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    over = factories.outcome(
        "do_not_contact", moves_to="lost", lost_reason=factories.lost_reason("opted_out"), next_days=None
    )

    acts.log_call(lead_id=lead.pk, outcome=over, note="", next_step=None, by=desk, now=now)

    stopped = set(Suppression.objects.values_list("address__kind", flat=True))
    assert stopped == {"email", "phone"}
    assert set(Message.objects.filter(contact__isnull=False).values_list("state", flat=True)) == {"cancelled"}


def test_closing_with_a_visit_standing_is_refused_and_changes_nothing(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=lead.location,
        starts_at=now + timedelta(days=2),
        actor=desk.as_actor,
        now=now,
    )

    with pytest.raises(VisitStanding):
        closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=desk.as_actor, now=now)

    lead.refresh_from_db()
    assert lead.status == "booked"
    assert FollowUp.objects.filter(state="open").count() == 1


def test_reopening_goes_back_to_where_it_was_with_a_call(lead: Lead, desk: Staff, now: datetime) -> None:
    acts.answer_elsewhere(lead_id=lead.pk, how="phone", by=desk, now=now)
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=desk.as_actor, now=now)

    closing.reopen(lead_id=lead.pk, actor=desk.as_actor, now=now)

    lead.refresh_from_db()
    assert (lead.status, lead.lost_reason, lead.closed_at) == ("contacted", None, None)
    assert lead.next_action_at == FollowUp.objects.get(state="open").due_at


def test_reopening_beside_a_newer_open_lead_is_refused(lead: Lead, desk: Staff, now: datetime) -> None:
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=desk.as_actor, now=now)
    factories.lead(person=lead.contact, at=lead.location)

    with pytest.raises(DomainError) as refusal:
        closing.reopen(lead_id=lead.pk, actor=desk.as_actor, now=now)

    assert refusal.value.code == "open_lead_exists"


def test_reopening_an_open_lead_is_refused(lead: Lead, desk: Staff, now: datetime) -> None:
    with pytest.raises(TransitionNotAllowed):
        closing.reopen(lead_id=lead.pk, actor=desk.as_actor, now=now)


def test_stopping_everything_stops_every_address_and_closes_nothing(
    lead: Lead, desk: Staff, now: datetime
) -> None:
    taken_back = closing.stop_everything(lead_id=lead.pk, actor=desk.as_actor, now=now)

    before = Lead.objects.filter(pk=lead.pk).values().get()
    stopped = Suppression.objects.values_list("address__kind", "reason", "actor_staff")
    assert sorted(stopped) == [
        ("email", "They asked us to stop.", desk.pk),
        ("phone", "They asked us to stop.", desk.pk),
    ]
    assert taken_back == 2
    assert set(Message.objects.filter(contact__isnull=False).values_list("state", flat=True)) == {"cancelled"}
    assert (before["status"], before["next_action_at"]) == ("new", lead.next_action_at)
    assert FollowUp.objects.get().state == "open"


def test_stopping_everything_is_written_down_with_who_did_it(lead: Lead, desk: Staff, now: datetime) -> None:
    closing.stop_everything(lead_id=lead.pk, actor=desk.as_actor, now=now)

    rows = AuditEntry.objects.filter(action="contact.stopped")
    assert list(rows.values_list("subject_kind", "subject_ref", "actor_staff")) == [
        ("lead", lead.reference, desk.pk)
    ]


def test_stopping_everything_again_changes_nothing_more(lead: Lead, desk: Staff, now: datetime) -> None:
    closing.stop_everything(lead_id=lead.pk, actor=desk.as_actor, now=now)

    again = closing.stop_everything(lead_id=lead.pk, actor=desk.as_actor, now=now)

    assert (again, Suppression.objects.count()) == (0, 2)


def test_after_stopping_everything_only_staff_are_told(now: datetime) -> None:
    factories.templates()
    location = factories.location()
    factories.staff(at=location)
    submission = factories.arrival(
        factories.form(at=location), now=now, phone="512-555-0140", consent_sms=True
    )
    arrivals.process(submission_id=submission.pk, now=now)
    lead = Lead.objects.get()
    channel, clock = MemoryChannel(), Clock(now)

    closing.stop_everything(lead_id=lead.pk, actor=SYSTEM, now=now)
    dispatch.look(clock, channel_for=lambda _name: channel)
    # What is wished afterwards ends at the gate.
    booked(lead, factories.service(), now)
    for _ in range(4):
        clock.pass_by(days=1)
        dispatch.look(clock, channel_for=lambda _name: channel)

    sent = Message.objects.filter(state="sent").values_list("template_code", "purpose")
    assert list(sent) == [("new-lead-alert", "internal")]
    assert len(channel.ledger) == 1
    assert not Message.objects.filter(state="queued").exists()


@pytest.mark.parametrize("status", ["attended", "lost"])
def test_who_is_done_here_can_have_everything_stopped_too(status: str, now: datetime) -> None:
    person = factories.contact(email="bo@example.com")
    lead = factories.lead(
        person=person, status=status, next_action_at=None, lost_reason=factories.lost_reason()
    )

    closing.stop_everything(lead_id=lead.pk, actor=SYSTEM, now=now)

    assert Suppression.objects.get().address.value == "bo@example.com"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["stop", "close"])
def test_number_that_arrives_at_the_moment_of_a_stop_is_stopped_too(act: str, now: datetime) -> None:
    lead = ann(now, phone="", consent_sms=False)
    reason = factories.lost_reason("opted_out")
    newer = factories.arrival(
        factories.form(), now=now, email="ann@example.com", phone="512-555-0177", consent_sms=True
    )

    def stop() -> None:
        if act == "stop":
            closing.stop_everything(lead_id=lead.pk, actor=SYSTEM, now=now)
        else:
            closing.lose(lead_id=lead.pk, reason=reason, note="", actor=SYSTEM, now=now)

    before_the_commit(lambda: arrivals.process(submission_id=newer.pk, now=now), stop)

    assert Suppression.objects.count() == 2
    assert not Message.objects.filter(channel="sms", state="queued").exists()
