"""Tell a monitor outside that scheduled work comes round: when the pings stop, it raises the alarm."""

from __future__ import annotations

import time
import urllib.request
from urllib.error import URLError

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 3.0
# Often enough for any monitor, seldom enough to be a good neighbour.
EVERY_SECONDS = 30.0
_next_at = 0.0


def ping() -> bool:
    """Ask for `DEADMAN_URL` if one is set, twice a minute at most. Never raises; says whether it was reached.

    Goes over the network: never call it inside a transaction.
    """
    global _next_at  # noqa: PLW0603  # one number per process, by design
    if not settings.DEADMAN_URL or time.monotonic() < _next_at:
        return False
    _next_at = time.monotonic() + EVERY_SECONDS
    try:
        # The address is the operator's own setting, checked at the start to be http or https.
        with urllib.request.urlopen(settings.DEADMAN_URL, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return True
    except (URLError, OSError, ValueError) as error:
        log.warning("monitor_not_reached", error=type(error).__name__)
        return False
