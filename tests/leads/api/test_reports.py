"""The report for staff tools: the numbers of the report page, and one clear answer to odd questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus, PaymentKind, Scope
from crm.models import Appointment, AuditEntry, Location, Payment
from crm.queries import database_now
from leads import reports
from leads.enums import LeadKind, LeadStatus
from leads.models import Lead, LeadVisit
from leads.reports import ArticleReport, Funnel, Period
from tests import factories
from tests.leads.api.support import bearer, get, queries_at_most, refusal

pytestmark = pytest.mark.django_db

URL = "/api/v1/reports/articles/"
READ = Scope.REPORTS_READ.value
OTHERS = tuple(scope for scope in Scope.values if scope != READ)
COUNTS = ("leads", "contacted", "booked", "attended", "too_early")
CHICAGO = ZoneInfo("America/Chicago")
MARCH = "span=custom&first=2026-03-01&last=2026-03-31"
PAID, REFUNDED = PaymentKind.PAID, PaymentKind.REFUNDED


def paid(lead: Lead, *payments: tuple[str, int, str], revoked: bool = False) -> None:
    """Give a lead a visit and the money for it."""
    at = lead.arrived_at
    visit = Appointment.objects.create(
        contact=lead.contact,
        location=lead.location,
        service=factories.service(),
        status=AppointmentStatus.COMPLETED,
        starts_at=at,
        ends_at=at + timedelta(minutes=30),
        price_minor=4500,
        currency="USD",
        created_at=at,
    )
    ending = {"revoked_at": at, "revoked_by": "system"} if revoked else {}
    LeadVisit.objects.create(lead=lead, appointment=visit, linked_at=at, **ending, **LeadVisit.by(SYSTEM))
    Payment.objects.bulk_create(
        Payment(
            appointment=visit, kind=kind, amount_minor=minor, currency=currency, at=at, **Payment.by(SYSTEM)
        )
        for kind, minor, currency in payments
    )


def came_so_far(at: Location, steps: int, *, arrived_at: datetime = factories.NOON, **more: Any) -> Lead:
    """Make a lead that was reached (1), booked (2) or came (3)."""
    columns = ("first_contacted_at", "booked_at", "attended_at")
    more |= dict.fromkeys(columns[:steps], arrived_at)
    if steps == 3:
        more |= {"status": LeadStatus.ATTENDED, "next_action_at": None}
    return factories.lead(at=at, arrived_at=arrived_at, **more)


def mixed_clinic(*, young: datetime) -> tuple[Location, Location]:
    """Make leads of every fate at two locations, in two currencies; some are young, one is none."""
    here, there = factories.location(), factories.location(time_zone="Pacific/Honolulu", currency="EUR")
    paid(
        came_so_far(here, 3, article="magnesium"),
        (PAID, 9000, "USD"),
        (REFUNDED, 2500, "USD"),
        (PaymentKind.PACKAGE, 700, "USD"),
    )
    paid(came_so_far(there, 3, article="magnesium"), (PAID, 4000, "EUR"))
    paid(came_so_far(here, 2, article="magnesium"), (PAID, 99_900, "USD"), revoked=True)
    came_so_far(there, 1, article="magnesium", arrived_at=young)
    came_so_far(here, 1, article="hydration", arrived_at=young)
    came_so_far(here, 0)
    noise = came_so_far(here, 3, article="hydration", kind=LeadKind.NOT_A_LEAD)
    paid(noise, (PAID, 5000, "USD"))
    return here, there


def as_told(report: ArticleReport) -> dict[str, Any]:
    """Write a report as the API tells it."""
    return {
        "period": {
            "first": report.period.first.isoformat(),
            "last": report.period.last.isoformat(),
            "zone": report.period.zone.key,
        },
        "rows": [{"article": article, **counts(funnel)} for article, funnel in report.rows],
        "total": counts(report.total),
        "not_leads": report.not_leads,
    }


def counts(funnel: Funnel) -> dict[str, Any]:
    kept = [{"currency": name, "minor": minor} for name, minor in sorted(funnel.kept_minor.items())]
    return {name: getattr(funnel, name) for name in COUNTS} | {"kept": kept}


def row(article: str, numbers: Sequence[int], kept: Sequence[tuple[str, int]]) -> dict[str, Any]:
    money = [{"currency": currency, "minor": minor} for currency, minor in kept]
    return {"article": article, **dict(zip(COUNTS, numbers, strict=True)), "kept": money}


# ── Who may ──────────


def test_report_without_a_token_shows_nothing() -> None:
    factories.lead(article="magnesium")

    response = Client().get(f"{URL}?{MARCH}")

    assert refusal(response)[:2] == (401, "not_authenticated")


def test_report_with_every_scope_but_the_needed_one_shows_nothing() -> None:
    factories.lead(article="magnesium")

    response = get(f"{URL}?{MARCH}", *OTHERS)

    assert refusal(response)[:2] == (403, "scope_missing")


def test_report_cannot_be_written() -> None:
    response = Client().post(URL, {}, content_type="application/json", headers=bearer(*Scope.values))

    assert refusal(response)[:2] == (405, "method_not_allowed")


# ── The numbers ──────────


def test_report_counts_a_mixed_clinic() -> None:
    mixed_clinic(young=factories.NOON)

    answer = get(f"{URL}?{MARCH}", READ).json()

    assert list(answer) == ["period", "rows", "total", "not_leads"]
    assert list(answer["rows"][0]) == ["article", *COUNTS, "kept"]
    assert answer == {
        "period": {"first": "2026-03-01", "last": "2026-03-31", "zone": "UTC"},
        "rows": [
            row("magnesium", [4, 4, 3, 2, 0], [("EUR", 4000), ("USD", 6500)]),
            row("", [1, 0, 0, 0, 0], []),
            row("hydration", [1, 1, 0, 0, 0], []),
        ],
        "total": {
            **dict(zip(COUNTS, [6, 5, 3, 2, 0], strict=True)),
            "kept": [{"currency": "EUR", "minor": 4000}, {"currency": "USD", "minor": 6500}],
        },
        "not_leads": 1,
    }


def test_report_equals_that_of_the_house() -> None:
    now = database_now()
    young = now - timedelta(days=3)
    mixed_clinic(young=young)
    period = Period(date(2026, 3, 1), now.date(), ZoneInfo("UTC"))

    answer = get(f"{URL}?span=custom&first={period.first}&last={period.last}", READ).json()

    assert answer == as_told(reports.by_article(period=period, now=now))
    assert answer["total"]["too_early"] == 2


def test_report_of_a_location_equals_that_of_the_house_in_the_locations_zone() -> None:
    here, there = mixed_clinic(young=factories.NOON)
    days = (date(2026, 3, 1), date(2026, 3, 31))
    now = database_now()

    answers = [get(f"{URL}?{MARCH}&location={at.slug}", READ).json() for at in (here, there)]

    for at, answer in zip((here, there), answers, strict=True):
        period = Period(*days, ZoneInfo(at.time_zone))
        assert answer == as_told(reports.by_article(period=period, now=now, location_id=at.pk))
    assert [answer["total"]["leads"] for answer in answers] == [4, 2]


def test_day_of_a_location_is_that_of_its_wall() -> None:
    there = factories.location(time_zone="Pacific/Honolulu")
    factories.lead(at=there, arrived_at=datetime(2026, 3, 11, 9, 59, tzinfo=ZoneInfo("UTC")))
    day = "span=custom&first=2026-03-10&last=2026-03-10"

    on_its_wall = get(f"{URL}?{day}&location={there.slug}", READ).json()
    in_utc = get(f"{URL}?{day}", READ).json()

    assert [answer["total"]["leads"] for answer in (on_its_wall, in_utc)] == [1, 0]


@pytest.mark.parametrize("span", ["", "span=week", "span=30", "span=quarter", "span=90"])
def test_span_means_the_days_it_means_on_the_page(span: str) -> None:
    at = factories.location()
    name = span.partition("=")[2] or "90"

    before = reports.period_of(name, zone=CHICAGO, now=database_now())
    told = get(f"{URL}?{span}&location={at.slug}", READ).json()["period"]
    after = reports.period_of(name, zone=CHICAGO, now=database_now())

    days = [  # Midnight may strike in between.
        {"first": str(period.first), "last": str(period.last), "zone": "America/Chicago"}
        for period in (before, after)
    ]
    assert told in days


def test_report_of_nobody_is_empty() -> None:
    answer = get(f"{URL}?{MARCH}", READ).json()

    assert (answer["rows"], answer["not_leads"]) == ([], 0)
    assert answer["total"] == {**dict.fromkeys(COUNTS, 0), "kept": []}


# ── Odd questions, cost, and what is never told ──────────


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("span=forever", {"span": ["invalid_choice"]}),
        ("span=custom", {"first": ["invalid"]}),
        ("span=custom&first=2026-03-01", {"first": ["invalid"]}),
        ("span=custom&first=&last=", {"first": ["invalid"]}),
        ("span=custom&first=2026-03-10&last=2026-03-01", {"last": ["invalid"]}),
        ("span=custom&first=yesterday&last=2026-03-01", {"first": ["invalid"]}),
        ("span=custom&first=2026-02-30&last=2026-03-01", {"first": ["invalid"]}),
        ("span=custom&first=0001-01-01&last=9999-12-31", {"first": ["invalid"]}),
        ("span=custom&first=%00&last=%ff", {"first": ["invalid"], "last": ["invalid"]}),
        ("first=2026-03-01&last=2026-03-31", {"first": ["invalid"]}),
        ("span=week&last=2026-03-31", {"last": ["invalid"]}),
        ("location=nowhere", {"location": ["unknown"]}),
        ("location=a b", {"location": ["invalid"]}),
        ("location=%00", {"location": ["invalid", "null_characters_not_allowed"]}),
    ],
)
def test_odd_questions_get_one_clear_answer(query: str, fields: dict[str, list[str]]) -> None:
    response = get(f"{URL}?{query}", READ)

    assert refusal(response) == (400, "invalid", fields)


@pytest.mark.parametrize("rows", [1, 3])
def test_report_costs_the_same_at_any_length(rows: int) -> None:
    at = factories.location()
    for n in range(rows):
        paid(came_so_far(at, 3, article=f"article-{n}"), (PAID, 4500, "USD"))
    headers = bearer(READ)
    Client().get(URL, headers=headers)  # The first use of a day is noted on the token.

    with queries_at_most(5):  # token, clock, location, and the two of the report
        response = Client().get(f"{URL}?{MARCH}&location={at.slug}", headers=headers)

    assert len(response.json()["rows"]) == rows


def test_report_names_nobody_and_notes_no_look_at_anybody() -> None:
    charlie = factories.contact(name="Charlie Doe", email="charlie@example.com", phone="+15125550199")
    lead = factories.lead(person=charlie, article="magnesium", message="headaches since May")

    page = get(f"{URL}?{MARCH}", READ).content.decode()

    secrets = ("Charlie", "charlie@", "0199", "headaches", lead.reference, charlie.reference)
    assert "magnesium" in page
    assert [word for word in secrets if word in page] == []
    assert AuditEntry.objects.count() == 0
