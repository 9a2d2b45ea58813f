"""Too many posts from one network address. Counted in the database, so it holds without Redis."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from leads.models import FloodCount

KEEP = timedelta(hours=1)


def count_one(*, form_id: int, sender_hash: str, now: datetime) -> int:
    """Count one post in its minute and give the count so far. One statement, exact under any concurrency.

    Counts what the caller's transaction commits: a post that is refused later does not count.
    """
    minute = now.replace(second=0, microsecond=0)
    bucket = f"{form_id}:{sender_hash[:32]}:{int(minute.timestamp())}"
    table = FloodCount._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (bucket, count, minute) VALUES (%s, 1, %s) "  # noqa: S608  # our own table name
            f"ON CONFLICT (bucket) DO UPDATE SET count = {table}.count + 1 RETURNING count",
            [bucket, minute],
        )
        return int(cursor.fetchone()[0])


def forget_old(*, now: datetime) -> int:
    """Delete counts of minutes long gone. Returns how many."""
    deleted, _ = FloodCount.objects.filter(minute__lt=now - KEEP).delete()
    return deleted
