"""`manage.py sweep`: all scheduled work without a queue, once or over and over."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from crm.domain import deadman, heartbeats
from crm.queries import database_now
from leads.domain import arrivals, followups
from notifications.domain import dispatch, reconcile

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0


def _look_for_arrivals() -> None:
    arrivals.look(database_now)


def _look_for_follow_ups() -> None:
    followups.look(database_now)


def _look_at_stuck() -> None:
    reconcile.look(now=database_now())


def _look_at_outbox() -> None:
    dispatch.look(database_now)


# The same work under the same heartbeats as the queue's ticks; the outbox last, since the others fill it.
PARTS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("arrivals", _look_for_arrivals),
    ("follow_ups", _look_for_follow_ups),
    ("stuck", _look_at_stuck),
    ("outbox", _look_at_outbox),
)


def sweep_once() -> list[str]:
    """Do each part of the scheduled work once, whatever becomes of the others; give the parts that failed."""
    failed = []
    for name, part in PARTS:
        try:
            part()
            heartbeats.beat(name, now=database_now())
        except Exception as error:  # noqa: BLE001  (whatever it is, the other parts go on)
            # The kind of error only: its text could carry what a person wrote.
            log.error("sweep_failed", part=name, error=type(error).__name__)  # noqa: TRY400
            failed.append(name)
    return failed


class Command(BaseCommand):
    help = "Does all due work without a queue: arrivals, follow-ups, the outbox, and what got stuck."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--loop", action="store_true", help="go on, a second apart, until told to stop (SIGTERM, SIGINT)"
        )

    def handle(self, *_: Any, loop: bool = False, **__: Any) -> None:
        if not loop:
            if failed := sweep_once():
                raise CommandError(f"Failed: {', '.join(failed)}.")
            return
        asked = threading.Event()

        def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
            asked.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask_to_stop)
        while not asked.is_set():
            close_old_connections()  # one that the database has dropped is made anew
            if not sweep_once():
                deadman.ping()
            asked.wait(PAUSE_SECONDS)
