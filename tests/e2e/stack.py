"""The real thing, started for a browser: what `make run` starts, or parts of it, in a folder of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UP_WAIT = 60.0
DOWN_WAIT = 20.0
PREPARE = (["migrate", "--verbosity", "0"], ["load_pack"], ["seed_demo"])


class Stack:
    """Processes that share one data folder and one port, and leave none behind."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = _free_port()
        # Found by this name in their environment, also those nobody is parent of any more.
        self._mark = f"RUN_OF_TEST={data_dir}"
        self._started: list[subprocess.Popen[bytes]] = []
        self.log = data_dir.with_suffix(".log")

    def url(self, path: str) -> str:
        return f"http://localhost:{self.port}{path}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        name, value = self._mark.split("=", 1)
        ours = {"DEV": "1", "DATA_DIR": str(self.data_dir), "PORT": str(self.port), name: value}
        # The runner ends everything when this process is killed and can no longer ask it to.
        return kept | ours | {"PYTHONUNBUFFERED": "1", "DIES_WITH_PARENT": "1"}

    def manage(self, *command: str) -> None:
        """Run one management command to its end."""
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def start(self, *command: str, role: str = "command") -> subprocess.Popen[bytes]:
        """Start a process that goes on until the end."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment | {"PROCESS_ROLE": role},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def start_web(self) -> None:
        """Start the web process alone: no worker, no beat and no broker."""
        web = self.start("-m", "gunicorn", "-c", "python:config.server", role="web")
        self._wait_until_up(web)

    def start_all(self) -> None:
        """Start what `make run` starts."""
        self._wait_until_up(self.start("-m", "config.runner"))

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        def up() -> bool:
            if process.poll() is not None:
                raise AssertionError(f"It ended by itself.\n{self.log.read_text(errors='replace')}")
            return _answers(self.port)

        if not wait_for(up, UP_WAIT):
            raise AssertionError(f"It did not come up.\n{self.log.read_text(errors='replace')}")

    def end(self) -> None:
        """End all of it, the children of children too; what does not end in time is killed."""
        for process in reversed(self._started):
            process.terminate()
        for process in self._started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(DOWN_WAIT)
        for pid in self._alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self._started:
            process.wait()

    def _alive(self) -> Sequence[int]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self._mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """Give a stack, and end it however the block is left."""
    try:
        yield stack
    finally:
        stack.end()


def prepare(data_dir: Path) -> None:
    """Make a folder with the clinic pack and the demo in it, as the first `make run` does."""
    data_dir.mkdir(parents=True)
    stack = Stack(data_dir)
    for command in PREPARE:
        stack.manage(*command)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again; say whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
