from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.domain import opening_hours
from crm.domain.opening_hours import Calendar

CHICAGO = ZoneInfo("America/Chicago")
BERLIN = ZoneInfo("Europe/Berlin")
SYDNEY = ZoneInfo("Australia/Sydney")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clock changes by half an hour

NINE_TO_FIVE = ((time(9), time(17)),)
WEEKDAYS = Calendar(zone=CHICAGO, weekly=dict.fromkeys(range(5), NINE_TO_FIVE))
WITH_BREAK = Calendar(zone=CHICAGO, weekly={0: ((time(13), time(17)), (time(9), time(12)))})
NEVER = Calendar(zone=CHICAGO, weekly={})
ALWAYS = Calendar(zone=CHICAGO, weekly=dict.fromkeys(range(7), ((time(0), time(0)),)))
# Open over the hours in which the clock changes.
NIGHTLY = Calendar(zone=CHICAGO, weekly=dict.fromkeys(range(7), ((time(1), time(4)),)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def chicago(text: str) -> datetime:
    """Read a local time of Chicago that exists once."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        (CHICAGO, date(2026, 3, 10), time(9), "2026-03-10T14:00"),
        (CHICAGO, date(2026, 3, 8), time(1, 59), "2026-03-08T07:59"),
        (CHICAGO, date(2026, 3, 8), time(2, 0), "2026-03-08T08:00"),  # the gap: 02:00 to 03:00 is skipped
        (CHICAGO, date(2026, 3, 8), time(2, 30), "2026-03-08T08:00"),
        (CHICAGO, date(2026, 3, 8), time(3, 0), "2026-03-08T08:00"),
        (CHICAGO, date(2026, 11, 1), time(1, 30), "2026-11-01T06:30"),  # shown twice: the first
        (CHICAGO, date(2026, 11, 1), time(1, 30, fold=1), "2026-11-01T06:30"),
        (CHICAGO, date(2026, 11, 1), time(2, 0), "2026-11-01T08:00"),
        (BERLIN, date(2026, 3, 29), time(2, 15), "2026-03-29T01:00"),
        (BERLIN, date(2026, 10, 25), time(2, 15), "2026-10-25T00:15"),
        (SYDNEY, date(2026, 10, 4), time(2, 15), "2026-10-03T16:00"),
        (SYDNEY, date(2026, 4, 5), time(2, 15), "2026-04-04T15:15"),
        (LORD_HOWE, date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 30), time(9), "2011-12-30T10:00"),  # a day that never was
    ],
)
def test_local_moment_obeys_the_wall_clock(zone: ZoneInfo, day: date, at: time, expected: str) -> None:
    result = opening_hours.local_moment(zone, day, at)

    assert result == utc(expected)
    assert result.tzinfo is UTC


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        ("2026-03-07T00:00", "2026-03-10T00:00", utc("2026-03-08T08:00")),
        ("2026-03-08T07:59:59", "2026-03-08T08:00", utc("2026-03-08T08:00")),
        ("2026-03-08T08:00", "2026-03-10T00:00", None),
        ("2026-03-01T00:00", "2026-03-08T07:59:59", None),
    ],
)
def test_clock_change_is_found_to_the_second(after: str, until: str, expected: datetime | None) -> None:
    result = opening_hours.clock_change(CHICAGO, after=utc(after), until=utc(until))

    assert result == expected


@pytest.mark.parametrize(
    ("calendar", "at", "expected"),
    [
        (WEEKDAYS, "2026-03-09T08:59:59", False),
        (WEEKDAYS, "2026-03-09T09:00", True),
        (WEEKDAYS, "2026-03-09T16:59:59", True),
        (WEEKDAYS, "2026-03-09T17:00", False),
        (WEEKDAYS, "2026-03-14T12:00", False),
        (WITH_BREAK, "2026-03-09T11:59", True),
        (WITH_BREAK, "2026-03-09T12:00", False),
        (WITH_BREAK, "2026-03-09T13:00", True),
        (NEVER, "2026-03-09T12:00", False),
        (ALWAYS, "2026-03-09T00:00", True),
    ],
)
def test_is_open_from_opening_until_closing(calendar: Calendar, at: str, expected: bool) -> None:
    result = opening_hours.is_open(calendar, chicago(at))

    assert result is expected


def test_is_open_closed_date_is_closed_all_day() -> None:
    calendar = Calendar(zone=CHICAGO, weekly=WEEKDAYS.weekly, closed_dates=frozenset({date(2026, 3, 9)}))

    result = [opening_hours.is_open(calendar, chicago(f"2026-03-{day}T12:00")) for day in ("09", "10")]

    assert result == [False, True]


def test_is_open_span_over_midnight_belongs_to_the_day_it_opens() -> None:
    calendar = Calendar(zone=CHICAGO, weekly={0: ((time(22), time(2)),)})

    result = [
        opening_hours.is_open(calendar, chicago(at))
        for at in ("2026-03-09T01:00", "2026-03-09T23:00", "2026-03-10T01:59", "2026-03-10T02:00")
    ]

    assert result == [False, True, True, False]


def test_is_open_span_that_the_clock_jumps_over_is_not_open() -> None:
    calendar = Calendar(zone=CHICAGO, weekly={6: ((time(2), time(3)),)})

    result = opening_hours.next_opening(calendar, chicago("2026-03-08T00:00"))

    assert result == chicago("2026-03-15T02:00")


@pytest.mark.parametrize(
    ("calendar", "at", "expected"),
    [
        (WEEKDAYS, "2026-03-09T12:00", chicago("2026-03-09T12:00")),
        (WEEKDAYS, "2026-03-09T07:00", chicago("2026-03-09T09:00")),
        (WEEKDAYS, "2026-03-06T17:00", chicago("2026-03-09T09:00")),  # over the weekend of the change
        (WEEKDAYS, "2026-10-30T20:00", chicago("2026-11-02T09:00")),
        (WITH_BREAK, "2026-03-09T12:30", chicago("2026-03-09T13:00")),
        (NEVER, "2026-03-09T12:00", None),
    ],
)
def test_next_opening_is_the_first_open_moment(
    calendar: Calendar, at: str, expected: datetime | None
) -> None:
    result = opening_hours.next_opening(calendar, chicago(at))

    assert result == expected


@pytest.mark.parametrize(("closed_days", "found"), [(59, True), (61, False)])
def test_next_opening_looks_sixty_days_ahead(closed_days: int, found: bool) -> None:
    start = date(2026, 4, 1)
    calendar = Calendar(
        zone=CHICAGO,
        weekly=dict.fromkeys(range(7), NINE_TO_FIVE),
        closed_dates=frozenset(start + timedelta(days=day) for day in range(closed_days)),
    )

    result = opening_hours.next_opening(calendar, chicago("2026-04-01T09:00"))

    assert (result is not None) is found


@pytest.mark.parametrize(
    ("calendar", "at", "expected"),
    [
        (WEEKDAYS, "2026-03-09T09:00", chicago("2026-03-09T17:00")),
        (WEEKDAYS, "2026-03-09T17:00", None),
        (WITH_BREAK, "2026-03-09T10:00", chicago("2026-03-09T12:00")),
        (NIGHTLY, "2026-03-08T01:30", chicago("2026-03-08T04:00")),
    ],
)
def test_closing_of_open_moment_is_found(calendar: Calendar, at: str, expected: datetime | None) -> None:
    result = opening_hours.closing_of(calendar, chicago(at))

    assert result == expected


def test_closing_of_spans_that_touch_or_overlap_is_the_last_of_them() -> None:
    spans = ((time(9), time(12)), (time(12), time(15)), (time(14), time(17)), (time(15), time(16)))
    calendar = Calendar(zone=CHICAGO, weekly={0: spans})

    result = opening_hours.closing_of(calendar, chicago("2026-03-09T10:00"))

    assert result == chicago("2026-03-09T17:00")


@pytest.mark.parametrize(
    ("calendar", "start", "minutes", "expected"),
    [
        (WEEKDAYS, "2026-03-09T10:00", 5, chicago("2026-03-09T10:05")),
        (WEEKDAYS, "2026-03-09T10:00", 0, chicago("2026-03-09T10:00")),
        (WEEKDAYS, "2026-03-09T06:00", 0, chicago("2026-03-09T09:00")),
        (WEEKDAYS, "2026-03-09T16:55", 5, chicago("2026-03-09T17:00")),
        (WEEKDAYS, "2026-03-09T16:55", 6, chicago("2026-03-10T09:01")),
        (WEEKDAYS, "2026-03-06T16:00", 120, chicago("2026-03-09T10:00")),
        (WEEKDAYS, "2026-03-09T09:00", 5 * 8 * 60 + 1, chicago("2026-03-16T09:01")),
        (WITH_BREAK, "2026-03-09T11:30", 60, chicago("2026-03-09T13:30")),
        (
            NIGHTLY,
            "2026-03-08T01:00",
            120,
            chicago("2026-03-08T04:00"),
        ),  # three hours on the wall, two in fact
        (
            NIGHTLY,
            "2026-11-01T00:30",
            240,
            chicago("2026-11-01T04:00"),
        ),  # three hours on the wall, four in fact
        (NEVER, "2026-03-09T10:00", 5, chicago("2026-03-10T10:00")),
        (WEEKDAYS, "2026-03-09T10:00", 1_000_000, chicago("2026-03-10T10:00")),
    ],
)
def test_add_business_minutes_counts_open_time_only(
    calendar: Calendar, start: str, minutes: int, expected: datetime
) -> None:
    result = opening_hours.add_business_minutes(calendar, start=chicago(start), minutes=minutes)

    assert result == expected


@pytest.mark.parametrize(
    ("calendar", "arrived_at", "expected"),
    [
        (WEEKDAYS, "2026-03-09T10:00", chicago("2026-03-09T10:05")),
        (WEEKDAYS, "2026-03-09T16:55", chicago("2026-03-09T17:00")),
        (WEEKDAYS, "2026-03-09T16:56", chicago("2026-03-10T09:15")),
        (WEEKDAYS, "2026-03-09T23:30", chicago("2026-03-10T09:15")),
        (WEEKDAYS, "2026-03-06T18:00", chicago("2026-03-09T09:15")),
        (WEEKDAYS, "2026-10-31T23:30", chicago("2026-11-02T09:15")),
        (WITH_BREAK, "2026-03-09T11:58", chicago("2026-03-09T13:15")),
        (WITH_BREAK, "2026-03-09T16:58", chicago("2026-03-16T09:15")),
        (ALWAYS, "2026-03-08T01:58", chicago("2026-03-08T03:03")),
        (NEVER, "2026-03-09T10:00", chicago("2026-03-10T10:00")),
    ],
)
def test_response_deadline_is_minutes_when_open_or_grace_after_opening(
    calendar: Calendar, arrived_at: str, expected: datetime
) -> None:
    result = opening_hours.response_deadline(
        calendar, arrived_at=chicago(arrived_at), minutes=5, opening_grace_minutes=15
    )

    assert result == expected


@pytest.mark.parametrize(
    ("calendar", "now", "days_ahead", "at", "expected"),
    [
        (WEEKDAYS, "2026-03-09T10:00", 1, time(15, 40), chicago("2026-03-10T15:40")),
        (WEEKDAYS, "2026-03-06T10:00", 1, time(10), chicago("2026-03-09T10:00")),  # Friday to Monday
        (WEEKDAYS, "2026-03-06T10:00", 3, time(10), chicago("2026-03-11T10:00")),
        (WEEKDAYS, "2026-03-07T10:00", 1, time(10), chicago("2026-03-09T10:00")),  # from a closed day
        (WEEKDAYS, "2026-03-09T10:00", 1, time(7), chicago("2026-03-10T09:00")),
        (WEEKDAYS, "2026-03-09T10:00", 1, time(17), chicago("2026-03-10T16:59")),
        (WEEKDAYS, "2026-03-09T10:00", 1, time(22), chicago("2026-03-10T16:59")),
        (WITH_BREAK, "2026-03-06T10:00", 1, time(12, 30), chicago("2026-03-09T13:00")),
        (WEEKDAYS, "2026-03-09T10:00", 0, time(15), chicago("2026-03-09T15:00")),
        (WEEKDAYS, "2026-03-09T10:00", 0, time(9, 30), chicago("2026-03-09T10:00")),
        (WITH_BREAK, "2026-03-09T12:15", 0, time(9, 30), chicago("2026-03-09T13:00")),
        (WEEKDAYS, "2026-03-09T18:00", 0, time(15), chicago("2026-03-10T15:00")),
        (NIGHTLY, "2026-03-07T12:00", 1, time(2, 30), chicago("2026-03-08T03:00")),
        (NEVER, "2026-03-09T10:00", 2, time(15), chicago("2026-03-11T15:00")),
        (NEVER, "2026-03-09T10:00", 0, time(15), chicago("2026-03-10T15:00")),
    ],
)
def test_business_day_moment_lands_inside_opening_hours(
    calendar: Calendar, now: str, days_ahead: int, at: time, expected: datetime
) -> None:
    result = opening_hours.business_day_moment(calendar, now=chicago(now), days_ahead=days_ahead, at=at)

    assert result == expected


@pytest.mark.parametrize(
    "ask",
    [
        lambda: opening_hours.add_business_minutes(WEEKDAYS, start=utc("2026-03-09T15:00"), minutes=-1),
        lambda: opening_hours.business_day_moment(
            WEEKDAYS, now=utc("2026-03-09T15:00"), days_ahead=-1, at=time(9)
        ),
        lambda: opening_hours.is_open(WEEKDAYS, utc("2026-03-09T15:00").replace(tzinfo=None)),
    ],
)
def test_business_time_nonsense_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"not taken away|not behind|needs a time zone"):
        ask()


# Around both changes of each zone; the oracle asks the wall clock minute by minute.
NIGHTS = [
    (CHICAGO, utc("2026-03-07T18:00")),
    (CHICAGO, utc("2026-10-31T18:00")),
    (BERLIN, utc("2026-03-28T18:00")),
    (SYDNEY, utc("2026-04-04T06:00")),
    (LORD_HOWE, utc("2026-10-03T06:00")),
]


@settings(max_examples=60, deadline=None)
@given(
    night=st.sampled_from(NIGHTS),
    offset=st.integers(min_value=0, max_value=20 * 60),
    opens_hour=st.integers(min_value=4, max_value=22),
    hours=st.integers(min_value=1, max_value=6),
    minutes=st.integers(min_value=0, max_value=500),
)
def test_add_business_minutes_agrees_with_counting_every_minute(
    night: tuple[ZoneInfo, datetime], offset: int, opens_hour: int, hours: int, minutes: int
) -> None:
    zone, base = night
    opens, closes = time(opens_hour), time(min(opens_hour + hours, 23))
    spans = ((time(0, 30), time(3, 30)), (opens, closes))  # one span always lies over the change
    calendar = Calendar(zone=zone, weekly=dict.fromkeys(range(7), spans))
    start = base + timedelta(minutes=offset)

    result = opening_hours.add_business_minutes(calendar, start=start, minutes=minutes)

    moment, counted = start, 0
    while counted < minutes or (minutes == 0 and not _open_on_the_wall(zone, moment, spans)):
        counted += _open_on_the_wall(zone, moment, spans)
        moment += timedelta(minutes=1)
    assert result == moment


def _open_on_the_wall(zone: ZoneInfo, at: datetime, spans: tuple[tuple[time, time], ...]) -> bool:
    wall = at.astimezone(zone).time()
    return any(opens <= wall < closes for opens, closes in spans)
