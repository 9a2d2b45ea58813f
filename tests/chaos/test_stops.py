"""One journey on real processes, from the form to the report, with everything stopped again and again.

Each time every process is killed, the queue's server with all it knew, and minutes pass before the start. The
journey completes all the same, and nothing is sent twice. Days pass in the database only.
"""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from config import runner
from tests.chaos.clinic import Broker, Clinic
from tests.chaos.conftest import ON_POSTGRES, SEED
from tests.chaos.doors import Unanswered
from tests.chaos.outages import Scene
from tests.chaos.provider import Provider
from tests.chaos.strikes import AT_THE_PROVIDER, BEFORE_A_COMMIT, BEFORE_THE_ANSWER, Strike, strikes_for
from tests.chaos.texts import Texts
from tests.chaos.walk import Step, Walk
from tests.chaos.walked import walked

# How the scheduled work is done: as `make run` does it, or as it does where no broker can run.
QUEUE, LOOP = "queue", "loop"
# A mail takes long enough that one can be struck in the middle of it.
SLOWNESS = 0.2
# The first cuts off every kind of act before its commit, and a mail at every point of its way.
SEEDS = range(SEED + 60, SEED + 63)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(seed=SEED, slowness=SLOWNESS) as provider:
        yield provider


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[Broker | None]:
    """The queue's server as `make run` has one, on SQLite too; for the loop, and where none runs, none."""
    runs_here = shutil.which("redis-server") or runner.broker_binary()
    broker = Broker() if request.param == QUEUE and runs_here else None
    yield broker
    if broker is not None:
        broker.kill()


@pytest.fixture
def scene(clinic: Clinic, provider: Provider, hurried: bool) -> Scene:
    if hurried:
        clinic.environment["WEB_WORKERS"] = "1"
    walk = Walk(clinic, provider, Texts(clinic.folder / "sms"))
    scene = Scene(clinic, provider, walk, hurried=hurried)
    scene.need("web")
    walk.sign_in()
    return scene


@pytest.mark.parametrize(
    ("broker", "hurried"),
    [
        pytest.param(QUEUE, True, id="short"),
        pytest.param(QUEUE, False, id="queue", marks=pytest.mark.long),
        pytest.param(LOOP, False, id="loop", marks=pytest.mark.long),
    ],
    indirect=["broker"],
)
def test_journey_with_everything_stopped_between_any_two_steps(scene: Scene) -> None:
    steps = scene.walk.steps()

    for step in steps:
        # While all is down: what falls due meanwhile is done afterwards.
        scene.walk.let_pass(step.moment())
        if step.act is not None:
            scene.need("web")
            step.act()
            scene.stop()
        if not step.done():
            scene.finish(step)
            scene.stop()

    found = walked(scene)
    found.show("everything stopped between any two steps")
    assert found.wrong == dict.fromkeys(found.wrong, 0)
    assert found.stops >= len(steps)


@pytest.mark.parametrize(
    ("broker", "hurried", "seed"),
    [
        pytest.param(QUEUE if ON_POSTGRES else LOOP, True, SEEDS[0], id="short"),
        *(
            pytest.param(how, False, seed, id=f"{how}-{seed}", marks=pytest.mark.long)
            for how in (QUEUE, LOOP)
            for seed in SEEDS
        ),
    ],
    indirect=["broker"],
)
def test_journey_with_everything_stopped_within_its_steps(scene: Scene, seed: int) -> None:
    steps = scene.walk.steps()
    strikes = strikes_for(steps, random.Random(seed))

    for step in steps:
        scene.walk.let_pass(step.moment())
        answered = [stop_within(scene, step, strike) for strike in strikes[step.name]]
        if step.act is not None and not answered[-1]:
            scene.need("web")
            step.act()
        scene.finish(step)

    found = walked(scene)
    found.show(f"everything stopped within its steps, seed {seed}")
    assert found.wrong == dict.fromkeys(found.wrong, 0)
    assert found.stops >= len(steps)
    # Without one in doubt no strike met a mail, and the run has proved little.
    assert scene.walk.settled
    assert scene.met[AT_THE_PROVIDER] + scene.met[BEFORE_THE_ANSWER] > 0
    assert scene.met[BEFORE_A_COMMIT] > 0


def stop_within(scene: Scene, step: Step, strike: Strike) -> bool:
    """Begin a step, and kill everything at the moment of the strike; say whether who acted was answered."""
    answered = threading.Event()

    def act() -> None:
        with suppress(Unanswered):
            if step.act is not None:
                step.act()
            answered.set()

    scene.need(*step.needs(scene.clinic))
    somebody = threading.Thread(target=act)
    with strike.prepared(scene, step) as caught:
        somebody.start()
        scene.hurry()
        scene.met[strike.name] += caught()
        scene.kill()
        somebody.join()
    scene.lie_still()
    return answered.is_set()
