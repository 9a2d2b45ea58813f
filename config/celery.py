"""The queue: it says "look", carries nothing, and may be lost at any moment.

What is due is a column in the database; a tick only wakes somebody to read it. So a lost, late or doubled
message changes nothing but the delay, and there is no result to keep.
"""

from __future__ import annotations

import logging.config
import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TICK_EXPIRES = 60.0  # seconds; generous, because the clocks of two hosts may differ
PUBLISH_WAIT = 0.8  # seconds a request may wait for a dead or hanging broker

# Intervals in seconds, in UTC and never by the clock on the wall: local time is the rules' business.
TICKS = {
    "leads.tasks.look_for_arrivals": 2.0,
    "leads.tasks.look_for_follow_ups": 10.0,
    "notifications.tasks.look_at_outbox": 2.0,
    "notifications.tasks.look_at_stuck": 15.0,
}


def transport_options(role: str) -> dict[str, Any]:
    """Give the broker connection's limits: a worker may wait for work, everybody else only publishes."""
    wait = 30.0 if role == "worker" else PUBLISH_WAIT
    return {
        "socket_timeout": wait,
        "socket_connect_timeout": min(wait, 5.0),
        "retry_on_timeout": False,
        "max_retries": 0 if role in {"web", "command"} else 3,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 1,
        # A killed worker's messages come back after this; without the throttle it takes 100 s longer.
        "visibility_timeout": 300,
        "unacked_restore_throttle": 1,
    }


app = Celery("ivsuite")
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_transport_options=transport_options(settings.PROCESS_ROLE),
    broker_connection_timeout=PUBLISH_WAIT if settings.PROCESS_ROLE != "worker" else 5,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_publish_retry=False,
    result_backend=None,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_default_queue="ivsuite",
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=False,
    # No soft limit: its exception would be taken for a bug of one message. The work bounds itself to 20 s and
    # one slow mail; beyond this limit something hangs, and the leases tell what became of it.
    task_time_limit=600,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_max_memory_per_child=400_000,  # KiB
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_soft_shutdown_timeout=20,
    worker_eta_task_limit=100,  # a tripwire: nothing here uses eta
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    enable_utc=True,
    # In memory: intervals need no file, and a beat that starts again simply ticks again.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        name: {"task": name, "schedule": timedelta(seconds=seconds), "options": {"expires": TICK_EXPIRES}}
        for name, seconds in TICKS.items()
    },
)
app.autodiscover_tasks()


@setup_logging.connect(weak=False)
def keep_our_logging(**_unused: Any) -> None:
    """Keep the logging of the settings, redaction included, in the place of Celery's own."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect(weak=False)
def refuse_demo_rows(**_unused: Any) -> None:
    """Refuse to work outside development while demo rows exist."""
    from config.start import refuse_demo_rows as refuse  # noqa: PLC0415  (models can be imported only now)

    refuse()
