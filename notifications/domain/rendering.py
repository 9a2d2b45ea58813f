"""Words with their gaps filled. Pure: a closed list of placeholders, replaced in one pass, nothing evaluated.

A value that itself looks like a placeholder stays as it is, and no value can add a line to a subject.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from notifications.domain import gsm
from notifications.domain.wording import ACKNOWLEDGEMENT, PLACEHOLDERS
from notifications.enums import Channel
from notifications.errors import TemplateNotUsable
from notifications.models import Template

MAX_SEGMENTS = 3
SUBJECT_MAX = 200

_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")
_BRACE = re.compile(r"[{}]")
_NOTICE = "{notice}"

# The longest that really occurs: what a text message must have room for.
LONGEST: Mapping[str, str] = {
    "clinic": "The Neighbourhood Wellness",
    "phone": "+1 512-555-0140",
    "postal_address": "12345 North Lamar Boulevard, Suite 210, Austin",
    "reference": "0" * 12,
    "number": "123456",
    "location": "North Lamar Boulevard",
    "received_local": "Wed, Sep 30 at 12:45 PM",
    "who": "Somebody from our team",
    "how": "enviará un mensaje a",
    "promise": "Wed, Sep 30 by 12:45 PM",
    "answer_by": "Wed, Sep 30 at 12:45 PM",
    "link": "https://www.neighbourhood-wellness.com/",
    "when": "miércoles 30 de septiembre a las 12:45 PM",
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


def check_template(template: Template, *, longest: Mapping[str, str] = LONGEST) -> None:
    """Refuse a wording that could not be sent as it is meant, with one sentence that says what to change.

    :raises TemplateNotUsable: an unknown placeholder, a stray brace, a first name in a text, no crisis notice
        in an acknowledgement, no STOP in a text, or a text that does not fit.
    """
    for part in (template.subject, template.body):
        _check_placeholders(template, part)
    if template.code == ACKNOWLEDGEMENT and _NOTICE not in template.body:
        raise TemplateNotUsable("An acknowledgement must carry {notice}: people in danger read it too.")
    if template.channel == Channel.SMS:
        _check_text_message(template, longest)
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


def _check_text_message(template: Template, longest: Mapping[str, str]) -> None:
    if template.subject:
        raise TemplateNotUsable("A text message has no subject.")
    if "STOP" not in template.body:
        raise TemplateNotUsable("A text message must say how to stop: add “Reply STOP to stop”.")
    if strange := gsm.foreign(_PLACEHOLDER.sub("", template.body)):
        raise TemplateNotUsable(f"A text message cannot carry {' '.join(strange)}: write it without.")
    values = {name: longest.get(name, "") for name in _known(template)}
    values["notice"] = longest.get("notice") or "x" * 100
    count = gsm.segments(render(template, values).body)
    if count > MAX_SEGMENTS:
        raise TemplateNotUsable(
            f"With its longest values this text takes {count} segments; shorten it to {MAX_SEGMENTS}."
        )


def _known(template: Template) -> frozenset[str]:
    """Give the placeholders of a template; a text never says a name, since a phone may be shared."""
    known = PLACEHOLDERS.get(template.code, frozenset())
    return known - {"first_name"} if template.channel == Channel.SMS else known


def _fill(template: Template, part: str, values: Mapping[str, str]) -> str:
    known = _known(template)

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in known or name not in values:
            raise TemplateNotUsable(f"The wording {template.code} names {{{name}}}, which is not known here.")
        return _one_line(values[name])

    return _PLACEHOLDER.sub(value, part)


def _with_notice_first(body: str) -> str:
    paragraphs = re.split(r"\n\s*\n", body)
    return "\n\n".join(sorted(paragraphs, key=lambda paragraph: _NOTICE not in paragraph))


def _one_line(text: str) -> str:
    """Put text on one line without control characters: nothing in it can end a header."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text)
    return " ".join(plain.split())
