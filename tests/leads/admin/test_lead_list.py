"""The list of leads: what it shows, finds and filters, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.admin import base
from crm.models import Location, Staff
from crm.queries import database_now
from leads.domain import acts, closing
from leads.models import Lead
from tests import factories

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]
LIST = "/admin/leads/lead/"


def names(at_desk: Client, query: str = "") -> list[str]:
    response = at_desk.get(LIST + query)
    assert response.status_code == 200
    return [str(lead.contact) for lead in response.context["cl"].result_list]


def searched(at_desk: Client, term: str) -> list[str]:
    response = at_desk.get(LIST, {"q": term})
    assert response.status_code == 200
    return [str(lead.contact) for lead in response.context["cl"].result_list]


@pytest.fixture
def people(arrive: Arrive, at_noon: datetime) -> list[Lead]:
    """Ann wrote last; Bo before her; Charlie, whom nobody looks for, first."""
    return [
        arrive(at=at_noon - timedelta(minutes=minutes), name=name, email=email, phone=phone)
        for minutes, name, email, phone in (
            (90, "Charlie Brown", "charlie@example.com", "512-555-0177"),
            (40, "Bo Jones", "bo@example.com", "512-555-0140"),
            (2, "Ann Smith", "ann@example.net", "512-555-0199"),
        )
    ]


def test_the_newest_stand_first_with_word_and_time_left(at_desk: Client, people: list[Lead]) -> None:
    page = at_desk.get(LIST).content.decode()

    assert names(at_desk) == ["Ann Smith", "Bo Jones", "Charlie Brown"]
    assert f"#{people[2].number}" in page
    assert 'ivs-word-new">new<' in page
    assert "answer by 11:03 AM · <b>3 min left</b>" in page
    assert "answer by 10:25 AM · <b>late by 35 min</b>" in page


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("smith", ["Ann Smith"]),
        ("jones bo", ["Bo Jones"]),
        ("0140", ["Bo Jones"]),
        ("(512) 555-0140", ["Bo Jones"]),
        ("512-555", ["Ann Smith", "Bo Jones", "Charlie Brown"]),
        ("bo@example.com", ["Bo Jones"]),
        ("EXAMPLE.NET", ["Ann Smith"]),
        ("%", []),
        ("nobody", []),
        ("#", []),
        ("9" * 40, []),
        ("#99999999999999999", []),
    ],
)
def test_a_lead_is_found_by(at_desk: Client, people: list[Lead], term: str, found: list[str]) -> None:
    assert searched(at_desk, term) == found


def test_a_lead_is_found_by_its_number(at_desk: Client, people: list[Lead]) -> None:
    number = people[1].number

    assert searched(at_desk, f"#{number}") == ["Bo Jones"]
    assert searched(at_desk, str(number)) == ["Bo Jones"]


def test_a_lead_is_found_by_its_reference_or_that_of_what_came_in(
    at_desk: Client, people: list[Lead]
) -> None:
    references = [people[1].reference, people[1].submissions.get().reference.upper(), "0" * 32]

    assert [searched(at_desk, f" {reference} ") for reference in references] == [
        ["Bo Jones"],
        ["Bo Jones"],
        [],
    ]


def test_the_filters_show_whose_and_what_is_open(
    at_desk: Client, desk: Staff, people: list[Lead], at_noon: datetime
) -> None:
    charlie, bo, ann = people
    acts.take(lead_id=bo.pk, owner=desk, actor=desk.as_actor, now=at_noon)
    acts.answer_elsewhere(lead_id=ann.pk, how="Phone", by=desk, now=at_noon)
    closing.lose(
        lead_id=charlie.pk, reason=factories.lost_reason(), note="", actor=desk.as_actor, now=at_noon
    )

    shown = {
        query: names(at_desk, f"?{query}")
        for query in (
            "show=open",
            "show=mine",
            "show=unassigned",
            "show=unanswered",
            "show=overdue",
            "status=new",
            "status=in-touch",
            "status=closed",
            "status=came",
            "show=open&status=new",
        )
    }

    assert shown == {
        "show=open": ["Ann Smith", "Bo Jones"],
        "show=mine": ["Bo Jones"],
        "show=unassigned": ["Ann Smith"],
        "show=unanswered": ["Bo Jones"],
        "show=overdue": ["Bo Jones"],
        "status=new": ["Bo Jones"],
        "status=in-touch": ["Ann Smith"],
        "status=closed": ["Charlie Brown"],
        "status=came": [],
        "show=open&status=new": ["Bo Jones"],
    }


def test_the_list_is_filtered_by_location(at_desk: Client, people: list[Lead], place: Location) -> None:
    elsewhere = factories.location(name="North")

    assert len(names(at_desk, f"?location={place.slug}")) == 3
    assert names(at_desk, f"?location={elsewhere.slug}") == []


def test_filters_are_links_above_the_list(at_desk: Client, people: list[Lead]) -> None:
    page = at_desk.get(LIST + "?show=mine")

    rows = {
        row["title"]: [str(choice["display"]) for choice in row["choices"] if choice["selected"]]
        for row in page.context["chips"]
    }
    assert rows == {"show": ["Mine"], "status": ["All"]}
    assert 'href="?show=overdue"' in page.content.decode()


def test_no_list_is_counted_to_its_end(
    at_desk: Client, people: list[Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "COUNT_AT_MOST", 2)

    page = at_desk.get(LIST).content.decode()

    assert "2 or more: search or filter to find one" in page


def test_words_of_strangers_are_never_markup(at_desk: Client, arrive: Arrive, at_noon: datetime) -> None:
    arrive(name="<script>alert(1)</script>", article="<b>bold</b>")

    page = at_desk.get(LIST).content.decode()

    assert "<script>alert" not in page
    assert "<b>bold</b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_few_and_many(
    at_desk: Client, desk: Staff, arrive: Arrive, django_assert_max_num_queries: Any, rows: int
) -> None:
    now = database_now()
    for n in range(rows):
        lead = arrive(at=now, name=f"Ann {n}")
        acts.take(lead_id=lead.pk, owner=desk, actor=desk.as_actor, now=now)

    with django_assert_max_num_queries(12) as queries:
        assert len(names(at_desk)) == rows

    # Session, staff, permissions (2), clock, locations of the filter, count, rows.
    assert len(queries) == 8


def test_the_menu_marks_one_entry_alone(at_desk: Client, people: list[Lead]) -> None:
    pages = (reverse("admin:index"), LIST, reverse("admin:leads_lead_change", args=[people[0].pk]))

    marked = [
        [
            item["title"]
            for group in at_desk.get(path).context["sidebar_navigation"]
            for item in group["items"]
            if item["active"]
        ]
        for path in pages
    ]

    assert marked == [["Today"], ["Leads"], ["Leads"]]
