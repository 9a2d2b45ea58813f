"""Words with their gaps filled. Pure: a closed list of placeholders, replaced in one pass, nothing evaluated.

A value that itself looks like a placeholder stays as it is, and no value can add a line to a subject.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.domain import gsm, moments
from notifications.domain.wording import ACKNOWLEDGEMENT, HOW, PLACEHOLDERS, SHORT_NOTICE
from notifications.enums import Channel
from notifications.errors import TemplateNotUsable
from notifications.models import Template

MAX_SEGMENTS = 3
SUBJECT_MAX = 200

_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")
_BRACE = re.compile(r"[{}]")
# A gap, and with it a full stop right behind it (but not three of them).
_GAP = re.compile(r"\{([a-z_]{1,40})\}(\.(?!\.))?")
_NOTICE = "{notice}"
_UTC = ZoneInfo("UTC")
_NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

# The longest that really occurs, where no language changes it.
_LONGEST: Mapping[str, str] = {
    "clinic": "The Neighbourhood Wellness",
    "phone": "+44 20 7946 0018",
    "postal_address": "12345 North Lamar Boulevard, Suite 210, Austin",
    "reference": "0" * 12,
    "number": "123456",
    "location": "North Lamar Boulevard",
    "who": "Somebody from our team",
    "link": "https://www.neighbourhood-wellness.com/forms/website/?lang=es",
    "place": "12345 North Lamar Boulevard, Suite 210, Austin",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What will be said, the same on every attempt."""

    subject: str
    body: str


def render(template: Template, values: Mapping[str, str], *, notice_first: bool = False) -> Rendered:
    """Fill a template's gaps.

    `notice_first` moves the crisis notice to the top of an e-mail. An acknowledgement carries the notice even
    if its wording lost the placeholder.

    :raises TemplateNotUsable: when the wording names a placeholder that does not exist or has no value here.
    """
    body = template.body
    if template.code == ACKNOWLEDGEMENT and _NOTICE not in body:
        body = f"{body.rstrip()} {_NOTICE}" if template.channel == Channel.SMS else f"{_NOTICE}\n\n{body}"
    if notice_first and template.channel == Channel.EMAIL:
        body = _with_notice_first(body)
    filled = _fill(template, body, values)
    if template.channel == Channel.SMS:
        return Rendered(subject="", body=gsm.fold(_one_line(filled)))
    subject = _one_line(_fill(template, template.subject, values))[:SUBJECT_MAX]
    return Rendered(subject=subject, body=filled.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n")


@functools.cache
def longest_values(language: str) -> Mapping[str, str]:
    """Give the longest value that each placeholder really takes in a language: what a text has room for."""
    language = moments.language_of(language)
    a_year = [_NEW_YEAR + timedelta(days=day, hours=12, minutes=45) for day in range(365)]
    before = _NEW_YEAR - timedelta(days=7)
    in_full = [moments.in_full(each, zone=_UTC, language=language) for each in a_year]
    until = [moments.until(each, zone=_UTC, now=before, language=language) for each in a_year]
    return {
        **_LONGEST,
        **dict.fromkeys(("received_local", "when"), max(in_full, key=len)),
        **dict.fromkeys(("promise", "answer_by"), max(until, key=len)),
        "how": max(HOW[language].values(), key=len),
        "notice": SHORT_NOTICE[language],
    }


def check_template(template: Template) -> None:
    """Refuse a wording that could not be sent as it is meant, with one sentence that says what to change.

    :raises TemplateNotUsable: an unknown placeholder, a stray brace, a first name in a text, no crisis notice
        in an acknowledgement, no STOP in a text, or a text that does not fit.
    """
    for part in (template.subject, template.body):
        _check_placeholders(template, part)
    if template.code == ACKNOWLEDGEMENT and _NOTICE not in template.body:
        raise TemplateNotUsable("An acknowledgement must carry {notice}: people in danger read it too.")
    if template.channel == Channel.SMS:
        _check_text_message(template)
    elif not template.subject.strip() or _one_line(template.subject) != template.subject:
        raise TemplateNotUsable("An e-mail needs a subject of one line.")


def _check_placeholders(template: Template, part: str) -> None:
    known = _known(template)
    for name in _PLACEHOLDER.findall(part):
        if name not in known:
            choice = ", ".join(f"{{{each}}}" for each in sorted(known))
            raise TemplateNotUsable(f"{{{name}}} does not exist here. You can use {choice}.")
    if _BRACE.search(_PLACEHOLDER.sub("", part)):
        raise TemplateNotUsable("There is a { or } that belongs to no placeholder.")


def _check_text_message(template: Template) -> None:
    if template.subject:
        raise TemplateNotUsable("A text message has no subject.")
    if "STOP" not in template.body:
        raise TemplateNotUsable("A text message must say how to stop: add “Reply STOP to stop”.")
    if strange := gsm.foreign(_PLACEHOLDER.sub("", template.body)):
        raise TemplateNotUsable(f"A text message cannot carry {' '.join(strange)}: write it without.")
    count = gsm.segments(render(template, longest_values(template.language)).body)
    if count > MAX_SEGMENTS:
        raise TemplateNotUsable(
            f"With its longest values this text takes {count} segments; shorten it to {MAX_SEGMENTS}."
        )


def _known(template: Template) -> frozenset[str]:
    """Give the placeholders of a template; a text never says a name, since a phone may be shared."""
    known = PLACEHOLDERS.get(template.code, frozenset())
    return known - {"first_name"} if template.channel == Channel.SMS else known


def fill(words: str, values: Mapping[str, str]) -> str:
    """Fill the gaps of some words. Where a value ends in a full stop ("p. m."), a sentence adds no other.

    :raises KeyError: when the words name a placeholder without a value.
    """

    def value(found: re.Match[str]) -> str:
        said, stop = _one_line(values[found[1]]), found[2] or ""
        return said if said.endswith(".") else said + stop

    return _GAP.sub(value, words)


def _fill(template: Template, part: str, values: Mapping[str, str]) -> str:
    known = _known(template)
    try:
        return fill(part, {name: value for name, value in values.items() if name in known})
    except KeyError as unknown:
        name = unknown.args[0]
        raise TemplateNotUsable(
            f"The wording {template.code} names {{{name}}}, which is not known here."
        ) from None


def _with_notice_first(body: str) -> str:
    paragraphs = re.split(r"\n\s*\n", body)
    return "\n\n".join(sorted(paragraphs, key=lambda paragraph: _NOTICE not in paragraph))


def _one_line(text: str) -> str:
    """Put text on one line without control characters: nothing in it can end a header."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text)
    return " ".join(plain.split())
