"""Workers die in the middle of a mail, again and again, while people write: nothing is lost or doubled."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from tests.chaos.books import ledger
from tests.chaos.clinic import Clinic
from tests.chaos.conftest import ON_POSTGRES, SEED
from tests.chaos.provider import Provider
from tests.chaos.visitors import Visitors

# The pool's two processes on the queue, or the one process of `sweep --loop`.
AT_ONCE = 2 if ON_POSTGRES else 1


@dataclass(frozen=True, slots=True)
class Size:
    """How much is posted and killed; the short one makes the leases run out by hand."""

    posts: int
    kills: int
    after_leases: bool


SHORT = Size(posts=60, kills=10 if ON_POSTGRES else 6, after_leases=False)
LONG = Size(posts=600, kills=60 if ON_POSTGRES else 30, after_leases=True)


def _killed_again_and_again(clinic: Clinic, provider: Provider, size: Size) -> int:
    """Kill whoever sends, mostly one of a pool, every fifth time all of it; give how many may be in doubt."""
    chance, in_doubt = random.Random(SEED), 0
    name = clinic.workers[0]
    for number in range(size.kills):
        assert provider.wait_until_under_way(60), clinic.log()
        if ON_POSTGRES and number % 5:
            clinic.kill_one_of(name, chance)
            in_doubt += 1
        else:
            clinic.kill(name)
            clinic.start(name)
            in_doubt += AT_ONCE
    return in_doubt


@pytest.mark.parametrize(
    "size", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)]
)
def test_workers_killed_in_the_middle_of_a_mail(clinic: Clinic, provider: Provider, size: Size) -> None:
    clinic.start("web", *clinic.workers)
    visitors = Visitors(clinic.port, name="worker", count=size.posts, seed=SEED, pause=0.3, on_and_on=True)

    in_doubt = _killed_again_and_again(clinic, provider, size)
    heard = visitors.finish()
    clinic.come_to_rest(after_leases=size.after_leases)

    found = ledger(clinic.books, heard, provider, kills=clinic.kills)
    found.show("workers killed in the middle of a mail")
    assert found.wrong == dict.fromkeys(found.wrong, 0)
    assert found.leads == found.accepted >= size.posts
    # Without one in doubt no kill hit a mail, and the run has proved nothing.
    assert 1 <= found.unknown <= in_doubt + (0 if size.after_leases else AT_ONCE)
    assert "database is locked" not in clinic.log()
