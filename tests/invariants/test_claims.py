"""Claims of arrivals: two who look at once share none, and a second tick changes nothing."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from leads.domain import arrivals
from leads.models import Lead
from notifications.domain import dispatch
from notifications.models import Message
from tests import factories
from tests.notifications.messages import Clock

SECONDS = 20


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_claimer_who_looks_while_another_claims_gets_nothing_of_theirs(now: datetime) -> None:
    form = factories.form()
    taken = [factories.arrival(form, now=now).pk for _ in range(3)]
    got: list[list[int]] = []

    def second() -> None:
        got.append(arrivals.claim(now=now, limit=10))
        connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        first = arrivals.claim(now=now, limit=10)
        thread.start()
        # It is done at once when it passes locked rows by; else it waits for this transaction.
        thread.join(2)
    thread.join(SECONDS)

    assert (sorted(first), got) == (taken, [[]])


@pytest.mark.django_db
def test_second_beat_changes_nothing(now: datetime) -> None:
    factories.templates()
    location = factories.location()
    factories.staff(at=location)
    for _ in range(3):
        factories.arrival(factories.form(at=location), now=now)
    clock = Clock(now)

    for _ in range(2):
        arrivals.look(clock)
        dispatch.look(clock)
        clock.pass_by(seconds=1)
    clock.pass_by(minutes=1)
    arrivals.look(clock)
    dispatch.look(clock)

    assert Lead.objects.count() == 3
    assert sorted(Message.objects.values_list("state", flat=True)) == ["sent"] * 6
    assert not Message.objects.filter(handed_at__gt=now + timedelta(seconds=1)).exists()
