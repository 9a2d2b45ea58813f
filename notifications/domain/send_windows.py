"""When a person may be written to: the hours of every place where they may be.

Pure. An area code often fits several time zones; a moment is allowed only when it is inside the window in all
of them. The window is asked of the clock on the wall, so it holds on the nights when the clock changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.domain import opening_hours

# Zones that share no hour today share none tomorrow either; a clock change between them needs a day more.
LOOK_AHEAD = timedelta(days=3)

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of every local day, `[opens, closes)`, in which something may be sent."""

    opens: time = time(9)
    closes: time = time(20)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("A window opens before it closes, on the same day.")

    def holds(self, zone: ZoneInfo, at: datetime) -> bool:
        return self.opens <= at.astimezone(zone).time() < self.closes


DEFAULT = Window()


def allowed(zones: Sequence[ZoneInfo], *, at: datetime, window: Window = DEFAULT) -> bool:
    """Say whether `at` lies inside the window in every one of the zones.

    :raises ValueError: when no zone is given or `at` has none: not knowing where somebody is allows nothing.
    """
    _check(zones, at)
    return all(window.holds(zone, at) for zone in zones)


def next_allowed(zones: Sequence[ZoneInfo], *, at: datetime, window: Window = DEFAULT) -> datetime | None:
    """Find the earliest allowed moment from `at` on, in UTC; None when there is none in three days.

    :raises ValueError: as `allowed`.
    """
    _check(zones, at)
    moment, limit = at.astimezone(UTC), at.astimezone(UTC) + LOOK_AHEAD
    while moment <= limit:
        outside = [zone for zone in zones if not window.holds(zone, moment)]
        if not outside:
            return moment
        # Before its next entry a zone forbids everything, so the latest of the entries skips nothing allowed.
        entries = [_next_entry(zone, moment, window) for zone in outside]
        moment = max(entry or limit + _DAY for entry in entries)
    return None


def last_allowed(
    zones: Sequence[ZoneInfo], *, at: datetime, not_before: datetime, window: Window = DEFAULT
) -> datetime | None:
    """Find the latest allowed moment from `not_before` up to `at`, in UTC; None when there is none.

    That is `at` itself, or the last whole minute before a window closes. Whoever needs time to hand the
    message over asks with a window that closes earlier.

    :raises ValueError: as `allowed`.
    """
    _check(zones, at)
    _check(zones, not_before)
    moment, limit = at.astimezone(UTC), not_before.astimezone(UTC)
    while moment >= limit:
        outside = [zone for zone in zones if not window.holds(zone, moment)]
        if not outside:
            return moment
        exits = [_last_inside(zone, moment, window) for zone in outside]
        moment = min(last or limit - _DAY for last in exits)
    return None


def _next_entry(zone: ZoneInfo, at: datetime, window: Window) -> datetime | None:
    """Find the first moment after `at` at which the wall clock is inside the window."""
    edges = _edges(zone, at, window.opens, days=range(3))
    return min((edge for edge in edges if edge >= at and window.holds(zone, edge)), default=None)


def _last_inside(zone: ZoneInfo, at: datetime, window: Window) -> datetime | None:
    """Find the last whole minute before `at` at which the wall clock is inside the window."""
    ends = (edge - _MINUTE for edge in _edges(zone, at, window.closes, days=range(-2, 1)))
    return max((end for end in ends if end <= at and window.holds(zone, end)), default=None)


def _edges(zone: ZoneInfo, at: datetime, wall: time, *, days: Iterable[int]) -> list[datetime]:
    """List the moments near `at` where the window may begin or end.

    The wall clock passes `wall` on each day, twice where it is set back, and a clock change may itself jump
    in or out of the window.
    """
    today = at.astimezone(zone).date()
    dates = [today + timedelta(days=offset) for offset in days]
    readings = [
        datetime.combine(day, wall, tzinfo=zone).replace(fold=fold) for day in dates for fold in (0, 1)
    ]
    edges = [reading.astimezone(UTC) for reading in readings]
    change = opening_hours.clock_change(zone, after=min(edges) - _DAY, until=max(edges) + _DAY)
    return edges if change is None else [*edges, change]


def _check(zones: Sequence[ZoneInfo], at: datetime) -> None:
    if not zones:
        raise ValueError("Without a time zone nobody knows what hour it is there.")
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
