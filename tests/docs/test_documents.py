"""What the documents name must exist, and what they must name must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")

LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
PATH = re.compile(r"`((?:config|crm|notifications|leads|tests|docs|examples)/[\w./-]+)`")
# The how-to about channels speaks of a file that its reader is going to make.
TO_BE_MADE = {"notifications/channels/voice.py"}
PARTS_OF_AN_ADR = [
    "## Context",
    "## Options",
    "## Decision",
    "## Consequences",
    "## How we will notice it is wrong",
]


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def first_cells(heading: str) -> set[str]:
    """Give what stands in backticks in the first cell of each row under a heading of the README."""
    part = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("|")]
    return {name for cell in rows for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_document_links_only_to_files_that_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_document_names_only_paths_that_exist(document: Path) -> None:
    named = set(PATH.findall(document.read_text(encoding="utf-8"))) - TO_BE_MADE

    missing = sorted(path for path in named if not (ROOT / path).exists())

    assert missing == []


def test_environment_table_names_every_variable_that_is_read() -> None:
    settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    server = (ROOT / "config" / "server.py").read_text(encoding="utf-8")
    read = set(re.findall(r'ENV\.\w+\(\s*"([A-Z_]+)"', settings))
    read |= set(re.findall(r'environ(?:\.get\(|\[)["\']([A-Z_]+)["\']', server))

    named = first_cells("Production")

    assert named == read


def test_command_tables_name_every_command_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {f"make {name}" for name in re.findall(r"^([a-z0-9]+):.*## ", makefile, re.MULTILINE)}

    named = first_cells("Two commands") | first_cells("Commands")

    assert {name for name in named if name.startswith("make ")} == targets


def test_command_table_names_every_command_of_manage() -> None:
    files = (ROOT / "leads" / "management" / "commands").glob("[a-z]*.py")

    named = {name.split()[1] for name in first_cells("Commands") if name.startswith("manage.py ")}

    assert named == {file.stem for file in files}


def test_adrs_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in ADRS]

    assert numbers == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("adr", ADRS, ids=name_of)
def test_adr_has_its_number_and_its_parts_in_order(adr: Path) -> None:
    lines = adr.read_text(encoding="utf-8").splitlines()

    parts = [line for line in lines if line in PARTS_OF_AN_ADR]

    assert lines[0].startswith(f"# {adr.name[:4]} ")
    assert parts == PARTS_OF_AN_ADR
