"""Processor time from /proc: of a process with its children, and of a database's backends. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # after the name: fields 4, 14 and 15 of proc(5)


def of_processes(pids: Iterable[int]) -> float:
    """Add up the seconds that these processes have used; one that is gone counts nothing."""
    return sum(_seconds(fields) for pid in pids if (fields := _stat(pid)))


def tree(pid: int) -> list[int]:
    """List a process and everything that descends from it."""
    parents = {
        int(entry.name): int(fields[_PARENT])
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and (fields := _stat(int(entry.name)))
    }
    found = [pid]
    for each in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == each]
    return found


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()  # the name may hold blanks and brackets


def _seconds(fields: list[str]) -> float:
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / TICKS
