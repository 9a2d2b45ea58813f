"""How a moment is said to a person, in English and Spanish. Pure; the clock is that of the place.

Not strftime: its words would follow the locale of the process.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}
_HALVES = {"en": ("AM", "PM"), "es": ("a. m.", "p. m.")}
# Today and tomorrow.
_SOON = {"en": ("today", "tomorrow"), "es": ("hoy", "mañana")}


def language_of(language: str) -> str:
    """Give the language we have words in: `es` for `es-MX`, English for what we do not speak."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in _DAYS else "en"


def in_full(moment: datetime, *, zone: ZoneInfo, language: str) -> str:
    """Say a moment in full: `Tue, Mar 17 at 4:30 PM`, `el martes 17 de marzo a las 4:30 p. m.`"""
    local, language = moment.astimezone(zone), language_of(language)
    at = f"a {_hour(local)}" if language == "es" else f"at {_clock(local, language)}"
    return f"{_day(local, language)} {at}"


def until(moment: datetime, *, zone: ZoneInfo, now: datetime, language: str) -> str:
    """Say by when: `today by 4:45 PM`, `Wed, Mar 11 by 9:15 AM`, `mañana antes de la 1:15 p. m.`"""
    local, language = moment.astimezone(zone), language_of(language)
    days = (local.date() - now.astimezone(zone).date()).days
    day = _SOON[language][days] if days in {0, 1} else _day(local, language)
    by = f"antes de {_hour(local)}" if language == "es" else f"by {_clock(local, language)}"
    return f"{day} {by}"


def _day(local: datetime, language: str) -> str:
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    return f"el {day} {local.day} de {month}" if language == "es" else f"{day}, {month} {local.day}"


def _clock(local: datetime, language: str) -> str:
    return f"{local.hour % 12 or 12}:{local.minute:02d} {_HALVES[language][local.hour >= 12]}"


def _hour(local: datetime) -> str:
    """Say the hour in Spanish with its article: one o'clock is one, all others are several."""
    return f"{'la' if local.hour % 12 == 1 else 'las'} {_clock(local, 'es')}"
