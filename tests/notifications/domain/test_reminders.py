"""Reminders: which, to whom, when; earlier out of quiet hours and never later; both DST nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus, RemindersBy
from crm.models import Appointment, Contact, ContactPoint, Location
from notifications.domain import reminders
from notifications.models import Message
from tests import factories
from tests.notifications import messages

CHICAGO = ZoneInfo("America/Chicago")
HERE = (CHICAGO,)


def _local(text: str) -> datetime:
    """Read `2026-03-17 08:30` as a wall clock in Chicago."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


def _said(dues: list[tuple[str, datetime]]) -> list[str]:
    """Say dues as wall clocks in Chicago."""
    return [f"{code.removeprefix('visit-')} {due.astimezone(CHICAGO):%m-%d %H:%M}" for code, due in dues]


@pytest.mark.parametrize(
    ("booked", "visit", "emails", "texts"),
    [
        (
            "2026-03-10 11:00",
            "2026-03-17 15:00",
            [
                "confirmation 03-10 11:00",
                "reminder-48h 03-15 15:00",
                "reminder-24h 03-16 15:00",
                "reminder-2h 03-17 13:00",
            ],
            [
                "confirmation 03-10 11:00",
                "reminder-48h 03-15 15:00",
                "reminder-24h 03-16 15:00",
                "reminder-2h 03-17 13:00",
            ],
        ),
        (  # half past eight: two hours before is 06:30, and a day before it is too early as well
            "2026-03-10 11:00",
            "2026-03-17 08:30",
            [
                "confirmation 03-10 11:00",
                "reminder-48h 03-15 08:30",
                "reminder-24h 03-16 08:30",
                "reminder-2h 03-17 06:30",
            ],
            [
                "confirmation 03-10 11:00",
                "reminder-48h 03-14 19:59",
                "reminder-24h 03-15 19:59",
                "reminder-2h 03-16 19:59",
            ],
        ),
        (  # half past ten: 08:30 is quiet, so the evening before, after the 24-hour one
            "2026-03-10 11:00",
            "2026-03-17 10:30",
            [
                "confirmation 03-10 11:00",
                "reminder-48h 03-15 10:30",
                "reminder-24h 03-16 10:30",
                "reminder-2h 03-17 08:30",
            ],
            [
                "confirmation 03-10 11:00",
                "reminder-48h 03-15 10:30",
                "reminder-24h 03-16 10:30",
                "reminder-2h 03-16 19:59",
            ],
        ),
        (  # tomorrow morning, booked at night: no evening is left, the confirmation says it
            "2026-03-16 21:00",
            "2026-03-17 08:30",
            ["confirmation 03-16 21:00", "reminder-2h 03-17 06:30"],
            ["confirmation 03-16 21:00"],
        ),
        (  # the text of confirmation waits for 09:00, and no reminder comes with it
            "2026-03-16 21:00",
            "2026-03-17 11:00",
            ["confirmation 03-16 21:00", "reminder-2h 03-17 09:00"],
            ["confirmation 03-16 21:00"],
        ),
        (  # a day and ten minutes before: the 24-hour reminder would repeat the confirmation
            "2026-03-16 14:50",
            "2026-03-17 15:00",
            ["confirmation 03-16 14:50", "reminder-2h 03-17 13:00"],
            ["confirmation 03-16 14:50", "reminder-2h 03-17 13:00"],
        ),
        ("2026-03-17 14:00", "2026-03-17 15:00", ["confirmation 03-17 14:00"], ["confirmation 03-17 14:00"]),
        ("2026-03-17 15:00", "2026-03-17 15:00", [], []),
        ("2026-03-17 16:00", "2026-03-17 15:00", [], []),
        (  # the clocks go forward on the night of 2026-03-08
            "2026-03-02 11:00",
            "2026-03-08 10:00",
            [
                "confirmation 03-02 11:00",
                "reminder-48h 03-06 09:00",
                "reminder-24h 03-07 09:00",
                "reminder-2h 03-08 08:00",
            ],
            [
                "confirmation 03-02 11:00",
                "reminder-48h 03-06 09:00",
                "reminder-24h 03-07 09:00",
                "reminder-2h 03-07 19:59",
            ],
        ),
        (  # forward: 24 hours before 09:30 was 08:30, half an hour too early
            "2026-03-02 11:00",
            "2026-03-08 09:30",
            [
                "confirmation 03-02 11:00",
                "reminder-48h 03-06 08:30",
                "reminder-24h 03-07 08:30",
                "reminder-2h 03-08 07:30",
            ],
            [
                "confirmation 03-02 11:00",
                "reminder-48h 03-05 19:59",
                "reminder-24h 03-06 19:59",
                "reminder-2h 03-07 19:59",
            ],
        ),
        (  # the clocks go back on the night of 2026-11-01
            "2026-10-26 11:00",
            "2026-11-01 19:30",
            [
                "confirmation 10-26 11:00",
                "reminder-48h 10-30 20:30",
                "reminder-24h 10-31 20:30",
                "reminder-2h 11-01 17:30",
            ],
            [
                "confirmation 10-26 11:00",
                "reminder-48h 10-30 19:59",
                "reminder-24h 10-31 19:59",
                "reminder-2h 11-01 17:30",
            ],
        ),
    ],
)
def test_dues(booked: str, visit: str, emails: list[str], texts: list[str]) -> None:
    at, starts_at = _local(booked), _local(visit)

    assert _said(reminders.email_dues(starts_at=starts_at, confirmed_at=at)) == emails
    assert _said(reminders.text_dues(starts_at=starts_at, confirmed_at=at, zones=HERE)) == texts


