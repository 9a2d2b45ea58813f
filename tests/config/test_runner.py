"""Real runs of `make run`'s runner, in a folder and on a port of their own."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import env, runner

ROOT = Path(__file__).resolve().parents[2]
UP_WAIT = 90.0  # seconds; two legs may share two cores
DOWN_WAIT = 30.0


class Run:
    """One runner and what it says."""

    def __init__(self, data_dir: Path, port: int) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        # A name of our own in the environment finds every process of this run, also one nobody is parent of.
        self.mark = f"RUN_OF_TEST={data_dir}"
        name, value = self.mark.split("=", 1)
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.runner"],
            cwd=ROOT,
            # A database that is named gets no demo clinic, whose quarter takes longer than all else here.
            env=kept
            | {
                "DATA_DIR": str(data_dir),
                "PORT": str(port),
                "DATABASE_URL": f"sqlite:///{data_dir / 'named.sqlite3'}",
                name: value,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(iter(output.readline, ""))

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_until_up(self) -> None:
        def up() -> bool:
            assert self.process.poll() is None, self.said
            return "Ctrl-C stops all of it." in self.said and answers(self.port)

        wait_for(up, UP_WAIT, lambda: self.said)

    def processes(self) -> list[int]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], seconds: float, say: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"Not within {seconds:.0f} s. {say()}")
        time.sleep(0.1)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def run(tmp_path: Path, port: int) -> Iterator[Run]:
    run = Run(tmp_path / "data", port)
    yield run
    for pid in run.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    run.process.wait()


def test_run_serves_refuses_a_second_and_ends_with_nothing_left(run: Run, port: int) -> None:
    run.wait_until_up()
    second = subprocess.run(
        [sys.executable, "-m", "config.runner"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": run.mark.split("=", 1)[1], "PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )

    run.process.send_signal(signal.SIGTERM)
    status = run.process.wait(DOWN_WAIT)

    assert (status, run.processes()) == (0, [])
    assert "superuser privileges" not in run.said  # what Celery says to whoever runs a worker as root
    assert (second.returncode, second.stdout.count("\n")) == (1, 1)
    assert second.stdout.startswith("It is already running on ")


@pytest.mark.skipif(
    sys.platform != "linux", reason="only the Linux kernel tells children that their parent died"
)
def test_run_that_was_killed_leaves_nothing(run: Run) -> None:
    run.wait_until_up()

    run.process.kill()

    wait_for(lambda: run.processes() == [], DOWN_WAIT, lambda: f"left: {run.processes()}\n{run.said}")


def test_run_on_a_taken_port_says_so(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        run = Run(tmp_path / "data", port)
        status = run.process.wait(DOWN_WAIT)

    wait_for(lambda: run.said != "", 5, lambda: "silence")
    assert (status, run.said) == (
        1,
        f"Port {port} is taken: stop what uses it, or set PORT to another one.\n",
    )


def test_commands_without_a_broker_sweep_in_a_loop(tmp_path: Path) -> None:
    run = replace(runner.plan(env.Env({"DATA_DIR": str(tmp_path)})), binary=None)

    commands = runner.commands(run)

    assert list(commands) == ["web", "sweep"]
    assert commands["sweep"][1:] == ["manage.py", "sweep", "--loop"]


@pytest.mark.parametrize(
    ("values", "demo"),
    [
        ({}, True),
        ({"DATABASE_URL": "postgres://h/d"}, False),
        ({"DATABASE_URL": "postgres://h/d", "DEMO": "1"}, True),
    ],
)
def test_plan_has_demo_data_unless_the_database_is_somebodys(values: dict[str, str], demo: bool) -> None:
    assert runner.plan(env.Env(values)).demo is demo


def test_broker_binary_comes_with_the_packages() -> None:
    binary = runner.broker_binary()

    assert binary is not None
    assert os.access(binary, os.X_OK)
