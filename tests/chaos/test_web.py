"""The web dies while people write: a 201 that was answered is in the database, whatever happens."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

import pytest

from tests.chaos.books import ledger
from tests.chaos.clinic import Clinic
from tests.chaos.conftest import SEED
from tests.chaos.provider import Provider
from tests.chaos.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Size:
    """How much is posted and killed, and how long each visitor rests, in seconds."""

    posts: int
    kills: int
    pause: float


SHORT = Size(posts=40, kills=4, pause=0.1)
LONG = Size(posts=1_000, kills=60, pause=0.6)


@pytest.mark.parametrize(
    "size", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)]
)
def test_web_killed_while_people_write(clinic: Clinic, provider: Provider, size: Size) -> None:
    chance = random.Random(SEED)
    clinic.start("web")
    visitors = Visitors(
        clinic.port, name="web", count=size.posts, seed=SEED, clients=4, pause=size.pause, on_and_on=True
    )

    for number in range(size.kills):
        time.sleep(chance.uniform(0.1, 0.6))
        if number % 2:
            clinic.kill_one_of("web", chance)
        else:
            clinic.kill("web")
            clinic.start("web")
    heard = visitors.finish()
    kept = set(clinic.books.rows("SELECT reference FROM leads_submission"))
    clinic.start(*clinic.workers)
    clinic.come_to_rest(after_leases=True)

    found = ledger(clinic.books, heard, provider, kills=clinic.kills)
    found.show("web killed while people write")
    assert kept == {(reference,) for reference in heard.kept.values()}
    assert found.wrong == dict.fromkeys(found.wrong, 0)
    assert found.leads == found.accepted >= size.posts
    assert found.unknown == 0
    assert heard.cut > 0  # else no kill met anybody who was posting
