"""The ping to a monitor outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pytest_django import Settings

from crm.domain import deadman


@pytest.fixture
def monitor() -> Iterator[tuple[str, list[str]]]:
    """A monitor on this machine, and the paths it was asked for."""
    asked: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Monitor)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/beat", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadman, "_next_at", 0.0)


def test_ping_reaches_the_monitor_and_not_again_at_once(
    monitor: tuple[str, list[str]], settings: Settings
) -> None:
    settings.DEADMAN_URL, asked = monitor

    first, second = deadman.ping(), deadman.ping()

    assert (first, second, asked) == (True, False, ["/beat"])


def test_ping_without_an_address_does_nothing(settings: Settings) -> None:
    settings.DEADMAN_URL = None

    assert deadman.ping() is False


def test_ping_to_nobody_is_no_error(settings: Settings) -> None:
    settings.DEADMAN_URL = "http://127.0.0.1:9/"

    assert deadman.ping() is False
