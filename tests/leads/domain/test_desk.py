"""What the desk does in one step although it is two acts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.errors import TransitionNotAllowed
from crm.models import Appointment, Staff
from leads.domain import acts, closing, desk
from leads.domain.desk import Booking
from leads.enums import FollowUpKind
from leads.models import CallOutcome, FollowUp, Lead, LeadEvent
from tests import factories
from tests.leads.domain.visiting import ann, check_in_order

pytestmark = pytest.mark.django_db

ALARMING = "I want to kill myself"


@pytest.fixture
def dana(db: None) -> Staff:
    return factories.staff()


def booking(lead: Lead, now: datetime) -> Booking:
    return Booking(
        service=factories.service(), location=lead.location, starts_at=now + timedelta(days=2), chair=1
    )


def talked(**more: object) -> CallOutcome:
    return factories.outcome(
        "booked", **{"moves_to": "contacted", "reached": True, "next_days": None, **more}
    )


def test_a_call_and_the_visit_agreed_on_in_it_are_one_step(dana: Staff, now: datetime) -> None:
    lead = ann(now)

    visit = desk.log_call_and_book(
        lead_id=lead.pk, outcome=talked(), note="", booking=booking(lead, now), by=dana, now=now
    )

    check_in_order(lead)
    assert (lead.status, lead.first_contacted_at) == ("booked", now)
    assert lead.next_action_at == visit.ends_at + timedelta(hours=1)


def test_an_outcome_that_closes_the_lead_books_nothing(dana: Staff, now: datetime) -> None:
    lead = ann(now)
    over = talked(moves_to="lost", lost_reason=factories.lost_reason())

    with pytest.raises(TransitionNotAllowed, match=r"^This outcome closes the lead\. "):
        desk.log_call_and_book(
            lead_id=lead.pk, outcome=over, note="", booking=booking(lead, now), by=dana, now=now
        )

    lead.refresh_from_db()
    assert (lead.status, Appointment.objects.count()) == ("new", 0)


def test_judging_ends_what_the_hold_put_before_a_person_and_no_more(dana: Staff, now: datetime) -> None:
    lead = ann(now, message=ALARMING)
    step = acts.NextStep(kind=FollowUpKind.REVIEW, due_at=now + timedelta(hours=1), what="Read the intake")
    acts.plan_follow_up(lead_id=lead.pk, step=step, actor=dana.as_actor, now=now)

    lifted = [desk.judge_hold(lead_id=lead.pk, by=dana, now=now) for _ in range(2)]

    check_in_order(lead)
    readings = FollowUp.objects.filter(kind=FollowUpKind.REVIEW, state="open")
    assert [row.what for row in readings] == ["Read the intake"]
    assert lifted == [1, 0]
    assert LeadEvent.objects.filter(kind="safety").count() == 1


def test_judging_on_the_page_of_a_closed_lead_ends_the_reading_of_the_open_one(
    dana: Staff, now: datetime
) -> None:
    closed = ann(now)
    closing.lose(lead_id=closed.pk, reason=factories.lost_reason(), note="", actor=dana.as_actor, now=now)
    lead = ann(now, message=ALARMING)

    desk.judge_hold(lead_id=closed.pk, by=dana, now=now)

    check_in_order(lead)
    check_in_order(closed)
    assert not FollowUp.objects.filter(kind=FollowUpKind.REVIEW, state="open").exists()
