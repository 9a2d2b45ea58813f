"""Clockwork: tasks say only "look". They carry nothing, hold no rule, and may be lost or run twice."""

from __future__ import annotations

import time

import structlog
from celery import current_app, shared_task

from crm.domain import heartbeats
from crm.queries import database_now
from leads.domain import arrivals, followups
from notifications.tasks import look_at_outbox

log = structlog.get_logger(__name__)

# After a failed publish the broker is left alone this long: a request must not wait for it again and again.
PAUSE_SECONDS = 5.0
# Who looks takes all that waits, so in a rush one nudge serves many; the next tick finds whom it missed.
NUDGED_FOR = 0.2
_quiet_until = 0.0
_nudged_until = 0.0


@shared_task(name="leads.tasks.look_for_arrivals", ignore_result=True)
def look_for_arrivals(**_: object) -> None:
    """Make leads of the arrivals that wait, then wake the outbox for what they queued."""
    made = arrivals.look(database_now)
    heartbeats.beat("arrivals", now=database_now())
    if made:
        _wake(look_at_outbox.name)


@shared_task(name="leads.tasks.look_for_follow_ups", ignore_result=True)
def look_for_follow_ups(**_: object) -> None:
    """Remind staff of follow-ups that fell due."""
    followups.look(database_now)
    heartbeats.beat("follow_ups", now=database_now())


def nudge() -> None:
    """Wake a worker for an arrival just stored. Never raises; waits a second at most."""
    global _nudged_until  # noqa: PLW0603  # one number per process, by design
    if time.monotonic() < _nudged_until:
        return
    _nudged_until = time.monotonic() + NUDGED_FOR
    _wake(look_for_arrivals.name)


def _wake(task_name: str) -> None:
    global _quiet_until  # noqa: PLW0603  # one number per process, by design
    if not current_app.conf.broker_url or time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task_name, expires=60, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001  # whatever the broker's client raises, the arrival is stored
        _quiet_until = time.monotonic() + PAUSE_SECONDS
        log.warning("wake_up_not_published", error=type(error).__name__)
