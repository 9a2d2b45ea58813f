"""What a breakage is: one rule, broken on purpose by one small change, and the tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Leg = Literal["sqlite", "postgres"]

# What is never false, in a few words each.
RULES: dict[int, str] = {
    1: "A 2xx means committed, and nothing accepted is dropped.",
    2: "The public side never says who is known; the crisis notice is in every answer.",
    3: "Each life has one table, one writer, and one event with actor and reason for each change.",
    4: "Every open lead has a next action and a location; a lost one has a reason.",
    5: "One message for each dedupe key, handed at most once; every send and non-send has its reason.",
    6: "Nothing is sent that consent, suppression, quiet hours, caps or a hold forbid at that moment.",
    7: "Health text is encrypted at rest, and in no log, task, alert, text message or subject.",
    8: "A visit converts at most one lead, however often and in whatever order it is said.",
    9: "Rules take `now`; UTC inside, the location's zone at the edges, both nights of the clock change.",
    10: "Every change and view of a record, every export and sign-in leaves an audit row.",
    11: "No network inside a transaction; no task holds a rule; a second beat changes nothing.",
    12: "SQLite and PostgreSQL behave alike: a claim is a compare-and-swap.",
}


@dataclass(frozen=True, slots=True)
class Breakage:
    """`old` stands exactly once in `file`; with `new` in its place each of `tests` must fail."""

    invariant: int
    broken: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    leg: Leg = "sqlite"


def breakage(
    invariant: int, broken: str, *, file: str, old: str, new: str, tests: str, leg: Leg = "sqlite"
) -> Breakage:
    """Make a breakage; `tests` are separated by spaces, their `tests/` left out."""
    nodes = tuple(f"tests/{node}" for node in tests.split())
    return Breakage(invariant, broken, file, old, new, nodes, leg)
