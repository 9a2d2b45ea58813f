"""The dispatcher: claims what is due, asks the gate, hands it to a channel and writes down what came of it.

See Note [Unknown outcome]: a message of which nobody can tell whether it went is never sent again blindly. It
becomes `unknown` and waits for a receipt, an answer of the provider, or a person.
"""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError

from crm.actors import SYSTEM
from notifications import channels
from notifications.channels.base import (
    NOT_HANDED,
    Accepted,
    CannotTell,
    Channel,
    Envelope,
    NotTaken,
    Refused,
    Result,
    Session,
)
from notifications.domain import claims, gate, hand, lifecycle, renderings, retries
from notifications.domain.hand import Clock, Hand
from notifications.enums import Channel as ChannelName
from notifications.enums import MessageState
from notifications.errors import TemplateNotUsable
from notifications.models import Message

logger = logging.getLogger(__name__)

ChannelFor = Callable[[str], Channel]

LOOK_FOR = timedelta(seconds=20)
BATCH = 50

_REFUSED = "The provider refused it for good."
_NOT_TAKEN = "The provider could not take it; it will be tried again."
_UNREACHABLE = "The provider could not be reached; it will be tried again."
_CANNOT_TELL = "The provider gave no clear answer: nobody knows whether it went."
_BROKE = "Something went wrong on our side; it will be tried again."