@pytest.mark.parametrize("hour", range(24))
def test_dues_are_in_order_allowed_and_never_later(hour: int) -> None:
    confirmed_at = _local("2026-03-04 11:00")
    starts_at = _local("2026-03-08 00:00") + timedelta(hours=hour)
    asked = {code: starts_at - before for code, before in reminders.BEFORE}

    dues = reminders.text_dues(starts_at=starts_at, confirmed_at=confirmed_at, zones=HERE)

    moments = [due for _code, due in dues]
    assert len(dues) == 4
    assert moments == sorted(set(moments))
    assert all(due <= asked[code] for code, due in dues[1:])
    assert all(9 <= due.astimezone(CHICAGO).hour < 20 for _code, due in dues[1:])


def _visit(*, starts_at: datetime, to: Contact, at: Location, **more: object) -> Appointment:
    return Appointment.objects.create(
        **{
            "contact": to,
            "location": at,
            "service": factories.service(),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=30),
            "price_minor": 4500,
            "currency": "USD",
            "created_at": starts_at,
            **more,
        }
    )


def _reachable(now: datetime) -> Contact:
    contact, _email = messages.person()
    phone = factories.address("+15125550177", kind="phone")
    ContactPoint.objects.create(contact=contact, address=phone, created_at=now)
    messages.consent(phone, at=now)
    return contact


@pytest.mark.django_db
def test_plan_queues_both_channels_with_their_ends(now: datetime) -> None:
    visit = _visit(starts_at=now + timedelta(days=7), to=_reachable(now), at=factories.location())

    planned = reminders.plan(visit, now=now, actor=SYSTEM, by_click=True)

    rows = Message.objects.filter(channel="email").order_by("due_at")
    assert len(planned) == 8
    assert [(row.template_code, row.due_at, row.expires_at) for row in rows] == [
        ("visit-confirmation", now + timedelta(minutes=3), visit.starts_at),
        ("visit-reminder-48h", visit.starts_at - timedelta(hours=48), visit.starts_at - timedelta(hours=24)),
        ("visit-reminder-24h", visit.starts_at - timedelta(hours=24), visit.starts_at - timedelta(hours=2)),
        ("visit-reminder-2h", visit.starts_at - timedelta(hours=2), visit.starts_at),
    ]
    assert rows[0].dedupe_key == f"visit-confirmation:{visit.reference}:email"
    assert (rows[0].about_kind, rows[0].about_ref) == ("appointment", visit.reference)


@pytest.mark.django_db
def test_plan_without_a_click_confirms_at_once(now: datetime) -> None:
    visit = _visit(starts_at=now + timedelta(days=7), to=_reachable(now), at=factories.location())

    reminders.plan(visit, now=now, actor=SYSTEM, by_click=False)

    due = Message.objects.filter(template_code="visit-confirmation").values_list("due_at", flat=True)
    assert list(due) == [now, now]


@pytest.mark.django_db
def test_plan_twice_queues_once(now: datetime) -> None:
    visit = _visit(starts_at=now + timedelta(days=7), to=_reachable(now), at=factories.location())
    reminders.plan(visit, now=now, actor=SYSTEM, by_click=True)

    assert reminders.plan(visit, now=now + timedelta(hours=1), actor=SYSTEM, by_click=True) == []


@pytest.mark.django_db
@pytest.mark.parametrize("said", [[], ["granted", "withdrawn"]])
def test_plan_texts_nobody_who_did_not_agree(said: list[str], now: datetime) -> None:
    contact, phone = messages.person(kind="phone")
    for hours, status in enumerate(said):
        messages.consent(phone, status, at=now + timedelta(hours=hours))
    visit = _visit(starts_at=now + timedelta(days=7), to=contact, at=factories.location())

    assert reminders.plan(visit, now=now, actor=SYSTEM, by_click=True) == []


@pytest.mark.django_db
def test_plan_where_the_other_calendar_reminds_is_empty(now: datetime) -> None:
    location = factories.location(reminders_by=RemindersBy.THEM)
    visit = _visit(starts_at=now + timedelta(days=7), to=_reachable(now), at=location)

    assert reminders.plan(visit, now=now, actor=SYSTEM, by_click=True) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "status", sorted(set(AppointmentStatus.values) - {"scheduled", "confirmed", "checked_in"})
)
def test_plan_of_a_visit_that_does_not_stand_is_empty(status: str, now: datetime) -> None:
    visit = _visit(
        starts_at=now + timedelta(days=7), to=_reachable(now), at=factories.location(), status=status
    )

    assert reminders.plan(visit, now=now, actor=SYSTEM, by_click=True) == []


@pytest.mark.django_db
def test_plan_asks_the_database_a_fixed_number_of_times(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visit = _visit(starts_at=now + timedelta(days=7), to=_reachable(now), at=factories.location())

    # e-mail, phone, consent, known keys, insert
    with django_assert_num_queries(5):
        reminders.plan(visit, now=now, actor=SYSTEM, by_click=True)
