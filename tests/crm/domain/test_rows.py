"""Rows of several tables in one go."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.actors import SYSTEM
from crm.domain import audit, rows
from crm.models import AuditEntry, Heartbeat


@pytest.mark.django_db
def test_insert_writes_rows_of_several_tables(now: datetime) -> None:
    first, second = (audit.entry(actor=SYSTEM, action=said, fields=["name"], now=now) for said in ("a", "b"))

    with CaptureQueriesContext(connection) as asked:
        rows.insert([first, second, Heartbeat(name="x; %s", finished_at=now)])

    assert list(AuditEntry.objects.order_by("pk").values_list("action", "fields", "at")) == [
        ("a", ["name"], now),
        ("b", ["name"], now),
    ]
    assert Heartbeat.objects.get().name == "x; %s"
    assert len(asked) == (1 if connection.vendor == "postgresql" else 2)


@pytest.mark.django_db
def test_insert_of_nothing_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        rows.insert([])

    assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_insert_outside_a_transaction_is_refused(now: datetime) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        rows.insert([Heartbeat(name="x", finished_at=now)])

    assert Heartbeat.objects.count() == 0


@pytest.mark.django_db
def test_insert_and_name_gives_each_row_its_id(now: datetime) -> None:
    made = [audit.entry(actor=SYSTEM, action=said, now=now) for said in ("a", "b", "c")]

    with CaptureQueriesContext(connection) as asked:
        rows.insert_and_name(made)

    assert {row.pk: row.action for row in AuditEntry.objects.all()} == {row.pk: row.action for row in made}
    assert len(asked) == 1
    made[0].refresh_from_db()  # a row like any other, no second insert
    assert made[0].action == "a"


@pytest.mark.django_db
def test_insert_writes_what_django_writes(now: datetime) -> None:
    kept = audit.entry(actor=SYSTEM, action="a", fields=["name"], subject_ref="x", now=now)
    kept.save()
    rows.insert([audit.entry(actor=SYSTEM, action="a", fields=["name"], subject_ref="x", now=now)])

    one, other = AuditEntry.objects.order_by("pk").values()

    assert one | {"id": 0} == other | {"id": 0}
