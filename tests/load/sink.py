"""A mail server that takes everything and keeps nothing: `python -m tests.load.sink PORT`."""

from __future__ import annotations

import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink


def main(port: int) -> int:
    """Serve until the process is ended."""
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
