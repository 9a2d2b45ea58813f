"""Taking consent back or stopping everything, while something is being handed: one of them is first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from crm.actors import SYSTEM
from crm.models import Address
from notifications.channels.memory import MemoryChannel
from notifications.domain import consents
from notifications.models import Message
from tests import factories
from tests.at_once import a_moment, as_they_lie, is_free, together, wait_for
from tests.notifications import messages
from tests.notifications.messages import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class AtTheHand(MemoryChannel):
    """Says when it has come to the hand."""

    def __init__(self, there: threading.Event) -> None:
        super().__init__()
        self.there = there

    def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
        self.there.set()
        return super().send(envelope, mark_handed=mark_handed)


def race(say: Callable[[], None], message: Callable[[], Message], now: datetime) -> tuple[Message, bool]:
    """Say something in a transaction that is open while a message is handed; give it, and whether it left.

    The message is wished, and its hand begins, after that was said and before it is committed.
    """
    said, at_the_hand = threading.Event(), threading.Event()
    channel = AtTheHand(at_the_hand)
    wished: list[Message] = []

    def speak() -> None:
        with transaction.atomic():
            say()
            said.set()
            wait_for(at_the_hand)
            a_moment()

    def hand() -> None:
        wait_for(said)
        wished.append(message())
        messages.send(channel, clock=Clock(now))

    together(speak, hand)
    wished[0].refresh_from_db()
    return wished[0], bool(channel.ledger)


@pytest.mark.parametrize("spelling", ["ann@example.com", "ann+spa@example.com"])
def test_consent_taken_back_under_any_spelling_wins_over_the_hand(spelling: str, now: datetime) -> None:
    factories.templates()
    to, place = messages.person(value="ann@example.com"), factories.location()
    factories.address("ann+spa@example.com", match_key="ann@example.com")
    said_of = Address.objects.get(value=spelling)

    message, left = race(
        lambda: messages.consent(said_of, "withdrawn", at=now, channel="email"),
        lambda: messages.message(now=now, to=to, at=place),
        now,
    )

    assert (message.state, message.reason_code, left) == ("suppressed", "consent_withdrawn", False)


def test_stop_wins_over_the_hand_of_what_is_wished_while_it_is_said(now: datetime) -> None:
    factories.templates()
    to, place = messages.person(), factories.location()

    message, left = race(lambda: _stop(to[1], now), lambda: messages.message(now=now, to=to, at=place), now)

    assert (message.state, message.reason_code, left) == ("suppressed", "stopped", False)


def _stop(address: Address, now: datetime) -> None:
    consents.suppress(address_ids=[address.pk], reason="Stop.", actor=SYSTEM, now=now)


def test_inboxes_are_locked_in_sorted_order(now: datetime) -> None:
    """Whoever waits for the first holds none of the later ones: so two can never wait in a ring."""
    # Made last first: the order they lie in is the wrong one.
    later, first = factories.address("zoe@example.com"), factories.address("ann@example.com")
    held, free = threading.Event(), []

    def hold_the_first() -> None:
        with transaction.atomic():
            consents.lock_inbox(first)
            held.set()
            a_moment()
            free.append(is_free(later))

    def lock_both() -> None:
        wait_for(held)
        as_they_lie()
        with transaction.atomic():
            consents.lock_inboxes([later.pk, first.pk])

    together(hold_the_first, lock_both)

    assert free == [True]
