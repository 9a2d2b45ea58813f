"""*Today* before anything has come in: calm, and with the way to begin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from crm.domain import heartbeats
from crm.enums import Role
from crm.models import Location
from tests import factories
from tests.leads.admin.day import HOME, screen

pytestmark = pytest.mark.django_db


def test_before_the_first_lead_nobody_has_written_yet(
    at_desk: Client, place: Location, at_noon: datetime
) -> None:
    page = at_desk.get(HOME).content.decode()

    assert "Nobody has written yet." in page
    assert "Everybody who wrote has been answered." not in page


def test_before_a_worker_ever_came_round_today_says_so_calmly(
    at_desk: Client, place: Location, at_noon: datetime
) -> None:
    shown = screen(at_desk)

    assert (shown.worker, shown.alarm) == ("Scheduled work has not started yet", False)


@pytest.mark.parametrize(("minutes", "alarm"), [(1, False), (3, True)])
def test_what_waits_without_any_worker_becomes_an_alarm_after_two_minutes(
    at_desk: Client, place: Location, at_noon: datetime, minutes: int, alarm: bool
) -> None:
    factories.arrival(factories.form(at=place), now=at_noon - timedelta(minutes=minutes))

    shown = screen(at_desk)

    assert (shown.worker, shown.alarm) == ("The worker has not come round yet", alarm)


def test_a_new_clinic_is_told_where_to_start(sign_in: Callable[[str], Client], at_noon: datetime) -> None:
    heartbeats.beat("arrivals", now=at_noon)
    owner = sign_in(Role.OWNER)

    empty = screen(owner)
    factories.location()
    with_a_place = screen(owner)
    factories.form()
    ready = screen(owner)

    form = ("Add a capture form", "/admin/leads/captureform/add/")
    assert empty.start == [("Add a location", "/admin/crm/location/add/"), form]
    assert (with_a_place.start, ready.start, empty.worker) == ([form], [], "")


def test_who_may_not_add_anything_is_not_told_to(at_desk: Client, at_noon: datetime) -> None:
    page = at_desk.get(HOME)

    assert page.context["screen"].start == []
    assert "Start here" not in page.content.decode()
