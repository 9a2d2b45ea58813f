"""A worker process of the bench: reads a job and its arguments as a line of JSON, answers with another.

It runs under our own settings, as a worker does; the bench itself stays out of Django.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

import django


def main() -> int:
    """Do jobs until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # so that nothing but answers comes out there
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        module = importlib.import_module(f"tests.load.jobs.{asked['module']}")
        answers.write(json.dumps(getattr(module, asked["job"])(**asked["arguments"])) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
