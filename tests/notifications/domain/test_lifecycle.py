"""The message's life against a grid written by hand: a table that agrees with itself proves nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.actors import SYSTEM
from notifications.domain import lifecycle
from notifications.enums import MessageState
from notifications.errors import MessageNotMovable
from notifications.models import Message
from tests.notifications import messages

# Rows: from. Columns: to, in this order. `x`: there is a way.
STATES = "queued claimed handed sent delivered bounced unknown failed cancelled expired suppressed".split()
GRID = """
queued      . x . . . . . . x x x
claimed     x . x . . . . x x x x
handed      x . . x . . x x . . .
sent        . . . . x x . . . . .
delivered   . . . . . . . . . . .
bounced     . . . . . . . . . . .
unknown     x . . x . . . x . . .
failed      . . . . . . . . . . .
cancelled   . . . . . . . . . . .
expired     . . . . . . . . . . .
suppressed  . . . . . . . . . . .
"""


def _cells() -> list[tuple[str, str, bool]]:
    rows = [line.split() for line in GRID.strip().splitlines()]
    return [
        (row[0], target, mark == "x") for row in rows for target, mark in zip(STATES, row[1:], strict=True)
    ]


def _step(now: datetime) -> lifecycle.Step:
    return lifecycle.Step(code="test", reason="Because.", actor=SYSTEM, now=now)


def test_grid_covers_every_state() -> None:
    assert sorted(STATES) == sorted(MessageState.values)
    assert len(_cells()) == len(STATES) ** 2


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "target", "there_is_a_way"), _cells())
def test_move_locked_over_the_whole_grid(
    source: str, target: str, there_is_a_way: bool, now: datetime
) -> None:
    message = messages.message(now=now, state=source)
    working = {"token": "mine", "lease_until": now} if target in {"claimed", "handed"} else {}

    refused = False
    try:
        lifecycle.move_locked({message.pk: source}, target=target, step=_step(now), **working)
    except MessageNotMovable:
        refused = True

    message.refresh_from_db()
    assert refused is not there_is_a_way
    assert message.state == (target if there_is_a_way else source)
    assert messages.story(message) == ([(source, target)] if there_is_a_way else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "target", "there_is_a_way"), [cell for cell in _cells() if cell[1] != "claimed"]
)
def test_move_over_the_whole_grid(source: str, target: str, there_is_a_way: bool, now: datetime) -> None:
    message = messages.message(now=now, state=source)
    lease = {"lease_until": now} if target == "handed" else {}

    moved = refused = False
    try:
        moved = lifecycle.move(
            message.pk, source=source, target=target, token=message.token, step=_step(now), **lease
        )
    except MessageNotMovable:
        refused = True

    message.refresh_from_db()
    assert (moved, refused) == (there_is_a_way, not there_is_a_way)
    assert message.state == (target if there_is_a_way else source)
    assert messages.story(message) == ([(source, target)] if there_is_a_way else [])


@pytest.mark.django_db
def test_move_under_a_foreign_token_changes_nothing(now: datetime) -> None:
    message = messages.message(now=now, state=MessageState.HANDED)

    moved = lifecycle.move(message.pk, source="handed", target="sent", token="stolen", step=_step(now))

    message.refresh_from_db()
    assert (moved, message.state, messages.story(message)) == (False, "handed", [])


@pytest.mark.django_db
def test_move_from_a_state_it_left_changes_nothing(now: datetime) -> None:
    message = messages.message(now=now, state=MessageState.CANCELLED)

    moved = lifecycle.move(message.pk, source="queued", target="claimed", token="", step=_step(now))

    message.refresh_from_db()
    assert (moved, message.state, messages.story(message)) == (False, "cancelled", [])


@pytest.mark.django_db
def test_move_locked_of_a_row_that_moved_is_refused(now: datetime) -> None:
    stays, went = messages.message(now=now), messages.message(now=now, state=MessageState.SENT)

    with pytest.raises(MessageNotMovable):
        lifecycle.move_locked({stays.pk: "queued", went.pk: "queued"}, target="cancelled", step=_step(now))


@pytest.mark.django_db
def test_claim_of_a_row_that_is_taken_gets_the_rest(now: datetime) -> None:
    free, taken = messages.message(now=now), messages.message(now=now, state=MessageState.CLAIMED)

    got = lifecycle.claim(
        [free.pk, taken.pk], token="new", lease_until=now + timedelta(minutes=1), step=_step(now)
    )

    assert got == [free.pk]
    assert Message.objects.get(pk=taken.pk).token == "mine"
