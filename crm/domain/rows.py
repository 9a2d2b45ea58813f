"""Rows of several tables, written in one trip to the database where it can do that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.sql import InsertQuery


def insert(rows: Iterable[Model]) -> None:
    """Insert new rows of any tables, in the order given, in the caller's transaction.

    Neighbours of one table share a statement; PostgreSQL gets all statements at once. The rows learn no id,
    so this is for what nobody refers to in the same breath: events, audit, messages, follow-ups.

    :raises TransactionManagementError: outside a transaction, where some could be written without the others.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Rows that belong together are written in a transaction."
        )
    statements = [each for _, same in groupby(rows, key=type) for each in _statements(list(same))]
    # Values bound by the server go with one statement at a time.
    bound_there = connection.settings_dict["OPTIONS"].get("server_side_binding", False)
    if connection.vendor == "postgresql" and not bound_there:
        _execute("; ".join(sql for sql, _ in statements), [value for _, said in statements for value in said])
        return
    for sql, values in statements:
        _execute(sql, values)


def _statements(rows: list[Model]) -> list[tuple[str, Sequence[Any]]]:
    """Compile what inserts rows of one table; as `bulk_create` does, without asking for the new ids."""
    meta = rows[0]._meta
    query = InsertQuery(type(rows[0]))
    query.insert_values([field for field in meta.concrete_fields if field is not meta.pk], rows)
    compiled: list[tuple[str, Sequence[Any]]] = query.get_compiler(connection=connection).as_sql()
    return compiled


def _execute(sql: str, values: Sequence[Any]) -> None:
    if sql:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
