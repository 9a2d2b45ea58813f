"""`make bench`: what our work costs, beside a yardstick measured in the same minutes.

Prints, and never judges by its exit status: times on a shared machine prove nothing. Believe the CPU-ms and
the queries; requests/s and percentiles are printed too, and move with whatever else the machine does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.load import intake, looking, outgoing, processes
from tests.load.results import Row, table


def arguments() -> argparse.Namespace:
    """Read how long and how large a run is wanted."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measures, beside a yardstick.")
    parser.add_argument("--quick", action="store_true", help="one small round of each, about a minute")
    parser.add_argument("--full", action="store_true", help="a million rows where the goals say so")
    parser.add_argument("--only", choices=["intake"], help="one part of it")
    return parser.parse_args()


def sizes(asked: argparse.Namespace) -> tuple[intake.Size, outgoing.Size]:
    """Give the sizes of the run that was asked for."""
    if asked.quick:
        return intake.QUICK, outgoing.QUICK
    return (intake.FULL if asked.full else intake.USUAL), outgoing.USUAL


def main() -> int:
    """Measure and print."""
    asked = arguments()
    began = time.monotonic()
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivsuite-bench-")))
        ours = stack.enter_context(processes.database())
        yard = stack.enter_context(processes.database())
        queue = stack.enter_context(processes.queue())
        environment = processes.environment(folder, DATABASE_URL=ours, REDIS_URL=queue)
        processes.run("manage.py", "migrate", "-v0", environment=environment)
        size, mails = sizes(asked)
        seen: list[dict[str, Any]] = []
        rows += intake.measured(
            environment, yard, size=size, pages=lambda: seen.append(looking.pages(environment))
        )
        print(table(rows), flush=True)
        if asked.only != "intake":
            rows = outgoing.measured(environment, size=mails)
            rows += looking.page_rows(seen[0], seen[-1], how_many=size.earlier)
            rows.append(looking.report_row(environment, rounds=size.rounds))
            print("\n" + table(rows))
    print(f"\n{time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
