"""The page of the report: the numbers, who sees it, and what it makes of a strange choice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crm.actors import SYSTEM
from crm.enums import Role
from crm.models import Location
from crm.queries import database_now
from leads.domain import acts, visits
from leads.enums import LeadKind
from leads.models import Lead
from tests import factories
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db
Counting = Callable[..., Any]
PATH = "/admin/leads/lead/report/"


def came(lead: Lead, *, paid: int) -> None:
    """Let a lead book, come and pay, through the acts of the domain."""
    now = database_now()
    visit = visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=lead.location,
        starts_at=now,
        actor=SYSTEM,
        now=now,
        by_click=False,
    )
    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=now)
    visits.record_payment(appointment_id=visit.pk, kind="paid", amount_minor=paid, actor=SYSTEM, now=now)


def rows_of(answer: Any) -> dict[str, list[Any]]:
    return {
        row["name"]: [*(cell["count"] for cell in row["cells"]), row["kept"]]
        for row in [*answer.context["rows"], answer.context["total"]]
    }


def test_report_follows_each_article_to_the_money() -> None:
    client, _ = signed_in(Role.MANAGER)
    here, now = factories.location(), database_now() - timedelta(days=20)
    first = factories.lead(at=here, article="magnesium", arrived_at=now)
    factories.lead(at=here, article="magnesium", arrived_at=now)
    factories.lead(at=here, article="", arrived_at=now)
    noise = factories.lead(at=here, article="magnesium", arrived_at=now)
    acts.change_kind(lead_id=noise.pk, kind=LeadKind.NOT_A_LEAD, actor=SYSTEM, now=now)
    came(first, paid=129_950)

    answer = client.get(PATH)

    assert rows_of(answer) == {
        "magnesium": [2, 1, 1, 1, "$1,299.50"],
        "(no article)": [1, 0, 0, 0, "$0.00"],
        "All": [3, 1, 1, 1, "$1,299.50"],
    }
    assert (answer.context["not_leads"], answer.context["too_early"]) == (1, 0)
    page = answer.content.decode()
    assert "1 more was marked <em>not a lead</em>" in page
    chart = json.loads(answer.context["chart"])
    assert chart["labels"] == ["magnesium", "(no article)"]
    assert [one["data"] for one in chart["datasets"]] == [[2, 1], [1, 0], [1, 0], [1, 0]]


def test_young_leads_are_marked_too_early_instead_of_rated() -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.lead(article="magnesium", arrived_at=database_now() - timedelta(days=3))

    page = client.get(PATH).content.decode()

    assert "too early to judge" in page
    assert "1 of them wrote less than 14 days ago" in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MARKETING, 200),
        (Role.OWNER, 200),
        (Role.MANAGER, 200),
        (Role.FRONT_DESK, 403),
        (Role.NURSE, 403),
    ],
)
def test_report_opens_to_those_who_may_see_it(role: Role, status: int) -> None:
    client, _ = signed_in(role)

    assert client.get(PATH).status_code == status


def test_report_names_nobody_to_marketing() -> None:
    """Charlie's name, address and words are in the database; none of them is in the answer."""
    client, _ = signed_in(Role.MARKETING)
    charlie = factories.contact(name="Charlie Secret", email="charlie@example.com", phone="+15125550177")
    factories.lead(
        person=charlie, article="magnesium", message="my heart", arrived_at=database_now() - timedelta(days=1)
    )

    page = client.get(PATH).content.decode()

    assert "magnesium" in page
    assert [word for word in ("Charlie", "charlie@", "0177", "my heart") if word in page] == []


def test_report_asks_a_stranger_to_sign_in() -> None:
    answer = Client().get(PATH)

    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={PATH}")


@pytest.mark.parametrize("rows", [1, 3])
def test_report_costs_the_same_at_any_length(rows: int, django_assert_max_num_queries: Counting) -> None:
    client, _ = signed_in(Role.MARKETING)
    for n in range(rows):
        factories.lead(article=f"article-{n}", arrived_at=database_now() - timedelta(days=1))

    # Session, member, rights twice; the clock, the locations to choose from, and the two of the report.
    with django_assert_max_num_queries(8):
        answer = client.get(PATH)

    assert len(answer.context["rows"]) == rows


def test_location_narrows_the_report_and_lends_its_zone() -> None:
    client, _ = signed_in(Role.MANAGER)
    there = factories.location(name="Honolulu", time_zone="Pacific/Honolulu")
    arrived_at = database_now() - timedelta(days=1)
    factories.lead(at=there, article="hydration", arrived_at=arrived_at)
    factories.lead(article="magnesium", arrived_at=arrived_at)

    answer = client.get(PATH, {"span": "30", "location": str(Location.objects.get(name="Honolulu").pk)})

    assert [row["name"] for row in answer.context["rows"]] == ["hydration"]
    assert answer.context["zone"] == "Hawaii time"


def test_custom_days_are_taken_as_given() -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.lead(article="magnesium")

    inside = client.get(PATH, {"span": "custom", "first": "2026-03-10", "last": "2026-03-10"})
    outside = client.get(PATH, {"span": "custom", "first": "2026-03-11", "last": "2026-03-12"})

    assert (len(inside.context["rows"]), len(outside.context["rows"])) == (1, 0)
    assert "Nobody wrote in this period." in outside.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"span": "custom"}, "Choose both days."),
        ({"span": "custom", "first": "2026-03-10", "last": "2026-03-01"}, "comes before the first one"),
        ({"span": "custom", "first": "yesterday", "last": "2026-03-01"}, "Enter a valid date"),
        ({"span": "forever"}, "could not be read"),
        ({"location": "abc"}, "Select a valid choice"),
        ({"span": "custom", "first": "0001-01-01", "last": "9999-12-31"}, "year"),
    ],
)
def test_strange_choice_is_said_beside_it_and_the_default_is_shown(
    query: dict[str, str], sentence: str
) -> None:
    client, _ = signed_in(Role.MANAGER)

    answer = client.get(PATH, query)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_article_with_markup_is_escaped() -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.lead(article='"><script>alert(1)</script>', arrived_at=database_now() - timedelta(days=1))

    page = client.get(PATH).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
