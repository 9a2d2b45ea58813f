from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from crm.models import Heartbeat
from crm.queries import database_now


@pytest.mark.django_db
def test_healthz_says_that_the_database_answers(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"ok": True, "database": "answers"})


@pytest.mark.django_db
def test_readyz_before_the_first_sweep_is_503(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()["ready"], response.json()["working"]) == (503, False, False)


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "working"), [(5, True), (600, False)])
def test_readyz_says_whether_sweeps_come_round(client: Client, age: int, working: bool) -> None:
    Heartbeat.objects.create(name="outbox", finished_at=database_now() - timedelta(seconds=age))

    response = client.get("/readyz")

    body = response.json()
    assert (response.status_code, body["ready"], body["working"]) == (200, True, working)
    assert age <= body["last_sweep_age"] <= age + 30


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_of_a_dead_database_is_503(client: Client, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError, connection

    def refuse(*_unused: object, **_also: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)

    response = client.get(path)

    assert (response.status_code, response.json()["database"]) == (503, "does not answer")
