"""The table that is printed: what, ours, the yardstick, their ratio, the goal, and whether it is met."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `met` is None where there is no goal, or none that this run can judge."""

    what: str
    ours: str
    yardstick: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


def compared(what: str, ours: list[float], yardstick: list[float], *, limit: float, unit: str) -> Row:
    """Compare medians of interleaved rounds: our cost may be `limit` times the yardstick's."""
    mine, other = median(ours), median(yardstick)
    ratio = mine / other if other else 0.0
    spread = f"{mine:.2f} {unit} ({min(ours):.2f}–{max(ours):.2f})"
    return Row(what, spread, f"{other:.2f} {unit}", f"{ratio:.2f}", f"≤ {limit:.1f} ×", ratio <= limit)


def counted(what: str, ours: float, *, limit: float, unit: str = "queries") -> Row:
    """Hold a number against the most that it may be."""
    return Row(what, f"{ours:g} {unit}", goal=f"≤ {limit:g}", met=ours <= limit)


def table(rows: list[Row]) -> str:
    """Write the rows as a table for a terminal."""
    verdicts = {None: "", True: "yes", False: "NO"}
    cells = [("what", "ours", "yardstick", "ratio", "goal", "met?")]
    cells += [(r.what, r.ours, r.yardstick, r.ratio, r.goal, verdicts[r.met]) for r in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
