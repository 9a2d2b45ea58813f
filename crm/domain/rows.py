"""New rows, written with statements that are put together once and not for each row.

Django takes longer to write an INSERT of twenty columns than either database to run it, and an arrival makes
a dozen of them. The values are prepared as ever, each by its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Model


def insert(rows: Iterable[Model]) -> None:
    """Insert new rows of any tables, in the order given, in the caller's transaction.

    Neighbours of one table share a statement; PostgreSQL gets all statements at once. The rows learn no id,
    so this is for what nobody refers to in the same breath: events, audit, messages, follow-ups.

    :raises TransactionManagementError: outside a transaction, where some could be written without the others.
    """
    _check_transaction()
    statements = [_statement(list(same)) for _, same in groupby(rows, key=type)]
    # Values bound by the server go with one statement at a time.
    bound_there = connection.settings_dict["OPTIONS"].get("server_side_binding", False)
    if connection.vendor == "postgresql" and not bound_there:
        _execute("; ".join(sql for sql, _ in statements), [value for _, said in statements for value in said])
        return
    for sql, values in statements:
        _execute(sql, values)


def insert_and_name(rows: Sequence[Model]) -> None:
    """Insert new rows of one table, in the caller's transaction; each learns its id.

    :raises TransactionManagementError: outside a transaction.
    """
    _check_transaction()
    if not rows:
        return
    sql, values = _statement(rows)
    with connection.cursor() as cursor:
        cursor.execute(f'{sql} RETURNING "id"', values)
        # In the order of the values, on which Django's own bulk insert relies as well.
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  # what save() would note


def _check_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Rows that belong together are written in a transaction."
        )


def _statement(rows: Sequence[Model]) -> tuple[str, list[Any]]:
    """Give the INSERT of rows of one table, and its values as each field prepares them."""
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields
    ]
    return _sql(type(rows[0]), len(rows), connection.vendor), values


@lru_cache(maxsize=256)
def _sql(model: type[Model], count: int, _vendor: str) -> str:
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    marks = f"({', '.join(['%s'] * len(columns))})"
    return (
        f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) "  # noqa: S608  # names alone
        f"VALUES {', '.join([marks] * count)}"
    )


def _execute(sql: str, values: Sequence[Any]) -> None:
    if sql:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
