"""A worker dies exactly between the hand mark and the provider's answer."""

from __future__ import annotations

from collections import Counter

from tests.chaos.clinic import Clinic, wait_for
from tests.chaos.conftest import SEED
from tests.chaos.provider import Provider
from tests.chaos.visitors import Visitors

SECONDS = 60


def test_worker_killed_between_the_mark_and_the_answer(clinic: Clinic, provider: Provider) -> None:
    provider.hold()
    clinic.start("web", *clinic.workers)
    Visitors(clinic.port, name="hand", count=1, seed=SEED).finish()
    wait_for("The provider has the first mail", lambda: provider.taken().total() >= 1, SECONDS)

    clinic.kill(*clinic.workers)
    left_by_the_dead = Counter(clinic.books.messages().values())
    provider.let_go()
    clinic.books.let_leases_run_out()
    clinic.start(*clinic.workers)
    clinic.come_to_rest(after_leases=True)
    settled = clinic.books.messages()

    taken = provider.taken()
    unknown = [delivery for delivery, state in settled.items() if state == "unknown"]
    assert left_by_the_dead["handed"] >= 1
    assert len(unknown) == left_by_the_dead["handed"]
    assert Counter(settled.values()) == {"unknown": len(unknown), "sent": 2 - len(unknown)}
    assert [taken[delivery] for delivery in unknown] == [1] * len(unknown)
    assert set(taken.values()) == {1}
