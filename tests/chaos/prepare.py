"""Fills a fresh database with a clinic that visitors can write to. A program, under our own settings."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command

FORM_KEY = "chaos"


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
    return 0


if __name__ == "__main__":
    sys.exit(main())
