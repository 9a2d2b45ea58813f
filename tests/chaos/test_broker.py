"""The queue's server is emptied, frozen, killed and started again: people notice nothing, words go once."""

from __future__ import annotations

import signal

import pytest

from tests.chaos.books import ledger
from tests.chaos.clinic import Broker, Clinic
from tests.chaos.conftest import SEED
from tests.chaos.provider import Provider
from tests.chaos.visitors import Heard, Visitors

pytestmark = pytest.mark.postgres

# Seconds that the queue's server may cost an answer. What the machine itself takes is measured beside it.
SLOWEST = 1.5
EACH = 9


def _some_write(clinic: Clinic, heard: Heard, name: str) -> float:
    """Let a few people write; give the slowest answer."""
    # Slower than the web's own patience between two knocks at the queue, so that it does knock.
    said = Visitors(clinic.port, name=name, count=EACH, seed=SEED, pause=0.4).finish()
    heard.kept |= said.kept
    heard.seconds += said.seconds
    heard.refused += said.refused
    heard.given_up += said.given_up
    heard.told_otherwise += said.told_otherwise
    return max(said.seconds)


def test_broker_flushed_frozen_and_killed(clinic: Clinic, provider: Provider, broker: Broker) -> None:
    heard, slowest = Heard(), {}
    clinic.start("web", *clinic.workers)
    slowest["all is well"] = _some_write(clinic, heard, "well")

    broker.flush()
    slowest["flushed"] = _some_write(clinic, heard, "flushed")
    broker.send(signal.SIGSTOP)
    slowest["frozen"] = _some_write(clinic, heard, "frozen")
    knocked_in_vain = "wake_up_not_published" in clinic.log()
    broker.send(signal.SIGCONT)
    broker.kill()
    slowest["dead"] = _some_write(clinic, heard, "dead")
    clinic.stop("web")
    clinic.kill(*clinic.workers)
    clinic.start("web")
    slowest["dead, and workers too"] = _some_write(clinic, heard, "alone")
    broker.start()
    clinic.start(*clinic.workers)
    slowest["back"] = _some_write(clinic, heard, "back")
    clinic.come_to_rest(after_leases=False)

    found = ledger(clinic.books, heard, provider, kills=clinic.kills)
    found.show("broker flushed, frozen and killed")
    print("  slowest answer: " + " · ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest.items()))
    assert found.wrong == dict.fromkeys(found.wrong, 0)
    assert (found.accepted, found.leads) == (6 * EACH, 6 * EACH)
    assert knocked_in_vain  # else nobody was waiting for the frozen server
    assert max(slowest.values()) <= SLOWEST + slowest["all is well"]
