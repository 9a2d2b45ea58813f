"""What a channel is: one session for many messages, and four honest answers.

How to add a channel: a class with `patience` and `session()`, one line in `channel_for`, and its name in the
contract suite `tests/channels/test_contract.py`, which says what every channel must keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

MarkHanded = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message, ready to leave. `delivery_id` is the same on every attempt: providers dedupe on it."""

    delivery_id: str
    channel: str
    to: str
    from_name: str
    from_address: str
    reply_to: str
    subject: str
    body: str
    dated: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider has it not and never will: the address or the words are refused for good."""

    code: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The provider certainly has it not; it may be tried again.

    `whole_channel`: it is no fault of this message (nobody answers, our password is refused), so that trying
    the next one is of no use now.
    """

    code: str
    whole_channel: bool = False


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The provider may have it, or not: never sent again blindly."""

    code: str


Result = Accepted | Refused | NotTaken | CannotTell

NOT_HANDED = NotTaken("not_handed")


class Session(Protocol):
    """An open line over which many messages go, one after the other."""

    def send(self, envelope: Envelope, *, mark_handed: MarkHanded) -> Result:
        """Send one message.

        `mark_handed` is called once, at the last moment before the provider can have the message. If it
        raises NotHanded, nothing leaves and the answer is NOT_HANDED. A foreseen failure is an answer too.
        """
        ...


class Channel(Protocol):
    """A way to get words to people."""

    @property
    def patience(self) -> timedelta:
        """The longest that an answer is waited for after the hand; a lease is more than twice as long."""
        ...

    def session(self) -> AbstractContextManager[Session]: ...
