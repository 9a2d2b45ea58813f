"""Everything is stopped: each process is killed with its session, the queue's server with all it knew."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from celery import Celery

from config.celery import TICKS, app
from tests.chaos import tampering
from tests.chaos.clinic import Clinic, wait_for
from tests.chaos.provider import Provider
from tests.chaos.walk import Step, Walk

# Longer than any lease. It passes in the database: nobody waits for it.
OUTAGE = timedelta(minutes=3)
# Seconds.
STEP_WAIT = 90.0
HURRY_EVERY = 0.4
LOOK_EVERY = 0.05

# Whatever is open has something to be done next, and says when. Nothing that was accepted is given up.
FORGOTTEN = {
    "open without a next action": (
        "SELECT COUNT(*) FROM leads_lead l WHERE l.status NOT IN ('lost', 'attended') AND (l.next_action_at "
        "IS NULL OR NOT EXISTS (SELECT 1 FROM leads_followup f WHERE f.lead_id = l.id AND f.state = 'open' "
        "AND f.due_at = l.next_action_at))"
    ),
    "given up": (
        "SELECT (SELECT COUNT(*) FROM leads_submission WHERE state NOT IN ('waiting', 'processed')) + "
        "(SELECT COUNT(*) FROM notifications_message WHERE state NOT IN "
        "('queued', 'claimed', 'handed', 'sent', 'unknown') OR held_reason <> '')"
    ),
}


@dataclass(slots=True)
class Scene:
    """A walk, and what is done to the clinic meanwhile.

    `hurried`, for the short runs: after a stop only those are started whose turn it is, since starting takes
    nearly all the time; and somebody says "look" to the queue more often than the beat, as another might.
    """

    clinic: Clinic
    provider: Provider
    walk: Walk
    hurried: bool
    stops: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    _hurried_at: float = 0.0

    def need(self, *names: str) -> None:
        """Start these processes, and in a run that takes its time all others too, where they do not run."""
        clinic = self.clinic
        if clinic.broker is not None and not clinic.running:
            clinic.broker.start()
        wanted = names if self.hurried else ("web", *clinic.workers)
        clinic.start(*(name for name in wanted if name not in clinic.running), waits=False)
        if "web" in names:
            clinic.wait_for_web()

    def kill(self) -> None:
        """Kill everything at once; the queue's server forgets all it was told."""
        self.clinic.kill(*self.clinic.running)
        if self.clinic.broker is not None:
            self.clinic.broker.kill()
        self.stops += 1

    def lie_still(self) -> None:
        """Look at the books while all is down, and let the outage last."""
        books, walk = self.clinic.books, self.walk
        wait_for("The database sees that all are gone", lambda: tampering.others(books.url) == 0, STEP_WAIT)
        for name, statement in FORGOTTEN.items():
            self.wrong[name] += books.count(statement)
        kept = books.rows("SELECT reference FROM leads_submission")
        self.wrong["accepted, not kept"] += int(bool(walk.reference) and kept != [(walk.reference,)])
        walk.texts.taken()
        walk.let_pass(OUTAGE)

    def stop(self) -> None:
        """Have an outage, unless there is one."""
        if self.clinic.running:
            self.kill()
            self.lie_still()

    def finish(self, step: Step) -> None:
        """Wait until all that comes of a step has come; people settle meanwhile what nobody knows."""
        deadline = time.monotonic() + STEP_WAIT
        while not step.done():
            assert time.monotonic() < deadline, f"{step.name}: it waits forever\n{self.clinic.log()}"
            self.need(*self.clinic.workers)
            self.hurry()
            if self.walk.in_doubt():
                self.need("web")
                self.walk.settle_doubts()
            time.sleep(LOOK_EVERY)

    def hurry(self) -> None:
        """Say "look" to whoever is at the queue, unless that was said a moment ago."""
        broker = self.clinic.broker
        if not self.hurried or broker is None or time.monotonic() - self._hurried_at < HURRY_EVERY:
            return
        self._hurried_at = time.monotonic()
        with Celery("another-beat", broker=broker.url, set_as_current=False) as another:
            for name in TICKS:
                another.send_task(name, queue=app.conf.task_default_queue, expires=60, ignore_result=True)
