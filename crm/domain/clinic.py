"""What rules need to know of the clinic: hours, names and slugs, read seldom."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from django.core.cache import cache

from crm.domain.opening_hours import Calendar
from crm.models import Location, Service

# Configuration rows change a few times a year and are read at every arrival. Ten seconds in this process'
# own memory is short enough that nobody notices, long enough that a busy minute reads them six times.
CONFIGURATION_SECONDS = 10


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """What rules need to know of a location, read once."""

    id: int
    slug: str
    name: str
    phone: str
    calendar: Calendar
    answer_minutes: int
    answer_grace_minutes: int

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return self.calendar.zone


def calendar_of(location: Location) -> Calendar:
    """Read a location's opening hours and closed days."""
    weekly: dict[int, list[tuple[time, time]]] = {}
    for row in location.opening_hours.order_by("weekday", "opens"):
        weekly.setdefault(row.weekday, []).append((row.opens, row.closes))
    return Calendar(
        zone=zoneinfo.ZoneInfo(location.time_zone),
        weekly={day: tuple(spans) for day, spans in weekly.items()},
        closed_dates=frozenset(location.closed_days.values_list("date", flat=True)),
    )


def location_facts(location_id: int) -> LocationFacts:
    """Give a location's facts, at most ten seconds old."""
    key = f"location-facts:{location_id}"
    facts: LocationFacts | None = cache.get(key)
    if facts is None:
        location = Location.objects.get(pk=location_id)
        facts = LocationFacts(
            id=location.pk,
            slug=location.slug,
            name=location.name,
            phone=location.phone,
            calendar=calendar_of(location),
            answer_minutes=location.answer_minutes,
            answer_grace_minutes=location.answer_grace_minutes,
        )
        cache.set(key, facts, CONFIGURATION_SECONDS)
    return facts


def location_ids_by_slug() -> Mapping[str, int]:
    """Give the active locations by slug, at most ten seconds old."""
    found: dict[str, int] | None = cache.get("location-ids")
    if found is None:
        found = dict(Location.objects.filter(is_active=True).values_list("slug", "id"))
        cache.set("location-ids", found, CONFIGURATION_SECONDS)
    return found


def service_ids_by_slug() -> Mapping[str, int]:
    """Give the active services by slug, at most ten seconds old."""
    found: dict[str, int] | None = cache.get("service-ids")
    if found is None:
        found = dict(Service.objects.filter(is_active=True).values_list("slug", "id"))
        cache.set("service-ids", found, CONFIGURATION_SECONDS)
    return found
