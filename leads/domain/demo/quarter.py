"""The whole demo: the clinic, ninety days of enquiries that end at this moment, and what waits today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from crm.actors import SYSTEM
from crm.domain import audit
from crm.domain.opening_hours import local_moment
from crm.errors import DomainError
from crm.models import Appointment
from leads.domain import pack
from leads.domain.demo import acting, clinic, people, stories, today
from leads.domain.demo.diary import Diary
from leads.domain.demo.stage import Scene, Stage
from leads.models import Lead
from notifications.models import Message

DAYS = 90
ENQUIRIES = 205  # and some more from today's set scenes
RETURN_EVERY = 22  # one of so many comes, and writes again weeks later
_SEED = 20_260_310
# Of a hundred enquiries, how many are written in each local hour: the evening is when people have time.
_HOURS = (1, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 5, 7, 5, 4, 4, 5, 6, 7, 9, 10, 8, 5, 2)
_WEEKDAYS = (13, 13, 13, 13, 12, 17, 19)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made."""

    leads: int
    visits: int
    messages: int


@transaction.atomic
def seed(*, now: datetime, enquiries: int = ENQUIRIES) -> Seeded | None:
    """Make the demo's clinic and its last quarter, ending at `now`; None when it was made before.

    Beside `enquiries` there are some twenty more of the last days, so that there is work today.

    :raises DomainError: outside `DEV=1`, where nobody may sign in with a public password.
    """
    if not settings.DEV:
        raise DomainError("Demo data is for DEV=1 only: its passwords are public.", code="dev_only")
    if clinic.exists():
        return None
    pack.load(now=now)
    _play(now=now, enquiries=enquiries)
    audit.record(actor=SYSTEM, action="demo.seeded", now=now)
    return Seeded(
        leads=Lead.objects.count(), visits=Appointment.objects.count(), messages=Message.objects.count()
    )


def _play(*, now: datetime, enquiries: int) -> None:
    rng = Random(_SEED)  # noqa: S311  # a demo that is the same every time, not a secret
    begin = now - timedelta(days=DAYS)
    built = clinic.build(now=begin)
    diary = Diary(calendars=built.calendars, rng=rng)
    stage = Stage(clinic=built, rng=rng, diary=diary, now=begin, until=now)
    crowd = people.people(rng)
    for scene in (*today.scenes(stage, crowd), *_enquiries(stage, crowd, count=enquiries)):
        stage.open(scene)
    stage.play()


def _enquiries(stage: Stage, crowd: Iterator[people.Person], *, count: int) -> Iterator[Scene]:
    """Spread enquiries over the quarter: a little more each week, more on weekends and in the evening."""
    cast = sorted(
        ((_moment(stage), acting.cast(stage, next(crowd))) for _ in range(count)),
        key=lambda each: each[0],
    )
    returning = stage.rng.sample(range(count // 2), count // RETURN_EVERY)
    for place, (at, enquiry) in enumerate(cast):
        story = stories.enquire_twice if place in returning else stories.enquire
        yield story(stage, enquiry, at=at)


def _moment(stage: Stage) -> datetime:
    """Draw when somebody writes, at least half an hour ago."""
    rng, zone = stage.rng, ZoneInfo(clinic.ZONE)
    days = range(DAYS)
    while True:
        back = rng.choices(days, weights=[130 - day / 2 for day in days])[0]
        day = (stage.until - timedelta(days=back)).astimezone(zone).date()
        hour = rng.choices(range(24), weights=_HOURS)[0]
        at = local_moment(zone, day, time(hour, rng.randint(0, 59), rng.randint(0, 59)))
        kept = rng.random() < _WEEKDAYS[day.weekday()] / max(_WEEKDAYS)
        if kept and stage.now < at < stage.until - timedelta(minutes=30):
            return at
