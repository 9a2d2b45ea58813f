"""The demo's clinic: three locations in one town, five members of staff, one form, one token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.cache import cache

from crm.domain.clinic import calendar_of
from crm.domain.opening_hours import Calendar
from crm.enums import Role, Scope
from crm.fields import keyed_hash
from crm.models import ApiToken, ClosedDay, Location, OpeningHours, Service, Staff
from leads.enums import MissingProof
from leads.models import CallOutcome, CaptureForm, LostReason
from notifications.domain.renderings import Templates
from notifications.models import Template

FORM_KEY = "demo-website"
PASSWORD = "drip-demo-2026"  # noqa: S105  # public, and refused outside DEV=1
TOKEN = "demo-staff-token"  # noqa: S105  # public, and refused outside DEV=1
ZONE = "America/Chicago"
ORIGINS = [
    f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("localhost", "127.0.0.1", "[::1]")
]
_STAFF = (
    ("frontdesk", "Dana Whitfield", Role.FRONT_DESK),
    ("nurse", "Marisol Vega", Role.NURSE),
    ("manager", "Priya Raman", Role.MANAGER),
    ("marketing", "Theo Lindqvist", Role.MARKETING),
    ("owner", "Evelyn Hart", Role.OWNER),
)


@dataclass(frozen=True, slots=True)
class _Site:
    slug: str
    name: str
    phone: str
    chairs: int
    address: str
    directions: str
    hours: Mapping[int, tuple[int, int]]  # weekday (0 is Monday) to opening and closing hour


_WORKDAYS = range(5)
_SITES = (
    _Site(
        slug="downtown",
        name="Downtown",
        phone="512-555-0140",
        chairs=4,
        address="1200 Sample Avenue, Suite 3, Austin, TX 78701",
        directions="Second floor; parking behind the building",
        hours={**dict.fromkeys(_WORKDAYS, (9, 18)), 5: (10, 16)},
    ),
    _Site(
        slug="north-austin",
        name="North Austin",
        phone="512-555-0162",
        chairs=3,
        address="48 Example Lane, Austin, TX 78758",
        directions="Beside the pharmacy",
        hours={**dict.fromkeys(_WORKDAYS, (10, 19)), 5: (10, 16)},
    ),
    _Site(
        slug="south-congress",
        name="South Congress",
        phone="512-555-0175",
        chairs=2,
        address="7 Specimen Street, Austin, TX 78704",
        directions="Ring at the blue door",
        # The one that opens on Sundays, when many have time.
        hours={2: (11, 19), 3: (11, 19), 4: (11, 19), 5: (10, 17), 6: (10, 17)},
    ),
)


@dataclass(frozen=True, slots=True)
class Clinic:
    """The rows that the stories need, read once."""

    locations: tuple[Location, ...]
    calendars: Mapping[int, Calendar]
    staff: Mapping[str, Staff]
    form: CaptureForm
    services: Mapping[str, Service]
    outcomes: Mapping[str, CallOutcome]
    reasons: Mapping[str, LostReason]
    templates: Templates


def exists() -> bool:
    """Say whether the demo was seeded before."""
    return CaptureForm.objects.filter(key=FORM_KEY).exists()


def build(*, now: datetime) -> Clinic:
    """Make the clinic; the pack must be loaded."""
    locations = tuple(_location(site, today=now.date()) for site in _SITES)
    staff = _staff(locations)
    form = CaptureForm.objects.create(
        slug="website",
        name="Website",
        key=FORM_KEY,
        allowed_origins=ORIGINS,
        location=locations[0],
        missing_proof=MissingProof.ACCEPT,
        flood_limit=6_000,
        is_demo=True,
    )
    ApiToken.objects.create(
        name="Demo",
        token_hash=keyed_hash(TOKEN, purpose="api-token"),
        scopes=list(Scope.values),
        is_demo=True,
        created_at=now,
    )
    # The configuration that rules keep for ten seconds does not know this clinic yet.
    cache.clear()
    return Clinic(
        locations=locations,
        calendars={location.pk: calendar_of(location) for location in locations},
        staff=staff,
        form=form,
        services={row.slug: row for row in Service.objects.all()},
        outcomes={row.code: row for row in CallOutcome.objects.select_related("lost_reason")},
        reasons={row.code: row for row in LostReason.objects.all()},
        templates={(row.code, row.channel, row.language): row for row in Template.objects.all()},
    )


def _location(site: _Site, *, today: date) -> Location:
    location = Location.objects.create(
        slug=site.slug,
        name=site.name,
        time_zone=ZONE,
        chairs=site.chairs,
        # A name that does not tell what is done here: it stands on people's screens.
        sender_name="The Suite Clinic",
        sender_phone=f"+1{site.phone.replace('-', '')}",
        phone=site.phone,
        reply_email=f"{site.slug}@ivsuite.example",
        postal_address=site.address,
        directions=site.directions,
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(location=location, weekday=day, opens=time(opens), closes=time(closes))
        for day, (opens, closes) in site.hours.items()
    )
    ClosedDay.objects.bulk_create(
        ClosedDay(location=location, date=day, reason=reason)
        for year in (today.year - 1, today.year, today.year + 1)
        for day, reason in _holidays(year)
    )
    return location


def _holidays(year: int) -> list[tuple[date, str]]:
    first_of_november = date(year, 11, 1)
    first_thursday = first_of_november + timedelta(days=(3 - first_of_november.weekday()) % 7)
    return [
        (date(year, 1, 1), "New Year’s Day"),
        (date(year, 7, 4), "Independence Day"),
        (first_thursday + timedelta(weeks=3), "Thanksgiving"),
        (date(year, 12, 25), "Christmas Day"),
    ]


def _staff(locations: tuple[Location, ...]) -> dict[str, Staff]:
    password = make_password(PASSWORD)  # once: hashing is slow on purpose
    people = {}
    for name, full_name, role in _STAFF:
        person = Staff.objects.create(
            email=f"{name}@ivsuite.example",
            full_name=full_name,
            time_zone=ZONE,
            password=password,
            is_demo=True,
        )
        person.groups.add(Group.objects.get(name=role))
        person.locations.add(*locations)
        people[name] = person
    return people
