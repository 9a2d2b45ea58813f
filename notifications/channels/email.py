"""Real SMTP, one connection for many messages, with the hand mark in the only right place.

SMTP cannot dedupe and cannot be asked afterwards. What it can do is to say exactly when a message may have
been taken: at the final dot and not before. So the content goes first, the mark is made, and then the dot.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from notifications.channels import mail
from notifications.channels.base import (
    NOT_HANDED,
    Accepted,
    CannotTell,
    Envelope,
    MarkHanded,
    NotTaken,
    Refused,
    Result,
)
from notifications.errors import NotHanded

Security = Literal["none", "starttls", "tls"]
_PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}
_TRUE = frozenset({"1", "true", "on", "yes"})

# Answers of a mail server, RFC 5321.
_DONE = 250
_WILL_FORWARD = 251
_GO_AHEAD = 354
_NOT_NOW = 400
_CLOSING = 421
_FOR_GOOD = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpChannel:
    """A mail server and how to reach it. Seconds: `timeout` for each step, `answer` for the last one."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    security: Security = "none"
    timeout: float = 20.0
    answer: float = 60.0

    @classmethod
    def from_url(cls, url: str) -> SmtpChannel:
        """Read `smtp://user:password@host:port?starttls=1&timeout=20&answer=60`; `smtps://` is all TLS.

        :raises ValueError: when the address names no host or no known scheme.
        """
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        schemes: dict[str, Security] = {"smtp": "none", "smtp+tls": "starttls", "smtps": "tls"}
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError("EMAIL_URL must look like smtp://user:password@host:587?starttls=1")
        security = schemes[parts.scheme]
        if security == "none" and query.get("starttls", "").lower() in _TRUE:
            security = "starttls"
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[security],
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            security=security,
            timeout=float(query.get("timeout", "20")),
            answer=float(query.get("answer", "60")),
        )

    @property
    def patience(self) -> timedelta:
        return timedelta(seconds=self.answer)

    @contextmanager
    def session(self) -> Iterator[_SmtpSession]:
        session = _SmtpSession(self)
        try:
            yield session
        finally:
            session.close()


class _Unreachable(Exception):
    """No connection that works: nobody's message is at fault."""


