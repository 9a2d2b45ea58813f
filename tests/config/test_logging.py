"""The lines here hold what must never be in a log, to see it hidden."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import structlog

from config import logging as house_logging

SECRETS = ["charlie@example.com", "Charlie", "+1 (512) 555-0140", "5125550140", "tok3n"]


@pytest.fixture
def lines() -> Any:
    output = io.StringIO()
    configuration = house_logging.logging_config(level="INFO", as_json=True)
    configuration["handlers"]["output"]["stream"] = output
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    house_logging.configure(configuration)
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_fields_about_people_are_hidden(lines: Any) -> None:
    structlog.get_logger("leads").info(
        "lead_opened", name="Charlie", phone="5125550140", lead="A-12", count=3
    )

    (line,) = lines()

    assert {key: line[key] for key in ("event", "name", "phone", "lead", "count")} == {
        "event": "lead_opened",
        "name": "[hidden]",
        "phone": "[hidden]",
        "lead": "A-12",
        "count": 3,
    }


def test_text_that_looks_like_an_address_is_hidden_wherever_it_stands(lines: Any) -> None:
    logging.getLogger("smtp").warning("550 %s refused, call %s", "charlie@example.com", "+1 (512) 555-0140")
    logging.getLogger("django.request").warning("Not Found: %s", "/m/unsubscribe/tok3n/")

    events = [line["event"] for line in lines()]

    assert events == ["550 [hidden] refused, call [hidden]", "Not Found: /m/unsubscribe/[hidden]/"]


def test_traceback_keeps_its_place_and_loses_the_person(lines: Any) -> None:
    try:
        int("charlie@example.com, 5125550140")
    except ValueError:
        structlog.get_logger("leads").exception("arrival_parked")

    (line,) = lines()

    assert "test_logging.py" in line["exception"]
    assert [secret for secret in SECRETS if secret in json.dumps(line)] == []


def test_nested_values_are_hidden(lines: Any) -> None:
    structlog.get_logger("leads").info("seen", details={"email": "x", "rows": ["charlie@example.com", 7]})

    (line,) = lines()

    assert line["details"] == {"email": "[hidden]", "rows": ["[hidden]", 7]}


def test_references_and_times_are_kept(lines: Any) -> None:
    reference = "0123456789abcdef0123456789abcdef"

    structlog.get_logger("leads").info("seen", reference=reference, due_at="2026-03-10T16:00:00+00:00")

    (line,) = lines()
    assert (line["reference"], line["due_at"]) == (reference, "2026-03-10T16:00:00+00:00")
