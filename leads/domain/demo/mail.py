"""The demo's post: what fell due in the past is judged by the real gate and put into words, and stays here.

Nothing is handed to a channel. The rows and their history read as they would have, and say it was a demo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from crm.actors import SYSTEM
from crm.models.references import new_reference
from notifications import queries
from notifications.domain import gate, hand, lifecycle
from notifications.domain.renderings import Templates, first_rendering
from notifications.enums import AboutKind, MessageState
from notifications.models import Message

_LEASE = timedelta(minutes=2)


def deliver_due(*, until: datetime, templates: Templates) -> None:
    """Settle every message that was due by `until`, each at the moment it was due."""
    # What the gate put off can fall due again before `until`.
    while due := _due(until):
        for at, together in groupby(due, key=lambda message: message.due_at):
            _deliver(list(together), templates, now=at)


def _due(until: datetime) -> list[Message]:
    waiting = Message.objects.filter(state=MessageState.QUEUED, held_reason="", due_at__lte=until)
    if not waiting.exists():
        return []  # the usual case, asked cheaply
    return list(waiting.select_related("contact", "address", "location", "staff").order_by("due_at", "pk"))


def _deliver(messages: Sequence[Message], templates: Templates, *, now: datetime) -> None:
    token = new_reference()
    facts = gate.gather(messages, now=now)
    step = lifecycle.Step(code="claimed", reason="Being prepared.", actor=SYSTEM, now=now)
    # Nobody else is at work in this transaction, so the rows need no locks.
    lifecycle.move_locked(
        {message.pk: message.state for message in messages},
        target=MessageState.CLAIMED,
        step=step,
        token=token,
        lease_until=now + _LEASE,
    )
    about_visits = {each.about_ref for each in messages if each.about_kind == AboutKind.APPOINTMENT}
    visits = queries.visits_by_reference(about_visits) if about_visits else {}
    for message in messages:
        message.token = token
        verdict = gate.judge(facts[message.pk], now=now)
        if not isinstance(verdict, gate.Send):
            hand.put_off(message, verdict, now=now, begun=False)
            continue
        words = first_rendering(
            message,
            templates=templates,
            visit=visits.get(message.about_ref),
            notice_first=facts[message.pk].safety_hold,
            now=now,
        )
        verdict = replace(verdict, reason=f"{verdict.reason} (Demo: it did not leave the house.)")
        _keep(message, verdict, words.columns, now=now)


def _keep(message: Message, verdict: gate.Send, columns: dict[str, Any], *, now: datetime) -> None:
    step = hand.step_of(verdict, now=now)
    lifecycle.move(
        message.pk,
        source=MessageState.CLAIMED,
        target=MessageState.HANDED,
        token=message.token,
        step=step,
        attempts=1,
        lease_until=now + _LEASE,
        **columns,
    )
    lifecycle.move(
        message.pk,
        source=MessageState.HANDED,
        target=MessageState.SENT,
        token=message.token,
        step=step,
        provider_id="demo",
    )
