"""The ticks: each says only "look" and carries nothing: losing or doubling one changes only the delay."""

from __future__ import annotations

from celery import shared_task

from crm.domain import deadman, heartbeats
from crm.queries import database_now
from notifications.domain import dispatch, reconcile


@shared_task(name="notifications.tasks.look_at_outbox", ignore_result=True)
def look_at_outbox(**_: object) -> None:
    """Send what is due."""
    dispatch.look(database_now)
    heartbeats.beat("outbox", now=database_now())


@shared_task(name="notifications.tasks.look_at_stuck", ignore_result=True)
def look_at_stuck(**_: object) -> None:
    """Settle what a worker left behind and what became too late."""
    now = database_now()
    reconcile.look(now=now)
    heartbeats.beat("stuck", now=now)
    deadman.ping()
