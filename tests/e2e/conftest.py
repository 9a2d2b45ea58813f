"""A real browser, and the real stack for it to visit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from tests.e2e.chromium import ARGUMENTS, executable
from tests.e2e.stack import Stack, prepare, running

# The browser's driver keeps an event loop in this thread, and Django would refuse its queries because of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PATIENCE_MS = 15_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = executable()
    if path is None:
        pytest.fail("No chromium was found: install it (apt-get install chromium), or name it in CHROMIUM.")
    return {**browser_type_launch_args, "executable_path": path, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-US", "timezone_id": "America/Chicago"}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every test says which stack it visits. (The plugin's own fixture is of a kind that pytest gives up.)"""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start makes it: every stack begins with a copy, which takes no minute."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    prepare(folder)
    return folder


@pytest.fixture
def new_stack(prepared: Path, tmp_path: Path) -> Iterator[Stack]:
    """A stack of a test's own, of which nothing is started yet."""
    with running(Stack(shutil.copytree(prepared, tmp_path / "data"))) as stack:
        yield stack


@pytest.fixture(scope="session")
def stack(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All that `make run` starts, once for all tests."""
    folder = tmp_path_factory.mktemp("stack") / "data"
    with running(Stack(shutil.copytree(prepared, folder))) as stack:
        stack.start_all()
        yield stack


@pytest.fixture
def complaints() -> list[str]:
    """What the consoles of all pages said: errors of scripts, of loading, and of the content policy."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, browser_context_args: dict[str, Any], complaints: list[str]
) -> Iterator[OpenPage]:
    """Open a page for one more person, who shares no cookie with the others."""
    expect.set_options(timeout=PATIENCE_MS)
    opened: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def broke(error: Error) -> None:
        complaints.append(f"script: {error}")

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**(browser_context_args | options))
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", heard)
        context.on("weberror", lambda event: broke(event.error))
        return context.new_page()

    yield open_one
    for context in opened:
        context.close()
