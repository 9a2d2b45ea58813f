"""The report gives the same numbers as counting by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus, PaymentKind
from crm.models import Appointment, Payment
from leads import reports
from leads.enums import LeadKind, LeadStatus
from leads.models import Lead, LeadVisit
from leads.reports import Funnel, Period, Span
from tests import factories

CHICAGO = ZoneInfo("America/Chicago")
Counting = Callable[..., Any]


def visit(
    lead: Lead,
    *,
    now: datetime,
    came: bool,
    payments: Sequence[tuple[str, int]],
    revoked: bool = False,
    status: str = AppointmentStatus.NO_SHOW,
) -> Appointment:
    appointment = Appointment.objects.create(
        contact=lead.contact,
        location=lead.location,
        service=factories.service(),
        status=AppointmentStatus.COMPLETED if came else status,
        starts_at=now,
        ends_at=now + timedelta(minutes=30),
        price_minor=4500,
        currency="USD",
        created_at=now,
    )
    LeadVisit.objects.create(
        lead=lead,
        appointment=appointment,
        linked_at=now,
        converted_at=now if came and not revoked else None,
        revoked_at=now if revoked else None,
        revoked_by="system" if revoked else "",
        **LeadVisit.by(SYSTEM),
    )
    Payment.objects.bulk_create(
        Payment(
            appointment=appointment,
            kind=kind,
            amount_minor=minor,
            currency="USD",
            at=now,
            **Payment.by(SYSTEM),
        )
        for kind, minor in payments
    )
    return appointment


def quarter(*, now: datetime, seed: int = 7, count: int = 80) -> None:
    """Make leads of every fate, some older than the period and some that are none."""
    chance = random.Random(seed)
    here, there = factories.location(), factories.location(name="North")
    reason = factories.lost_reason()
    for _ in range(count):
        arrived = now - timedelta(minutes=chance.randrange(120 * 24 * 60))
        depth = chance.randrange(4)
        lead = factories.lead(
            at=chance.choice([here, there]),
            article=chance.choice(["magnesium", "hydration", ""]),
            kind=chance.choice([LeadKind.NEW, LeadKind.NEW, LeadKind.BILLING, LeadKind.NOT_A_LEAD]),
            status=LeadStatus.ATTENDED if depth == 3 else chance.choice([LeadStatus.NEW, LeadStatus.LOST]),
            lost_reason=reason,
            arrived_at=arrived,
            first_contacted_at=arrived if depth >= 1 else None,
            booked_at=arrived if depth >= 2 else None,
            attended_at=arrived if depth >= 3 else None,
        )
        if depth >= 2:
            paid = chance.randrange(1000, 9000)
            visit(lead, now=now, came=depth == 3, payments=[(PaymentKind.PAID, paid)])
        if depth >= 2 and chance.randrange(2):
            deposit = [(PaymentKind.PAID, 2000), (PaymentKind.REFUNDED, 500)]
            visit(lead, now=now, came=False, payments=[], revoked=True, status=AppointmentStatus.RESCHEDULED)
            visit(lead, now=now, came=False, payments=deposit, status=AppointmentStatus.LATE_CANCELLED)
        if depth == 3:
            back = [(PaymentKind.PAID, 5000), (PaymentKind.REFUNDED, 4000), (PaymentKind.PACKAGE, 700)]
            visit(lead, now=now, came=True, payments=back)
            visit(lead, now=now, came=True, payments=[(PaymentKind.PAID, 99_900)], revoked=True)


def kept_by_hand(lead: Lead) -> int:
    """Add up payment by payment, in Python."""
    kept = 0
    for link in lead.visits.all():
        if link.revoked_at:
            continue
        for payment in link.appointment.payments.all():
            sign = {PaymentKind.PAID: 1, PaymentKind.REFUNDED: -1}.get(PaymentKind(payment.kind), 0)
            kept += sign * payment.amount_minor
    return kept


def by_hand(*, period: Period, now: datetime, location_id: int | None) -> tuple[dict[str, Funnel], int]:
    """Count lead by lead, in Python."""
    found: dict[str, Funnel] = {}
    not_leads = 0
    for lead in Lead.objects.all():
        day = lead.arrived_at.astimezone(period.zone).date()
        if not period.first <= day <= period.last or location_id not in {None, lead.location_id}:
            continue
        if lead.kind == LeadKind.NOT_A_LEAD:
            not_leads += 1
            continue
        kept = kept_by_hand(lead)
        one = Funnel(
            leads=1,
            contacted=int(lead.first_contacted_at is not None),
            booked=int(lead.booked_at is not None),
            attended=int(lead.attended_at is not None),
            too_early=int(now - lead.arrived_at < timedelta(days=14)),
            kept_minor={"USD": kept} if kept else {},
        )
        found[lead.article] = found.get(lead.article, Funnel()) + one
    return found, not_leads


@pytest.mark.django_db
@pytest.mark.parametrize("span", [Span.WEEK, Span.DAYS_30, Span.QUARTER, Span.DAYS_90])
@pytest.mark.parametrize("at_one_location", [False, True])
def test_by_article_equals_counting_by_hand(now: datetime, span: str, at_one_location: bool) -> None:
    quarter(now=now)
    location_id = Lead.objects.values_list("location_id", flat=True)[0] if at_one_location else None
    period = reports.period_of(span, zone=CHICAGO, now=now)

    report = reports.by_article(period=period, now=now, location_id=location_id)

    expected, not_leads = by_hand(period=period, now=now, location_id=location_id)
    assert dict(report.rows) == expected
    assert report.not_leads == not_leads
    assert report.total == reports.total(expected.values())


@pytest.mark.django_db
def test_by_article_reads_twice_however_many(now: datetime, django_assert_num_queries: Counting) -> None:
    quarter(now=now, count=30)
    period = reports.period_of(Span.DAYS_90, zone=CHICAGO, now=now)

    with django_assert_num_queries(2):
        reports.by_article(period=period, now=now)


@pytest.mark.django_db
def test_refund_subtracts_and_does_not_unattend(now: datetime) -> None:
    lead = factories.lead(
        article="magnesium", status=LeadStatus.ATTENDED, arrived_at=now, booked_at=now, attended_at=now
    )
    visit(lead, now=now, came=True, payments=[(PaymentKind.PAID, 4500), (PaymentKind.REFUNDED, 4500)])

    report = reports.by_article(period=Period(date(2026, 3, 10), date(2026, 3, 10), CHICAGO), now=now)

    (row,) = report.rows
    assert (row[0], row[1].attended, row[1].kept_minor) == ("magnesium", 1, {"USD": 0})


@pytest.mark.django_db
def test_deposit_kept_after_a_no_show_is_money(now: datetime) -> None:
    lead = factories.lead(article="magnesium", arrived_at=now, booked_at=now)
    visit(lead, now=now, came=False, payments=[(PaymentKind.PAID, 2500), (PaymentKind.REFUNDED, 1000)])

    report = reports.by_article(period=Period(date(2026, 3, 10), date(2026, 3, 10), CHICAGO), now=now)

    assert [(funnel.attended, funnel.kept_minor) for _, funnel in report.rows] == [(0, {"USD": 1500})]


@pytest.mark.django_db
def test_visit_linked_anew_counts_once(now: datetime) -> None:
    first, second = (factories.lead(article=name, arrived_at=now) for name in ("hydration", "magnesium"))
    wrong = visit(first, now=now, came=False, payments=[(PaymentKind.PAID, 2500)], revoked=True)
    LeadVisit.objects.create(lead=second, appointment=wrong, linked_at=now, **LeadVisit.by(SYSTEM))

    report = reports.by_article(period=Period(date(2026, 3, 10), date(2026, 3, 10), CHICAGO), now=now)

    assert {name: funnel.kept_minor for name, funnel in report.rows} == {
        "hydration": {},
        "magnesium": {"USD": 2500},
    }


@pytest.mark.django_db
def test_by_article_takes_days_of_the_zone(now: datetime) -> None:
    """The night the clock jumps forward, 23:30 on Saturday and 00:30 on Monday frame a Sunday of 23 hours."""
    moments = {
        "saturday": datetime(2026, 3, 7, 23, 30, tzinfo=CHICAGO),
        "sunday-first": datetime(2026, 3, 8, 0, 0, tzinfo=CHICAGO),
        "sunday-last": datetime(2026, 3, 8, 23, 59, tzinfo=CHICAGO),
        "monday": datetime(2026, 3, 9, 0, 0, tzinfo=CHICAGO),
    }
    for article, arrived_at in moments.items():
        factories.lead(article=article, arrived_at=arrived_at)

    report = reports.by_article(period=Period(date(2026, 3, 8), date(2026, 3, 8), CHICAGO), now=now)

    assert [article for article, _ in report.rows] == ["sunday-first", "sunday-last"]


def test_period_of_named_spans(now: datetime) -> None:
    found = {
        span: reports.period_of(span, zone=CHICAGO, now=now).first for span in Span if span != Span.CUSTOM
    }

    assert found == {
        Span.WEEK: date(2026, 3, 9),
        Span.DAYS_30: date(2026, 2, 9),
        Span.QUARTER: date(2026, 1, 1),
        Span.DAYS_90: date(2025, 12, 11),
    }


@pytest.mark.parametrize(
    ("first", "last"),
    [(None, date(2026, 3, 1)), (date(2026, 3, 1), None), (date(2026, 3, 2), date(2026, 3, 1))],
)
def test_period_of_refuses_days_out_of_order(now: datetime, first: date | None, last: date | None) -> None:
    with pytest.raises(ValueError, match="in order"):
        reports.period_of(Span.CUSTOM, zone=CHICAGO, now=now, first=first, last=last)


@pytest.mark.parametrize(
    ("part", "of", "share"), [(1, 3, 33), (2, 3, 67), (1, 8, 13), (0, 5, 0), (0, 0, None)]
)
def test_share_rounds_half_up(part: int, of: int, share: int | None) -> None:
    assert Funnel(leads=of).share(part) == share
