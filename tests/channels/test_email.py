"""SMTP in particular: what each failure at each step means."""

from __future__ import annotations

import socket

import pytest

from notifications.channels.base import Accepted, CannotTell, NotTaken, Refused, Result
from notifications.channels.email import SmtpChannel
from tests.channels.server import MailServer, Orders
from tests.channels.test_contract import envelope


class Mark:
    """Counts how often a hand was marked."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> None:
        self.made += 1


def _send(orders: Orders, **more: object) -> tuple[Result, int, int]:
    mark = Mark()
    with MailServer(orders) as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        with channel.session() as session:
            result = session.send(envelope(**more), mark_handed=mark)
    return result, mark.made, len(server.ledger)


@pytest.mark.parametrize(
    ("orders", "result", "marks", "taken"),
    [
        (Orders(mail=["451 later"]), NotTaken("smtp_451"), 0, 0),
        (Orders(mail=["550 not you"]), NotTaken("smtp_550"), 0, 0),
        (Orders(mail=["drop"]), NotTaken("connection_lost"), 0, 0),
        (Orders(rcpt=["450 greylisted"]), NotTaken("smtp_450"), 0, 0),
        (Orders(rcpt=["550 nobody here"]), Refused("smtp_550"), 0, 0),
        (Orders(after_dot=["451 later"]), NotTaken("smtp_451"), 1, 0),
        (Orders(after_dot=["554 no"]), Refused("smtp_554"), 1, 0),
        (Orders(after_dot=["drop"]), CannotTell("no_answer_after_dot"), 1, 1),
        (Orders(after_dot=["drop_untaken"]), CannotTell("no_answer_after_dot"), 1, 0),
    ],
)
def test_send_when_a_step_fails(orders: Orders, result: Result, marks: int, taken: int) -> None:
    assert _send(orders) == (result, marks, taken)


def test_send_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        channel = SmtpChannel(host="127.0.0.1", port=unused.getsockname()[1], timeout=1)
        mark = Mark()
        with channel.session() as session:
            result = session.send(envelope(), mark_handed=mark)

    assert (result, mark.made) == (NotTaken("unreachable", whole_channel=True), 0)


def test_send_when_the_server_never_greets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.getsockname()[1], timeout=0.2, answer=0.2)
        with channel.session() as session:
            result = session.send(envelope(), mark_handed=Mark())

    assert result == NotTaken("unreachable", whole_channel=True)


def test_send_when_the_server_is_silent_after_the_dot() -> None:
    with MailServer(Orders(after_dot=["sleep"])) as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=0.2)
        with channel.session() as session:
            result = session.send(envelope(), mark_handed=Mark())

    assert result == CannotTell("no_answer_after_dot")


def test_session_goes_on_after_a_refused_recipient() -> None:
    with MailServer(Orders(rcpt=["550 nobody here"])) as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        with channel.session() as session:
            results = [session.send(envelope(), mark_handed=Mark()) for _ in range(2)]

    assert [type(each) for each in results] == [Refused, Accepted]
    assert (server.handler.connections, len(server.ledger)) == (1, 1)


def test_session_connects_again_when_the_server_hung_up_between_two() -> None:
    with MailServer(Orders(mail=["", "drop"])) as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        with channel.session() as session:
            results = [session.send(envelope(), mark_handed=Mark()) for _ in range(2)]

    assert [type(each) for each in results] == [Accepted, Accepted]
    assert (server.handler.connections, len(server.ledger)) == (2, 2)


def test_session_uses_one_connection_for_many() -> None:
    with MailServer() as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        with channel.session() as session:
            for _ in range(5):
                session.send(envelope(), mark_handed=Mark())

    assert (server.handler.connections, len(server.ledger)) == (1, 5)


def test_send_writes_the_same_headers_on_every_attempt() -> None:
    with MailServer() as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        for _ in range(2):
            with channel.session() as session:
                session.send(envelope(), mark_handed=Mark())

    first, second = server.ledger
    assert first["Message-ID"] == f"<{'a' * 32}@ivsuite.example>"
    assert [(name, first[name]) for name in first] == [(name, second[name]) for name in second]
    assert first["Date"].datetime == envelope().dated


@pytest.mark.parametrize(
    "bad",
    [
        {"to": "ann@example.com, eve@example.com"},
        {"to": "ann@example.com\r\nBcc: eve@example.com"},
        {"to": "ann"},
        {"subject": "Hello\r\nBcc: eve@example.com"},
        {"from_name": "Clinic\r\nBcc: eve@example.com"},
    ],
)
def test_send_of_what_cannot_be_written_is_refused_and_reaches_nobody(bad: dict[str, str]) -> None:
    assert _send(Orders(), **bad) == (Refused("unwritable"), 0, 0)


def test_send_keeps_a_line_longer_than_mail_allows() -> None:
    words = "word " * 400

    with MailServer() as server:
        channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        with channel.session() as session:
            session.send(envelope(body=words), mark_handed=Mark())

    assert server.ledger[0].get_content().split() == words.split()


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("smtp://mail.example", SmtpChannel(host="mail.example", port=25)),
        (
            "smtp://us%40er:p%3Aw@mail.example:2525?starttls=1&timeout=3&answer=9",
            SmtpChannel(
                host="mail.example",
                port=2525,
                username="us@er",
                password="p:w",
                security="starttls",
                timeout=3,
                answer=9,
            ),
        ),
        ("smtps://mail.example", SmtpChannel(host="mail.example", port=465, security="tls")),
        ("smtp+tls://mail.example", SmtpChannel(host="mail.example", port=587, security="starttls")),
    ],
)
def test_from_url(url: str, channel: SmtpChannel) -> None:
    assert SmtpChannel.from_url(url) == channel


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example"])
def test_from_url_of_no_mail_server(url: str) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL must look like"):
        SmtpChannel.from_url(url)


def test_channel_shows_no_password() -> None:
    assert "hush" not in repr(SmtpChannel.from_url("smtp://me:hush@mail.example"))
