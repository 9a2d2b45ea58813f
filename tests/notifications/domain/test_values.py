"""What fills the gaps: what the clinic says of itself, safe names, nothing about health."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import Settings

from notifications.domain import values
from tests import factories
from tests.notifications import messages


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Ann Smith", "Ann"),
        ("José O'Neill", "José"),
        ("Mary-Jane W", "Mary-Jane"),
        ("", "there"),
        ("http://evil.example buy", "there"),
        ("evil.example", "there"),
        ("FREE!!! pills", "there"),
        ("x" * 60, "there"),
        ("12345", "there"),
    ],
)
def test_first_name_is_a_name_or_nothing(name: str, called: str, now: datetime) -> None:
    contact, address = messages.person()
    contact.full_name = name
    message = messages.message(now=now, to=(contact, address))

    assert values.values_for(message, visit=None)["first_name"] == called


@pytest.mark.django_db
def test_wish_cannot_replace_the_notice(now: datetime) -> None:
    message = messages.message(now=now, params='{"notice": "All is well."}')

    assert "988" in values.values_for(message, visit=None)["notice"]


@pytest.mark.django_db
@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_notice_names_both_numbers(channel: str, language: str, now: datetime) -> None:
    message = messages.message(now=now, channel=channel, language=language)

    notice = values.values_for(message, visit=None)["notice"]

    assert ("911" in notice, "988" in notice) == (True, True)


@pytest.mark.django_db
def test_link_of_the_wish_comes_before_the_house(now: datetime, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://house.example"
    staff = factories.staff()

    own = values.values_for(messages.to_staff(staff, now=now), visit=None)["link"]
    other = values.values_for(messages.message(now=now), visit=None)["link"]

    assert (own, other) == ("http://x", "https://house.example")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("+15125550140", "(512) 555-0140"),
        ("512-555-0140", "(512) 555-0140"),
        ("+442079460018", "+44 20 7946 0018"),
    ],
)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_phone_of_the_clinic_is_one_to_read(channel: str, phone: str, words: str, now: datetime) -> None:
    message = messages.message(now=now, at=factories.location(phone=phone), channel=channel)

    assert values.values_for(message, visit=None)["phone"] == words
