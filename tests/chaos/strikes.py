"""The moments within a step at which everything is killed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.chaos import tampering
from tests.chaos.outages import Scene
from tests.chaos.walk import Step

# Seconds.
CAUGHT_WAIT = 15.0
LOOK_EVERY = 0.005
AN_ANSWER = 0.15  # what somebody waits for is over within this
A_ROUND = 1.5  # what the clinic does by itself has begun within this

ANYWHERE, BEFORE_A_COMMIT = "anywhere", "before a commit"
BEFORE_THE_CONTENT, AT_THE_PROVIDER, BEFORE_THE_ANSWER = "mail begun", "mail at the provider", "mail taken"
EVENTS = "notifications_messageevent"  # one for each step in a message's life
AIMED = 0.6  # as many of the strikes where something is written

# Says whether the moment is there.
Caught = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Strike:
    """A kind of moment. `set_up` holds things up so that it can be met, until all are dead."""

    name: str
    set_up: Callable[[Scene], AbstractContextManager[Caught]]

    @contextmanager
    def prepared(self, scene: Scene, step: Step) -> Iterator[Callable[[], bool]]:
        """Give a function that waits for the moment, or until the step is over, and says whether it came."""
        with self.set_up(scene) as caught:

            def wait() -> bool:
                deadline = time.monotonic() + CAUGHT_WAIT
                while not (there := caught()) and not step.done() and time.monotonic() < deadline:
                    time.sleep(LOOK_EVERY)
                return there

            yield wait


def strikes_for(steps: list[Step], chance: random.Random) -> dict[str, list[Strike]]:
    """Choose when to strike in each step, by its name; most strikes are aimed, some are not."""
    at_provider = Strike(AT_THE_PROVIDER, _at_the_provider)
    before_answer = Strike(BEFORE_THE_ANSWER, _before_the_answer)
    before_content = Strike(BEFORE_THE_CONTENT, _before_the_content)
    aimed = [before_content, at_provider, before_answer, before_answer, at_row_of(EVENTS)]
    chance.shuffle(aimed)
    sending = iter(aimed)
    chosen: dict[str, list[Strike]] = {}
    for step in steps:
        blind = after(chance.uniform(0, AN_ANSWER if step.act else A_ROUND))
        rows = [at_row_of(table) if chance.random() < AIMED else blind for table in step.writes]
        chosen[step.name] = rows or [next(sending) if step.sends else blind]
    return chosen


def after(seconds: float) -> Strike:
    """Strike after so many seconds, wherever everybody is by then."""

    @contextmanager
    def set_up(scene: Scene) -> Iterator[Caught]:
        until = time.monotonic() + seconds
        yield lambda: time.monotonic() >= until

    return Strike(ANYWHERE, set_up)


def at_row_of(table: str) -> Strike:
    """Strike in the middle of the transaction that writes a row of this table."""

    @contextmanager
    def set_up(scene: Scene) -> Iterator[Caught]:
        with tampering.stuck_at(scene.clinic.books.url, table) as somebody_is:
            yield somebody_is

    return Strike(BEFORE_A_COMMIT, set_up)


@contextmanager
def _before_the_content(scene: Scene) -> Iterator[Caught]:
    scene.provider.hold_early()
    yield lambda: scene.provider.is_waited_for
    scene.provider.let_go()


@contextmanager
def _at_the_provider(scene: Scene) -> Iterator[Caught]:
    yield lambda: scene.provider.is_busy


@contextmanager
def _before_the_answer(scene: Scene) -> Iterator[Caught]:
    before = scene.provider.taken().total()
    scene.provider.hold()
    yield lambda: scene.provider.taken().total() > before
    scene.provider.let_go()
