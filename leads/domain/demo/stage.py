"""The demo's clock: scenes take turns in the order of time, and what is due between them happens.

A scene is a generator. It yields the moment (UTC) at which it wants to go on; when that moment lies after the
end of the play, it never comes, and the lead stays as it is: that is how today's open work comes about.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db.models import Min

from crm.domain import opening_hours
from crm.models import Location
from leads.domain import followups
from leads.domain.demo import mail
from leads.domain.demo.clinic import Clinic
from leads.domain.demo.diary import Diary
from leads.models import FollowUp

Scene = Iterator[datetime]

_QUARTER = timedelta(minutes=15)
_MOMENT = timedelta(microseconds=1)


@dataclass(slots=True)
class Stage:
    """What scenes play on. `now` is the moment of the scene whose turn it is; nothing plays after `until`."""

    clinic: Clinic
    rng: Random
    diary: Diary
    now: datetime
    until: datetime
    _waiting: list[tuple[datetime, int, Scene]] = field(default_factory=list)
    _opened: int = 0

    def open(self, scene: Scene) -> None:
        """Let a scene wait for the first moment it asks for."""
        self._wait(scene)

    def play(self) -> None:
        """Play all scenes until the end, and what falls due between their turns: reminders and messages."""
        while self._waiting:
            at, _, scene = heapq.heappop(self._waiting)
            if at <= self.until:
                self._pass_time(max(at, self.now))
                self._wait(scene)
        self._pass_time(self.until)

    def _wait(self, scene: Scene) -> None:
        at = next(scene, None)
        if at is not None:
            self._opened += 1  # two scenes of one moment take turns in the order they came
            heapq.heappush(self._waiting, (at, self._opened, scene))

    def _pass_time(self, to: datetime) -> None:
        """Remind staff and send what fell due on the way to `to`, each at its own moment."""
        # Whoever does a thing at the very moment it is due needs no reminder, except at the end of the play.
        last = to if to == self.until else to - _MOMENT
        while (due := _next_reminder()) is not None and due <= last:
            followups.remind_due(now=max(due, self.now))
        mail.deliver_due(until=to, templates=self.clinic.templates)
        self.now = to

    def opening(self, location: Location, at: datetime) -> datetime:
        """Move a moment to the next one at which the location is open."""
        return opening_hours.next_opening(self.clinic.calendars[location.pk], at) or at

    def business_minutes(self, location: Location, start: datetime, minutes: int) -> datetime:
        """Add open time to a moment."""
        calendar = self.clinic.calendars[location.pk]
        return opening_hours.add_business_minutes(calendar, start=start, minutes=minutes)

    def open_before(self, location: Location, minutes: int) -> datetime:
        """Find an open moment at least so many minutes before the end, to the quarter of an hour."""
        calendar = self.clinic.calendars[location.pk]
        at = self.until - timedelta(minutes=minutes)
        for _ in range(7 * 96):
            if opening_hours.is_open(calendar, at):
                break
            at -= _QUARTER
        return at


def _next_reminder() -> datetime | None:
    found: datetime | None = (
        FollowUp.objects.open().filter(reminded_for__isnull=True).aggregate(due=Min("due_at"))["due"]
    )
    return found
