"""The message's life: its table, and the only writer of its state.

Every move is a compare-and-swap and leaves one immutable event in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from crm.actors import Actor
from crm.domain import rows
from crm.models.references import ActedBy
from notifications.enums import MessageState
from notifications.errors import MessageNotMovable
from notifications.models import Message, MessageEvent

_S = MessageState

TRANSITIONS: Mapping[str, frozenset[str]] = {
    _S.QUEUED: frozenset({_S.CLAIMED, _S.CANCELLED, _S.EXPIRED, _S.SUPPRESSED}),
    # claimed → failed: what cannot be rendered, and what was parked before it was ever handed.
    _S.CLAIMED: frozenset({_S.QUEUED, _S.HANDED, _S.CANCELLED, _S.EXPIRED, _S.SUPPRESSED, _S.FAILED}),
    _S.HANDED: frozenset({_S.SENT, _S.QUEUED, _S.UNKNOWN, _S.FAILED}),
    _S.UNKNOWN: frozenset({_S.SENT, _S.QUEUED, _S.FAILED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.BOUNCED}),
    _S.DELIVERED: frozenset(),
    _S.BOUNCED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.SUPPRESSED: frozenset(),
}

_SETTLED = frozenset({_S.SENT, _S.FAILED, _S.CANCELLED, _S.EXPIRED, _S.SUPPRESSED})
# A message in one of these keeps its token: only who holds it may say what came of it. In `unknown` too, so
# that an answer which comes after the lease ran out still counts.
_OWNED = frozenset({_S.CLAIMED, _S.HANDED, _S.UNKNOWN})
_LEASED = frozenset({_S.CLAIMED, _S.HANDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Why, by whom and when a message moves.

    `reason` is one of our own sentences, in words staff understand. What a person typed goes into `words`,
    which are encrypted: nobody knows what they write there.
    """

    code: str
    reason: str
    actor: Actor
    now: datetime
    words: str = ""


def check_can_move(source: str, target: str) -> None:
    """Refuse a move that the table does not know.

    :raises MessageNotMovable: when there is no way from `source` to `target`.
    """
    if target not in TRANSITIONS[source]:
        raise MessageNotMovable(f"A message that is {source} cannot become {target}.")


def move(
    message_id: int,
    *,
    source: str,
    target: str,
    token: str,
    step: Step,
    lease_after: datetime | None = None,
    **columns: Any,
) -> bool:
    """Move one message if it still is in `source` under `token`; say whether it was.

    With `lease_after` its lease must also run beyond that moment.

    :raises MessageNotMovable: when the table has no such way.
    """
    check_can_move(source, target)
    mine = Message.objects.filter(pk=message_id, state=source, token=token)
    if lease_after is not None:
        mine = mine.filter(lease_until__gt=lease_after)
    with transaction.atomic(savepoint=False):
        moved = mine.update(**(_columns(target, step) | columns))
        if moved:
            rows.insert([_event(message_id, source, target, step)])
    return bool(moved)


def move_locked(found: Mapping[int, str], *, target: str, step: Step, **columns: Any) -> int:
    """Move messages whose rows the caller's transaction has locked, each from the state it was found in.

    :raises MessageNotMovable: when the table lacks a way, or a row moved although it was thought locked.
    """
    if not found:
        return 0
    for source in set(found.values()):
        check_can_move(source, target)
    moved = Message.objects.filter(pk__in=found, state__in=set(found.values())).update(
        **(_columns(target, step) | columns)
    )
    if moved != len(found):
        raise MessageNotMovable("Messages moved while they were being changed; nothing was changed.")
    MessageEvent.objects.bulk_create(
        [_event(message_id, source, target, step) for message_id, source in found.items()]
    )
    return moved


def claim(ids: Collection[int], *, token: str, lease_until: datetime, step: Step) -> list[int]:
    """Claim those of `ids` that are still queued and give back which were; in the caller's transaction.

    The update is the claim: two who read the same ids never both get one. The token tells whose it became.
    """
    check_can_move(_S.QUEUED, _S.CLAIMED)
    mine = Message.objects.filter(pk__in=ids)
    taken = mine.filter(state=_S.QUEUED, held_reason="").update(
        **(_columns(_S.CLAIMED, step) | {"token": token, "lease_until": lease_until})
    )
    got = list(ids)
    if taken != len(got):  # somebody was faster with some of them: the token tells which became ours
        got = list(mine.filter(state=_S.CLAIMED, token=token).values_list("pk", flat=True))
    _note_claim(got, step)
    return got


def _note_claim(ids: Collection[int], step: Step) -> None:
    """Write the events of a whole claim in the database itself: they differ in nothing but the message."""
    if not ids:
        return
    actor = ActedBy.by(step.actor)
    said = [*actor.values(), connection.ops.adapt_datetimefield_value(step.now), _S.QUEUED.value]
    sql = f"""
        INSERT INTO notifications_messageevent
            ({", ".join(actor)}, at, from_state, words, to_state, reason_code, reason, message_id)
        SELECT {", ".join(["%s"] * len(said))}, '', state, reason_code, reason, id
        FROM notifications_message WHERE id IN ({", ".join(["%s"] * len(ids))})
    """  # noqa: S608  # names of columns and marks, nothing that was typed
    with connection.cursor() as cursor:
        cursor.execute(sql, [*said, *ids])


def note(message_ids: Collection[int], *, state: str, step: Step) -> None:
    """Add an event that changes no state: held, released, let through."""
    MessageEvent.objects.bulk_create([_event(pk, state, state, step) for pk in message_ids])


def _columns(target: str, step: Step) -> dict[str, Any]:
    """Give the columns that follow from the new state alone."""
    columns: dict[str, Any] = {"state": target, "reason_code": step.code, "reason": step.reason[:240]}
    if target not in _OWNED:
        columns["token"] = ""
    if target not in _LEASED:
        columns["lease_until"] = None
    if target == _S.HANDED:
        columns["handed_at"] = step.now
    if target == _S.QUEUED:
        columns["handed_at"] = None
    if target in _SETTLED:
        columns["settled_at"] = step.now
    return columns


def _event(message_id: int, source: str, target: str, step: Step) -> MessageEvent:
    return MessageEvent(
        message_id=message_id,
        at=step.now,
        from_state=source,
        to_state=target,
        reason_code=step.code,
        reason=step.reason[:240],
        words=step.words,
        **ActedBy.by(step.actor),
    )
