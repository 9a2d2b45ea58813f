"""Messages as files: names, shapes, and one file for one delivery."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from pytest_django import Settings

from notifications import channels
from notifications.channels.base import NotTaken, Refused
from notifications.channels.email import SmtpChannel
from notifications.channels.files import MailFiles, TextFiles
from tests.channels.test_contract import envelope


def _mark() -> None:
    pass


def test_mail_file_has_its_name_and_plain_text(tmp_path: Path) -> None:
    with MailFiles(tmp_path).session() as session:
        session.send(envelope(body="¡Hola!\n"), mark_handed=_mark)

    raw = (tmp_path / f"{'a' * 32}.eml").read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert (message.get_content_type(), message["Content-Transfer-Encoding"]) == ("text/plain", "8bit")
    assert "¡Hola!".encode() in raw
    assert message["Reply-To"] == "desk@ivsuite.example"


def test_text_file_has_its_five_fields(tmp_path: Path) -> None:
    with TextFiles(tmp_path).session() as session:
        session.send(envelope(channel="sms", to="+15125550140", body="Hi"), mark_handed=_mark)

    assert json.loads((tmp_path / f"{'a' * 32}.json").read_bytes()) == {
        "to": "+15125550140",
        "from": "hello@ivsuite.example",
        "body": "Hi",
        "delivery_id": "a" * 32,
        "sent_at": "2026-03-10T16:00:00+00:00",
    }


@pytest.mark.parametrize("channel", [MailFiles, TextFiles])
def test_same_delivery_twice_is_one_file(channel: type[MailFiles], tmp_path: Path) -> None:
    for _ in range(2):
        with channel(tmp_path).session() as session:
            session.send(envelope(), mark_handed=_mark)

    assert len(list(tmp_path.iterdir())) == 1


def test_folder_that_cannot_be_written_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")

    with MailFiles(tmp_path / "mail").session() as session:
        result = session.send(envelope(), mark_handed=_mark)

    assert result == NotTaken("folder_not_writable", whole_channel=True)


def test_mail_file_of_two_recipients_is_refused(tmp_path: Path) -> None:
    with MailFiles(tmp_path).session() as session:
        result = session.send(envelope(to="a@example.com, b@example.com"), mark_handed=_mark)

    assert (result, list(tmp_path.iterdir())) == (Refused("unwritable"), [])


def test_channel_for_follows_the_settings(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.EMAIL_URL = tmp_path, None
    assert channels.channel_for("email") == MailFiles(tmp_path / "mail")
    assert channels.channel_for("sms") == TextFiles(tmp_path / "sms")

    settings.EMAIL_URL = "smtp://mail.example:2525"
    assert channels.channel_for("email") == SmtpChannel(host="mail.example", port=2525)

    with pytest.raises(ValueError, match="fax is no channel"):
        channels.channel_for("fax")
