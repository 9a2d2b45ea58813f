"""Several visits of one lead: it stays booked until the last of them has its outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.actors import SYSTEM
from crm.models import Appointment
from leads import reports
from leads.domain import closing, followups, visits
from leads.models import FollowUp, Lead, LeadEvent, LeadVisit
from notifications.models import Message
from tests import factories
from tests.leads.domain.visiting import ann, booked, check_in_order, facts

pytestmark = pytest.mark.django_db

Act = Callable[[Appointment, datetime], object]


def came(visit: Appointment, at: datetime) -> None:
    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=at)


def missed(visit: Appointment, at: datetime) -> None:
    visits.no_show(appointment_id=visit.pk, actor=SYSTEM, now=at)


def cancelled(visit: Appointment, at: datetime) -> None:
    visits.cancel(appointment_id=visit.pk, by_client=True, reason="", actor=SYSTEM, now=at)


def moved(visit: Appointment, at: datetime) -> None:
    visits.move(appointment_id=visit.pk, starts_at=at + timedelta(days=2), actor=SYSTEM, now=at)


def correct(visit: Appointment, at: datetime, *, came: bool) -> None:
    visits.correct(appointment_id=visit.pk, came=came, actor=SYSTEM, now=at)


ACTS: dict[str, Act] = {"came": came, "missed": missed, "cancelled": cancelled, "moved": moved}
# By hand: how the lead stands, and how many visits converted it, after what became of one and of the other.
#             came          missed        cancelled     moved
GRID = {
    "came":      "attended/2    qualified/1   qualified/1   booked/1",
    "missed":    "attended/1    qualified/0   qualified/0   booked/0",
    "cancelled": "attended/1    qualified/0   qualified/0   booked/0",
    "moved":     "booked/1      booked/0      booked/0      booked/0",
}  # fmt: skip
CELLS = [
    (first, second, *cell.split("/"))
    for first, row in GRID.items()
    for second, cell in zip(GRID, row.split(), strict=True)
]


@pytest.fixture
def lead(now: datetime) -> Lead:
    return ann(now, article="magnesium")


@pytest.fixture
def pair(lead: Lead, now: datetime) -> list[Appointment]:
    """Two visits, on the third day and on the fourth."""
    service = factories.service()
    return [booked(lead, service, now, days=days) for days in (3, 4)]


@pytest.mark.parametrize("later_first", [False, True])
@pytest.mark.parametrize(("first", "second", "status", "converted"), CELLS)
def test_two_visits_whatever_becomes_of_them(
    first: str,
    second: str,
    status: str,
    converted: str,
    later_first: bool,
    lead: Lead,
    pair: list[Appointment],
) -> None:
    at = pair[1].ends_at
    one, other = reversed(pair) if later_first else pair
    seen = []

    for visit, act in ((one, first), (other, second)):
        ACTS[act](visit, at)
        check_in_order(lead)
        seen.append(facts(lead)[:2])

    assert seen == [("booked", int(first == "came")), (status, int(converted))]


def test_the_first_that_took_place_says_when_they_came(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    at, later = first.starts_at, second.starts_at

    came(first, at)
    lead.refresh_from_db()
    after_one = (lead.status, lead.attended_at, lead.closed_at)
    came(second, later)

    lead.refresh_from_db()
    assert after_one == ("booked", at, None)
    assert (lead.status, lead.attended_at, lead.closed_at) == ("attended", at, later)


def test_the_question_about_the_visit_that_stands_is_kept_and_asked(
    lead: Lead, pair: list[Appointment]
) -> None:
    first, second = pair
    Lead.objects.update(owner=factories.staff())
    asked_after = second.ends_at + timedelta(hours=1)
    kept = FollowUp.objects.get(kind="visit_outcome", due_at=asked_after)

    came(first, first.starts_at)
    early = followups.remind_due(now=asked_after - timedelta(minutes=1))
    told = followups.remind_due(now=asked_after)

    assert list(FollowUp.objects.filter(state="open")) == [kept]
    assert (early, told) == (0, 1)
    assert Message.objects.get(template_code="follow-up-due").about_ref == kept.reference


def test_what_was_done_about_a_question_stays_when_the_other_visit_moves(
    lead: Lead, pair: list[Appointment]
) -> None:
    first, second = pair
    asked_after = first.ends_at + timedelta(hours=1)
    told = followups.remind_due(now=asked_after)

    moved(second, asked_after)
    again = followups.remind_due(now=asked_after)

    check_in_order(lead)
    assert (told, again) == (1, 0)


def test_who_came_once_and_missed_the_next_is_called(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    came(first, first.starts_at)

    missed(second, second.ends_at)

    check_in_order(lead)
    assert (lead.status, lead.attended_at) == ("qualified", first.starts_at)
    assert FollowUp.objects.get(state="open").what == "Did not come: call and offer another time"


def test_a_lead_that_came_once_can_still_be_closed_and_has_come(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    came(first, first.starts_at)
    cancelled(second, first.ends_at)

    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=first.ends_at)

    check_in_order(lead)
    assert (lead.status, lead.attended_at) == ("lost", first.starts_at)


@pytest.mark.parametrize("second", ["came", "missed", "moved"])
def test_the_report_counts_who_came_twice_once(
    second: str, lead: Lead, pair: list[Appointment], now: datetime
) -> None:
    at = pair[1].ends_at
    came(pair[0], at)
    ACTS[second](pair[1], at)
    days = reports.Period(date(2026, 3, 10), date(2026, 3, 10), ZoneInfo("America/Chicago"))

    report = reports.by_article(period=days, now=at)

    assert [(row.leads, row.booked, row.attended) for _, row in report.rows] == [(1, 1, 1)]


def test_a_correction_beside_a_standing_visit_goes_both_ways(lead: Lead, pair: list[Appointment]) -> None:
    first, _ = pair
    at = first.ends_at
    missed(first, at)
    seen = []

    for came_after_all in (True, False, True):
        at += timedelta(minutes=1)
        correct(first, at, came=came_after_all)
        check_in_order(lead)
        calls = FollowUp.objects.filter(state="open", kind="call")
        seen.append((*facts(lead)[:2], [call.what for call in calls]))

    assert seen == [
        ("booked", 1, []),
        ("booked", 0, ["Marked as not come after all: call"]),
        ("booked", 1, []),
    ]
    assert not LeadEvent.objects.filter(lead=lead, to_status="attended").exists()


def test_a_call_that_a_colleague_planned_outlives_the_correction(lead: Lead, pair: list[Appointment]) -> None:
    first, _ = pair
    missed(first, first.ends_at)
    planned = followups.plan(
        lead,
        kind="call",
        due_at=first.ends_at + timedelta(days=9),
        actor=SYSTEM,
        now=first.ends_at + timedelta(minutes=1),
        what="Ask about the invoice",
    )

    correct(first, first.ends_at + timedelta(minutes=2), came=True)

    assert list(FollowUp.objects.filter(state="open", kind="call")) == [planned]


def test_one_of_two_that_came_taken_back_leaves_the_lead_as_come(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    came(first, first.starts_at)
    came(second, second.starts_at)

    correct(first, second.ends_at, came=False)
    after_one = (*facts(lead)[:2], lead.attended_at)
    correct(second, second.ends_at, came=False)

    check_in_order(lead)
    assert after_one == ("attended", 1, second.starts_at)
    assert facts(lead)[:2] == ("qualified", 0)


def test_a_missed_second_visit_that_was_none_makes_the_lead_come(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    came(first, first.starts_at)
    missed(second, second.ends_at)

    correct(second, second.ends_at, came=True)

    check_in_order(lead)
    assert (*facts(lead)[:2], lead.attended_at) == ("attended", 2, first.starts_at)


def test_taken_back_on_a_lead_in_hand_asks_for_a_call(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    came(first, first.starts_at)
    missed(second, second.ends_at)

    correct(first, second.ends_at, came=False)

    check_in_order(lead)
    assert (lead.status, FollowUp.objects.filter(state="open", kind="call").count()) == ("qualified", 2)


def test_taken_back_on_a_closed_lead_asks_for_nothing(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair
    came(first, first.starts_at)
    cancelled(second, first.ends_at)
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=first.ends_at)

    correct(first, second.ends_at, came=False)

    check_in_order(lead)
    assert (*facts(lead), lead.attended_at) == ("lost", 0, 0, None)


def test_an_older_lead_that_came_beside_a_standing_visit_goes_back_to_booked(
    lead: Lead, pair: list[Appointment], now: datetime
) -> None:
    """Before visits were told apart, the first that took place closed the lead."""
    first, second = pair
    LeadVisit.objects.filter(appointment=second).delete()
    came(first, first.starts_at)
    LeadVisit.objects.create(lead=lead, appointment=second, linked_at=now, **LeadVisit.by(SYSTEM))

    correct(first, first.ends_at, came=False)

    assert facts(lead)[:2] == ("booked", 0)


def test_one_of_two_visits_cancelled_leaves_the_lead_booked(lead: Lead, pair: list[Appointment]) -> None:
    first, second = pair

    cancelled(first, first.starts_at - timedelta(days=2))

    assert facts(lead) == ("booked", 0, 2)
    outcome = FollowUp.objects.get(state="open", kind="visit_outcome")
    assert outcome.due_at == second.ends_at + timedelta(hours=1)
