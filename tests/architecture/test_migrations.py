"""What a migration does to rows that are there: seen on rows written by the code before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crm.models import Payment
from leads.models import Lead
from notifications.models import Message, MessageEvent

NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
BEFORE = [("crm", "0001_initial"), ("notifications", "0001_initial"), ("leads", "0001_initial")]


@pytest.fixture
def rows_before(transactional_db: None) -> Any:
    """Take the tables back to the first migrations, and forward again whatever the test does."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    forward()


def forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def stored(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608  # names from this file
        return str(cursor.fetchone()[0])


def test_what_people_typed_in_clear_is_sealed(rows_before: Any) -> None:
    location = rows_before.get_model("crm", "Location").objects.create(
        name="Downtown", slug="downtown", time_zone="America/Chicago"
    )
    contact = rows_before.get_model("crm", "Contact").objects.create(
        reference="a" * 32, time_zone="UTC", time_zone_source="location", created_at=NOW
    )
    rows_before.get_model("leads", "Lead").objects.create(
        reference="b" * 32,
        contact_id=contact.pk,
        location_id=location.pk,
        preferred_time="after my chemo",
        arrived_at=NOW,
        last_arrival_at=NOW,
        next_action_at=NOW,
    )
    staff = rows_before.get_model("crm", "Staff").objects.create(email="sam@ivsuite.example", full_name="Sam")
    said = {"reason_code": "settled_by_hand", "reason": "her oncologist called", "actor_kind": "staff"}
    message = rows_before.get_model("notifications", "Message").objects.create(
        delivery_id="c" * 32,
        dedupe_key="one",
        staff_id=staff.pk,
        location_id=location.pk,
        channel="email",
        purpose="internal",
        template_code="new-lead-alert",
        about_kind="lead",
        about_ref="b" * 32,
        state="failed",
        due_at=NOW,
        expires_at=NOW,
        created_at=NOW,
        **said,
    )
    rows_before.get_model("notifications", "MessageEvent").objects.create(
        message_id=message.pk, at=NOW, to_state="failed", **said
    )

    forward()

    assert Lead.objects.get().preferred_time == "after my chemo"
    assert stored("leads_lead", "preferred_time").startswith("v1:")
    event = MessageEvent.objects.get()
    assert (event.reason, event.words) == ("A person settled it.", "her oncologist called")
    assert stored("notifications_messageevent", "words").startswith("v1:")
    assert Message.objects.get().reason == "A person settled it."

    MigrationExecutor(connection).migrate(BEFORE)
    assert stored("leads_lead", "preferred_time") == "after my chemo"  # and not cut to the old length


def test_money_left_at_a_visit_that_was_moved_follows_it(rows_before: Any) -> None:
    location = rows_before.get_model("crm", "Location").objects.create(
        name="Downtown", slug="downtown", time_zone="America/Chicago"
    )
    contact = rows_before.get_model("crm", "Contact").objects.create(
        reference="a" * 32, time_zone="UTC", time_zone_source="location", created_at=NOW
    )
    service = rows_before.get_model("crm", "Service").objects.create(
        slug="b12", name="B12", duration_minutes=15, price_minor=2500
    )
    visits = rows_before.get_model("crm", "Appointment").objects

    def visit(digit: str, *, status: str, moved_from: Any = None) -> Any:
        return visits.create(
            reference=digit * 32,
            contact=contact,
            location=location,
            service=service,
            status=status,
            starts_at=NOW,
            ends_at=NOW + timedelta(minutes=15),
            price_minor=2500,
            currency="USD",
            moved_from=moved_from,
            created_at=NOW,
        )

    first = visit("1", status="rescheduled")
    second = visit("2", status="rescheduled", moved_from=first)
    last = visit("3", status="completed", moved_from=second)
    lost = visit("4", status="rescheduled")
    other = visit("5", status="no_show")
    payments = rows_before.get_model("crm", "Payment").objects
    for digit, paid_for in enumerate((first, first, second, last, lost, other)):
        payments.create(
            reference=str(digit) * 32,
            appointment=paid_for,
            kind="paid",
            amount_minor=100,
            currency="USD",
            at=NOW,
            actor_kind="staff",
        )

    forward()

    found = Payment.objects.order_by("reference").values_list("appointment_id", flat=True)
    assert list(found) == [last.pk] * 4 + [lost.pk, other.pk]
