"""When a person must be answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from crm.domain.clinic import LocationFacts
from crm.domain.opening_hours import Calendar
from leads.domain import response

CHICAGO = ZoneInfo("America/Chicago")
FACTS = LocationFacts(
    id=1,
    slug="downtown",
    name="Downtown",
    phone="512-555-0140",
    calendar=Calendar(
        zone=CHICAGO,
        weekly={day: ((time(9), time(18)),) for day in range(6)},
        closed_dates=frozenset({date(2026, 3, 11)}),
    ),
    answer_minutes=5,
    answer_grace_minutes=15,
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("arrived", "wish", "answer_by"),
    [
        ("2026-03-10T11:00", "", "2026-03-10T11:05"),
        ("2026-03-10T20:00", "", "2026-03-12T09:15"),  # closed on the 11th
        ("2026-03-14T20:00", "", "2026-03-16T09:15"),  # Saturday evening: Sunday is closed
        ("2026-03-07T20:00", "", "2026-03-09T09:15"),  # over the spring night
        ("2026-03-10T11:00", "afternoons", "2026-03-10T13:15"),
        ("2026-03-10T11:00", "after 5 PM", "2026-03-10T17:15"),
        ("2026-03-10T11:00", "17:30", "2026-03-10T17:45"),
        ("2026-03-10T16:30", "mornings", "2026-03-12T09:15"),
        ("2026-03-10T11:00", "2026-03-13T10:00", "2026-03-13T10:15"),
        ("2026-03-10T11:00", "2026-03-09T10:00", "2026-03-10T11:05"),  # in the past: moves nothing
        ("2026-03-10T11:00", "when the moon is full", "2026-03-10T11:05"),
        ("2026-03-10T11:00", "9999-12-31T23:59", "2026-03-10T11:05"),
        ("2026-03-10T11:00", "0001-01-01T00:00+14:00", "2026-03-10T11:05"),
        ("2026-03-10T11:00", "2099-01-01T10:00", "2026-03-10T11:05"),
        ("2026-03-10T11:00", "13 pm", "2026-03-10T11:05"),
    ],
)
def test_answer_by(arrived: str, wish: str, answer_by: str) -> None:
    found = response.answer_by(FACTS, arrived_at=local(arrived), preferred_time=wish)

    assert found == local(answer_by)
