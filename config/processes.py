"""Child processes that do not outlive the one who started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STOP_WAIT = 12.0  # seconds a child gets to finish what it has in hand
PR_SET_PDEATHSIG = 1
# The broker says it at every start, and nobody at a desk can do anything about it.
NOISE = "Memory overcommit must be enabled"


@dataclass(frozen=True, slots=True)
class Child:
    """One process, the leader of a session of its own."""

    name: str
    process: subprocess.Popen[str]

    @property
    def ended(self) -> bool:
        """Whether it is gone. Asks the kernel, not the database."""
        return self.process.poll() is not None


def start(name: str, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Child:
    """Start a child whose output is passed on line by line, with its name before it."""
    process = subprocess.Popen(  # noqa: S603  (our own commands)
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=dying_with(os.getpid()),  # noqa: PLW1509  (our other threads only copy lines)
    )
    child = Child(name, process)
    threading.Thread(target=_pass_on, args=(child,), daemon=True).start()
    return child


def dying_with(parent: int) -> Callable[[], None]:
    """Give what a fresh child does first: ask the kernel for SIGTERM when `parent` is gone (Linux only)."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # It died before we asked.
                os._exit(1)

    return ask


def end(children: Sequence[Child]) -> None:
    """Ask the children to end, wait, and kill whatever is left of their sessions."""
    for child in children:
        with suppress(ProcessLookupError):
            child.process.terminate()
    deadline = time.monotonic() + STOP_WAIT
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
        # The session outlives its leader: whatever it left is ended here.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def say(*lines: str) -> None:
    """Write lines at once; whoever read our output may be gone, and that stops nothing."""
    with suppress(OSError, ValueError):
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


def _pass_on(child: Child) -> None:
    for line in child.process.stdout or ():
        if NOISE not in line:
            say(f"{child.name:<7}| {line.rstrip()}")
