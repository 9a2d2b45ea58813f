"""Every rule that is never false, and how it was broken to see that a test notices."""

from __future__ import annotations

from tests.invariants.breakages import arriving, gate, lives, privacy, record, sending
from tests.invariants.breakages.base import RULES, Breakage

ALL: tuple[Breakage, ...] = tuple(
    sorted(
        (*arriving.ALL, *lives.ALL, *sending.ALL, *gate.ALL, *privacy.ALL, *record.ALL),
        key=lambda each: each.invariant,
    )
)

__all__ = ["ALL", "RULES", "Breakage"]
