"""What waits on the demo's desk at this moment: set scenes, so that *Today* shows a bit of everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from crm.domain import opening_hours
from crm.models import Location
from leads.domain import acts
from leads.domain.demo import acting, origins, stories
from leads.domain.demo.acting import Enquiry
from leads.domain.demo.people import Person
from leads.domain.demo.stage import Scene, Stage
from leads.enums import FollowUpKind

VISITS_TODAY = 7


def scenes(stage: Stage, people: Iterator[Person]) -> list[Scene]:
    """Give the scenes of the last days that end in something to be done now."""

    def somebody(article: str = "magnesium", place: int = 0) -> Enquiry:
        return acting.cast(stage, next(people), origins.page_of(article), stage.clinic.locations[place])

    until = stage.until
    return [
        # Two who have just written, the second long enough ago to be late when the clinic is open.
        _just_written(stage, somebody(), minutes_ago=2),
        _just_written(stage, somebody("hydration", 1), minutes_ago=26),
        # Follow-ups around this moment: overdue, due, and to come.
        _waiting(stage, somebody("nad-plus"), outcome="no_answer", due=stage.open_before(_first(stage), 95)),
        _waiting(stage, somebody(), outcome="spoke_thinking", due=stage.open_before(_first(stage), 60 * 25)),
        _waiting(stage, somebody("myers-cocktail"), outcome="voicemail", due=_coming(stage, 0, 20)),
        _waiting(stage, somebody("hydration", 1), outcome="call_back", due=_coming(stage, 1, 150)),
        _waiting(stage, somebody("athletic-recovery"), outcome="spoke_interested", due=_tomorrow(stage, 0)),
        _asks_nurse(stage, somebody("iron")),
        _wrote_again(stage, somebody("magnesium", 1)),
        *_visits_today(stage, people, today=until),
    ]


def _first(stage: Stage) -> Location:
    return stage.clinic.locations[0]


def _coming(stage: Stage, place: int, minutes: int) -> datetime:
    return stage.opening(stage.clinic.locations[place], stage.until + timedelta(minutes=minutes))


def _tomorrow(stage: Stage, place: int) -> datetime:
    calendar = stage.clinic.calendars[stage.clinic.locations[place].pk]
    return opening_hours.business_day_moment(
        calendar, now=stage.until, days_ahead=1, at=datetime.min.time().replace(hour=10)
    )


def _just_written(stage: Stage, enquiry: Enquiry, *, minutes_ago: int) -> Scene:
    yield stage.until - timedelta(minutes=minutes_ago)
    acting.write(stage, enquiry)


def _waiting(stage: Stage, enquiry: Enquiry, *, outcome: str, due: datetime) -> Scene:
    """Somebody wrote, was called once, and the next call is planned for `due`."""
    called = stage.opening(enquiry.location, due - timedelta(days=stage.rng.randint(3, 4)))
    yield called - timedelta(minutes=stage.rng.randint(15, 200))
    lead_id = acting.write(stage, enquiry, preferred_time="")
    yield called
    acting.log(stage, lead_id, outcome, again_at=due)
    if stage.rng.random() < 0.6:
        acting.take(stage, lead_id, acting.desk(stage))


def _asks_nurse(stage: Stage, enquiry: Enquiry) -> Scene:
    """A question waits for the nurse beside the call that waits for the desk."""
    asked = stage.open_before(enquiry.location, 200)
    yield asked - timedelta(minutes=stage.rng.randint(15, 90))
    lead_id = acting.write(stage, enquiry, preferred_time="")
    yield asked
    acting.log(stage, lead_id, "needs_nurse", again_at=_tomorrow(stage, 0))
    acts.plan_follow_up(
        lead_id=lead_id,
        step=acts.NextStep(
            kind=FollowUpKind.OTHER,
            due_at=max(stage.until - timedelta(minutes=15), stage.now + timedelta(minutes=5)),
            what="Asks whether their medicine is a problem",
            assigned_to_id=stage.clinic.staff["nurse"].pk,
        ),
        actor=stage.clinic.staff["frontdesk"].as_actor,
        now=stage.now,
    )


def _wrote_again(stage: Stage, enquiry: Enquiry) -> Scene:
    """Somebody who was called in vain writes again, and waits for an answer."""
    called = stage.open_before(enquiry.location, 60 * 22)
    yield called - timedelta(minutes=50)
    lead_id = acting.write(stage, enquiry, preferred_time="")
    yield called
    acting.log(stage, lead_id, "voicemail")
    yield stage.until - timedelta(minutes=11)
    acting.write(stage, enquiry, topic="again")


def _visits_today(stage: Stage, people: Iterator[Person], *, today: datetime) -> Iterator[Scene]:
    """Visits spread over today at every location that opens today; on the next open day when none does."""
    for count in range(VISITS_TODAY):
        open_here = [place for place in stage.clinic.locations if _opens_on(stage, place, today)]
        location = open_here[count % len(open_here)] if open_here else _first(stage)
        enquiry = acting.cast(stage, next(people), location=location)
        yield stories.enquire(
            stage,
            enquiry,
            at=today - timedelta(days=9 - count, hours=count, minutes=17 * count),
            fate="does_not_come" if count == 3 else "comes",
            visit_on=_local_day(stage, location, today),
        )


def _opens_on(stage: Stage, location: Location, moment: datetime) -> bool:
    calendar = stage.clinic.calendars[location.pk]
    day = _local_day(stage, location, moment)
    return day not in calendar.closed_dates and bool(calendar.weekly.get(day.weekday()))


def _local_day(stage: Stage, location: Location, moment: datetime) -> date:
    return moment.astimezone(stage.clinic.calendars[location.pk].zone).date()
