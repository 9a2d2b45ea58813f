"""A 201 is a commit, and nothing leaves the house from inside a transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from leads import tasks
from leads.models import Submission
from notifications.channels.base import Envelope, MarkHanded, Result
from notifications.channels.memory import MemoryChannel
from notifications.domain import claims, reconcile
from notifications.domain.hand import Hand
from notifications.enums import MessageState
from tests import factories
from tests.notifications import messages
from tests.notifications.messages import Clock

URL = "/api/v1/leads/"
ANN = {"name": "Ann Smith", "email": "ann@example.com"}


def seen_by_others() -> int:
    """Count the submissions that another connection sees: those that are committed."""
    counts: list[int] = []

    def look() -> None:
        counts.append(Submission.objects.count())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(20)
    return counts[0]


@pytest.mark.django_db(transaction=True)
def test_created_is_answered_only_when_others_see_it() -> None:
    form = factories.form()

    answer = Client().post(URL, ANN, content_type="application/json", headers={"X-Form-Key": form.key})

    assert (answer.status_code, seen_by_others()) == (201, 1)


@pytest.mark.django_db(transaction=True)
def test_created_is_not_answered_when_the_commit_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    form = factories.form()

    def disk_full() -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(connections["default"], "_commit", disk_full)
    client = Client(raise_request_exception=False)
    answer = client.post(URL, ANN, content_type="application/json", headers={"X-Form-Key": form.key})
    monkeypatch.undo()

    assert (answer.status_code, seen_by_others()) == (500, 0)


@pytest.mark.django_db(transaction=True)
def test_worker_is_woken_after_the_commit_and_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    form = factories.form()
    published: list[tuple[object, ...]] = []

    def send_task(*arguments: object, **options: object) -> None:
        published.append((*arguments, sorted(options), connection.in_atomic_block, seen_by_others()))

    broker = SimpleNamespace(conf=SimpleNamespace(broker_url="redis://there"), send_task=send_task)
    monkeypatch.setattr(tasks, "current_app", broker)
    monkeypatch.setattr(tasks, "_quiet_until", 0.0)
    monkeypatch.setattr(tasks, "_nudged_until", 0.0, raising=False)
    Client().post(URL, ANN, content_type="application/json", headers={"X-Form-Key": form.key})

    assert published == [("leads.tasks.look_for_arrivals", ["expires", "ignore_result", "retry"], False, 1)]


@pytest.mark.django_db(transaction=True)
def test_channels_are_spoken_to_outside_any_transaction(now: datetime) -> None:
    factories.templates()
    for _ in range(2):
        messages.message(now=now)
    inside: list[tuple[str, bool]] = []

    class Listening(MemoryChannel):
        """Notes at each step whether a transaction is open."""

        @contextmanager
        def session(self) -> Iterator[MemoryChannel]:
            inside.append(("session", connection.in_atomic_block))
            yield self

        def send(self, envelope: Envelope, *, mark_handed: MarkHanded) -> Result:
            inside.append(("before", connection.in_atomic_block))
            mark_handed()
            inside.append(("after", connection.in_atomic_block))
            return super().send(envelope, mark_handed=lambda: None)

    messages.send(Listening(), clock=Clock(now))

    step = [("before", False), ("after", False)]
    assert inside == [("session", False), *step, *step]


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["claim", "hand", "reconcile"])
def test_steps_of_sending_refuse_to_run_inside_a_transaction(step: str, now: datetime) -> None:
    message = messages.message(now=now)
    stuck = messages.message(now=now, state=MessageState.CLAIMED, lease_until=now)
    mark = Hand(message, clock=Clock(now), patience=MemoryChannel().patience)
    steps: dict[str, Callable[[], object]] = {
        "claim": lambda: claims.claim(now=now, batch=10),
        "hand": mark,
        "reconcile": lambda: reconcile.look(now=now),
    }

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        steps[step]()

    stuck.refresh_from_db()
    assert (stuck.state, mark.done) == ("claimed", False)
