from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import addresses
from notifications.domain import send_windows
from notifications.domain.send_windows import Window

NEW_YORK = ZoneInfo("America/New_York")
CHICAGO = ZoneInfo("America/Chicago")
HONOLULU = ZoneInfo("Pacific/Honolulu")
BERLIN = ZoneInfo("Europe/Berlin")
SYDNEY = ZoneInfo("Australia/Sydney")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KOLKATA = ZoneInfo("Asia/Kolkata")

ONE_MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zones", "at", "expected"),
    [
        ([NEW_YORK], "2026-03-10T12:59:59", False),
        ([NEW_YORK], "2026-03-10T13:00", True),
        ([NEW_YORK], "2026-03-10T23:59:59", True),
        ([NEW_YORK], "2026-03-11T00:00", False),
        ([NEW_YORK, CHICAGO], "2026-03-10T13:30", False),  # 08:30 in Chicago
        ([NEW_YORK, CHICAGO], "2026-03-10T14:00", True),
        ([NEW_YORK, CHICAGO], "2026-03-11T00:30", False),  # 20:30 in New York
        ([NEW_YORK], "2026-03-07T13:30", False),  # before the change nine o'clock is 14:00 UTC,
        ([NEW_YORK], "2026-03-08T13:30", True),  # after it 13:00 UTC
        ([NEW_YORK], "2026-10-31T13:30", True),
        ([NEW_YORK], "2026-11-01T13:30", False),
    ],
)
def test_allowed_only_inside_the_window_of_every_zone(zones: list[ZoneInfo], at: str, expected: bool) -> None:
    result = send_windows.allowed(zones, at=utc(at))

    assert result is expected


@pytest.mark.parametrize(
    ("zones", "at", "expected"),
    [
        ([NEW_YORK], "2026-03-10T15:00:42", utc("2026-03-10T15:00:42")),
        ([NEW_YORK], "2026-03-10T04:30", utc("2026-03-10T13:00")),
        ([NEW_YORK], "2026-03-11T00:00", utc("2026-03-11T13:00")),
        ([NEW_YORK], "2026-03-08T01:30", utc("2026-03-08T13:00")),  # the night of 23 hours
        ([NEW_YORK], "2026-11-01T00:30", utc("2026-11-01T14:00")),  # the night of 25
        ([BERLIN], "2026-03-28T22:00", utc("2026-03-29T07:00")),
        ([BERLIN], "2026-10-24T22:00", utc("2026-10-25T08:00")),
        ([SYDNEY], "2026-10-03T12:00", utc("2026-10-03T22:00")),
        ([SYDNEY], "2026-04-04T12:00", utc("2026-04-04T23:00")),
        ([NEW_YORK, HONOLULU], "2026-03-10T13:30", utc("2026-03-10T19:00")),
        ([HONOLULU, NEW_YORK], "2026-03-11T01:00", utc("2026-03-11T19:00")),
        ([NEW_YORK, KOLKATA], "2026-03-10T12:00", utc("2026-03-10T13:00")),
        ([CHICAGO, KOLKATA], "2026-03-10T12:00", utc("2026-03-10T14:00")),
        ([ZoneInfo("America/Denver"), KOLKATA], "2026-03-10T12:00", None),  # they share no hour
    ],
)
def test_next_allowed_is_the_earliest_moment(
    zones: list[ZoneInfo], at: str, expected: datetime | None
) -> None:
    result = send_windows.next_allowed(zones, at=utc(at))

    assert result == expected


def test_next_allowed_toll_free_number_has_no_moment() -> None:
    zones = [ZoneInfo(name) for name in addresses.phone_time_zones("+18003569377")]

    result = send_windows.next_allowed(zones, at=utc("2026-03-10T12:00"))

    assert result is None


@pytest.mark.parametrize(
    ("zones", "at", "not_before", "expected"),
    [
        ([CHICAGO], "2026-03-10T15:00:42", "2026-03-10T00:00", utc("2026-03-10T15:00:42")),
        # The 08:30 visit: its 2-hour reminder goes the evening before.
        ([CHICAGO], "2026-03-10T11:30", "2026-03-09T13:30", utc("2026-03-10T00:59")),
        ([CHICAGO], "2026-03-10T11:30", "2026-03-10T01:00", None),
        ([CHICAGO], "2026-03-10T11:30", "2026-03-10T00:59", utc("2026-03-10T00:59")),
        ([CHICAGO], "2026-03-10T01:00", "2026-03-09T00:00", utc("2026-03-10T00:59")),
        ([CHICAGO], "2026-03-08T12:00", "2026-03-07T00:00", utc("2026-03-08T01:59")),
        ([CHICAGO], "2026-11-01T12:00", "2026-10-31T00:00", utc("2026-11-01T00:59")),
        ([NEW_YORK, HONOLULU], "2026-03-10T12:00", "2026-03-08T00:00", utc("2026-03-09T23:59")),
        ([ZoneInfo("America/Denver"), KOLKATA], "2026-03-10T12:00", "2026-03-05T00:00", None),
        ([CHICAGO], "2026-03-10T15:00", "2026-03-10T16:00", None),
    ],
)
def test_last_allowed_is_the_latest_moment(
    zones: list[ZoneInfo], at: str, not_before: str, expected: datetime | None
) -> None:
    result = send_windows.last_allowed(zones, at=utc(at), not_before=utc(not_before))

    assert result == expected


