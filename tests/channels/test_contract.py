"""What every channel keeps: the mark at the last moment, nothing sent without it, four honest answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from notifications.channels.base import NOT_HANDED, Accepted, Channel, Envelope
from notifications.channels.email import SmtpChannel
from notifications.channels.files import MailFiles, TextFiles
from notifications.channels.memory import MemoryChannel
from notifications.errors import NotHanded
from tests.channels.server import MailServer

DATED = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


def envelope(**more: Any) -> Envelope:
    return replace(
        Envelope(
            delivery_id="a" * 32,
            channel="email",
            to="ann@example.com",
            from_name="IV-Suite",
            from_address="hello@ivsuite.example",
            reply_to="desk@ivsuite.example",
            subject="IV-Suite: we received your message",
            body="Hello Ann,\n\n.a line that starts with a dot\n",
            dated=DATED,
        ),
        **more,
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """A channel, and what its provider has: (delivery id, words), as often as it has them."""

    channel: Channel
    taken: Callable[[], list[tuple[str, str]]]


def _of_files(folder: Path) -> list[tuple[str, str]]:
    found = []
    for path in sorted(folder.glob("*")):
        if path.suffix == ".eml":
            body = message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
            found.append((path.stem, body.replace("\r\n", "\n")))
        elif path.suffix == ".json":
            found.append((path.stem, json.loads(path.read_bytes())["body"]))
    return found


@pytest.fixture(params=["memory", "mail files", "text files", "smtp"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "memory":
        memory = MemoryChannel()
        yield Subject(memory, lambda: [(each.delivery_id, each.body) for each in memory.ledger])
    elif request.param == "smtp":
        with MailServer() as server:
            channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
            yield Subject(
                channel,
                lambda: [
                    (m["Message-ID"][1:33], m.get_content().replace("\r\n", "\n")) for m in server.ledger
                ],
            )
    else:
        kind = MailFiles if request.param == "mail files" else TextFiles
        yield Subject(kind(tmp_path / "out"), lambda: _of_files(tmp_path / "out"))


def _nothing() -> None:
    pass


def _refuse() -> None:
    raise NotHanded


def test_send_is_accepted_and_taken_once(subject: Subject) -> None:
    with subject.channel.session() as session:
        result = session.send(envelope(), mark_handed=_nothing)

    assert isinstance(result, Accepted)
    assert subject.taken() == [("a" * 32, envelope().body)]


def test_send_marks_before_the_provider_has_it(subject: Subject) -> None:
    had: list[list[tuple[str, str]]] = []

    with subject.channel.session() as session:
        session.send(envelope(), mark_handed=lambda: had.append(subject.taken()))

    assert had == [[]]


def test_send_not_handed_leaves_nothing_and_the_line_goes_on(subject: Subject) -> None:
    with subject.channel.session() as session:
        refused = session.send(envelope(), mark_handed=_refuse)
        then = session.send(envelope(delivery_id="b" * 32), mark_handed=_nothing)

    assert refused == NOT_HANDED
    assert isinstance(then, Accepted)
    assert subject.taken() == [("b" * 32, envelope().body)]


def test_send_whose_mark_breaks_leaves_nothing(subject: Subject) -> None:
    def broken() -> None:
        raise RuntimeError("the database went away")

    with subject.channel.session() as session, pytest.raises(RuntimeError):
        session.send(envelope(), mark_handed=broken)

    assert subject.taken() == []


def test_session_serves_many(subject: Subject) -> None:
    ids = [f"{n:032x}" for n in range(5)]

    with subject.channel.session() as session:
        results = [session.send(envelope(delivery_id=each), mark_handed=_nothing) for each in ids]

    assert [type(result) for result in results] == [Accepted] * 5
    assert [taken[0] for taken in subject.taken()] == ids


def test_send_carries_what_is_not_ascii(subject: Subject) -> None:
    words = "¿Mañana a las 9? Sí…\n"

    with subject.channel.session() as session:
        result = session.send(envelope(body=words), mark_handed=_nothing)

    assert isinstance(result, Accepted)
    assert subject.taken() == [("a" * 32, words)]


def test_patience_is_a_time(subject: Subject) -> None:
    assert subject.channel.patience.total_seconds() > 0
