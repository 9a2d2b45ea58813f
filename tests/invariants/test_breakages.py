"""The list of breakages cannot rot: what it would change still stands there, and its tests exist."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.invariants.breakages import ALL, RULES, Breakage

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference" / "invariants.md"


def _name(each: Breakage) -> str:
    return f"{each.invariant}: {each.broken}"


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("each", ALL, ids=_name)
def test_breakage_still_fits_the_code(each: Breakage) -> None:
    text = (ROOT / each.file).read_text(encoding="utf-8")

    assert text.count(each.old) == 1
    assert each.new != each.old


@pytest.mark.parametrize("each", ALL, ids=_name)
def test_breakage_names_tests_that_exist(each: Breakage) -> None:
    nodes = [node.partition("[")[0].split("::") for node in each.tests]

    missing = [f"{file}::{name}" for file, name in nodes if name not in functions_in(file)]

    assert missing == []
    assert nodes


def test_every_invariant_is_broken_at_least_twice() -> None:
    counts = Counter(each.invariant for each in ALL)

    assert sorted(counts) == list(range(1, 13)) == sorted(RULES)
    assert min(counts.values()) >= 2


def test_reference_says_how_each_was_broken() -> None:
    written = REFERENCE.read_text(encoding="utf-8")

    assert [each.broken for each in ALL if f"| {each.broken} |" not in written] == []
