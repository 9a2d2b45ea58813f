"""Everything the bench starts, and ends again: servers, workers, and databases of its own."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from config import processes
from tests.load import cpu

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER_URL = os.environ.get("BENCH_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = os.environ.get("BENCH_REDIS_URL") or "redis://127.0.0.1:6379/14"
START_WAIT = 60.0  # seconds
QUEUE_KEYS = ("ivsuite", "_kombu.binding.ivsuite", "_kombu.binding_permanent.ivsuite")


@contextmanager
def database() -> Iterator[str]:
    """Make an empty database, give its address, and drop it at the end."""
    name = f"bench_ivsuite_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"{SERVER_URL.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(SERVER_URL, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def queue() -> Iterator[str]:
    """Give the broker's address, and take away at the end what the bench left in our queue there."""
    client = redis.Redis.from_url(REDIS_URL, socket_timeout=3)
    client.delete(*QUEUE_KEYS)
    try:
        yield REDIS_URL
    finally:
        client.delete(*QUEUE_KEYS)
        client.close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Give the environment of production, with keys made for this run; our servers stand behind a proxy."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {
        **kept,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": f"bench1:{key}",
        "HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_URL": "https://127.0.0.1",
        "DEFAULT_FROM_EMAIL": "IV-Suite <hello@ivsuite.example>",
        "TRUSTED_PROXIES": "1",
        "LOG_LEVEL": "WARNING",
        "DATA_DIR": str(folder),
        "STATIC_ROOT": str(folder),
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def run(*command: str, environment: Mapping[str, str]) -> None:
    """Run a command to its end.

    :raises CalledProcessError: when it fails; its output is shown.
    """
    subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=dict(environment), check=True, stdout=subprocess.DEVNULL
    )


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Server:
    """A web server and the database behind it."""

    port: int
    pid: int
    database_url: str

    def cpu_seconds(self) -> tuple[float, float]:
        """Give the processor seconds used so far: by the server's processes, by the database's backends."""
        return cpu.of_processes(cpu.tree(self.pid)), cpu.of_processes(backends(self.database_url))


def backends(database_url: str) -> list[int]:
    """List the processes that serve the connections of a database, without the one that asks."""
    with psycopg.connect(database_url) as asking:
        rows = asking.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return [int(pid) for (pid,) in rows.fetchall()]


@contextmanager
def server(
    name: str, *arguments: str, port: int, environment: Mapping[str, str], probe: str
) -> Iterator[Server]:
    """Start gunicorn, wait until it answers, and end all of it afterwards."""
    command = [sys.executable, "-m", "gunicorn", *arguments]
    child = processes.start(name, command, folder=ROOT, environment=environment)
    try:
        _wait_for(port, probe, child)
        yield Server(port, child.process.pid, environment["DATABASE_URL"])
    finally:
        processes.end([child])


def _wait_for(port: int, probe: str, child: processes.Child) -> None:
    deadline = time.monotonic() + START_WAIT
    while time.monotonic() < deadline and not child.ended:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{probe}", timeout=5).close()
        except urllib.error.HTTPError:
            return  # it answers: that is all we ask
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"The server {child.name} did not start.")


class Worker:
    """A process that does jobs of `tests.load.jobs`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.worker"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=processes.dying_with(os.getpid()),  # noqa: PLW1509  # our threads only copy lines
        )

    def begin(self, module: str, job: str, **arguments: Any) -> None:
        """Start a job without waiting for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"module": module, "job": job, "arguments": arguments}) + "\n")
        self._process.stdin.flush()

    def finish(self) -> dict[str, Any]:
        """Wait for the job that was started.

        :raises RuntimeError: when it failed; its traceback is shown already.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A worker of the bench failed.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def do(self, module: str, job: str, **arguments: Any) -> dict[str, Any]:
        """Do one job and give back what it cost."""
        self.begin(module, job, **arguments)
        return self.finish()

    def end(self) -> None:
        """Let it go; it has nothing in hand."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[Worker]:
    """Start a worker and end it afterwards."""
    started = Worker(environment)
    try:
        yield started
    finally:
        started.end()
