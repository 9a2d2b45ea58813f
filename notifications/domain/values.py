"""What fills the gaps of a message when it is first rendered: the clinic, the wish's own words, the visit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from crm.domain import safety_phrases
from crm.models import Appointment, Location
from notifications.domain.wording import SHORT_NOTICE
from notifications.enums import AboutKind, Channel
from notifications.models import Message

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
# A name is typed by a stranger and mailed to whatever address they typed: only what reads as one is used.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-]){0,29}")
_FRIEND = {"en": "there", "es": "y gracias"}


def language_of(language: str) -> str:
    """Give the language we have words in: `es` for `es-MX`, English for what we do not speak."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in _DAYS else "en"


def values_for(message: Message, *, visit: Appointment | None) -> dict[str, str]:
    """Collect every value this message may use. The service is not among them."""
    language = language_of(message.language)
    location = message.location
    values = _clinic(location) | {"link": settings.PUBLIC_URL} | _params(message)
    values["notice"] = (
        SHORT_NOTICE[language] if message.channel == Channel.SMS else safety_phrases.notice(language)
    )
    if message.contact is not None:
        values["first_name"] = _first_name(message.contact.full_name) or _FRIEND[language]
    if message.about_kind == AboutKind.APPOINTMENT and visit is not None:
        values["when"] = local_words(visit.starts_at, zone=ZoneInfo(location.time_zone), language=language)
        values["place"] = location.postal_address
    return values


def local_words(moment: datetime, *, zone: ZoneInfo, language: str) -> str:
    """Say a moment as people there say it: `Tue, Mar 17 at 4:30 PM`, `martes 17 de marzo a las 4:30 PM`."""
    local = moment.astimezone(zone)
    language = language_of(language)
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    # Not strftime: its words would follow the locale of the process.
    clock = f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"
    if language == "es":
        return f"{day} {local.day} de {month} a las {clock}"
    return f"{day}, {month} {local.day} at {clock}"


def _clinic(location: Location) -> dict[str, str]:
    return {
        "clinic": location.sender_name,
        "phone": location.phone,
        "postal_address": location.postal_address,
    }


def _params(message: Message) -> dict[str, str]:
    params: Mapping[str, object] = json.loads(message.params or "{}")
    return {name: str(value) for name, value in params.items()}


def _first_name(full_name: str) -> str:
    first = next(iter(full_name.split()), "")
    return first if _NAME.fullmatch(first) else ""
