"""The visit's life against a grid written by hand from the design."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.actors import SYSTEM
from crm.domain import appointments
from crm.enums import AppointmentStatus
from crm.errors import TransitionNotAllowed
from crm.models import Appointment, AppointmentEvent
from tests import factories

pytestmark = pytest.mark.django_db

STATUSES = (
    "scheduled confirmed checked_in completed cancelled_by_client cancelled_by_clinic late_cancelled "
    "no_show rescheduled"
).split()
#                          sch con chk com cli cln lat nos res
GRID = {
    "scheduled":           "no  yes yes no  yes yes yes yes yes",
    "confirmed":           "no  no  yes no  yes yes yes yes yes",
    "checked_in":          "no  no  no  yes yes yes no  no  no ",
    "completed":           "no  no  no  no  no  no  no  yes no ",
    "cancelled_by_client": "no  no  no  no  no  no  no  no  no ",
    "cancelled_by_clinic": "no  no  no  no  no  no  no  no  no ",
    "late_cancelled":      "no  no  no  no  no  no  no  no  no ",
    "no_show":             "no  no  no  yes no  no  no  no  no ",
    "rescheduled":         "no  no  no  no  no  no  no  no  no ",
}  # fmt: skip
CELLS = [
    (start, to, word == "yes")
    for start, row in GRID.items()
    for to, word in zip(STATUSES, row.split(), strict=True)
]


def visit(now: datetime, **more: object) -> Appointment:
    location = factories.location()
    facts = {
        "contact": factories.contact(),
        "location": location,
        "service": factories.service(),
        "starts_at": now,
        "ends_at": now + timedelta(minutes=30),
        "price_minor": 4500,
        "currency": "USD",
        "created_at": now,
        **more,
    }
    return Appointment.objects.create(**facts)


@pytest.mark.parametrize(("start", "to", "allowed"), CELLS)
def test_move_over_the_whole_grid(start: str, to: str, allowed: bool, now: datetime) -> None:
    appointment = visit(now, status=start)

    if allowed:
        appointments.move(appointment, to=to, actor=SYSTEM, now=now)
    else:
        with pytest.raises(TransitionNotAllowed):
            appointments.move(appointment, to=to, actor=SYSTEM, now=now)

    appointment.refresh_from_db()
    assert appointment.status == (to if allowed else start)
    assert AppointmentEvent.objects.filter(appointment=appointment).count() == int(allowed)


def test_the_grid_names_every_status() -> None:
    assert set(STATUSES) == set(GRID) == set(AppointmentStatus.values)


def test_the_database_refuses_a_visit_that_ends_before_it_starts(now: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        visit(now, ends_at=now)

    assert Appointment.objects.count() == 0


def test_the_database_refuses_the_same_outside_booking_twice(now: datetime) -> None:
    visit(now, source="acuity", external_ref="A-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        visit(now, source="acuity", external_ref="A-1")

    visit(now, source="acuity", external_ref=None)
    visit(now, source="acuity", external_ref=None)
    assert Appointment.objects.count() == 3


@pytest.mark.parametrize(
    ("start", "to", "sentence"),
    [
        ("scheduled", "completed", "A visit that is booked cannot be marked as come."),
        ("checked_in", "rescheduled", "A visit that has begun cannot be moved."),
        ("completed", "cancelled_by_client", "A visit that took place cannot be cancelled."),
        ("late_cancelled", "no_show", "A visit that was cancelled cannot be marked as missed."),
        ("rescheduled", "confirmed", "A visit that was moved cannot be confirmed."),
    ],
)
def test_a_refusal_is_a_sentence(start: str, to: str, sentence: str, now: datetime) -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        appointments.move(visit(now, status=start), to=to, actor=SYSTEM, now=now)

    assert refusal.value.message == sentence
