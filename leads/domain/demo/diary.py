"""The demo's appointment book: free times that no other visit of the demo takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from crm.domain.opening_hours import Calendar, local_moment
from crm.models import Location

_STEP_MINUTES = 30
_LOOK_AHEAD_DAYS = 40


@dataclass(frozen=True, slots=True)
class Slot:
    """A free chair from a moment (UTC) on."""

    starts_at: datetime
    chair: int


@dataclass(slots=True)
class Diary:
    """Which chair is taken when. A cancelled visit keeps its time here: a demo need not be full."""

    calendars: Mapping[int, Calendar]
    rng: Random
    _taken: dict[tuple[int, int], list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def take(
        self, location: Location, *, minutes: int, earliest: datetime, on: date | None = None
    ) -> Slot | None:
        """Take a free time for a visit of so many minutes, at `earliest` (UTC) or later; on `on` if possible.

        Without a day: one of the next open days, rather sooner. None when nothing is free for weeks.
        """
        zone = self.calendars[location.pk].zone
        first = earliest.astimezone(zone).date()
        ahead = on is None and self.rng.choice((0, 1, 1, 2, 2, 3, 4, 5, 7, 9))
        start = on or first + timedelta(days=int(ahead))
        for offset in range(_LOOK_AHEAD_DAYS):
            moments = self._moments(location, start + timedelta(days=offset), minutes=minutes)
            later = [moment for moment in moments if moment >= earliest]
            self.rng.shuffle(later)
            for moment in later:
                if (slot := self._chair_at(location, moment, minutes=minutes)) is not None:
                    return slot
        return None

    def _moments(self, location: Location, day: date, *, minutes: int) -> list[datetime]:
        calendar = self.calendars[location.pk]
        if day in calendar.closed_dates:
            return []
        found = []
        for opens, closes in calendar.weekly.get(day.weekday(), ()):
            last = _minutes(closes) - minutes
            found += [
                local_moment(calendar.zone, day, time(*divmod(start, 60)))
                for start in range(_minutes(opens), last + 1, _STEP_MINUTES)
            ]
        return found

    def _chair_at(self, location: Location, starts_at: datetime, *, minutes: int) -> Slot | None:
        ends_at = starts_at + timedelta(minutes=minutes)
        for chair in range(1, location.chairs + 1):
            taken = self._taken.setdefault((location.pk, chair), [])
            if all(ends_at <= start or end <= starts_at for start, end in taken):
                taken.append((starts_at, ends_at))
                return Slot(starts_at=starts_at, chair=chair)
        return None


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
