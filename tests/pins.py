"""Are the hashed lists what the lock says, and is the lock what pyproject.toml asks for? No network."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = {"requirements.txt": ["--no-dev"], "requirements-dev.txt": []}
UV = Path(sys.executable).with_name("uv")


def export(flags: list[str]) -> str:
    """Give the list the lock stands for. An empty cache, offline: only what is committed decides."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [str(UV), "export", "-q", "--locked", "--offline", "--no-header", "--no-emit-project", *flags],
            cwd=ROOT,
            env=os.environ | {"UV_CACHE_DIR": cache},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"uv.lock does not match pyproject.toml: run make lock.\n{done.stderr}")
    return done.stdout


def main(*, write: bool) -> int:
    """Compare, or write, the lists; 1 when one is stale."""
    stale = []
    for name, flags in LISTS.items():
        fresh = export(flags)
        if write:
            (ROOT / name).write_text(fresh, encoding="utf-8")
        elif (ROOT / name).read_text(encoding="utf-8") != fresh:
            stale.append(name)
    if stale:
        print(f"{', '.join(stale)}: not what uv.lock says. Run make lock.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv))
