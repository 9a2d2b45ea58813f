"""A whole clinic of real processes on servers of its own, to be killed, frozen and started again."""

from __future__ import annotations

import http.client
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from config import processes, runner
from tests.chaos.books import Books
from tests.chaos.provider import Provider

ROOT = Path(__file__).resolve().parents[2]
UP_WAIT = 60.0  # seconds; the machine may be busy with other tests
REST_WAIT = 600.0  # longer than any lease and a long backlog


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, condition: Callable[[], bool], seconds: float) -> None:
    """Wait until it is so.

    :raises AssertionError: when it is not so in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Template:
    """A filled database and the keys that belong to it, made once and copied for each run."""

    folder: Path
    server_url: str = ""
    name: str = ""

    @contextmanager
    def copied_to(self, folder: Path) -> Iterator[str]:
        """Copy it; give the `DATABASE_URL` of the copy, which is dropped at the end."""
        shutil.copytree(self.folder, folder)
        if not self.server_url:
            yield f"sqlite:///{folder / 'db.sqlite3'}"
            return
        with database(self.server_url, like=self.name) as url:
            yield url


@contextmanager
def database(server_url: str, *, like: str = "template1") -> Iterator[str]:
    """Make a PostgreSQL database of our own and drop it at the end."""
    name = f"chaos_ivsuite_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(make.format(sql.Identifier(name), sql.Identifier(like)))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@dataclass(slots=True)
class Broker:
    """A Redis of our own, which forgets everything when it dies."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        binary = shutil.which("redis-server") or str(runner.broker_binary())
        self.process = subprocess.Popen(
            [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=processes.dying_with(os.getpid()),  # noqa: PLW1509  (one system call)
        )
        wait_for("The broker answers", self._answers, UP_WAIT)

    def flush(self) -> None:
        with redis.Redis.from_url(self.url, socket_timeout=3) as client:
            client.flushall()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP freezes it, SIGCONT thaws it."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Clinic:
    """The processes of one run, under the commands that `make run` uses."""

    def __init__(self, folder: Path, database_url: str, provider: Provider, broker: Broker | None) -> None:
        self.books = Books(database_url)
        self.broker = broker
        self.folder = folder
        self.port = free_port()
        self.kills = 0
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        redis_url = broker.url if broker is not None else None
        plan = runner.Plan(folder, self.port, demo=False, redis_url=redis_url, binary=None)
        self._commands = runner.commands(plan)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "DEV": "1",
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "EMAIL_URL": provider.url,
            "PORT": str(self.port),
            "LOG_LEVEL": "WARNING",
            **({"REDIS_URL": redis_url} if redis_url else {}),
        }

    @property
    def workers(self) -> list[str]:
        """The names of the processes that do the scheduled work."""
        return [name for name in self._commands if name != "web"]

    @property
    def running(self) -> list[str]:
        """The names of the processes that were started and not ended."""
        return list(self._children)

    def start(self, *names: str, waits: bool = True) -> None:
        """Start processes, each the leader of a session; the web is waited for, unless told otherwise."""
        for name in names:
            role = name if name in {"web", "worker", "beat"} else "command"
            with (self.folder / f"{name}.log").open("ab") as log:
                self._children[name] = subprocess.Popen(
                    self._commands[name],
                    cwd=ROOT,
                    env=self.environment | {"PROCESS_ROLE": role},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=processes.dying_with(os.getpid()),  # noqa: PLW1509  (one system call)
                )
        if "web" in names and waits:
            self.wait_for_web()

    def wait_for_web(self) -> None:
        wait_for("The web answers", self._web_answers, UP_WAIT)

    def kill(self, *names: str) -> None:
        """Kill whole sessions at once: nobody is asked, nothing is finished."""
        children = [self._children.pop(name) for name in names]
        for child in children:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        for child in children:
            child.wait()
            self.kills += 1

    def kill_one_of(self, name: str, chance: random.Random) -> None:
        """Kill one of a process's children (a pool process, a web worker); its parent makes another."""
        children = children_of(self._children[name].pid)
        if children:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(children), signal.SIGKILL)
            self.kills += 1

    def stop(self, *names: str) -> None:
        """End processes as an operator does: with SIGTERM."""
        for name in names:
            self._children[name].terminate()
        for name in names:
            self._children.pop(name).wait(30)

    def end(self) -> None:
        """Leave nothing behind."""
        for name in list(self._children):
            self.kill(name)

    def come_to_rest(self, *, after_leases: bool) -> None:
        """Wait until nothing is on its way any more; `after_leases`: let them run out by the clock."""
        if not after_leases:
            self.kill(*self.workers)
            self.books.let_leases_run_out()
            self.start(*self.workers)
        wait_for("Everything is at rest", lambda: self.books.unfinished() == 0, REST_WAIT)

    def log(self) -> str:
        """Give all that the processes wrote."""
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def _web_answers(self) -> bool:
        assert self._children["web"].poll() is None, self.log()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def children_of(pid: int) -> list[int]:
    """List the direct children of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def filled(folder: Path, database_url: str) -> None:
    """Fill an empty database, with keys made in this folder."""
    folder.mkdir(parents=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.prepare"],
        cwd=ROOT,
        env=kept | {"DEV": "1", "DATA_DIR": str(folder), "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
