"""Leases that ran out, at every point where a worker can die."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.domain import reconcile
from notifications.domain.reconcile import TakenBack
from notifications.enums import MessageState
from notifications.models import Message
from tests.notifications import messages

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=6)


@pytest.mark.parametrize(
    ("state", "attempts", "after", "code"),
    [
        (MessageState.CLAIMED, 0, "queued", "lease_lost"),
        (MessageState.CLAIMED, 4, "queued", "lease_lost"),
        (MessageState.CLAIMED, 5, "failed", "poison"),
        (MessageState.HANDED, 1, "unknown", "lease_lost"),
        (MessageState.HANDED, 5, "unknown", "lease_lost"),
    ],
)
def test_look_after_the_lease_ran_out(
    state: str, attempts: int, after: str, code: str, now: datetime
) -> None:
    message = messages.message(now=now, state=state, attempts=attempts)

    reconcile.look(now=now + LATER)

    message.refresh_from_db()
    assert (message.state, message.reason_code, message.lease_until) == (after, code, None)
    assert messages.story(message) == [(state, after)]


@pytest.mark.parametrize("state", [MessageState.CLAIMED, MessageState.HANDED])
def test_look_leaves_a_lease_that_runs(state: str, now: datetime) -> None:
    message = messages.message(now=now, state=state)

    done = reconcile.look(now=now + timedelta(minutes=5) - timedelta(microseconds=1))

    message.refresh_from_db()
    assert (message.state, done) == (state, TakenBack(queued=0, unknown=0, parked=0, expired=0))


def test_look_counts_what_it_did(now: datetime) -> None:
    messages.message(now=now, state=MessageState.CLAIMED)
    messages.message(now=now, state=MessageState.CLAIMED, attempts=5)
    messages.message(now=now, state=MessageState.HANDED)
    messages.message(now=now, expires_at=now)

    done = reconcile.look(now=now + LATER)

    assert done == TakenBack(queued=1, unknown=1, parked=1, expired=1)


def test_look_gives_up_what_is_held_and_too_late(now: datetime) -> None:
    held = messages.message(
        now=now, held_reason="A person looks first.", due_at=now + LATER * 2, expires_at=now
    )
    waits = messages.message(now=now, held_reason="A person looks first.")

    reconcile.look(now=now)

    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {held.pk: "expired", waits.pk: "queued"}


def test_look_twice_changes_nothing_more(now: datetime) -> None:
    message = messages.message(now=now, state=MessageState.HANDED)

    reconcile.look(now=now + LATER)
    reconcile.look(now=now + LATER)

    assert messages.story(message) == [("handed", "unknown")]