@dataclass(frozen=True, slots=True)
class Summary:
    """What one round did: how many were claimed, and how many left each way."""

    claimed: int = 0
    sent: int = 0
    put_off: int = 0
    failed: int = 0
    unknown: int = 0
    retried: int = 0

    def __add__(self, other: Summary) -> Summary:
        return Summary(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def look(clock: Clock, *, channel_for: ChannelFor = channels.channel_for) -> Summary:
    """Send what is due until nothing is, or 20 seconds have passed."""
    started = clock()
    now, total = started, Summary()
    while now - started < LOOK_FOR:
        done = send_due(now=now, clock=clock, channel_for=channel_for)
        total += done
        if not done.claimed:
            break
        now = clock()
    return total


def send_due(
    *, now: datetime, batch: int = BATCH, clock: Clock, channel_for: ChannelFor = channels.channel_for
) -> Summary:
    """Claim a batch of due messages and send what the gate lets through; one session serves a whole channel.

    A message that fails never stops the next one. `clock` gives the database's time afresh before each hand.
    """
    messages = claims.claim(now=now, batch=batch)
    if not messages:
        return Summary()
    tally: Counter[str] = Counter(claimed=len(messages))
    facts = gate.gather(messages, now=now)
    ready = []
    for message in messages:
        verdict = gate.judge(facts[message.pk], now=now)
        if isinstance(verdict, gate.Send):
            ready.append(message)
        elif hand.put_off(message, verdict, now=now, begun=False):
            tally["put_off"] += 1
    source = renderings.source_for(ready, flagged=frozenset(m.pk for m in ready if facts[m.pk].safety_hold))
    for name, group in groupby(sorted(ready, key=_channel), key=_channel):
        channel = channel_for(name)
        with channel.session() as session:
            _send_all(list(group), _Line(session, channel.patience, clock, source), tally)
    return Summary(**tally)


@dataclass(frozen=True, slots=True)
class _Line:
    """An open session and what sending over it needs."""

    session: Session
    patience: timedelta
    clock: Clock
    source: renderings.Source


def _send_all(messages: Sequence[Message], line: _Line, tally: Counter[str]) -> None:
    for position, message in enumerate(messages):
        outcome = _send(message, line)
        tally[outcome] += 1
        if outcome == "unreachable":
            # The next would wait just as long for nobody: give all of them back, untried.
            for rest in messages[position + 1 :]:
                tally["retried"] += _give_back(rest, line.clock(), counted=False)
            break
    tally["retried"] += tally.pop("unreachable", 0)
    tally.pop("lost", None)


def _send(message: Message, line: _Line) -> str:
    """Take one message through its turn; name what came of it: a field of Summary, `unreachable`, `lost`."""
    now = line.clock()
    if not claims.begin(message, now=now, lease=max(claims.CLAIM_LEASE, hand.lease_for(line.patience))):
        return "lost"
    mark = Hand(message, clock=line.clock, patience=line.patience)
    try:
        if message.rendered_at is None:
            mark.first = line.source.first_rendering(message, now=now)
        result = line.session.send(_envelope(message, mark.first), mark_handed=mark)
    except (OperationalError, InterfaceError):
        raise  # the database is away: leases tell later what became of the batch
    except TemplateNotUsable as failure:
        # Trying again would find the same words.
        step = _step(failure.code, failure.message, now)
        return _end(message, MessageState.FAILED, step, source=MessageState.CLAIMED)
    except Exception as failure:  # noqa: BLE001 – one message that breaks must not stop the others
        _report(message, failure)
        result = CannotTell("our_error") if mark.done else NotTaken("our_error")
    return _settle(message, result, mark, now)


def _settle(message: Message, result: Result, mark: Hand, began_at: datetime) -> str:
    now = mark.at or began_at
    if result == NOT_HANDED:
        # The hand has written down why, if the claim was still ours.
        return "lost" if mark.verdict is None or isinstance(mark.verdict, gate.Send) else "put_off"
    # Without a mark nothing can have been accepted: then nothing is found in `handed`, and nothing changes.
    nothing_left = not mark.done and isinstance(result, Refused | NotTaken)
    source = MessageState.CLAIMED if nothing_left else MessageState.HANDED
    if isinstance(result, Accepted):
        step = hand.step_of(mark.verdict, now=now) if mark.verdict else _step("sent", "Sent.", now)
        return _end(message, MessageState.SENT, step, source=source, provider_id=result.provider_id[:200])
    if isinstance(result, Refused):
        return _end(message, MessageState.FAILED, _step(result.code, _REFUSED, now), source=source)
    if isinstance(result, CannotTell):
        return _end(message, MessageState.UNKNOWN, _step(result.code, _CANNOT_TELL, now), source=source)
    return _try_again(message, result, source, now)


def _try_again(message: Message, result: NotTaken, source: str, now: datetime) -> str:
    if result.whole_channel:
        return "unreachable" if _give_back(message, now, counted=True, source=source) else "lost"
    if claims.worn_out(message.attempts):
        return _end(message, MessageState.FAILED, claims.poison(now), source=source)
    wait = retries.delay_after(message.attempts, spread=_spread(message))
    reason = _BROKE if result.code == "our_error" else _NOT_TAKEN
    return _end(
        message, MessageState.QUEUED, _step(result.code, reason, now), source=source, due_at=now + wait
    )


def _give_back(message: Message, now: datetime, *, counted: bool, source: str = MessageState.CLAIMED) -> bool:
    """Put a message back because nobody answers: no fault of its own, so it costs no attempt."""
    wait = retries.delay_after(1, spread=_spread(message))
    attempts: dict[str, Any] = {"attempts": message.attempts - 1} if counted else {}
    return lifecycle.move(
        message.pk,
        source=source,
        target=MessageState.QUEUED,
        token=message.token,
        step=_step("unreachable", _UNREACHABLE, now),
        due_at=now + wait,
        **attempts,
    )


_NAMES: Mapping[str, str] = {
    MessageState.SENT: "sent",
    MessageState.FAILED: "failed",
    MessageState.UNKNOWN: "unknown",
    MessageState.QUEUED: "retried",
}


def _end(message: Message, target: str, step: lifecycle.Step, *, source: str, **columns: Any) -> str:
    moved = lifecycle.move(
        message.pk, source=source, target=target, token=message.token, step=step, **columns
    )
    if not moved and source == MessageState.HANDED and target != MessageState.UNKNOWN:
        # The lease ran out while the provider took its time: what it said in the end still counts.
        moved = lifecycle.move(
            message.pk,
            source=MessageState.UNKNOWN,
            target=target,
            token=message.token,
            step=step,
            **columns,
        )
    return _NAMES[target] if moved else "lost"


def _envelope(message: Message, first: renderings.FirstRendering | None) -> Envelope:
    """Put a message into its envelope: one recipient, under the name of its location."""
    by_email = message.channel == ChannelName.EMAIL
    to_staff = message.staff is not None
    return Envelope(
        delivery_id=message.delivery_id,
        channel=message.channel,
        to=message.staff.email if message.staff else message.address.value if message.address else "",
        from_name=message.location.sender_name,
        from_address=parseaddr(settings.DEFAULT_FROM_EMAIL)[1] if by_email else message.location.sender_phone,
        reply_to=message.location.reply_email if by_email and not to_staff else "",
        subject=first.rendered.subject if first else message.rendered_subject,
        body=first.rendered.body if first else message.rendered_body,
        dated=(first.at if first else message.rendered_at) or message.created_at,
        # So that nobody's holiday notice answers it.
        headers={"Auto-Submitted": "auto-generated"} if by_email else {},
    )


def _channel(message: Message) -> str:
    return message.channel


def _spread(message: Message) -> float:
    return int(message.delivery_id[:8], 16) / 2**32


def _step(code: str, reason: str, now: datetime) -> lifecycle.Step:
    return lifecycle.Step(code=code[:40], reason=reason, actor=SYSTEM, now=now)


def _report(message: Message, failure: Exception) -> None:
    """Report a bug without its text, which may hold what was to be said."""
    frame = traceback.extract_tb(failure.__traceback__)[-1]
    logger.error(
        "message_broke",
        extra={
            "delivery_id": message.delivery_id,
            "error": type(failure).__name__,
            "where": f"{frame.filename}:{frame.lineno}",
        },
    )
