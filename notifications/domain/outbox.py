"""The outbox: what is wished to be said goes in here, and whoever ends a wish takes it out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from crm.actors import SYSTEM, Actor
from notifications.domain import lifecycle
from notifications.enums import WITHDRAWABLE, MessageState
from notifications.errors import MessageNotMovable
from notifications.models import Message

EXPIRE_AT_ONCE = 500
SETTLED = {
    "sent": "A person found that it went.",
    "queued": "A person had it sent again.",
    "failed": "A person gave it up.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One thing that should be said, to a contact at an address or to a member of staff."""

    template_code: str
    channel: str
    purpose: str
    dedupe_key: str
    about_kind: str
    about_ref: str
    location_id: int
    language: str
    params: Mapping[str, str]
    due_at: datetime
    expires_at: datetime
    contact_id: int | None = None
    address_id: int | None = None
    staff_id: int | None = None


def queue(wishes: Sequence[Wish], *, actor: Actor, now: datetime) -> list[Message]:
    """Write down what should be said, in the caller's transaction, leaving out what was wished before.

    A key that another transaction writes at the same moment raises IntegrityError there or here: the caller's
    transaction is undone as a whole and may run again.
    """
    by_key = {wish.dedupe_key: wish for wish in reversed(wishes)}
    if not by_key:
        return []
    known = set(Message.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True))
    fresh = [wish for key, wish in reversed(by_key.items()) if key not in known]
    return Message.objects.bulk_create(rows_of_new(fresh, actor=actor, now=now))


def rows_of_new(wishes: Sequence[Wish], *, actor: Actor, now: datetime) -> list[Message]:
    """Give the rows of wishes whose keys must be new, for an act that writes all its rows in one go.

    Such a key names something that this very transaction makes. Should it be there after all, the database
    refuses it, and the transaction is undone as a whole.
    """
    return [_message(wish, actor=actor, now=now) for wish in wishes]


def cancel_about(
    kind: str,
    ref: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    template_codes: Collection[str] | None = None,
    channel: str | None = None,
) -> int:
    """Take back what is still in the house about something, in the transaction that ends the wish.

    What was handed already stays. Who also locks addresses locks those first, as the hand step does.
    """
    waiting = Message.objects.filter(about_kind=kind, about_ref=ref)
    if template_codes is not None:
        waiting = waiting.filter(template_code__in=template_codes)
    if channel is not None:
        waiting = waiting.filter(channel=channel)
    step = lifecycle.Step(code="wish_ended", reason=reason, actor=actor, now=now)
    return _cancel(waiting, step)


def cancel_to_addresses(address_ids: Collection[int], *, reason: str, actor: Actor, now: datetime) -> int:
    """Take back what is still in the house to these addresses, whose rows the caller has locked."""
    step = lifecycle.Step(code="suppressed", reason=reason, actor=actor, now=now)
    return _cancel(Message.objects.filter(address_id__in=address_ids), step)


def release_held(*, contact_id: int, actor: Actor, now: datetime) -> int:
    """Let what was held for a contact take its turn again, after a person judged; the caller's transaction.

    The gate judges everything anew: what is too late by now is not sent.
    """
    held = Message.objects.filter(contact_id=contact_id, state=MessageState.QUEUED).exclude(held_reason="")
    ids = list(held.select_for_update().order_by("pk").values_list("pk", flat=True))
    Message.objects.filter(pk__in=ids).update(held_reason="")
    step = lifecycle.Step(code="released", reason="A person looked and let it go on.", actor=actor, now=now)
    lifecycle.note(ids, state=MessageState.QUEUED, step=step)
    return len(ids)


def settle_unknown(
    message_id: int, *, to: Literal["sent", "queued", "failed"], words: str, actor: Actor, now: datetime
) -> None:
    """Settle a message of which nobody knows whether it went. `queued` sends it again, on purpose.

    `words` is what the person who settled it typed, if anything.

    :raises MessageNotMovable: when it is not unknown (any more), or it is too late.
    """
    step = lifecycle.Step(
        code="settled_by_hand", reason=SETTLED[to], words=words.strip(), actor=actor, now=now
    )
    again = {"due_at": now, "attempts": 0} if to == "queued" else {}
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id).first()
        if message is None or message.state != MessageState.UNKNOWN:
            raise MessageNotMovable("Somebody settled this message already.")
        if again and message.expires_at <= now:
            raise MessageNotMovable("It is too late to send this message again.", code="too_late")
        lifecycle.move_locked({message.pk: message.state}, target=to, step=step, **again)


def expire_overdue(*, now: datetime) -> int:
    """Give up what waits and is too late, held or not; at most a few hundred at a time, oldest first."""
    waiting = Q(held_reason="", due_at__lte=now) | ~Q(held_reason="")
    late = Message.objects.filter(waiting, state=MessageState.QUEUED, expires_at__lte=now).order_by("pk")
    if not late.exists():
        return 0  # without taking the write lock of SQLite
    step = lifecycle.Step(
        code="too_late", reason="Its time had passed before it could be sent.", actor=SYSTEM, now=now
    )
    with transaction.atomic(durable=True):
        rows = late.select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        ).values_list("pk", "state")[:EXPIRE_AT_ONCE]
        return lifecycle.move_locked(dict(rows), target=MessageState.EXPIRED, step=step)


def _cancel(waiting: QuerySet[Message], step: lifecycle.Step) -> int:
    rows = (
        waiting.filter(state__in=WITHDRAWABLE).select_for_update().order_by("pk").values_list("pk", "state")
    )
    return lifecycle.move_locked(dict(rows), target=MessageState.CANCELLED, step=step)


def _message(wish: Wish, *, actor: Actor, now: datetime) -> Message:
    return Message(
        dedupe_key=wish.dedupe_key,
        contact_id=wish.contact_id,
        address_id=wish.address_id,
        staff_id=wish.staff_id,
        location_id=wish.location_id,
        channel=wish.channel,
        purpose=wish.purpose,
        template_code=wish.template_code,
        language=wish.language,
        about_kind=wish.about_kind,
        about_ref=wish.about_ref,
        params=json.dumps(dict(wish.params), ensure_ascii=False),
        due_at=wish.due_at,
        expires_at=wish.expires_at,
        created_at=now,
        **Message.by(actor),
    )
