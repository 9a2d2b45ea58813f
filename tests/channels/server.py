"""A mail server of its own for tests, which can be told to fail at any step. Its ledger is only added to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(slots=True)
class Orders:
    """What the server does. `after_dot`: drop = hang up, having taken it; drop_untaken = having not."""

    mail: list[str] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    after_dot: list[str] = field(default_factory=list)


class _Handler:
    def __init__(self, orders: Orders, ledger: list[EmailMessage]) -> None:
        self.orders = orders
        self.ledger = ledger
        self.connections = 0
        self.recipients: list[list[str]] = []

    async def handle_EHLO(  # noqa: N802 – the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        order = self.orders.mail.pop(0) if self.orders.mail else ""
        if order == "drop":
            _hang_up(server)
        if order and order != "drop":
            return order
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        order = self.orders.rcpt.pop(0) if self.orders.rcpt else ""
        if order:
            return order
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        order = self.orders.after_dot.pop(0) if self.orders.after_dot else ""
        if order == "sleep":
            await asyncio.sleep(1)
        if order in {"", "drop"}:
            content = envelope.original_content or b""
            self.recipients.append(list(envelope.rcpt_tos))
            self.ledger.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
        if order in {"drop", "drop_untaken"}:
            _hang_up(server)
        return order if order[:1].isdigit() else "250 OK"


def _hang_up(server: SMTP) -> None:
    transport = server.transport
    assert isinstance(transport, asyncio.Transport)
    transport.abort()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        # The machine chose the port; the controller would knock at the one that was asked for.
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class MailServer:
    """A real SMTP server on a free port of this machine."""

    def __init__(self, orders: Orders | None = None, **settings: Any) -> None:
        self.ledger: list[EmailMessage] = []
        self.handler = _Handler(orders or Orders(), self.ledger)
        self.controller = _Controller(self.handler, hostname="127.0.0.1", port=0, **settings)

    @property
    def port(self) -> int:
        return int(self.controller.port)

    def __enter__(self) -> MailServer:
        self.controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.controller.stop()