class _SmtpSession:
    """One connection, made when the first message comes and made again when it broke."""

    def __init__(self, channel: SmtpChannel) -> None:
        self._channel = channel
        self._client: smtplib.SMTP | None = None

    def send(self, envelope: Envelope, *, mark_handed: MarkHanded) -> Result:
        try:
            client, octets = self._begun(envelope)
            _recipient(client, envelope.to)
            _content(client, octets)
        except _Unreachable:
            return NotTaken("unreachable", whole_channel=True)
        except mail.Unwritable:
            return Refused("unwritable")
        except (OSError, smtplib.SMTPException) as failure:
            return self._not_taken(failure)
        try:
            mark_handed()
        except BaseException as stop:
            # The connection is cut in the middle of the content: the server throws it away.
            self._drop()
            if isinstance(stop, NotHanded):
                return NOT_HANDED
            raise
        return self._finish(client, mail.message_id(envelope))

    def close(self) -> None:
        """Say goodbye, if the line is still good."""
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
            self._drop()

    def _begun(self, envelope: Envelope) -> tuple[smtplib.SMTP, bytes]:
        """Begin a mail on the connection we have, or on a new one when the server hung up meanwhile."""
        if self._client is not None:
            try:
                return self._mail_from(self._client, envelope)
            except smtplib.SMTPServerDisconnected:
                self._drop()
            except smtplib.SMTPResponseException as failure:
                if failure.smtp_code != _CLOSING:
                    raise
                self._drop()
        try:
            self._client = self._connected(envelope)
        except (OSError, smtplib.SMTPException) as failure:
            raise _Unreachable from failure
        return self._mail_from(self._client, envelope)

    def _connected(self, envelope: Envelope) -> smtplib.SMTP:
        channel = self._channel
        name = envelope.from_address.rpartition("@")[2] or None
        client: smtplib.SMTP
        if channel.security == "tls":
            context = ssl.create_default_context()
            client = smtplib.SMTP_SSL(
                channel.host, channel.port, name, timeout=channel.timeout, context=context
            )
        else:
            client = smtplib.SMTP(channel.host, channel.port, name, timeout=channel.timeout)
        try:
            if client.sock is not None:
                # The dot is a packet of its own. Without this it would wait until the server has acknowledged
                # the content, which servers put off: some 40 ms for each message.
                client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.ehlo_or_helo_if_needed()
            if channel.security == "starttls":
                client.starttls(context=ssl.create_default_context())
                client.ehlo_or_helo_if_needed()
            if channel.username:
                client.login(channel.username, channel.password)
        except BaseException:
            client.close()
            raise
        return client

    def _mail_from(self, client: smtplib.SMTP, envelope: Envelope) -> tuple[smtplib.SMTP, bytes]:
        eight_bit = client.has_extn("8bitmime")
        octets = mail.written(envelope, eight_bit=eight_bit).as_bytes()
        options = [] if octets.isascii() else ["body=8bitmime"]
        code, answer = client.mail(envelope.from_address, options)
        if code != _DONE:
            raise smtplib.SMTPResponseException(code, answer)
        return client, octets

    def _not_taken(self, failure: OSError | smtplib.SMTPException) -> Result:
        """Judge a failure before the dot: nothing was taken. Only a recipient refused for good ends it."""
        if isinstance(failure, smtplib.SMTPRecipientsRefused):
            code = next(iter(failure.recipients.values()))[0]
            self._reset()
            return Refused(f"smtp_{code}") if code >= _FOR_GOOD else NotTaken(f"smtp_{code}")
        # The line may hold half a content: it is in no state to go on with.
        self._drop()
        if isinstance(failure, smtplib.SMTPResponseException):
            return NotTaken(f"smtp_{failure.smtp_code}")
        return NotTaken("connection_lost")

    def _finish(self, client: smtplib.SMTP, message_id: str) -> Result:
        """Send the dot. From here on silence means that nobody knows."""
        try:
            code = _dot(client, wait=self._channel.answer, after=self._channel.timeout)
        except (OSError, smtplib.SMTPException):
            self._drop()
            return CannotTell("no_answer_after_dot")
        if code == _DONE:
            return Accepted(message_id)
        if code < _NOT_NOW:  # smtplib calls a line that is no answer -1
            self._drop()
            return CannotTell("unclear_answer_after_dot")
        return Refused(f"smtp_{code}") if code >= _FOR_GOOD else NotTaken(f"smtp_{code}")

    def _reset(self) -> None:
        if self._client is not None:
            try:
                self._client.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError):
                client.close()


def _recipient(client: smtplib.SMTP, to: str) -> None:
    code, answer = client.rcpt(to)
    if code not in {_DONE, _WILL_FORWARD}:
        raise smtplib.SMTPRecipientsRefused({to: (code, answer)})


def _content(client: smtplib.SMTP, octets: bytes) -> None:
    """Send everything but the final dot."""
    code, answer = client.docmd("data")
    if code != _GO_AHEAD:
        raise smtplib.SMTPDataError(code, answer)
    client.send(_dot_stuffed(octets))


def _dot(client: smtplib.SMTP, *, wait: float, after: float) -> int:
    """Send the final dot and give the code of the answer, waited for longer than any other: seconds."""
    if client.sock is not None:
        client.sock.settimeout(wait)
    client.send(b".\r\n")
    code, _answer = client.getreply()
    if client.sock is not None:
        client.sock.settimeout(after)
    return code


def _dot_stuffed(octets: bytes) -> bytes:
    """Double each leading dot and end the last line: RFC 5321 §4.5.2."""
    stuffed = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\n|\r", b"\r\n", octets))
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
