"""A provider that exists only in memory: its ledger is what tests compare with what the outbox believes.

The ledger is only ever added to. `answers` tells how the next messages go; without them all are accepted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from notifications.channels.base import (
    NOT_HANDED,
    Accepted,
    CannotTell,
    Envelope,
    MarkHanded,
    NotTaken,
    Refused,
    Result,
)
from notifications.errors import NotHanded

# `lost_answer` took the message and says nothing; `lost_message` says nothing and took nothing.
Answer = Literal[
    "accept", "refuse", "unreachable", "busy", "busy_after_hand", "lost_answer", "lost_message", "crash"
]


@dataclass(slots=True)
class MemoryChannel:
    """A provider and its ledger."""

    ledger: list[Envelope] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    sessions: int = 0

    @property
    def patience(self) -> timedelta:
        return timedelta(seconds=10)

    @contextmanager
    def session(self) -> Iterator[MemoryChannel]:
        self.sessions += 1
        yield self

    def send(self, envelope: Envelope, *, mark_handed: MarkHanded) -> Result:
        answer = self.answers.popleft() if self.answers else "accept"
        if answer == "unreachable":
            return NotTaken("unreachable", whole_channel=True)
        if answer == "busy":
            return NotTaken("busy")
        try:
            mark_handed()
        except NotHanded:
            return NOT_HANDED
        if answer == "crash":
            raise RuntimeError("the channel broke")
        if answer in {"accept", "lost_answer"}:
            self.ledger.append(envelope)
        results: dict[str, Result] = {
            "accept": Accepted(envelope.delivery_id),
            "refuse": Refused("refused"),
            "busy_after_hand": NotTaken("busy"),
        }
        return results.get(answer, CannotTell("no_answer"))
