"""Claims: which worker has which message, for how long, and how often it was tried."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from crm.actors import SYSTEM
from crm.fields import UnreadableValue
from crm.models.references import new_reference
from notifications.domain import lifecycle
from notifications.domain.retries import MAX_ATTEMPTS
from notifications.enums import MessageState
from notifications.models import Message

CLAIM_LEASE = timedelta(minutes=2)


def claim(*, now: datetime, batch: int) -> list[Message]:
    """Claim at most `batch` messages that are due, oldest first, under one new token and one lease.

    Correct by compare-and-swap alone; SKIP LOCKED only keeps two workers from waiting for each other.
    """
    due = Message.objects.filter(state=MessageState.QUEUED, held_reason="", due_at__lte=now)
    if not due.exists():
        return []  # without opening a transaction, which on SQLite takes the write lock, every two seconds
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    due = due.order_by("due_at", "pk")
    step = lifecycle.Step(code="claimed", reason="Being prepared.", actor=SYSTEM, now=now)
    with transaction.atomic(durable=True):
        ids = list(due.values_list("pk", flat=True)[:batch])
        got = lifecycle.claim(ids, token=new_reference(), lease_until=now + CLAIM_LEASE, step=step)
    return _loaded(got, now=now)


def _loaded(ids: Collection[int], *, now: datetime) -> list[Message]:
    """Load claimed messages; one whose stored words do not open any more fails alone, not the whole batch."""
    rows = Message.objects.select_related("contact", "address").order_by("due_at", "pk")
    # Few places and colleagues, so each is read once and shared by all messages of the batch.
    rows = rows.prefetch_related("location", "staff")
    try:
        return list(rows.filter(pk__in=ids))
    except UnreadableValue:
        if len(ids) > 1:
            return [message for pk in ids for message in _loaded([pk], now=now)]
    token = Message.objects.values_list("token", flat=True).get(pk=next(iter(ids)))
    reason = "Its words cannot be read with the keys given."
    step = lifecycle.Step(code="unreadable", reason=reason, actor=SYSTEM, now=now)
    lifecycle.move(
        next(iter(ids)), source=MessageState.CLAIMED, target=MessageState.FAILED, token=token, step=step
    )
    return []


def begin(message: Message, *, now: datetime, lease: timedelta) -> bool:
    """Count an attempt before anything is tried, and renew the lease; False when the claim is no longer ours.

    Counted for this message alone, at its turn: when a worker dies, only the message it was busy with pays.
    """
    begun = Message.objects.filter(pk=message.pk, state=MessageState.CLAIMED, token=message.token).update(
        attempts=F("attempts") + 1, lease_until=now + lease
    )
    message.attempts += begun
    return bool(begun)


def worn_out(attempts: int) -> bool:
    """Say whether a message was tried so often that a person must look."""
    return attempts >= MAX_ATTEMPTS


def poison(now: datetime) -> lifecycle.Step:
    """Give the step that parks a worn-out message."""
    reason = f"Tried {MAX_ATTEMPTS} times without success: a person must look."
    return lifecycle.Step(code="poison", reason=reason, actor=SYSTEM, now=now)
