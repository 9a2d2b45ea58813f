"""What every test stands on: settings of its own, a database in a file, a fixed moment, and no network.

The environment is made here, at import, because the settings read it once.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ
OURS = (
    "SECRET_KEY FIELD_KEYS HASH_KEY ALLOWED_HOSTS PUBLIC_URL DATABASE_URL REDIS_URL TRUSTED_PROXIES "
    "EMAIL_URL "
    "DEFAULT_FROM_EMAIL DEADMAN_URL LOG_LEVEL DEV DEMO PORT PROCESS_ROLE STATIC_ROOT"
).split()

if not IS_XDIST_WORKER:
    for _name in OURS:  # Nothing of the machine's own settings may change what a test sees.
        os.environ.pop(_name, None)
        os.environ.pop(f"{_name}_FILE", None)
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="ivsuite-tests-")
    os.environ["TEST_RUN"] = secrets.token_hex(4)
    os.environ["DEV"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if os.environ.get("TEST_LEG") == "postgres":
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
        os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URL"]

ON_POSTGRES = "DATABASE_URL" in os.environ
LEFT_OUT = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests marked long")
    parser.addoption("--run-e2e", action="store_true", help="also collect the browser journeys")


def pytest_configure(config: pytest.Config) -> None:
    """Name a database of this run alone, in a file on SQLite, so that threads and processes can share it."""
    from django.conf import settings

    name = str(Path(os.environ["DATA_DIR"]) / "test.sqlite3")
    if ON_POSTGRES:
        name = f"test_ivsuite_{os.environ['TEST_RUN']}"
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = name
    # The real hasher takes a quarter of a second for each member of staff a test makes.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    config.stash[LEFT_OUT] = 0


def pytest_unconfigure(config: pytest.Config) -> None:
    if not IS_XDIST_WORKER:
        shutil.rmtree(os.environ["DATA_DIR"], ignore_errors=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the browser out of ordinary runs: it needs one."""
    if collection_path.name == "e2e" and not config.getoption("--run-e2e"):
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count, what this leg cannot run."""
    left = [
        item
        for item in items
        if (not ON_POSTGRES and item.get_closest_marker("postgres"))
        or (not config.getoption("--long") and item.get_closest_marker("long"))
    ]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    postgres = sum(1 for item in left if item.get_closest_marker("postgres") and not ON_POSTGRES)
    config.stash[LEFT_OUT] = postgres
    if IS_XDIST_WORKER:
        config.workeroutput["left_out"] = postgres  # type: ignore[attr-defined]  # xdist adds it


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    leg = "PostgreSQL" if ON_POSTGRES else "SQLite"
    count = config.stash.get(LEFT_OUT, 0)
    note = f"; {count} tests need PostgreSQL and were left out" if count else ""
    terminalreporter.write_line(f"database of this run: {leg}{note}")


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning at the clinic: 2026-03-10 16:00 UTC, 11:00 in Chicago."""
    return datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_remembered_configuration() -> Iterator[None]:
    """Forget configuration rows that a test before this one had cached: its rows are gone."""
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    patch = pytest.MonkeyPatch()
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        if self.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"A test tried to leave this machine: {host}")
        real(self, address)

    patch.setattr(socket.socket, "connect", connect)
    yield
    patch.undo()
