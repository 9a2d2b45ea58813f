"""`manage.py seed_demo` is for development only."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from crm.models import Staff
from tests import factories

pytestmark = pytest.mark.django_db


def test_seed_demo_outside_development_is_refused_with_a_sentence(settings: Settings) -> None:
    settings.DEV = False

    with pytest.raises(CommandError, match="DEV=1 only"):
        call_command("seed_demo")

    assert not Staff.objects.exists()


def test_seed_demo_where_it_was_seeded_before_says_so() -> None:
    factories.form(key="demo-website", is_demo=True)
    said = StringIO()

    call_command("seed_demo", stdout=said)

    assert said.getvalue() == "Demo data: there already.\n"
    assert not Staff.objects.exists()
