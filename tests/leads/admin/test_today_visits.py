"""The visits of *Today* and their buttons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from crm.enums import AppointmentStatus
from crm.models import Location
from leads.models import Lead
from tests.leads.admin.day import HOME, book, screen

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]


def test_visits_are_those_of_the_locations_own_day(
    at_desk: Client,
    arrive: Arrive,
    place: Location,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    at_noon: datetime,
) -> None:
    lead, other = arrive(name="Ann Smith"), arrive(name="Bo Jones")
    # 23:30 on Tuesday in Chicago is Wednesday in UTC; half past midnight is Wednesday there too.
    book(lead, place, now.replace(day=11, hour=4, minute=30), now)
    book(other, place, now.replace(day=11, hour=5, minute=30), now)

    shown = screen(at_desk)

    assert [(line.visit.name, line.clock) for line in shown.visits] == [("Ann Smith", "11:30 PM")]


def test_attended_is_one_click_and_leads_back_to_today(
    at_desk: Client, arrive: Arrive, place: Location, at_noon: datetime
) -> None:
    lead = arrive()
    visit = book(lead, place, at_noon + timedelta(minutes=10), at_noon)

    page = at_desk.get(HOME).content.decode()
    response = at_desk.post(
        reverse("admin:leads_lead_act", args=[lead.pk, "attend"]), {"visit": visit.pk, "back": "/admin/"}
    )

    visit.refresh_from_db()
    lead.refresh_from_db()
    assert f'id="came-{visit.pk}"' in page
    assert f'id="missed-{visit.pk}"' not in page
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert (visit.status, lead.status) == (AppointmentStatus.COMPLETED, "attended")


def test_what_is_refused_on_today_is_said_there(
    at_desk: Client, arrive: Arrive, place: Location, at_noon: datetime
) -> None:
    lead = arrive()
    visit = book(lead, place, at_noon + timedelta(hours=3), at_noon)

    response = at_desk.post(
        reverse("admin:leads_lead_act", args=[lead.pk, "attend"]),
        {"visit": visit.pk, "back": "/admin/"},
        follow=True,
    )

    assert "It is too early: mark it from an hour before the visit." in response.content.decode()
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.SCHEDULED


def test_a_button_never_leads_to_another_site(at_desk: Client, arrive: Arrive, at_noon: datetime) -> None:
    lead = arrive()

    response = at_desk.post(
        reverse("admin:leads_lead_act", args=[lead.pk, "note"]),
        {"text": "hello", "back": "https://evil.example/admin/"},
    )

    assert response["Location"] == reverse("admin:leads_lead_change", args=[lead.pk])
