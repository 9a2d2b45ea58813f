"""A clinic for each run: its database is a copy of one that is made once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chaos.clinic import Broker, Clinic, Template, database, filled
from tests.chaos.provider import Provider

ON_POSTGRES = os.environ.get("TEST_LEG") == "postgres"
SEED = 20_260_310


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    folder = tmp_path_factory.mktemp("chaos") / "template"
    if not ON_POSTGRES:
        filled(folder, f"sqlite:///{folder / 'db.sqlite3'}")
        yield Template(folder)
        return
    server_url = os.environ["TEST_DATABASE_URL"]
    with database(server_url) as url:
        filled(folder, url)
        yield Template(folder, server_url, urlsplit(url).path.removeprefix("/"))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(seed=SEED, slowness=0.05) as provider:
        yield provider


@pytest.fixture
def broker() -> Iterator[Broker | None]:
    """The queue's server; without one the sweeps run in a loop, as on one machine with SQLite."""
    if not ON_POSTGRES:
        yield None
        return
    broker = Broker()
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def clinic(template: Template, tmp_path: Path, provider: Provider, broker: Broker | None) -> Iterator[Clinic]:
    with ExitStack() as stack:
        url = stack.enter_context(template.copied_to(tmp_path / "clinic"))
        clinic = Clinic(tmp_path / "clinic", url, provider, broker)
        stack.callback(clinic.end)
        yield clinic
