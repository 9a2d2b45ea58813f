"""How long a message waits before it is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta

# Counted before the hand, so that a message which kills its worker is parked as well.
MAX_ATTEMPTS = 5

# Five times longer each, up to an hour: a provider that is away for an hour costs nobody their message.
_WAITS = (
    timedelta(seconds=30),
    timedelta(seconds=150),
    timedelta(seconds=750),
    timedelta(hours=1),
)
_JITTER = 0.2


def delay_after(attempt: int, *, spread: float) -> timedelta:
    """Say how long to wait after the n-th failed attempt: from 30 s after the first up to 1 h.

    `spread`, a random number in [0, 1) of the caller's, shortens the wait by up to a fifth, so that
    messages which failed together do not come back together.

    :raises ValueError: when `attempt` is below 1 or `spread` outside [0, 1).
    """
    if attempt < 1:
        raise ValueError("Attempts are counted from 1.")
    if not 0 <= spread < 1:
        raise ValueError("The spread lies in [0, 1).")
    return _WAITS[min(attempt, len(_WAITS)) - 1] * (1 - _JITTER * spread)
