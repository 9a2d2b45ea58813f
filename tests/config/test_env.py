from __future__ import annotations

import base64
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(32, 64))).decode()


def test_optional_reads_the_file_that_name_file_names(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")

    value = env.Env({"HASH_KEY_FILE": str(tmp_path / "secret")}).optional("HASH_KEY")

    assert value == "from the file"


def test_optional_with_value_and_file_is_refused(tmp_path: Path) -> None:
    values = env.Env({"HASH_KEY": "a", "HASH_KEY_FILE": str(tmp_path / "secret")})

    with pytest.raises(ImproperlyConfigured, match="HASH_KEY and HASH_KEY_FILE are both set"):
        values.optional("HASH_KEY")


def test_optional_with_missing_file_is_refused(tmp_path: Path) -> None:
    values = env.Env({"HASH_KEY_FILE": str(tmp_path / "nowhere")})

    with pytest.raises(ImproperlyConfigured, match="HASH_KEY_FILE names a file that cannot be read"):
        values.optional("HASH_KEY")


def test_required_when_missing_says_what_to_set() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.Env({}).required("PUBLIC_URL", "https:// and your host")

    assert str(refusal.value) == (
        "PUBLIC_URL is not set. Set PUBLIC_URL (or PUBLIC_URL_FILE) to https:// and your host."
    )


@pytest.mark.parametrize(
    ("text", "meant"), [("1", True), ("TRUE", True), ("0", False), ("off", False), ("", False)]
)
def test_flag_reads_yes_and_no(text: str, meant: bool) -> None:
    assert env.Env({"DEV": text}).flag("DEV") is meant


def test_flag_refuses_anything_else() -> None:
    with pytest.raises(ImproperlyConfigured, match="DEV must be 1 or 0"):
        env.Env({"DEV": "maybe"}).flag("DEV")


@pytest.mark.parametrize("text", ["-1", "0", "65536", "٣", "1e3", "8000 ", "9" * 40])
def test_number_outside_its_limits_is_refused(text: str) -> None:
    values = env.Env({"PORT": text})

    if text == "8000 ":
        assert values.number("PORT", default=1, at_least=1) == 8000
    else:
        with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number from 1 to 65535"):
            values.number("PORT", default=1, at_least=1)


def test_key_ring_keeps_the_order() -> None:
    ring = env.key_ring(f"new:{KEY}, old:{OTHER}")

    assert list(ring.items()) == [("new", bytes(range(32))), ("old", bytes(range(32, 64)))]


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY,
        f"a:{KEY},a:{OTHER}",
        "a:short",
        f":{KEY}",
        "a:" + base64.b64encode(b"\0" * 32).decode(),
        "a:äöü",
    ],
)
def test_key_ring_of_bad_entries_is_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.key_ring(text)

    assert KEY not in str(refusal.value)


@pytest.mark.parametrize("text", ["short", "a" * 80, "django-insecure-" + "abcdefgh" * 8])
def test_signing_key_that_can_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY must be at least 50 random characters"):
        env.signing_key(text)


def test_database_reads_an_address_with_everything() -> None:
    found = env.database("postgres://us%40er:p%2Fw@db.local:5433/clinic?sslmode=require")

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "clinic",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.local",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_database_reads_a_socket_folder() -> None:
    found = env.database("postgres:///clinic?host=/var/run/postgresql")

    assert (found["HOST"], found["NAME"]) == ("/var/run/postgresql", "clinic")


def test_database_reads_a_file() -> None:
    assert env.database("sqlite:////data/a.sqlite3")["NAME"] == "/data/a.sqlite3"


@pytest.mark.parametrize(
    "url", ["mysql://secret@x/y", "postgres://secret@host", "postgres://secret@host:x/y", "secret"]
)
def test_database_of_another_kind_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.database(url)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("role", "pooled"), [("web", True), ("worker", False), ("beat", False), ("command", False)]
)
def test_tuned_database_pools_in_the_web_only(role: str, pooled: bool) -> None:
    tuned = env.tuned_database(env.database("postgres://u@h/d"), role=role)

    assert ("pool" in tuned["OPTIONS"], tuned["CONN_MAX_AGE"]) == (pooled, 0)
