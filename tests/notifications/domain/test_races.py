"""Two real connections at once: claims never share, and opting out and handing over never pass each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection, transaction

from crm.actors import SYSTEM
from notifications.channels.base import Accepted
from notifications.channels.memory import MemoryChannel
from notifications.domain import claims, consents, dispatch, outbox
from notifications.models import Message, MessageEvent, Suppression
from tests import factories
from tests.at_once import SECONDS, together
from tests.notifications import messages
from tests.notifications.messages import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_claimers_never_share_a_row(now: datetime) -> None:
    location = factories.location()
    for _ in range(60):
        messages.message(now=now, at=location)
    start = threading.Barrier(2, timeout=SECONDS)
    got: list[list[int]] = [[], []]

    def claimer(mine: list[int]) -> Callable[[], None]:
        def act() -> None:
            start.wait()
            while batch := claims.claim(now=now, batch=7):
                mine.extend(message.pk for message in batch)

        return act

    together(claimer(got[0]), claimer(got[1]))

    assert sorted(got[0] + got[1]) == sorted(Message.objects.values_list("pk", flat=True))
    assert MessageEvent.objects.filter(to_state="claimed").count() == 60


def test_two_claimers_of_the_same_rows_without_skip_locked_never_share(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compare-and-swap alone must do it: skipping locked rows is only faster."""
    for _ in range(20):
        messages.message(now=now)
    monkeypatch.setattr(type(connection.features), "has_select_for_update_skip_locked", False)
    start = threading.Barrier(2, timeout=SECONDS)
    got: list[list[int]] = [[], []]

    def claimer(mine: list[int]) -> Callable[[], None]:
        def act() -> None:
            start.wait()
            mine.extend(message.pk for message in claims.claim(now=now, batch=20))

        return act

    together(claimer(got[0]), claimer(got[1]))

    assert sorted(got[0] + got[1]) == sorted(Message.objects.values_list("pk", flat=True))


def test_stop_that_is_committed_first_wins_over_the_hand(now: datetime) -> None:
    factories.templates()
    to = messages.person()
    message = messages.message(now=now, to=to)
    stopped, looked = threading.Event(), threading.Event()
    channel = MemoryChannel()

    class AtTheHand(MemoryChannel):
        """Reaches the hand while the stop holds the address and has not committed."""

        def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
            assert stopped.wait(SECONDS)
            looked.set()
            return channel.send(envelope, mark_handed=mark_handed)

    def stop() -> None:
        with transaction.atomic():
            consents.lock_inboxes([to[1].pk])
            stopped.set()
            assert looked.wait(SECONDS)
            # The hand is waiting for the lock by now, or will find it taken.
            threading.Event().wait(0.3)
            Suppression.objects.create(address=to[1], reason="Stop.", at=now, **Suppression.by(SYSTEM))

    def hand() -> None:
        messages.send(AtTheHand(), clock=Clock(now))

    together(stop, hand)

    message.refresh_from_db()
    assert (message.state, message.reason_code, channel.ledger) == ("suppressed", "stopped", [])


def test_hand_that_is_first_wins_over_the_stop(now: datetime) -> None:
    factories.templates()
    to = messages.person()
    message = messages.message(now=now, to=to)
    marked = threading.Event()
    counts: list[int] = []

    class AfterTheHand(MemoryChannel):
        """The stop comes between the hand and the provider's answer."""

        def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
            mark_handed()
            marked.set()
            assert stopped.wait(SECONDS)
            return Accepted("id")

    stopped = threading.Event()

    def stop() -> None:
        assert marked.wait(SECONDS)
        with transaction.atomic():
            counts.append(consents.suppress(address_ids=[to[1].pk], reason="Stop.", actor=SYSTEM, now=now))
        stopped.set()

    def hand() -> None:
        messages.send(AfterTheHand(), clock=Clock(now))

    together(stop, hand)

    message.refresh_from_db()
    assert (message.state, counts) == ("sent", [0])


def test_stop_and_hand_in_any_order_never_send_after_a_stop(now: datetime) -> None:
    factories.templates()
    location = factories.location()
    people = [messages.person() for _ in range(12)]
    for to in people:
        messages.message(now=now, to=to, at=location)
    start = threading.Barrier(2, timeout=SECONDS)

    def stop() -> None:
        start.wait()
        for to in people:
            with transaction.atomic():
                consents.suppress(address_ids=[to[1].pk], reason="Stop.", actor=SYSTEM, now=now)

    channel = MemoryChannel()

    def hand() -> None:
        start.wait()
        dispatch.look(Clock(now), channel_for=lambda _name: channel)

    together(stop, hand)

    sent = set(Message.objects.filter(state="sent").values_list("delivery_id", flat=True))
    assert {each.delivery_id for each in channel.ledger} == sent
    assert set(Message.objects.values_list("state", flat=True)) <= {"sent", "cancelled", "suppressed"}


def test_two_workers_send_each_message_once(now: datetime) -> None:
    factories.templates()
    location = factories.location()
    for _ in range(40):
        messages.message(now=now, at=location)
    start = threading.Barrier(2, timeout=SECONDS)
    ledgers = [MemoryChannel(), MemoryChannel()]

    def worker(channel: MemoryChannel) -> Callable[[], None]:
        def act() -> None:
            start.wait()
            while dispatch.send_due(
                now=now, batch=5, clock=Clock(now), channel_for=lambda _name: channel
            ).claimed:
                pass

        return act

    together(worker(ledgers[0]), worker(ledgers[1]))

    taken = [each.delivery_id for channel in ledgers for each in channel.ledger]
    assert sorted(taken) == sorted(Message.objects.filter(state="sent").values_list("delivery_id", flat=True))
    assert len(taken) == 40


def test_cancel_and_claim_at_once_leave_one_truth(now: datetime) -> None:
    location = factories.location()
    for n in range(30):
        messages.message(now=now, at=location, about_ref=f"{n:032x}")
    start = threading.Barrier(2, timeout=SECONDS)
    claimed: list[int] = []
    cancelled: list[int] = []

    def cancel() -> None:
        start.wait()
        for n in range(30):
            with transaction.atomic():
                cancelled.append(
                    outbox.cancel_about("lead", f"{n:032x}", reason="Over.", actor=SYSTEM, now=now)
                )

    def claim() -> None:
        start.wait()
        while batch := claims.claim(now=now, batch=3):
            claimed.extend(message.pk for message in batch)

    together(cancel, claim)

    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
    assert sum(cancelled) == 30
    assert MessageEvent.objects.filter(to_state="claimed").count() == len(claimed)
