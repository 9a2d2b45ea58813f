"""Encrypted columns and keyed hashes.

AES-256-GCM with a key ring (`settings.FIELD_KEYS`, first key encrypts, all decrypt) and the column's own
name as associated data, so that a value copied into another column does not open. Packaged fields fail
open (they hand back ciphertext when the key is wrong); this one raises.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from crm.errors import DomainError

NONCE_BYTES = 12


class UnreadableValue(DomainError):
    """A stored value does not open with any key of the ring: wrong key, wrong column, or tampering."""

    code = "unreadable_value"


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(plain: bytes, *, place: str) -> str:
    """Encrypt `plain` for the column named `place` (app.model.field) with the ring's first key."""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(key).encrypt(nonce, plain, place.encode())
    return f"v1:{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(token: str, *, place: str) -> bytes:
    """Decrypt what `seal` made for the same `place`.

    :raises UnreadableValue: when the key is unknown, the column is another, or a bit was changed.
    """
    try:
        version, key_id, body = token.split(":", 2)
        key = settings.FIELD_KEYS[key_id]
        raw = base64.b64decode(body, validate=True)
        if version != "v1":
            key = b""  # no key opens a version we do not know: refused below like any other bad value
        return _cipher(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except (ValueError, KeyError, InvalidTag):
        # The cause is dropped on purpose: it could carry a piece of the stored value into a log.
        raise UnreadableValue(f"A stored value in {place} cannot be read with the keys given.") from None


def stored(column: str) -> models.ExpressionWrapper[Any]:
    """Select an encrypted column of text as it is stored, for a list that opens each value by itself.

    One value that does not open then spoils its own line, and not the list of all others.
    """
    return models.ExpressionWrapper(models.F(column), output_field=models.TextField())


def opened(token: str, *, place: str) -> str:
    """Open a text that was selected with `stored`; "" when no key opens it (any more)."""
    try:
        return unseal(token, place=place).decode("utf-8", "surrogatepass") if token else ""
    except UnreadableValue:
        return ""


class _EncryptedField(models.TextField[Any, Any]):
    """Shared by the two encrypted columns: one place for the column's name and for refusing look-ups."""

    @property
    def place(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_lookup(self, lookup_name: str) -> Any:
        # An encrypted column cannot be compared: the same text is stored differently each time.
        if lookup_name != "isnull":
            return None
        return super().get_lookup(lookup_name)


class EncryptedTextField(_EncryptedField):
    """Text that is encrypted at rest. `""` is kept as `""` so that emptiness needs no key."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if value is None or value == "":
            return value
        return unseal(value, place=self.place).decode("utf-8", "surrogatepass")

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "":
            return value
        return seal(str(value).encode("utf-8", "surrogatepass"), place=self.place)


class EncryptedBytesField(_EncryptedField):
    """Bytes, exactly as they came, encrypted at rest."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> bytes | None:
        if value is None:
            return None
        return b"" if value == "" else unseal(value, place=self.place)

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        return "" if value == b"" else seal(bytes(value), place=self.place)

    def value_to_string(self, obj: Any) -> str:
        return base64.b64encode(self.value_from_object(obj) or b"").decode()


def keyed_hash(value: str | bytes, *, purpose: str) -> str:
    """Hash `value` with `HASH_KEY`, apart for each `purpose`. Outlives erasure: the key is never rotated."""
    raw = value.encode() if isinstance(value, str) else value
    return hmac.new(settings.HASH_KEY, purpose.encode() + b"\x00" + raw, hashlib.sha256).hexdigest()
