"""Two acts on visits at once, each on a connection of its own: the second sees what the first did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import AppointmentConflict, DomainError
from crm.models import Appointment, Payment, Service
from leads.domain import arrivals, visits
from leads.models import Lead, LeadVisit, Submission
from tests import factories
from tests.at_once import before_the_commit, together
from tests.leads.domain.visiting import ann, booked, check_in_order

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def service(db: None) -> Service:
    return factories.service()


@pytest.fixture
def lead(db: None, now: datetime) -> Lead:
    return ann(now)


@pytest.fixture
def pair(lead: Lead, service: Service, now: datetime) -> list[Appointment]:
    return [booked(lead, service, now, days=days) for days in (3, 4)]


@pytest.fixture
def came(lead: Lead, service: Service, now: datetime) -> Lead:
    visit = booked(lead, service, now, days=0)
    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=now)
    return lead


def wrote_again(now: datetime) -> Submission:
    """Let Ann write again; nobody has made a lead of it yet."""
    return factories.arrival(factories.form(), now=now, email="ann@example.com", message="again")


def leads_with_visits() -> list[tuple[int, int]]:
    """Give each lead with the number of visits that are linked to it."""
    links = LeadVisit.objects.filter(revoked_at__isnull=True)
    return [
        (pk, links.filter(lead=pk).count()) for pk in Lead.objects.order_by("pk").values_list("pk", flat=True)
    ]


def test_two_visits_that_take_place_at_once_leave_the_lead_as_come(
    lead: Lead, pair: list[Appointment], service: Service, now: datetime
) -> None:
    # They came before, so that what is written on the lead for the first time is no lock by chance.
    before = booked(lead, service, now, days=0)
    visits.attend(appointment_id=before.pk, actor=SYSTEM, now=now)
    at = pair[1].ends_at

    before_the_commit(
        lambda: visits.attend(appointment_id=pair[0].pk, actor=SYSTEM, now=at),
        lambda: visits.attend(appointment_id=pair[1].pk, actor=SYSTEM, now=at),
    )

    check_in_order(lead)
    assert (lead.status, lead.attended_at) == ("attended", now)


def test_a_visit_taking_place_while_another_moves_leaves_the_next_action_right(
    lead: Lead, pair: list[Appointment]
) -> None:
    at = pair[0].ends_at
    next_week = at + timedelta(days=7)

    before_the_commit(
        lambda: visits.attend(appointment_id=pair[0].pk, actor=SYSTEM, now=at),
        lambda: visits.move(appointment_id=pair[1].pk, starts_at=next_week, actor=SYSTEM, now=at),
    )

    check_in_order(lead)
    assert (lead.status, lead.attended_at) == ("booked", at)


def test_one_visit_marked_and_moved_at_once_is_one_of_both(lead: Lead, pair: list[Appointment]) -> None:
    first, _ = pair
    at = first.ends_at

    with pytest.raises(DomainError, match=r"^A visit that took place cannot be moved\.$"):
        before_the_commit(
            lambda: visits.attend(appointment_id=first.pk, actor=SYSTEM, now=at),
            lambda: visits.move(
                appointment_id=first.pk, starts_at=at + timedelta(days=2), actor=SYSTEM, now=at
            ),
        )

    check_in_order(lead)
    assert Appointment.objects.count() == 2


def pay(visit: Appointment, now: datetime) -> None:
    visits.record_payment(appointment_id=visit.pk, kind="paid", amount_minor=4500, actor=SYSTEM, now=now)


def test_money_noted_while_the_visit_is_moved_is_refused(pair: list[Appointment], now: datetime) -> None:
    first, _ = pair
    next_week = now + timedelta(days=7)

    with pytest.raises(DomainError) as refusal:
        before_the_commit(
            lambda: visits.move(appointment_id=first.pk, starts_at=next_week, actor=SYSTEM, now=now),
            lambda: pay(first, now),
        )

    assert refusal.value.code == "visit_moved"
    assert not Payment.objects.exists()


def test_a_visit_moved_while_money_is_noted_takes_it_along(pair: list[Appointment], now: datetime) -> None:
    first, _ = pair
    next_week = now + timedelta(days=7)

    before_the_commit(
        lambda: pay(first, now),
        lambda: visits.move(appointment_id=first.pk, starts_at=next_week, actor=SYSTEM, now=now),
    )

    assert Payment.objects.get().appointment == Appointment.objects.get(moved_from=first)


def test_two_desks_cannot_book_one_chair_for_times_that_overlap(service: Service, now: datetime) -> None:
    location = factories.location()
    leads = [factories.lead(at=location) for _ in range(2)]
    a_quarter = 15 / (24 * 60)

    with pytest.raises(AppointmentConflict, match=r"^Chair 1 is taken then\."):
        before_the_commit(
            lambda: booked(leads[0], service, now, chair=1),
            lambda: booked(leads[1], service, now, chair=1, days=3 + a_quarter),
        )

    assert Appointment.objects.count() == 1


def test_two_desks_cannot_book_the_same_chair(service: Service, now: datetime) -> None:
    location = factories.location()
    leads = [factories.lead(at=location) for _ in range(6)]
    refused: list[str] = []

    def desk(lead: Lead) -> None:
        try:
            booked(lead, service, now, chair=1)
        except AppointmentConflict as refusal:
            refused.append(refusal.code)

    together(*(lambda lead=lead: desk(lead) for lead in leads))

    assert Appointment.objects.count() == 1
    assert refused == ["appointment_conflict"] * 5


def test_booked_again_twice_at_once_is_one_lead_and_one_visit(
    came: Lead, service: Service, now: datetime
) -> None:
    got: list[Any] = []

    def press() -> None:
        got.append(booked(came, service, now))

    before_the_commit(press, press)

    assert got[0] == got[1]
    assert [count for _, count in leads_with_visits()] == [1, 1]


def test_booked_again_while_an_arrival_opens_a_lead_is_booked_on_that(
    came: Lead, service: Service, now: datetime
) -> None:
    submission = wrote_again(now)

    before_the_commit(
        lambda: arrivals.process(submission_id=submission.pk, now=now),
        lambda: booked(came, service, now),
    )

    assert [count for _, count in leads_with_visits()] == [1, 1]
    assert Lead.objects.latest("pk").status == "booked"


def test_an_arrival_while_they_are_booked_again_continues_the_new_lead(
    came: Lead, service: Service, now: datetime
) -> None:
    submission = wrote_again(now)

    before_the_commit(
        lambda: booked(came, service, now),
        lambda: arrivals.process(submission_id=submission.pk, now=now),
    )

    submission.refresh_from_db()
    assert submission.lead == Lead.objects.latest("pk")
    assert [count for _, count in leads_with_visits()] == [1, 1]


def test_booking_on_a_lead_that_comes_at_that_moment_asks_to_press_again(
    lead: Lead, service: Service, now: datetime
) -> None:
    visit = booked(lead, service, now, days=0)

    with pytest.raises(DomainError) as refusal:
        before_the_commit(
            lambda: visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=now),
            lambda: booked(lead, service, now),
        )

    assert refusal.value.code == "came_meanwhile"
    assert leads_with_visits() == [(lead.pk, 1)]
