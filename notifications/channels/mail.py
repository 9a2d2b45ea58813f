"""An envelope as an Internet message, the same bytes on every attempt."""

from __future__ import annotations

import textwrap
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from notifications.channels.base import Envelope

# RFC 5322 allows 998; a line that long is folded between words so that it needs no transfer encoding.
_LINE_MAX = 900


class Unwritable(ValueError):
    """An address that is not exactly one, or a header that would hold a second line: for good."""


def written(envelope: Envelope, *, eight_bit: bool) -> EmailMessage:
    """Write the message: plain text, one recipient, a Message-ID made of the delivery id.

    `eight_bit`: the way it travels carries UTF-8 as it is.

    :raises Unwritable: when an address is not exactly one address, or a header holds a line break.
    """
    try:
        return _written(envelope, eight_bit=eight_bit)
    except (ValueError, MessageError) as failure:
        raise Unwritable("This message cannot be written as an e-mail.") from failure


def _written(envelope: Envelope, *, eight_bit: bool) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id(envelope)
    message["Date"] = envelope.dated
    message["From"] = Address(envelope.from_name, addr_spec=envelope.from_address)
    message["To"] = Address(addr_spec=envelope.to)
    if envelope.reply_to:
        message["Reply-To"] = Address(addr_spec=envelope.reply_to)
    message["Subject"] = envelope.subject
    for name, value in envelope.headers.items():
        message[name] = value
    body = "\n".join(_folded(line) for line in envelope.body.splitlines()) + "\n"
    encoding: Literal["7bit", "8bit", "quoted-printable"]
    encoding = "7bit" if body.isascii() else "8bit" if eight_bit else "quoted-printable"
    message.set_content(body, charset="us-ascii" if body.isascii() else "utf-8", cte=encoding)
    return message


def message_id(envelope: Envelope) -> str:
    """Give the Message-ID: providers and mailboxes that compare it see one message in two attempts."""
    return f"<{envelope.delivery_id}@{envelope.from_address.rpartition('@')[2]}>"


def _folded(line: str) -> str:
    if len(line.encode()) <= _LINE_MAX:
        return line
    return textwrap.fill(line, _LINE_MAX // 4, break_on_hyphens=False)
