"""What the gate asks of the database for each message: one statement, by its indexes, at any size."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Address
from notifications import queries
from notifications.models import Consent, Suppression
from tests import factories
from tests.notifications import messages

MANY = 4_000

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def a_full_house(now: datetime) -> None:
    """Fill the tables that the gate reads: two spellings of each inbox, two statements about each of them."""
    inboxes = [f"person{n}@example.com" for n in range(MANY)]
    spellings = [(key, key) for key in inboxes] + [
        (f"person{n}+spa@example.com", key) for n, key in enumerate(inboxes)
    ]
    addresses = Address.objects.bulk_create(
        Address(kind="email", value=value, match_key=key, value_hash=f"{n:064x}", created_at=now)
        for n, (value, key) in enumerate(spellings)
    )
    who = Consent.by(factories.staff().as_actor)
    Consent.objects.bulk_create(
        Consent(
            address=address, channel="email", purpose=purpose, status="granted", source="t", at=now, **who
        )
        for address in addresses
        for purpose in ("transactional", "marketing")
    )
    Suppression.objects.bulk_create(
        Suppression(address=address, reason="Stop.", at=now, **who) for address in addresses[::40]
    )
    with connection.cursor() as cursor:
        for table in ("crm_address", "notifications_consent", "notifications_suppression"):
            cursor.execute(f"ANALYZE {table}")


def reads_of_consent(sql: str) -> list[tuple[str, str]]:
    """Give how the database would find the newest statement for each message: each step and its index.

    What it reads once for a whole batch, the messages' own addresses or who asked to be left alone, it may
    read as it likes: which way is cheaper depends on how much there is.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0][0]["Plan"]
    for subplan in plan["Plans"]:
        steps = [subplan]
        for step in steps:
            steps.extend(step.get("Plans", []))
        read = [step for step in steps if "Relation Name" in step]
        if any(step["Relation Name"] == "notifications_consent" for step in read):
            return [(step["Node Type"], step.get("Index Name", "")) for step in read]
    return []


@pytest.mark.parametrize("count", [1, 50])
def test_standing_finds_the_statements_of_an_inbox_by_index(count: int, now: datetime) -> None:
    a_full_house(now)
    to = [
        messages.message(now=now, to=messages.person(value=f"stranger{n}@example.com")) for n in range(count)
    ]

    with CaptureQueriesContext(connection) as asked:
        queries.standing_of([each.pk for each in to], acknowledgement="acknowledgement", since=now)

    assert len(asked) == 1
    assert reads_of_consent(asked[0]["sql"]) == [
        ("Index Scan", "address_by_match_key"),
        ("Index Scan", "consent_newest"),
    ]
