"""When a person must be answered. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from crm.domain import opening_hours
from crm.domain.clinic import LocationFacts

# What forms offer, and the local hour from which we then call.
TIMES_OF_DAY = {"morning": time(9), "midday": time(12), "afternoon": time(13), "evening": time(17)}
# A wish further off than this is a slip, or a joke; staff see it, and answer in time all the same.
WISHES_WITHIN = timedelta(days=60)
CLOCK = re.compile(
    r"^(?:after |from |at )?(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]\d))? ?(?P<half>am|pm)?$"
)


def answer_by(facts: LocationFacts, *, arrived_at: datetime, preferred_time: str = "") -> datetime:
    """Compute until when a person who arrived at that moment must be answered (UTC).

    Some business minutes after arrival, or a while after opening when closed; moved later, never earlier, by
    a stated preferred time that we can read (`mornings`, `afternoon`, `after 5 PM`, `17:30`, or an ISO date
    and time in the location's zone). A time we cannot read is shown to staff and moves nothing.
    """
    soonest = opening_hours.response_deadline(
        facts.calendar,
        arrived_at=arrived_at,
        minutes=facts.answer_minutes,
        opening_grace_minutes=facts.answer_grace_minutes,
    )
    wished = _wished_moment(preferred_time, facts=facts, not_before=soonest)
    if wished is None or not soonest < wished < arrived_at + WISHES_WITHIN:
        return soonest
    # From that hour on we call; nobody can be on every line at the stroke of it.
    return wished + timedelta(minutes=facts.answer_grace_minutes)


def _wished_moment(text: str, *, facts: LocationFacts, not_before: datetime) -> datetime | None:
    wish = text.strip().lower()
    if not wish:
        return None
    at = TIMES_OF_DAY.get(wish.removesuffix("s")) or _clock(wish)
    if at is None:
        return _iso_moment(wish, facts=facts)
    day = not_before.astimezone(facts.zone).date()
    moment = opening_hours.local_moment(facts.zone, day, at)
    # Written at six for "morning": that is the next morning.
    if moment + timedelta(hours=3) < not_before:
        moment = opening_hours.local_moment(facts.zone, day + timedelta(days=1), at)
    return opening_hours.next_opening(facts.calendar, moment)


def _clock(wish: str) -> time | None:
    found = CLOCK.match(wish)
    if found is None:
        return None
    hour = int(found["hour"])
    if found["half"] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    return time(hour, int(found["minute"] or 0))


def _iso_moment(wish: str, *, facts: LocationFacts) -> datetime | None:
    try:
        stated = datetime.fromisoformat(wish.upper())
        if stated.tzinfo is None:
            return opening_hours.local_moment(facts.zone, stated.date(), stated.time())
        return stated.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
