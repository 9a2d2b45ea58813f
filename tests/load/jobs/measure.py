"""What something cost: processor time of this process and of its database backend, seconds, queries."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.load import cpu

# Said to the database around the work; no query in the sense of the goals.
_FRAME = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


class Meter(AbstractContextManager["Meter"]):
    """Measures what happens inside of `with`."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self._backend: int = connection.connection.info.backend_pid

    def __enter__(self) -> Meter:
        self._began = self._marks()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ours, database, seconds = (
            after - before for after, before in zip(self._marks(), self._began, strict=True)
        )
        self.cpu_ms, self.database_ms, self.seconds = 1000 * ours, 1000 * database, seconds

    def _marks(self) -> tuple[float, float, float]:
        return time.process_time(), cpu.of_processes([self._backend]), time.perf_counter()

    def facts(self, items: int, **more: Any) -> dict[str, Any]:
        """Give the cost of each of `items`, in milliseconds."""
        each = max(items, 1)
        return {
            "items": items,
            "seconds": self.seconds,
            "cpu_ms": (self.cpu_ms + self.database_ms) / each,
            "database_ms": self.database_ms / each,
            **more,
        }


def queries_of(act: Callable[[], object]) -> list[str]:
    """Do something once and list the queries it made; BEGIN, COMMIT and savepoints are none."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries if not _FRAME.match(query["sql"])]


def percentile(took: list[float], share: float) -> float:
    """Give the milliseconds below which this share of the durations (seconds) lies."""
    ordered = sorted(took) or [0.0]
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]
