"""Fills a fresh database with a clinic that visitors can write to. A program, under our own settings."""

from __future__ import annotations

import os
import sys
from datetime import time

import django
from django.core.management import call_command

FORM_KEY = "chaos"
# A second place, for the one who is walked through the whole clinic: it is midday there, on every day.
JOURNEY_KEY = "journey"
DESK, OWNER = "journey.desk@ivsuite.example", "journey.owner@ivsuite.example"
PASSWORD = "a-long-enough-word"
TOKEN = "token-of-the-journey"


def main() -> int:
    """Bring the database up to date and make one location, its front desk and its form."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_pack")
    # Models can be imported only now.
    from tests import factories

    location = factories.location()
    factories.staff(at=location)
    factories.form(at=location, key=FORM_KEY, flood_limit=1_000_000)
    _make_place_of_the_journey()
    return 0


def _make_place_of_the_journey() -> None:
    from crm.domain import tokens
    from crm.enums import Role, Scope
    from crm.models import ApiToken, OpeningHours
    from crm.queries import database_now
    from tests import factories
    from tests.journeys.passing_time import zone_where_it_is_midday

    now = database_now()
    zone = zone_where_it_is_midday(now).key
    # Longer than the outages before the first answer: what is due then falls due at its own step.
    place = factories.location(time_zone=zone, answer_minutes=30)
    OpeningHours.objects.create(location=place, weekday=6, opens=time(9), closes=time(18))
    for email, role in ((DESK, Role.FRONT_DESK), (OWNER, Role.OWNER)):
        factories.staff(role=role, at=place, email=email, time_zone=zone, password=PASSWORD)
    factories.form(at=place, key=JOURNEY_KEY)
    scopes = [Scope.LEADS_READ.value, Scope.APPOINTMENTS_WRITE.value]
    ApiToken.objects.create(name="Calendar", token_hash=tokens.hash_of(TOKEN), scopes=scopes, created_at=now)


if __name__ == "__main__":
    sys.exit(main())
