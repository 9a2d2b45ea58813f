"""`manage.py load_pack` says what it added."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from leads.models import CallOutcome

pytestmark = pytest.mark.django_db


def test_load_pack_says_what_was_new_and_then_that_nothing_is() -> None:
    first, second = StringIO(), StringIO()

    call_command("load_pack", stdout=first)
    call_command("load_pack", stdout=second)

    assert "12 services" in first.getvalue()
    assert second.getvalue() == "Clinic pack: complete.\n"
    assert CallOutcome.objects.count() == 16
