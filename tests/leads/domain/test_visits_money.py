"""What comes in for a visit, also when the visit is moved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.actors import SYSTEM
from crm.errors import DomainError
from crm.models import Appointment, AuditEntry, Payment
from leads import reports
from leads.domain import visits
from leads.models import Lead
from leads.queries import lead_page
from tests import factories
from tests.leads.domain.visiting import ann, booked, facts

pytestmark = pytest.mark.django_db

ONCE = "0" * 32


@pytest.fixture
def lead(now: datetime) -> Lead:
    return ann(now, article="magnesium")


@pytest.fixture
def visit(lead: Lead, now: datetime) -> Appointment:
    return booked(lead, factories.service(), now)


def pay(visit: Appointment, now: datetime, *, minor: int = 4500, kind: str = "paid", **more: Any) -> Payment:
    return visits.record_payment(
        appointment_id=visit.pk, kind=kind, amount_minor=minor, actor=SYSTEM, now=now, **more
    )


def moved(visit: Appointment, now: datetime, *, days: int = 5) -> Appointment:
    return visits.move(appointment_id=visit.pk, starts_at=now + timedelta(days=days), actor=SYSTEM, now=now)


def test_a_payment_noted_twice_is_one_payment(visit: Appointment, now: datetime) -> None:
    for _ in range(2):
        pay(visit, now, reference=ONCE)

    assert visits.money_kept(visit) == 4500


def test_a_refund_subtracts_and_does_not_unattend(lead: Lead, now: datetime) -> None:
    visit = booked(lead, factories.service(), now, days=0)
    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=now)

    pay(visit, now)
    pay(visit, now, minor=1500, kind="refunded")

    assert visits.money_kept(visit) == 3000
    assert facts(lead)[:2] == ("attended", 1)
    with pytest.raises(DomainError) as refusal:
        pay(visit, now, minor=3001, kind="refunded")
    assert refusal.value.code == "refund_too_large"
    assert Payment.objects.count() == 2


def test_money_follows_the_visit_wherever_it_is_moved(lead: Lead, visit: Appointment, now: datetime) -> None:
    pay(visit, now)
    pay(visit, now, minor=500, kind="refunded")

    last = moved(moved(visit, now), now, days=7)

    assert list(Payment.objects.values_list("appointment", flat=True).distinct()) == [last.pk]
    assert (visits.money_kept(visit), visits.money_kept(last)) == (0, 4000)
    assert [(row.appointment, row.kept_minor) for row in lead_page.visits(lead)] == [(last, 4000)]


def test_the_record_of_a_move_says_when_money_went_along(visit: Appointment, now: datetime) -> None:
    without = moved(visit, now)
    pay(without, now)
    with_money = moved(without, now, days=7)

    said = dict(AuditEntry.objects.filter(action="visit.moved").values_list("subject_ref", "fields"))

    assert said == {without.reference: [], with_money.reference: ["payments"]}


def test_what_was_kept_can_go_back_from_the_new_time(visit: Appointment, now: datetime) -> None:
    pay(visit, now)
    new = moved(visit, now)

    with pytest.raises(DomainError) as refusal:
        pay(new, now, minor=4501, kind="refunded")
    pay(new, now, minor=4500, kind="refunded")

    assert refusal.value.code == "refund_too_large"
    assert visits.money_kept(new) == 0


def test_money_at_the_old_time_is_refused(visit: Appointment, now: datetime) -> None:
    moved(visit, now)

    with pytest.raises(DomainError) as refusal:
        pay(visit, now)

    assert refusal.value.message == "This visit was moved. Note the money at its new time."
    assert not Payment.objects.exists()


def test_a_payment_pressed_again_after_a_move_is_still_one(visit: Appointment, now: datetime) -> None:
    first = pay(visit, now, reference=ONCE)
    new = moved(visit, now)

    again = [pay(row, now, reference=ONCE) for row in (visit, new)]

    assert again == [first, first]
    assert visits.money_kept(new) == 4500


def test_the_report_counts_the_money_of_a_moved_visit_once(visit: Appointment, now: datetime) -> None:
    pay(visit, now)
    moved(visit, now)
    days = reports.Period(date(2026, 3, 10), date(2026, 3, 10), ZoneInfo("America/Chicago"))

    report = reports.by_article(period=days, now=now)

    assert [(article, funnel.kept_minor) for article, funnel in report.rows] == [("magnesium", {"USD": 4500})]
