"""What became of messages whose worker died or froze: leases that ran out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from crm.actors import SYSTEM
from notifications.domain import claims, lifecycle, outbox
from notifications.enums import MessageState
from notifications.models import Message

# Note [Unknown outcome]
# A worker that dies between the hand mark and the provider's answer leaves a message of which nobody can tell
# whether it went. Sending it again may say it twice; not sending may leave it unsaid. So it is neither: it
# becomes `unknown`, is counted and shown, and is settled by a receipt, by the provider, or by a person.

AT_ONCE = 500

_BEFORE = "The worker stopped before handing it over; it will be tried again."
_DURING = "The worker stopped while handing it over: nobody knows whether it went."


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many messages went back into the queue, are in doubt, were parked, and came too late."""

    queued: int
    unknown: int
    parked: int
    expired: int


def look(*, now: datetime) -> TakenBack:
    """Settle every lease that ran out and give up what waits and is too late."""
    queued, unknown, parked = take_back(now=now)
    return TakenBack(queued=queued, unknown=unknown, parked=parked, expired=outbox.expire_overdue(now=now))


def take_back(*, now: datetime) -> tuple[int, int, int]:
    """Put claimed messages whose lease ran out back into the queue, and mark handed ones as unknown.

    A claimed message that has worn out its attempts is parked: it may be what kills the worker. Gives the
    numbers of queued, unknown and parked.
    """
    overdue = Message.objects.filter(
        state__in=[MessageState.CLAIMED, MessageState.HANDED], lease_until__lte=now
    ).order_by("pk")
    if not overdue.exists():
        return 0, 0, 0  # without taking the write lock of SQLite
    with transaction.atomic(durable=True):
        rows = list(
            overdue.select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked
            ).values_list("pk", "state", "attempts")[:AT_ONCE]
        )
        back, parked, doubtful = _sorted_out(rows)
        return (
            lifecycle.move_locked(back, target=MessageState.QUEUED, step=_step(_BEFORE, now)),
            lifecycle.move_locked(doubtful, target=MessageState.UNKNOWN, step=_step(_DURING, now)),
            lifecycle.move_locked(parked, target=MessageState.FAILED, step=claims.poison(now)),
        )


def _sorted_out(rows: list[tuple[int, str, int]]) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Part rows of (id, state, attempts) into what goes back, what is parked and what is in doubt."""
    back, parked, doubtful = {}, {}, {}
    for pk, state, attempts in rows:
        if state == MessageState.HANDED:
            doubtful[pk] = state
        elif claims.worn_out(attempts):
            parked[pk] = state
        else:
            back[pk] = state
    return back, parked, doubtful


def _step(reason: str, now: datetime) -> lifecycle.Step:
    return lifecycle.Step(code="lease_lost", reason=reason, actor=SYSTEM, now=now)
