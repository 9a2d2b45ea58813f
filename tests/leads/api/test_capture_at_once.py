"""Many posts of the same enquiry at the same moment, over real connections."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from leads.models import Submission
from tests import factories
from tests.leads.api.support import JSON, URL

MANY = 50
AT_ONCE = 25  # connections; the server of the tests lends a hundred, to everybody


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", ["k-1", None])
def test_capture_fifty_identical_posts_are_one(key: str | None) -> None:
    form = factories.form(flood_limit=1_000)
    headers = {"X-Form-Key": form.key, **({"Idempotency-Key": key} if key else {})}
    body = json.dumps({"name": "Ann Smith", "email": "ann@example.com"})
    start = threading.Barrier(AT_ONCE)

    def hammer() -> list[tuple[int, str]]:
        start.wait(timeout=20)
        try:
            answers = [
                Client().post(URL, data=body, content_type=JSON, headers=headers)
                for _ in range(MANY // AT_ONCE)
            ]
            return [(answer.status_code, answer.content.decode()) for answer in answers]
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = [
            result for many in [pool.submit(hammer) for _ in range(AT_ONCE)] for result in many.result()
        ]

    assert Submission.objects.count() == 1
    assert len(results) == MANY
    assert {status for status, _ in results} == {201}
    assert len({answer for _, answer in results}) == 1
