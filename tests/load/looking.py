"""What staff look at, and how it grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.load import processes
from tests.load.results import Row, compared, counted

LISTS = 12  # queries


def pages(environment: Mapping[str, str]) -> dict[str, Any]:
    """Open the admin's pages as they are with what the database holds now."""
    with processes.worker(_development(environment)) as worker:
        found: dict[str, Any] = worker.do("reads", "pages")
        return found


def page_rows(few: Mapping[str, Any], many: Mapping[str, Any], *, how_many: int) -> list[Row]:
    """Compare the pages over few leads with the pages over many."""
    found = []
    for name, page in many.items():
        found.append(counted(f"admin, {name}: queries", page["queries"], limit=LISTS))
        if how_many:
            growth = page["best"] / few[name]["best"]
            found.append(
                Row(
                    f"admin, {name}: with {how_many:,} leads more",
                    f"{page['best']:.0f} ms",
                    f"{few[name]['best']:.0f} ms before",
                    f"{growth:.2f}",
                    "≤ 1.3 ×",
                    growth <= 1.3,
                )
            )
    return found


def report_row(environment: Mapping[str, str], *, rounds: int) -> Row:
    """Compare the report of 90 days with the bare SQL behind it."""
    with processes.worker(_development(environment)) as worker:
        ours, raw = [], []
        for _ in range(rounds):
            raw.append(worker.do("reads", "report_raw", times=10)["cpu_ms"])
            ours.append(worker.do("reads", "report", times=10)["cpu_ms"])
    return compared("report of 90 days", ours, raw, limit=2.0, unit="CPU-ms")


def _development(environment: Mapping[str, str]) -> dict[str, str]:
    # Without DEV=1 the pages would need the collected static files.
    return {**environment, "DEV": "1", "TRUSTED_PROXIES": "0"}
