"""The hand: the last look, and the second mark, just before a provider can have the message.

Without this mark every message of a claimed batch would be in doubt after a crash; with it only the one that
was being handed is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from crm.actors import SYSTEM
from notifications.domain import consents, gate, lifecycle
from notifications.domain.renderings import FirstRendering
from notifications.enums import MessageState
from notifications.errors import NotHanded
from notifications.models import Message

Clock = Callable[[], datetime]

# Beyond twice what a provider may take, so that a lease never runs out under a call that is still going on.
MARGIN = timedelta(seconds=10)


def lease_for(patience: timedelta) -> timedelta:
    """Give the lease that outlives a call which may take `patience`, twice over."""
    return 2 * patience + MARGIN


class Hand:
    """Called by the channel at the last moment: commits the mark, or raises NotHanded."""

    def __init__(self, message: Message, *, clock: Clock, patience: timedelta) -> None:
        self.message = message
        self.clock = clock
        self.patience = patience
        self.first: FirstRendering | None = None
        self.verdict: gate.Verdict | None = None
        self.at: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether the mark was committed: from here on a provider may have the message."""
        return self.at is not None

    def __call__(self) -> None:
        """Look once more under the address's lock, with a fresh clock, and mark the message as handed.

        :raises NotHanded: when the gate says no, or the claim is no longer ours, or its lease is too short.
        """
        now = self.clock()
        # Durable: the mark is on the disk before the provider can have the message, or the call fails.
        with transaction.atomic(durable=True):
            handed = self._hand(now)
        if not handed:
            raise NotHanded
        self.at = now

    def _hand(self, now: datetime) -> bool:
        message = self.message
        if message.address is not None:
            # Opting out takes the same lock: it is over before this look, or begins after this mark.
            consents.lock_inbox(message.address)
        self.verdict = gate.judge(gate.gather([message], now=now)[message.pk], now=now)
        if not isinstance(self.verdict, gate.Send):
            put_off(message, self.verdict, now=now)
            return False
        return lifecycle.move(
            message.pk,
            source=MessageState.CLAIMED,
            target=MessageState.HANDED,
            token=message.token,
            step=step_of(self.verdict, now=now),
            lease_after=now + self.patience,
            lease_until=now + lease_for(self.patience),
            **(self.first.columns if self.first else {}),
        )


def put_off(
    message: Message, verdict: gate.Later | gate.Hold | gate.Never, *, now: datetime, begun: bool = True
) -> bool:
    """Do what the gate said instead of sending; False when the claim is no longer ours.

    Being put off is no attempt: one counted when the message's turn began is given back.
    """
    target: str = MessageState.QUEUED
    columns: dict[str, Any] = {"attempts": F("attempts") - 1} if begun else {}
    if isinstance(verdict, gate.Later):
        columns["due_at"] = verdict.until
    elif isinstance(verdict, gate.Hold):
        columns["held_reason"] = verdict.reason
    else:
        target = verdict.state
    return lifecycle.move(
        message.pk,
        source=MessageState.CLAIMED,
        target=target,
        token=message.token,
        step=step_of(verdict, now=now),
        **columns,
    )


def step_of(verdict: gate.Verdict, *, now: datetime) -> lifecycle.Step:
    """Give the step that writes down a verdict of the gate."""
    return lifecycle.Step(code=verdict.code, reason=verdict.reason, actor=SYSTEM, now=now)
