"""Accepting and processing leads, round about with the yardstick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psycopg

from tests.load import client, posts, processes, rows
from tests.load.processes import Server, Worker
from tests.load.results import Row, compared, counted

PATH = "/api/v1/leads/"
WARM_UP = 64
FEW = 1_000

Pages = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How many rounds of how many posts, and how many rows of earlier leads the second half stands on."""

    rounds: int
    posts: int
    earlier: int


QUICK = Size(rounds=2, posts=160, earlier=0)
USUAL = Size(rounds=3, posts=240, earlier=100_000)
FULL = Size(rounds=3, posts=400, earlier=1_000_000)


@dataclass(slots=True)
class Series:
    """What the rounds of one kind of work gave."""

    cpu_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    wrong: int = 0

    def in_words(self) -> str:
        """Tell the believed less: how fast, and how long it took."""
        said = f"{median(self.rate):.0f}/s"
        if self.p50:
            said += f", p50 {median(self.p50):.1f} ms, p99 {median(self.p99):.1f} ms"
        said += f"; PostgreSQL {median(self.database_ms):.2f} CPU-ms"
        return said + (f", {self.wrong} NOT ANSWERED 201" if self.wrong else "")


@dataclass(slots=True)
class Rounds:
    """The four kinds of work, measured in turn."""

    yard: Series = field(default_factory=Series)
    accept: Series = field(default_factory=Series)
    process: Series = field(default_factory=Series)
    sweep: Series = field(default_factory=Series)


class Bench:
    """Our server, the yardstick's, and a worker of ours."""

    def __init__(self, ours: Server, yard: Server, worker: Worker, clinic: Mapping[str, str]) -> None:
        self.ours = ours
        self.yard = yard
        self.worker = worker
        self.clinic = clinic

    def rounds(self, size: Size) -> Rounds:
        """Measure yardstick, accept, process and sweep in turn, as often as the size says."""
        found = Rounds()
        self._post(self.yard, WARM_UP, Series())
        self._post(self.ours, WARM_UP, Series())
        self.worker.do("arrivals", "process_as_the_sweep_does")
        for _ in range(size.rounds):
            with psycopg.connect(self.yard.database_url) as connection:
                connection.execute("TRUNCATE yardstick_lead, yardstick_event")
            self._post(self.yard, size.posts, found.yard)
            self._post(self.ours, size.posts, found.accept)
            _note(found.process, self.worker.do("arrivals", "process_one_by_one", limit=size.posts // 2))
            _note(found.sweep, self.worker.do("arrivals", "process_as_the_sweep_does"))
        return found

    def _post(self, server: Server, how_many: int, series: Series) -> None:
        bodies = posts.enquiries(how_many, **self.clinic)
        before = server.cpu_seconds()
        answers = client.post_all(server.port, PATH, bodies)
        own, database = (
            1000 * (after - earlier) / how_many
            for after, earlier in zip(server.cpu_seconds(), before, strict=True)
        )
        series.cpu_ms.append(own + database)
        series.database_ms.append(database)
        series.rate.append(answers.rate)
        series.p50.append(answers.percentile(0.5))
        series.p99.append(answers.percentile(0.99))
        series.wrong += answers.wrong


def _note(series: Series, facts: Mapping[str, Any]) -> None:
    series.cpu_ms.append(facts["cpu_ms"])
    series.database_ms.append(facts["database_ms"])
    series.rate.append(facts["items"] / facts["seconds"])
    if "p50" in facts:
        series.p50.append(facts["p50"])
        series.p99.append(facts["p99"])


@contextmanager
def bench(environment: Mapping[str, str], yard_url: str, worker: Worker) -> Iterator[Bench]:
    """Start both servers, each with two processes of four threads."""
    clinic = worker.do("arrivals", "make_clinic")
    yard_environment = {
        **environment,
        "DATABASE_URL": yard_url,
        "DJANGO_SETTINGS_MODULE": "tests.load.yardstick.settings",
    }
    processes.run("-m", "django", "migrate", "--run-syncdb", "-v0", environment=yard_environment)
    port, yard_port = processes.free_port(), processes.free_port()
    shape = ["-w", "2", "-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{yard_port}"]
    with (
        processes.server(
            "drf2",
            *shape,
            "--no-control-socket",
            "--log-level",
            "warning",
            "tests.load.yardstick.wsgi",
            port=yard_port,
            environment=yard_environment,
            probe=PATH,
        ) as yard,
        processes.server(
            "ours",
            "-c",
            "python:config.server",
            port=port,
            environment={**environment, "PORT": str(port), "WEB_WORKERS": "2", "WEB_THREADS": "4"},
            probe="/healthz",
        ) as ours,
    ):
        yield Bench(ours, yard, worker, clinic)


def measured(environment: Mapping[str, str], yard_url: str, *, size: Size, pages: Pages) -> list[Row]:
    """Measure accepting and processing, with few earlier leads and again with many.

    `pages` is called at both times, and looks at whatever else may grow.
    """
    with (
        processes.worker({**environment, "PROCESS_ROLE": "worker"}) as worker,
        bench(environment, yard_url, worker) as running,
    ):
        rows.load_leads(environment["DATABASE_URL"], FEW)
        found = running.rounds(size)
        queries = {
            "accept": worker.do("arrivals", "accept_queries", **running.clinic),
            "process": worker.do("arrivals", "process_queries"),
        }
        pages()
        printed = _rows(found, queries)
        if size.earlier:
            rows.load_leads(environment["DATABASE_URL"], size.earlier)
            printed += _growth(found, running.rounds(size), size.earlier)
            pages()
        return printed


def _growth(few: Rounds, many: Rounds, earlier: int) -> list[Row]:
    """Compare what was measured twice, each time against the yardstick of the same minutes."""
    return [
        _grown(f"accept, with {earlier:,} leads more", few.accept, many.accept, few, many, limit=1.1),
        _grown(f"process, with {earlier:,} leads more", few.process, many.process, few, many, limit=1.15),
    ]


def _grown(what: str, one: Series, other: Series, few: Rounds, many: Rounds, *, limit: float) -> Row:
    before, after = median(one.cpu_ms), median(other.cpu_ms)
    noise = median(many.yard.cpu_ms) / median(few.yard.cpu_ms)
    ratio = after / before / noise
    return Row(
        what,
        f"{after:.2f} CPU-ms",
        f"{before:.2f} CPU-ms before",
        f"{ratio:.2f}",
        f"≤ {limit} ×",
        ratio <= limit,
    )


def _rows(found: Rounds, queries: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    yard = found.yard.cpu_ms
    return [
        compared("accept one lead", found.accept.cpu_ms, yard, limit=1.0, unit="CPU-ms"),
        counted("accept: queries", queries["accept"]["queries"], limit=5),
        Row("accept: speed", found.accept.in_words(), found.yard.in_words()),
        compared("process one lead", found.process.cpu_ms, yard, limit=2.0, unit="CPU-ms"),
        counted("process: queries", queries["process"]["queries"], limit=20),
        Row("process: speed", found.process.in_words()),
        compared("process, as the sweep does", found.sweep.cpu_ms, yard, limit=2.0, unit="CPU-ms"),
    ]
