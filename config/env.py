"""Typed readers of the environment.

Every name may also come as `NAME_FILE`, the path of a file that holds the value (how container engines hand
secrets over). A value that cannot be used stops the start with one sentence that says what to set; the
sentence never repeats the value, since it may be a secret.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
SECRET_KEY_MIN_LENGTH = 50
BOOLEANS = {
    "1": True,
    "true": True,
    "on": True,
    "yes": True,
    "0": False,
    "false": False,
    "off": False,
    "no": False,
}


class Env:
    """The environment, read with types."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values: Mapping[str, str] = os.environ if values is None else values

    def optional(self, name: str) -> str | None:
        """Give the text of `name` or of the file `NAME_FILE` names; None when neither is set or it is empty.

        :raises ImproperlyConfigured: when both are set, or the file cannot be read.
        """
        direct = self._values.get(name, "").strip()
        path = self._values.get(f"{name}_FILE", "").strip()
        if direct and path:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
        if not path:
            return direct or None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names a file that cannot be read ({type(error).__name__})."
            ) from None

    def text(self, name: str, default: str = "") -> str:
        """Give the text of `name`, or `default`."""
        return self.optional(name) or default

    def required(self, name: str, hint: str) -> str:
        """Give the text of `name`.

        :raises ImproperlyConfigured: when it is missing; `hint` completes the sentence "Set NAME to …".
        """
        value = self.optional(name)
        if value is None:
            raise ImproperlyConfigured(f"{name} is not set. Set {name} (or {name}_FILE) to {hint}.")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give the yes or no of `name`.

        :raises ImproperlyConfigured: when it is neither.
        """
        value = self.optional(name)
        if value is None:
            return default
        if value.lower() not in BOOLEANS:
            raise ImproperlyConfigured(f"{name} must be 1 or 0.")
        return BOOLEANS[value.lower()]

    def number(self, name: str, *, default: int, at_least: int = 0, at_most: int = 65_535) -> int:
        """Give the whole number of `name`.

        :raises ImproperlyConfigured: when it is no whole number within the limits.
        """
        value = self.optional(name)
        if value is None:
            return default
        if not (
            value.isascii() and value.isdigit() and len(value) < 10 and at_least <= int(value) <= at_most
        ):
            raise ImproperlyConfigured(f"{name} must be a whole number from {at_least} to {at_most}.")
        return int(value)

    def listed(self, name: str) -> list[str]:
        """Give the comma-separated values of `name`."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]


def key_ring(text: str) -> dict[str, bytes]:
    """Read `id:base64key,id2:base64key`; the first key encrypts, all of them decrypt.

    :raises ImproperlyConfigured: when an entry has no id, an id comes twice, or a key is not 32 bytes.
    """
    ring: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        key_id, colon, body = entry.partition(":")
        if not colon or not key_id.isalnum() or key_id in ring:
            raise ImproperlyConfigured(
                "FIELD_KEYS must read id:base64key,id2:base64key with ids of letters and digits, each once."
            )
        ring[key_id] = secret_bytes(body, name="FIELD_KEYS")
    if not ring:
        raise ImproperlyConfigured("FIELD_KEYS holds no key.")
    return ring


def secret_bytes(text: str, *, name: str) -> bytes:
    """Read 32 random bytes written in base64.

    :raises ImproperlyConfigured: when it is not base64, not 32 bytes, or plainly not random.
    """
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES or len(set(raw)) < 8:
        raise ImproperlyConfigured(
            f"{name} must hold {KEY_BYTES} random bytes in base64, such as: openssl rand -base64 32"
        )
    return raw


def signing_key(text: str) -> str:
    """Give `text` back when it will do as Django's SECRET_KEY.

    :raises ImproperlyConfigured: when it is short, monotonous or an example.
    """
    if len(text) < SECRET_KEY_MIN_LENGTH or len(set(text)) < 5 or text.startswith("django-insecure"):
        raise ImproperlyConfigured(
            f"SECRET_KEY must be at least {SECRET_KEY_MIN_LENGTH} random characters, "
            "such as the output of: openssl rand -base64 60"
        )
    return text


def web_address(text: str, *, name: str, schemes: tuple[str, ...]) -> str:
    """Give an address without its last slash.

    :raises ImproperlyConfigured: when the scheme is another or a host is missing.
    """
    parts = urlsplit(text)
    if parts.scheme not in schemes or not parts.hostname:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must be an address that starts with {starts}.")
    return text.rstrip("/")


def database(url: str) -> dict[str, Any]:
    """Read a `postgres://user:password@host:port/name?option=value` or `sqlite:///path` address.

    :raises ImproperlyConfigured: when it is neither, or names no database.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL is not an address that can be read.") from None
    name = unquote(parts.path.removeprefix("/"))
    if not name or parts.scheme not in {"postgres", "postgresql", "sqlite"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must read postgres://user:password@host:5432/name or sqlite:///path."
        )
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name}
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def tuned_database(base: dict[str, Any], *, role: str) -> dict[str, Any]:
    """Give the connection settings for a process of this role.

    The pool is for the web only: a worker closes its connections at every task, which would close the pool.
    """
    if base["ENGINE"].endswith("sqlite3"):
        options: dict[str, Any] = {
            # A transaction that reads first and writes later would fail at once when another writes between.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: in WAL mode NORMAL may lose the last commits with the power, and a 2xx means committed.
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
        }
        return {**base, "OPTIONS": options, "CONN_MAX_AGE": None, "ATOMIC_REQUESTS": False}
    options = dict(base.get("OPTIONS", {}))
    if role == "web":
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    if role in {"web", "worker"}:
        options.setdefault("options", "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s")
    options.setdefault("connect_timeout", 5)
    return {
        **base,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": role == "web",
        "ATOMIC_REQUESTS": False,
    }
