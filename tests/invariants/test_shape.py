"""What must hold of every line, not only of those a test happens to run: read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crm", "notifications", "leads")
DOORS = {"admin", "api", "pages", "management", "migrations"}

# The one writer of each life's status.
WRITERS = {
    "status": {"leads/domain/lifecycle.py", "crm/domain/appointments.py"},
    "state": {"notifications/domain/lifecycle.py"},
}
# Who may speak to the world outside. The queue's own client is for the ticks alone.
REACHES_OUT = {
    "socket",
    "ssl",
    "smtplib",
    "http",
    "urllib",
    "urllib3",
    "requests",
    "httpx",
    "redis",
    "celery",
}
HARMLESS = ("urllib.parse", "urllib.error", "http.HTTPStatus")
SPEAKERS = {
    "notifications/channels/email.py",
    "crm/domain/deadman.py",
    "leads/tasks.py",
    "notifications/tasks.py",
}
CLOCKS = {"now", "utcnow", "today", "time", "database_now", "localdate", "localtime", "Now"}
CLOCK_OWNERS = {"datetime", "date", "time", "timezone"}
# When somebody joined is for people to read; no rule asks it.
NO_RULE = {"crm/models/staff.py: joined_at"}
PUBLISHED_WITH = {"expires", "retry", "ignore_result"}


def modules(*apps: str) -> Iterator[tuple[str, ast.Module]]:
    """Give each module of our own, by its path from the root."""
    for app in apps or APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def rules() -> Iterator[tuple[str, ast.Module]]:
    """Give the modules below the doors: those that take `now` and never ask for it."""
    for name, tree in modules():
        if not DOORS & set(name.split("/")) and not name.endswith("/tasks.py") and name != "crm/queries.py":
            yield name, tree


def written(tree: ast.Module, column: str) -> list[int]:
    """Find where a column is assigned, or named in an update."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets = [part for target in node.targets for part in ast.walk(target)]
            found += [t.lineno for t in targets if isinstance(t, ast.Attribute) and t.attr == column]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
            found += [node.lineno for word in node.keywords if word.arg == column]
    return found


def clock_readings(tree: ast.Module) -> list[int]:
    """Find calls that read a clock, also a clock that is passed on uncalled."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = getattr(node.value, "id", "") or getattr(node.value, "attr", "")
            # `time.monotonic` measures a wait; it tells no time of day.
            found += [node.lineno] if owner in CLOCK_OWNERS else []
        if isinstance(node, ast.ImportFrom):
            found += [node.lineno for alias in node.names if alias.name in {"database_now", "Now"}]
    return found


def self_filling(tree: ast.Module) -> list[str]:
    """Find columns that fill themselves with the time."""
    return [
        getattr(node.targets[0], "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if {word.arg for word in node.value.keywords} & {"auto_now", "auto_now_add"}
    ]


def optional_now(tree: ast.Module) -> list[int]:
    """Find functions that can be called without saying what time it is."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            told = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            found += [node.lineno for arg, default in told if arg.arg == "now" and default is not None]
    return found


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_status_has_one_writer() -> None:
    found = [
        f"{name}:{line}"
        for name, tree in modules("leads", "crm")
        if name not in WRITERS["status"]
        for line in written(tree, "status")
    ]
    found += [
        f"{name}:{line}"
        for name, tree in modules("notifications")
        if name not in WRITERS["state"]
        for line in written(tree, "state")
    ]

    assert found == []
    for names in WRITERS.values():
        assert names <= {name for name, _ in modules()}


def test_rules_never_read_a_clock() -> None:
    found = [f"{name}:{line}" for name, tree in rules() for line in clock_readings(tree)]

    assert found == []


def test_columns_are_told_what_time_it_is() -> None:
    found = {f"{name}: {column}" for name, tree in rules() for column in self_filling(tree)}

    assert found - NO_RULE == set()


def test_rules_never_guess_what_time_it_is() -> None:
    found = [f"{name}:{line}" for name, tree in rules() for line in optional_now(tree)]

    assert found == []


def test_only_speakers_reach_the_world_outside() -> None:
    found = sorted(
        f"{name} imports {module}"
        for name, tree in modules()
        if name not in SPEAKERS
        for module in imported(tree)
        if module.split(".")[0] in REACHES_OUT and not module.startswith(HARMLESS)
    )

    assert found == []


def test_ticks_carry_nothing_and_hold_no_rule() -> None:
    ticks = {}
    for name, tree in modules("leads", "notifications"):
        if not name.endswith("/tasks.py"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                arguments = node.args
                taken = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                names = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
                ticks[node.name] = (len(taken), arguments.vararg is None, "objects" in names)

    assert ticks == dict.fromkeys(ticks, (0, True, False))
    assert {"look_for_arrivals", "look_for_follow_ups", "look_at_outbox", "look_at_stuck"} <= set(ticks)


def test_nothing_is_published_but_the_name_of_a_tick() -> None:
    found = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in {"delay", "apply_async", "signature", "s", "si"} and name.endswith(
                "tasks.py"
            ):
                found.append(f"{name}:{node.lineno}")
            if node.func.attr == "send_task":
                plain = len(node.args) == 1 and {word.arg for word in node.keywords} <= PUBLISHED_WITH
                found += [] if plain else [f"{name}:{node.lineno}"]

    assert found == []
