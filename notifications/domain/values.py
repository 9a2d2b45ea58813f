"""What fills the gaps of a message when it is first rendered: the clinic, the wish's own words, the visit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.conf import settings

from crm.addresses import readable_phone
from crm.domain import safety_phrases
from crm.models import Appointment, Location
from notifications.domain import moments
from notifications.domain.wording import SHORT_NOTICE
from notifications.enums import AboutKind, Channel
from notifications.models import Message

# A name is typed by a stranger and mailed to whatever address they typed: only what reads as one is used.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-]){0,29}")
_FRIEND = {"en": "there", "es": "y gracias"}


def values_for(message: Message, *, visit: Appointment | None) -> dict[str, str]:
    """Collect every value this message may use. The service is not among them."""
    language = moments.language_of(message.language)
    location = message.location
    values = of_clinic(location) | {"link": settings.PUBLIC_URL} | _params(message)
    values["notice"] = (
        SHORT_NOTICE[language] if message.channel == Channel.SMS else safety_phrases.notice(language)
    )
    if message.contact is not None:
        values["first_name"] = _first_name(message.contact.full_name) or _FRIEND[language]
    if message.about_kind == AboutKind.APPOINTMENT and visit is not None:
        values["when"] = moments.in_full(
            visit.starts_at, zone=ZoneInfo(location.time_zone), language=language
        )
        values["place"] = location.postal_address
    return values


def of_clinic(location: Location) -> dict[str, str]:
    """Give what the clinic says of itself in every message; its phone as people there write it."""
    return {
        "clinic": location.sender_name,
        "phone": readable_phone(location.phone),
        "postal_address": location.postal_address,
    }


def _params(message: Message) -> dict[str, str]:
    params: Mapping[str, object] = json.loads(message.params or "{}")
    return {name: str(value) for name, value in params.items()}


def _first_name(full_name: str) -> str:
    first = next(iter(full_name.split()), "")
    return first if _NAME.fullmatch(first) else ""
