"""`manage.py sweep`: all due work without a queue, once or until told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from crm.models import Heartbeat
from crm.queries import database_now
from leads.models import Lead
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

BEATS = {"arrivals", "follow_ups", "stuck", "outbox"}
PATIENCE = 20.0


def _beats() -> set[str]:
    return set(Heartbeat.objects.values_list("name", flat=True))


def _wait_for(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def arrival() -> None:
    """An arrival that waits, in a clinic with words and a front desk."""
    factories.templates()
    place = factories.location()
    factories.staff(at=place)
    factories.arrival(factories.form(at=place), now=database_now())


@pytest.mark.usefixtures("arrival")
def test_sweep_takes_an_arrival_from_the_form_to_the_acknowledgement() -> None:
    call_command("sweep")

    assert Lead.objects.count() == 1
    assert set(Message.objects.values_list("template_code", "state")) == {
        ("acknowledgement", "sent"),
        ("new-lead-alert", "sent"),
    }
    assert _beats() == BEATS


@pytest.fixture
def broken_flood_table() -> Iterator[None]:
    """Take one table away, so that one part of the work fails for real."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_floodcount RENAME TO leads_floodcount_away")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_floodcount_away RENAME TO leads_floodcount")


@pytest.mark.usefixtures("arrival", "broken_flood_table")
def test_sweep_one_part_that_fails_stops_no_other() -> None:
    with pytest.raises(CommandError, match=r"^Failed: follow_ups\.$"):
        call_command("sweep")

    assert Lead.objects.count() == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert _beats() == BEATS - {"follow_ups"}


def _database_url() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("arrival")
def test_sweep_loop_works_until_told_to_stop(number: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sweep", "--loop"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": _database_url(), "PYTHONWARNINGS": "default"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        worked = _wait_for(lambda: Message.objects.filter(state="sent").count() == 2 and _beats() == BEATS)
        first = Heartbeat.objects.get(name="outbox").finished_at if worked else None
        again = worked and _wait_for(lambda: Heartbeat.objects.get(name="outbox").finished_at != first)
        process.send_signal(number)
        said, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()

    assert worked, said
    assert again, said
    assert process.returncode == 0, said
    assert "Traceback" not in said