def test_last_allowed_window_that_closes_earlier_leaves_time_to_hand_over() -> None:
    window = Window(closes=time(19, 45))

    result = send_windows.last_allowed(
        [CHICAGO], at=utc("2026-03-10T11:30"), not_before=utc("2026-03-09T11:30"), window=window
    )

    assert result == utc("2026-03-10T00:44")


# In New York the clock is set forward on 8 March at 07:00 UTC and back on 1 November at 06:00 UTC.
@pytest.mark.parametrize(
    ("opens", "closes", "at", "expected"),
    [
        (time(2, 30), time(13), "2026-03-08T06:50", "2026-03-08T07:00"),  # the jump lands inside
        (time(1, 15), time(1, 45), "2026-11-01T05:45", "2026-11-01T06:15"),  # opens twice
        (time(0, 30), time(1, 30), "2026-11-01T05:40", "2026-11-01T06:00"),  # set back into the window
    ],
)
def test_next_allowed_window_in_the_hour_of_the_change(
    opens: time, closes: time, at: str, expected: str
) -> None:
    result = send_windows.next_allowed([NEW_YORK], at=utc(at), window=Window(opens=opens, closes=closes))

    assert result == utc(expected)


@pytest.mark.parametrize(
    ("opens", "closes", "at", "expected"),
    [
        (time(0, 30), time(2, 20), "2026-03-08T08:00", "2026-03-08T06:59"),  # closes inside the jump
        (time(1, 15), time(1, 45), "2026-11-01T06:50", "2026-11-01T06:44"),  # closes twice: the second
        (time(1, 15), time(1, 45), "2026-11-01T06:10", "2026-11-01T05:44"),  # and the first
        (time(1, 30), time(13), "2026-11-01T06:10", "2026-11-01T05:59"),  # set back out of the window
    ],
)
def test_last_allowed_window_in_the_hour_of_the_change(
    opens: time, closes: time, at: str, expected: str
) -> None:
    result = send_windows.last_allowed(
        [NEW_YORK],
        at=utc(at),
        not_before=utc(at) - timedelta(days=2),
        window=Window(opens=opens, closes=closes),
    )

    assert result == utc(expected)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: send_windows.allowed([], at=utc("2026-03-10T15:00")),
        lambda: send_windows.next_allowed([], at=utc("2026-03-10T15:00")),
        lambda: send_windows.last_allowed([], at=utc("2026-03-10T15:00"), not_before=utc("2026-03-10T14:00")),
        lambda: send_windows.allowed([CHICAGO], at=utc("2026-03-10T15:00").replace(tzinfo=None)),
        lambda: Window(opens=time(20), closes=time(9)),
        lambda: Window(opens=time(9), closes=time(9)),
    ],
)
def test_send_window_nonsense_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"Without a time zone|needs a time zone|opens before it closes"):
        ask()


# Moments around clock changes in the north, in the south, and one of half an hour.
MOMENTS = st.sampled_from(
    [
        utc("2026-03-07T20:00"),
        utc("2026-10-31T20:00"),
        utc("2026-03-28T18:00"),
        utc("2026-10-24T18:00"),
        utc("2026-10-03T06:00"),
        utc("2026-04-04T06:00"),
    ]
)
ZONES = st.lists(
    st.sampled_from([NEW_YORK, CHICAGO, HONOLULU, BERLIN, SYDNEY, LORD_HOWE, KOLKATA]),
    min_size=1,
    max_size=3,
    unique=True,
)
# The usual one, ones that begin or end inside the hour the clock jumps over or shows twice, and narrow ones.
WINDOWS = st.sampled_from(
    [
        Window(),
        Window(opens=time(2, 30), closes=time(13)),
        Window(opens=time(1, 15), closes=time(1, 45)),
        Window(opens=time(0, 30), closes=time(2, 20)),
        Window(opens=time(2), closes=time(3)),
        Window(opens=time(1, 45), closes=time(23, 59)),
    ]
)


def inside_everywhere(zones: list[ZoneInfo], at: datetime, window: Window) -> bool:
    return all(window.opens <= at.astimezone(zone).time() < window.closes for zone in zones)


@settings(max_examples=60, deadline=None)
@given(base=MOMENTS, offset=st.integers(min_value=0, max_value=24 * 60), zones=ZONES, window=WINDOWS)
def test_next_allowed_agrees_with_asking_every_minute(
    base: datetime, offset: int, zones: list[ZoneInfo], window: Window
) -> None:
    at = base + timedelta(minutes=offset)

    result = send_windows.next_allowed(zones, at=at, window=window)

    minutes = (at + ONE_MINUTE * minute for minute in range(3 * 24 * 60 + 1))
    assert result == next((each for each in minutes if inside_everywhere(zones, each, window)), None)


@settings(max_examples=60, deadline=None)
@given(
    base=MOMENTS,
    offset=st.integers(min_value=0, max_value=36 * 60),
    span=st.integers(min_value=0, max_value=48 * 60),
    zones=ZONES,
    window=WINDOWS,
)
def test_last_allowed_agrees_with_asking_every_minute(
    base: datetime, offset: int, span: int, zones: list[ZoneInfo], window: Window
) -> None:
    at = base + timedelta(minutes=offset)

    result = send_windows.last_allowed(zones, at=at, not_before=at - ONE_MINUTE * span, window=window)

    minutes = (at - ONE_MINUTE * minute for minute in range(span + 1))
    assert result == next((each for each in minutes if inside_everywhere(zones, each, window)), None)
