"""Keeping an arrival once."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.domain import intake
from leads.errors import IdempotencyConflict, TooManySubmissions
from leads.models import CaptureForm, FloodCount, Submission
from tests import factories

pytestmark = pytest.mark.django_db


def accept(form: CaptureForm, *, now: datetime, key: str | None, message: str = "Hello") -> str:
    receipt = intake.accept(
        raw=json.dumps({"name": "Ann", "email": "ann@example.com", "message": message}).encode(),
        content_type="application/json",
        header_key=form.key,
        origin="",
        idempotency_key=key,
        sender="192.0.2.7",
        now=now,
    )
    return receipt.reference


@pytest.mark.parametrize("key", ["k1", None])
def test_accept_repeat_in_a_flood_gets_its_answer_and_is_not_counted(now: datetime, key: str | None) -> None:
    form = factories.form(flood_limit=1)
    first = accept(form, now=now, key=key)

    again = accept(form, now=now, key=key)

    assert again == first
    assert Submission.objects.count() == 1
    assert FloodCount.objects.get().count == 1


def test_accept_something_new_in_a_flood_is_refused(now: datetime) -> None:
    form = factories.form(flood_limit=1)
    accept(form, now=now, key="k1")

    with pytest.raises(TooManySubmissions):
        accept(form, now=now, key="k2")

    assert Submission.objects.count() == 1


def test_accept_same_key_with_other_fields_in_a_flood_is_a_conflict(now: datetime) -> None:
    form = factories.form(flood_limit=1)
    accept(form, now=now, key="k1")

    with pytest.raises(IdempotencyConflict):
        accept(form, now=now, key="k1", message="Something else")


def test_accept_with_a_key_asks_the_database_twice(now: datetime) -> None:
    form = factories.form()
    accept(form, now=now, key="k1")

    with CaptureQueriesContext(connection) as captured:
        accept(form, now=now, key="k2", message="Another")

    asked = [query["sql"].split(" ", 2)[0] for query in captured.captured_queries]
    assert [word for word in asked if word not in {"SAVEPOINT", "RELEASE"}] == ["INSERT", "INSERT"]
