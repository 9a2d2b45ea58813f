"""Where things lie on the disk of one machine: the development keys and the embedded broker's socket."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KEYS_FILE = "keys.json"
SOCKET_NAME = "valkey.sock"
# The kernel takes 108 bytes (104 on some systems); some room for the temporary names servers make.
SOCKET_PATH_LIMIT = 100


def development_keys(data_dir: Path) -> dict[str, str]:
    """Give the keys of this folder, made once and readable by its owner only.

    :raises ImproperlyConfigured: when the file is there but does not hold them.
    """
    path = data_dir / KEYS_FILE
    if not path.exists():
        _write_once(path, json.dumps(_fresh_keys(), indent=2))
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(keys[name]) for name in ("SECRET_KEY", "FIELD_KEYS", "HASH_KEY")}
    except (OSError, ValueError, KeyError, TypeError):
        raise ImproperlyConfigured(
            f"{path} does not hold the development keys: put the file back, or start anew."
        ) from None


def _fresh_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": f"dev1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _write_once(path: Path, text: str) -> None:
    """Write the file whole or not at all, and let the first of several writers win."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".keys-")  # 0600 from the start
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return  # Another process was first; both will read its keys.
    finally:
        Path(draft).unlink()


def broker_socket(data_dir: Path) -> Path:
    """Give the path of the embedded broker's socket: in the folder, or in a short one if too long."""
    path = data_dir.resolve() / SOCKET_NAME
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ivsuite-{os.getuid()}-{digest}" / SOCKET_NAME


def broker_url(redis_url: str | None, data_dir: Path) -> str:
    """Give the queue's address as Celery writes it; without `redis_url`, the embedded broker's."""
    if redis_url is None:
        return f"redis+socket://{broker_socket(data_dir)}"
    return (
        redis_url.replace("unix://", "redis+socket://", 1) if redis_url.startswith("unix://") else redis_url
    )
