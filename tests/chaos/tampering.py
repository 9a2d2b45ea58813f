"""What a fault run does to the database itself: it lets time pass there, and holds up whoever writes.

Everything here goes past our own code, which cannot notice.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from tests.journeys.passing_time import moments

# SQLite cannot lock one table, but it can be made slow at one: some seconds for a row, with the write lock
# held. Whoever writes that row is killed long before.
SLOW = (
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 12000000) SELECT max(n) FROM c"
)
# No act of ours holds the write lock so long, so whoever does is stuck at the slow table.
STUCK_AFTER = 0.2  # seconds


def let_pass(url: str, span: timedelta) -> None:
    """Make everything in the database of this `DATABASE_URL` older by `span`, in one transaction."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as file:
            # Text as the adapter of our own code writes it, since that is how it is compared.
            file.create_function("older", 1, lambda text: text and str(datetime.fromisoformat(text) - span))
            for table, columns in _moments():
                sets = ", ".join(f'"{column}" = older("{column}")' for column in columns)
                file.execute(f'UPDATE "{table}" SET {sets}')  # noqa: S608  # names from our own models
            file.commit()
        return
    with psycopg.connect(url) as server:
        for table, columns in _moments():
            older = sql.SQL("{0} = {0} - %(span)s")
            each = sql.SQL(", ").join(older.format(sql.Identifier(column)) for column in columns)
            server.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table), each), {"span": span})


def _moments() -> Iterator[tuple[str, list[str]]]:
    for model, fields in moments():
        yield model._meta.db_table, [str(field.column) for field in fields]


def others(url: str) -> int:
    """Count who is connected to the database beside us: a server may not have noticed yet that they died."""
    if url.startswith("sqlite:"):
        return 0
    with psycopg.connect(url) as server:
        found = server.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
    return int(found[0]) if found else 0


@contextmanager
def stuck_at(url: str, table: str) -> Iterator[Callable[[], bool]]:
    """Let whoever writes a row of this table stop there, in the middle of a transaction.

    Gives a function that says whether somebody is stuck.
    """
    with (
        _sqlite_slow_at(url, table) if url.startswith("sqlite:") else _postgres_locked(url, table) as is_stuck
    ):
        yield is_stuck


@contextmanager
def _sqlite_slow_at(url: str, table: str) -> Iterator[Callable[[], bool]]:
    since: list[float] = []
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)) as file:
        file.execute(f"CREATE TRIGGER slow BEFORE INSERT ON {table} BEGIN SELECT ({SLOW}); END")

        def is_stuck() -> bool:
            try:
                file.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                since.append(time.monotonic())
                return since[-1] - since[0] >= STUCK_AFTER
            file.execute("ROLLBACK")
            since.clear()
            return False

        file.execute("PRAGMA busy_timeout = 0")
        yield is_stuck
        file.execute("PRAGMA busy_timeout = 20000")
        file.execute("DROP TRIGGER slow")


@contextmanager
def _postgres_locked(url: str, table: str) -> Iterator[Callable[[], bool]]:
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))

        def is_stuck() -> bool:
            waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            found = watcher.execute(waiting, [table]).fetchone()
            return bool(found and found[0])

        yield is_stuck
        holder.rollback()
