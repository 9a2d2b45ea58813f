from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, places


def test_development_keys_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    first = places.development_keys(tmp_path)

    again = places.development_keys(tmp_path)

    assert again == first
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_development_keys_are_good_enough_for_production(tmp_path: Path) -> None:
    keys = places.development_keys(tmp_path)

    assert env.signing_key(keys["SECRET_KEY"]) == keys["SECRET_KEY"]
    assert list(env.key_ring(keys["FIELD_KEYS"])) == ["dev1"]
    assert len(env.secret_bytes(keys["HASH_KEY"], name="HASH_KEY")) == 32


def test_development_keys_from_a_spoilt_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")

    with pytest.raises(ImproperlyConfigured, match="does not hold the development keys"):
        places.development_keys(tmp_path)


def test_development_keys_lost_race_reads_the_winners(tmp_path: Path) -> None:
    winner = places.development_keys(tmp_path)

    places._write_once(tmp_path / "keys.json", "other")

    assert places.development_keys(tmp_path) == winner


def test_broker_socket_of_a_long_path_is_short_and_always_the_same() -> None:
    folder = Path("/data") / ("x" * 120)

    first, again = places.broker_socket(folder), places.broker_socket(folder)

    assert first == again
    assert len(str(first)) <= places.SOCKET_PATH_LIMIT


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        (None, "redis+socket:///data/valkey.sock"),
    ],
)
def test_broker_url_is_written_as_the_queue_reads_it(redis_url: str | None, broker: str) -> None:
    assert places.broker_url(redis_url, Path("/data")) == broker
