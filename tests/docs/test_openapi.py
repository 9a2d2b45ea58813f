"""The written reference of the API is that of the code."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.yaml"


def test_reference_of_the_api_is_that_of_the_code(tmp_path: Path) -> None:
    told = tmp_path / "openapi.yaml"

    call_command("spectacular", "--fail-on-warn", "--file", str(told))

    written = REFERENCE.read_bytes() if REFERENCE.exists() else b""
    is_fresh = told.read_bytes() == written  # Compared here: the failure is one sentence and not two files.
    assert is_fresh, "docs/reference/openapi.yaml is not what the code says. Run make docs."
