"""The list of visits: whose day is today, where a row leads, and that nothing is changed here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.actors import SYSTEM
from crm.enums import Role
from crm.models import Appointment, AuditEntry, Location
from crm.queries import database_now
from leads.models import Lead, LeadVisit
from tests import factories
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db
Counting = Callable[..., Any]
LIST = "/admin/crm/appointment/"


def visit(
    starts_at: datetime, *, at: Location | None = None, linked: bool = True, name: str = "Ann"
) -> Appointment:
    lead = factories.lead(at=at, person=factories.contact(name=name))
    row = Appointment.objects.create(
        contact=lead.contact,
        location=lead.location,
        service=factories.service(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        price_minor=4500,
        currency="USD",
        created_at=starts_at,
    )
    if linked:
        LeadVisit.objects.create(lead=lead, appointment=row, linked_at=starts_at, **LeadVisit.by(SYSTEM))
    return row


def at_noon(location: Location, days: int) -> datetime:
    zone = ZoneInfo(location.time_zone)
    day = database_now().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(12), tzinfo=zone)


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("", ["Today", "Tomorrow"]),
        ("today", ["Today"]),
        ("upcoming", ["Tomorrow"]),
        ("past", ["Yesterday"]),
        ("all", ["Tomorrow", "Today", "Yesterday"]),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati"])
def test_days_are_those_of_the_location(when: str, shown: list[str], zone: str) -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    location = factories.location(time_zone=zone)
    for days, name in ((-1, "Yesterday"), (0, "Today"), (1, "Tomorrow")):
        visit(at_noon(location, days), at=location, name=name)

    answer = client.get(LIST, {"when": when} if when else {})

    assert [str(row.contact) for row in answer.context["cl"].result_list] == shown


def test_row_leads_to_the_page_of_the_lead() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    row = visit(database_now() + timedelta(days=1))
    lead = Lead.objects.get()

    page = client.get(LIST).content.decode()
    opened = client.get(f"{LIST}{row.pk}/change/")
    named = client.get(f"{LIST}by-reference/{row.reference}/")

    assert f'href="/admin/leads/lead/{lead.pk}/change/">#{lead.number}</a>' in page
    assert opened["Location"] == f"/admin/leads/lead/{lead.pk}/change/"
    assert named["Location"] == f"{LIST}{row.pk}/change/"


def test_link_that_stands_counts_before_one_revoked_later() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    row = visit(database_now() + timedelta(days=1))
    standing = Lead.objects.get()
    LeadVisit.objects.create(
        lead=factories.lead(),
        appointment=row,
        linked_at=database_now(),
        revoked_at=database_now(),
        revoked_by="Sam",
        **LeadVisit.by(SYSTEM),
    )

    answer = client.get(f"{LIST}{row.pk}/change/")

    assert answer["Location"] == f"/admin/leads/lead/{standing.pk}/change/"


def test_visit_without_a_lead_is_shown_and_the_view_noted() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    row = visit(database_now(), linked=False)

    answer = client.get(f"{LIST}{row.pk}/change/")

    assert answer.status_code == 200
    assert AuditEntry.objects.filter(action="appointment.viewed", subject_ref=row.reference).count() == 1


def test_visits_cannot_be_changed_added_or_deleted_here() -> None:
    client, _ = signed_in(Role.OWNER, is_superuser=True)
    row = visit(database_now(), linked=False)

    answers = [
        client.post(path, {"status": "completed", "post": "yes"}).status_code
        for path in (f"{LIST}{row.pk}/change/", f"{LIST}add/", f"{LIST}{row.pk}/delete/")
    ]

    row.refresh_from_db()
    assert (answers, row.status) == ([403, 403, 403], "scheduled")


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_at_any_length(rows: int, django_assert_max_num_queries: Counting) -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    for _ in range(rows):
        visit(database_now() + timedelta(days=1))

    with django_assert_max_num_queries(10):
        answer = client.get(LIST)

    assert len(answer.context["cl"].result_list) == rows


def test_name_is_escaped_and_found_by_its_beginning() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    visit(database_now() + timedelta(days=1), name="<script>alert(1)</script>")
    visit(database_now() + timedelta(days=1), name="Bob")

    whole = client.get(LIST).content.decode()
    found = client.get(LIST, {"q": "bo"})

    assert ("<script>alert" in whole, "&lt;script&gt;alert(1)" in whole) == (False, True)
    assert [str(row.contact) for row in found.context["cl"].result_list] == ["Bob"]
