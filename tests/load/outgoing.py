"""Claiming and sending messages, round about with a bare claim and a bare connection."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import median

from config import processes as children
from tests.load import cpu, processes, rows
from tests.load.processes import Worker
from tests.load.results import Row, compared, counted


@dataclass(frozen=True, slots=True)
class Size:
    """Rounds of how many claims and mails, and how many messages are scheduled for later."""

    rounds: int
    claims: int
    mails: int
    scheduled: int


QUICK = Size(rounds=1, claims=900, mails=60, scheduled=20_000)
USUAL = Size(rounds=3, claims=900, mails=80, scheduled=500_000)


def measured(environment: Mapping[str, str], *, size: Size) -> list[Row]:
    """Measure claiming and sending, and give the rows of the table. Needs people to write to."""
    with sink() as (port, pid):
        outgoing = {**environment, "PROCESS_ROLE": "worker", "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        with processes.worker(outgoing) as one, processes.worker(outgoing) as two:
            one.do("messages", "settle_everything")
            found = [*_send(one, port, pid, size), _speed_of_two(one, two, size)]
            rows.load_messages(environment["DATABASE_URL"], size.scheduled, due="30 days", mark="later:")
            return _claim(environment, one, size) + found


def _claim(environment: Mapping[str, str], worker: Worker, size: Size) -> list[Row]:
    ours, raw = [], []
    rows.load_bare(environment["DATABASE_URL"], size.scheduled, due="30 days")
    idle = worker.do("messages", "claim_nothing", times=50)
    for number in range(size.rounds):
        rows.load_messages(environment["DATABASE_URL"], size.claims, due="-1 minute", mark=f"due{number}:")
        rows.load_bare(environment["DATABASE_URL"], size.claims, due="-1 minute")
        raw.append(worker.do("messages", "claim_raw"))
        ours.append(worker.do("messages", "claim_due", limit=size.claims))
        worker.do("messages", "settle_everything")
    rates = [facts["items"] / facts["seconds"] for facts in ours]
    bare = [facts["items"] / facts["seconds"] for facts in raw]
    share = median(rates) / median(bare)
    return [
        Row(
            "claim due messages",
            f"{median(rates):.0f} rows/s",
            f"{median(bare):.0f} rows/s",
            f"{share:.2f}",
            "≥ 0.20 ×",
            share >= 0.2,
        ),
        counted(f"nothing due of {size.scheduled:,}", round(idle["p50"], 2), limit=5, unit="ms"),
    ]


def _send(worker: Worker, port: int, pid: int, size: Size) -> list[Row]:
    ours, raw = [], []
    worker.do("messages", "queue_emails", count=10)
    queries = worker.do("messages", "send_queries")["queries"]
    for _ in range(size.rounds):
        before = cpu.of_processes([pid])
        bare = worker.do("messages", "send_raw", port=port, count=size.mails)
        between = cpu.of_processes([pid])
        raw.append(bare["cpu_ms"] + 1000 * (between - before) / size.mails)
        worker.do("messages", "queue_emails", count=size.mails)
        between = cpu.of_processes([pid])
        sent = worker.do("messages", "send")
        ours.append(sent["cpu_ms"] + 1000 * (cpu.of_processes([pid]) - between) / max(sent["items"], 1))
    return [
        compared("send one e-mail (with the sink)", ours, raw, limit=2.0, unit="CPU-ms"),
        Row("send: queries", f"{queries:g} queries"),
    ]


def _speed_of_two(one: Worker, two: Worker, size: Size) -> Row:
    one.do("messages", "queue_emails", count=2 * size.mails)
    began = time.perf_counter()
    one.begin("messages", "send")
    two.begin("messages", "send")
    sent = one.finish()["items"] + two.finish()["items"]
    rate = sent / (time.perf_counter() - began)
    return Row("send: two workers", f"{rate:.0f}/s", goal="≥ 120/s", met=rate >= 120)


@contextmanager
def sink() -> Iterator[tuple[int, int]]:
    """Start a mail server on this machine; give its port and process."""
    port = processes.free_port()
    child = children.start(
        "sink",
        [sys.executable, "-m", "tests.load.sink", str(port)],
        folder=processes.ROOT,
        environment=processes.environment(processes.ROOT),
    )
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield port, child.process.pid
    finally:
        children.end([child])
