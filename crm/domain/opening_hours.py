"""Business time: when a location is open, and what "in five minutes" means when it is not.

Pure. Calendar questions are asked in the location's zone, arithmetic is done in UTC, so the two nights of the
year on which the clock changes neither lose nor gain a minute. Every moment taken must be aware; every moment
returned is in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_AHEAD_DAYS = 60
# What a location without any opening in sight gets, so that its leads still fall due.
FALLBACK = timedelta(hours=24)

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a location is open: by weekday (0 is Monday) spans of local time `[opens, closes)`.

    A closing time that is not after its opening time lies on the next day: 22:00 to 02:00, 09:00 to 00:00.
    On a closed date nothing opens.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[tuple[time, time], ...]]
    closed_dates: frozenset[date] = frozenset()


def clock_change(zone: ZoneInfo, *, after: datetime, until: datetime) -> datetime | None:
    """Find the moment in `(after, until]` from which the zone's clock runs at another offset, to the second.

    The span is meant to be days, not months: of two changes within it only one is found, or none.
    """
    low, high = _utc(after).replace(microsecond=0), _utc(until)
    before = _offset(zone, low)
    if _offset(zone, high) == before:
        return None
    while high - low > _SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def local_moment(zone: ZoneInfo, day: date, at: time) -> datetime:
    """Say which moment a clock on the wall of `zone` means by this day and time.

    When the clock jumps over that time: the first moment after the jump. When it shows it twice: the first.
    """
    wall = datetime.combine(day, at.replace(fold=0), tzinfo=zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # In a gap the two readings of the wall lie on either side of the jump.
    jump = clock_change(zone, after=wall.replace(fold=1).astimezone(UTC), until=moment)
    return moment if jump is None else jump


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Say whether the location is open at this moment."""
    return closing_of(calendar, at) is not None


def closing_of(calendar: Calendar, at: datetime) -> datetime | None:
    """Say when the location, open at this moment, closes next; None when it is closed."""
    at = _utc(at)
    for opens, closes in _open_spans(calendar, at):
        return closes if opens <= at else None
    return None


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """Find the first open moment from `at` on: `at` itself when open, None when none comes within 60 days."""
    at = _utc(at)
    for opens, _ in _open_spans(calendar, at):
        return max(opens, at)
    return None


def add_business_minutes(calendar: Calendar, *, start: datetime, minutes: int) -> datetime:
    """Find the moment at which `minutes` of open time have passed since `start`.

    When the open time of the next 60 days does not suffice: 24 hours after `start`, so that what waits for it
    still falls due.

    :raises ValueError: when `minutes` is negative.
    """
    if minutes < 0:
        raise ValueError("Business time is added, not taken away.")
    start, left = _utc(start), timedelta(minutes=minutes)
    for opens, closes in _open_spans(calendar, start):
        begins = max(opens, start)
        if left <= closes - begins:
            return begins + left
        left -= closes - begins
    return start + FALLBACK


def response_deadline(
    calendar: Calendar, *, arrived_at: datetime, minutes: int, opening_grace_minutes: int
) -> datetime:
    """Say by when a person must have answered what arrived at `arrived_at`.

    Open: `minutes` later, unless the location closes before that. Then, and when it was closed on arrival:
    `opening_grace_minutes` after the next opening. With no opening within 60 days: 24 hours after arrival,
    because an enquiry without a deadline is an enquiry lost.
    """
    arrived_at = _utc(arrived_at)
    closes = closing_of(calendar, arrived_at)
    if closes is not None and arrived_at + timedelta(minutes=minutes) <= closes:
        return arrived_at + timedelta(minutes=minutes)
    opening = next_opening(calendar, arrived_at if closes is None else closes)
    if opening is None:
        return arrived_at + FALLBACK
    return opening + timedelta(minutes=opening_grace_minutes)


def business_day_moment(calendar: Calendar, *, now: datetime, days_ahead: int, at: time) -> datetime:
    """Find the local time `at` on the n-th open day after today, moved into that day's opening hours.

    Before the first opening it becomes the opening, in a break the end of the break, after the last closing
    the last open minute. 0 days ahead means today, not before `now`, or the first open day when today has no
    open time left. Without such a day within 60 days the plain calendar day is taken.

    :raises ValueError: when `days_ahead` is negative.
    """
    if days_ahead < 0:
        raise ValueError("An open day is looked for ahead, not behind.")
    now = _utc(now)
    today = now.astimezone(calendar.zone).date()
    if days_ahead == 0:
        left_today = [span for span in _day_spans(calendar, today) if span[1] - _MINUTE > now]
        if left_today:
            wanted = max(local_moment(calendar.zone, today, at), now)
            return _into_spans(left_today, wanted)
    open_days = 0
    for ahead in range(1, LOOK_AHEAD_DAYS + 1):
        day = today + timedelta(days=ahead)
        spans = _day_spans(calendar, day)
        open_days += bool(spans)
        if spans and open_days >= days_ahead:
            return _into_spans(spans, local_moment(calendar.zone, day, at))
    return local_moment(calendar.zone, today + timedelta(days=max(days_ahead, 1)), at)


def _into_spans(spans: list[Interval], wanted: datetime) -> datetime:
    """Move a moment forward to the next of the spans of a day, or back to its last open minute."""
    for opens, closes in spans:
        if wanted < closes:
            return max(opens, wanted)
    opens, closes = spans[-1]
    return max(opens, closes - _MINUTE)


def _open_spans(calendar: Calendar, at: datetime) -> Iterator[Interval]:
    """List what is open from `at` on, in order, spans that touch joined, those that open within 60 days."""
    day = at.astimezone(calendar.zone).date() - _DAY  # yesterday's last span may reach over midnight
    horizon = at + timedelta(days=LOOK_AHEAD_DAYS)
    current: Interval | None = None
    for _ in range(LOOK_AHEAD_DAYS + 3):
        for opens, closes in _day_spans(calendar, day):
            if closes <= at or opens > horizon:
                continue
            if current is not None and opens <= current[1]:
                current = (current[0], max(current[1], closes))
                continue
            if current is not None:
                yield current
            current = (opens, closes)
        day += _DAY
    if current is not None:
        yield current


def _day_spans(calendar: Calendar, day: date) -> list[Interval]:
    """List the spans that open on this local day, in order, as moments."""
    if day in calendar.closed_dates:
        return []
    spans = []
    for opens_at, closes_at in calendar.weekly.get(day.weekday(), ()):
        opens = local_moment(calendar.zone, day, opens_at)
        closes = local_moment(calendar.zone, day + _DAY if closes_at <= opens_at else day, closes_at)
        if opens < closes:  # a span that a clock change swallowed is not open
            spans.append((opens, closes))
    return sorted(spans)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _utc(at: datetime) -> datetime:
    """Return the moment in UTC.

    :raises ValueError: when it has no zone: it would silently be read as the server's.
    """
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return at.astimezone(UTC)
