"""Reads of the clinic used in more than one place."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from crm.models import Address, ApiToken, Contact, Staff


def database_now() -> datetime:
    """Read the database's clock: aware, UTC, the true moment even inside a long transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            moment = cursor.fetchone()[0]
            return moment.astimezone(UTC)  # type: ignore[no-any-return]  # a cursor's rows are untyped
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)


def addresses_of(contact: Contact) -> list[Address]:
    """Give the addresses that reach a contact, e-mail first, oldest first."""
    return list(Address.objects.filter(points__contact=contact).order_by("kind", "id"))


def demo_rows_exist() -> bool:
    """Say whether there are demo staff or a demo token, whose passwords are public."""
    return Staff.objects.filter(is_demo=True).exists() or ApiToken.objects.filter(is_demo=True).exists()
