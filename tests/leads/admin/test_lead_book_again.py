"""*Book again* on the page of a lead that came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from crm.enums import AppointmentStatus
from crm.models import Appointment, Location
from leads.enums import LeadStatus
from leads.models import Lead, LeadVisit
from tests import factories
from tests.leads.admin.pressing import page_of, press, pressed_well

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]
BOOK_AGAIN = "Book again</button>"


@pytest.fixture
def came(at_desk: Client, lead: Lead, visit: Appointment) -> Lead:
    """Ann, who was here today."""
    pressed_well(at_desk, lead, "attend", visit=visit.pk)
    return lead


def booking(place: Location, **more: Any) -> dict[str, Any]:
    given = {"service": factories.service().pk, "location": place.pk, "starts_at": "2026-03-12T10:00"}
    return {**given, **more}


def test_who_came_is_booked_again_and_the_new_lead_is_shown(
    at_desk: Client, came: Lead, place: Location
) -> None:
    response = press(at_desk, came, "book", **booking(place))

    new = Lead.objects.latest("pk")
    page = at_desk.get(response["Location"])
    assert (response.status_code, response["Location"]) == (302, page_of(new))
    assert [str(message) for message in page.context["messages"]] == ["Booked for Thu, Mar 12, 10:00 AM."]
    assert (new.contact, new.status, page.context["page"]["word"]) == (came.contact, "booked", "booked")
    assert [row["lead"] for row in page.context["page"]["others"]] == [came]


def test_pressed_twice_it_leads_to_the_same_lead(at_desk: Client, came: Lead, place: Location) -> None:
    given = booking(place)

    led_to = [press(at_desk, came, "book", **given)["Location"] for _ in range(2)]

    assert led_to[0] == led_to[1]
    assert (Lead.objects.count(), Appointment.objects.count()) == (2, 2)


def test_a_person_with_an_open_lead_is_booked_on_that(
    at_desk: Client, came: Lead, place: Location, arrive: Arrive
) -> None:
    wrote_again = arrive(name="Ann Smith", email="ann@example.com", message="May I come again?")

    response = press(at_desk, came, "book", **booking(place))

    assert response["Location"] == page_of(wrote_again)
    assert LeadVisit.objects.filter(lead=wrote_again).count() == 1


@pytest.mark.parametrize(
    ("status", "shown"), [(LeadStatus.NEW, False), (LeadStatus.ATTENDED, True), (LeadStatus.LOST, False)]
)
def test_book_again_is_for_who_came_alone(at_desk: Client, status: str, shown: bool, place: Location) -> None:
    other = factories.lead(
        at=place, status=status, lost_reason=factories.lost_reason() if status == LeadStatus.LOST else None
    )

    page = at_desk.get(page_of(other)).content.decode()

    assert (BOOK_AGAIN in page) is shown
    assert ('id="panel-book"' in page) is (status != LeadStatus.LOST)


def test_a_doubtful_time_is_asked_about_in_the_panel(at_desk: Client, came: Lead, place: Location) -> None:
    given = booking(place, starts_at="2026-03-12T07:30")

    refused = press(at_desk, came, "book", **given)

    page = refused.context["page"]
    assert (refused.status_code, page["panel"], page["alert"]) == (422, "book", "")
    assert refused.content.decode().count("Downtown is closed then (opens 9:00 AM).") == 1
    booked = press(at_desk, came, "book", **given, anyway=page["book"].means)
    assert booked.status_code == 302


def test_a_closed_lead_says_what_to_do_first(at_desk: Client, place: Location, at_noon: datetime) -> None:
    lost = factories.lead(at=place, status=LeadStatus.LOST, lost_reason=factories.lost_reason())

    refused = press(at_desk, lost, "book", **booking(place))

    assert refused.status_code == 409
    assert refused.context["page"]["alert"] == "This lead is closed. Reopen it first."


def test_a_lead_with_a_visit_to_come_is_booked_although_one_took_place(
    at_desk: Client, lead: Lead, visit: Appointment, place: Location
) -> None:
    pressed_well(at_desk, lead, "book", **booking(place))

    pressed_well(at_desk, lead, "attend", visit=visit.pk)

    page = at_desk.get(page_of(lead)).context["page"]
    statuses = [row["visit"].status for row in page["visits"]]
    assert (page["word"], page["is_open"]) == ("booked", True)
    assert sorted(statuses) == [AppointmentStatus.COMPLETED, AppointmentStatus.SCHEDULED]
    assert [row["what"] for row in page["follow_ups"]] == ["Say whether they came"]
