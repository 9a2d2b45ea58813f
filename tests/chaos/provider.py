"""The mail provider of the fault runs: slow, patient, and it never forgets what it took.

It lives in the test's own process, so that no fault of the run can touch its ledger.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections import Counter
from email import message_from_bytes, policy
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOK_EVERY = 0.01  # seconds


class _Handler:
    """Takes mail. What it took stands in the ledger before the answer leaves."""

    def __init__(self, seed: int, slowness: float) -> None:
        self.random = random.Random(seed)
        self.slowness = slowness
        self.taken: list[str] = []
        self.under_way = 0
        self.holds = False
        self.holds_early = False
        self.waiting = 0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.waiting += 1
        try:
            while self.holds_early:
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self.waiting -= 1
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        # Half of the time it decides late: a client who dies meanwhile was not heard.
        decides_late = self.random.random() < 0.5
        self.under_way += 1
        try:
            if decides_late:
                await self._take_time()
            mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            self.taken.append(str(mail["Message-ID"]).strip("<>").partition("@")[0])
            if not decides_late:
                await self._take_time()
            while self.holds:
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self.under_way -= 1
        return "250 OK"

    async def _take_time(self) -> None:
        await asyncio.sleep(self.slowness * self.random.uniform(0.5, 1.5))


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # The machine chose the port; the controller would knock at the one that was asked for.
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class Provider:
    """A mail server on a free port of this machine; `slowness` is the mean time for one mail, in seconds."""

    def __init__(self, *, seed: int, slowness: float) -> None:
        self._handler = _Handler(seed, slowness)
        self._controller = _Controller(self._handler, hostname="127.0.0.1", port=0)

    @property
    def url(self) -> str:
        """The address as `EMAIL_URL` writes it: an answer is waited for three seconds."""
        return f"smtp://127.0.0.1:{self._controller.port}?timeout=3&answer=3"

    def taken(self) -> Counter[str]:
        """Count how often it took each delivery id."""
        return Counter(self._handler.taken)

    def hold(self) -> None:
        """Take mail from now on, and answer nobody."""
        self._handler.holds = True

    def hold_early(self) -> None:
        """Let every mail from now on wait before its content: nothing of it is taken."""
        self._handler.holds_early = True

    def let_go(self) -> None:
        """Answer again, also those who wait."""
        self._handler.holds = self._handler.holds_early = False

    @property
    def is_waited_for(self) -> bool:
        """Whether a mail has begun that is held before its content."""
        return self._handler.holds_early and self._handler.waiting > 0

    @property
    def is_busy(self) -> bool:
        """Whether a mail is between its final dot and the answer."""
        return self._handler.under_way > 0

    def wait_until_under_way(self, seconds: float) -> bool:
        """Wait until a mail is between its final dot and the answer; False when none came."""
        deadline = time.monotonic() + seconds
        while not self.is_busy:
            if time.monotonic() > deadline:
                return False
            threading.Event().wait(LOOK_EVERY / 2)
        return True

    def __enter__(self) -> Provider:
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # else it tells each line of each mail
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()
        self._controller.stop()
