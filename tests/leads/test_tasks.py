"""The nudge."""

from __future__ import annotations

import pytest
from celery import current_app

from leads import tasks


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were published; the broker is the outside."""
    found: list[str] = []
    monkeypatch.setattr(current_app.conf, "broker_url", "memory://")
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: found.append(name))
    monkeypatch.setattr(tasks, "_quiet_until", 0.0)
    monkeypatch.setattr(tasks, "_nudged_until", 0.0)
    return found


def test_nudge_in_a_rush_is_published_once(published: list[str]) -> None:
    tasks.nudge()
    tasks.nudge()

    assert published == ["leads.tasks.look_for_arrivals"]


def test_nudge_after_a_while_is_published_again(
    published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.nudge()
    monkeypatch.setattr(tasks, "_nudged_until", 0.0)

    tasks.nudge()

    assert len(published) == 2
