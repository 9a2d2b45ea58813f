"""The ticks carry nothing, may come twice, and leave a sign of life."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from crm.models import Heartbeat
from crm.queries import database_now
from notifications.enums import MessageState
from notifications.models import Message
from notifications.tasks import look_at_outbox, look_at_stuck
from tests import factories
from tests.notifications import messages

pytestmark = pytest.mark.django_db


def test_look_at_outbox_writes_the_mail_file(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.EMAIL_URL = tmp_path, None
    factories.templates()
    message = messages.message(now=database_now())

    for _ in range(2):
        look_at_outbox(carried="by an older beat")

    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{message.delivery_id}.eml"]
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["outbox"]


def test_look_at_stuck_settles_what_a_worker_left(settings: Settings) -> None:
    long_ago = database_now() - timedelta(hours=1)
    messages.message(now=long_ago, state=MessageState.HANDED)

    look_at_stuck()

    assert Message.objects.get().state == "unknown"
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["stuck"]
