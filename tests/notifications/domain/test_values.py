"""What fills the gaps: local words for moments, safe names, nothing about health."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from notifications.domain import values
from tests import factories
from tests.notifications import messages


@pytest.mark.parametrize(
    ("moment", "language", "words"),
    [
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "en", "Tue, Mar 17 at 4:30 PM"),
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "es", "martes 17 de marzo a las 4:30 PM"),
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "es-MX", "martes 17 de marzo a las 4:30 PM"),
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "fr", "Tue, Mar 17 at 4:30 PM"),
        (datetime(2026, 3, 18, 5, 0, tzinfo=UTC), "en", "Wed, Mar 18 at 12:00 AM"),
        (datetime(2026, 3, 17, 17, 5, tzinfo=UTC), "en", "Tue, Mar 17 at 12:05 PM"),
        (datetime(2026, 3, 8, 8, 30, tzinfo=UTC), "en", "Sun, Mar 8 at 3:30 AM"),
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "en", "Sun, Nov 1 at 1:30 AM"),
    ],
)
def test_local_words(moment: datetime, language: str, words: str) -> None:
    assert values.local_words(moment, zone=ZoneInfo("America/Chicago"), language=language) == words


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
