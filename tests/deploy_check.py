"""Django's deployment check, and the static files, under settings like production's."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def production_environment(folder: str) -> dict[str, str]:
    """Give an environment that is complete, and good enough to start with outside `DEV=1`."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "DATA_DIR": folder,
        "STATIC_ROOT": str(Path(folder) / "static"),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "clinic.example",
        "PUBLIC_URL": "https://clinic.example",
    }


def main() -> int:
    """Run the two commands and give the first failure."""
    commands = (
        ["check", "--deploy", "--fail-level", "WARNING"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
    )
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=production_environment(folder),
                check=False,
            )
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
