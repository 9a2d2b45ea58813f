"""How a moment is said: in the clock of the place, in the words of the language."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from notifications.domain import moments

CHICAGO = ZoneInfo("America/Chicago")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("en", "en"),
        ("es", "es"),
        ("es-MX", "es"),
        ("es_419", "es"),
        ("ES", "es"),
        ("fr", "en"),
        ("", "en"),
        ("est", "en"),
    ],
)
def test_language_of(said: str, language: str) -> None:
    assert moments.language_of(said) == language


@pytest.mark.parametrize(
    ("moment", "language", "words"),
    [
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "en", "Tue, Mar 17 at 4:30 PM"),
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "es", "el martes 17 de marzo a las 4:30 p. m."),
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "es-MX", "el martes 17 de marzo a las 4:30 p. m."),
        (datetime(2026, 3, 17, 21, 30, tzinfo=UTC), "fr", "Tue, Mar 17 at 4:30 PM"),
        (datetime(2026, 3, 18, 5, 0, tzinfo=UTC), "en", "Wed, Mar 18 at 12:00 AM"),
        (datetime(2026, 3, 17, 17, 5, tzinfo=UTC), "en", "Tue, Mar 17 at 12:05 PM"),
        (datetime(2026, 3, 17, 17, 5, tzinfo=UTC), "es", "el martes 17 de marzo a las 12:05 p. m."),
        (datetime(2026, 3, 17, 16, 5, tzinfo=UTC), "es", "el martes 17 de marzo a las 11:05 a. m."),
        # One o'clock is one: "la", not "las".
        (datetime(2026, 3, 17, 18, 5, tzinfo=UTC), "es", "el martes 17 de marzo a la 1:05 p. m."),
        (datetime(2026, 3, 17, 6, 5, tzinfo=UTC), "es", "el martes 17 de marzo a la 1:05 a. m."),
        (datetime(2026, 3, 8, 8, 30, tzinfo=UTC), "en", "Sun, Mar 8 at 3:30 AM"),
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "en", "Sun, Nov 1 at 1:30 AM"),
    ],
)
def test_in_full(moment: datetime, language: str, words: str) -> None:
    assert moments.in_full(moment, zone=CHICAGO, language=language) == words


@pytest.mark.parametrize(
    ("moment", "language", "words"),
    [
        ("2026-03-10T16:45", "en", "today by 4:45 PM"),
        ("2026-03-11T09:15", "en", "tomorrow by 9:15 AM"),
        ("2026-03-12T09:15", "en", "Thu, Mar 12 by 9:15 AM"),
        ("2026-03-09T09:15", "en", "Mon, Mar 9 by 9:15 AM"),
        ("2026-03-10T16:45", "es", "hoy antes de las 4:45 p. m."),
        ("2026-03-10T13:15", "es", "hoy antes de la 1:15 p. m."),
        ("2026-03-11T09:15", "es", "mañana antes de las 9:15 a. m."),
        ("2026-03-12T09:15", "es", "el jueves 12 de marzo antes de las 9:15 a. m."),
    ],
)
def test_until(moment: str, language: str, words: str) -> None:
    said = moments.until(local(moment), zone=CHICAGO, now=local("2026-03-10T11:00"), language=language)

    assert said == words


def test_until_asks_the_calendar_of_the_place_not_of_utc() -> None:
    # 19:30 in Chicago is the next day in UTC already.
    said = moments.until(
        local("2026-03-10T20:00"), zone=CHICAGO, now=local("2026-03-10T19:30"), language="en"
    )

    assert said == "today by 8:00 PM"
