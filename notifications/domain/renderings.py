"""The first rendering: which wording, filled with what. Stored with the first hand, never made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.models import Appointment
from notifications import queries
from notifications.domain import moments, rendering, values
from notifications.domain.rendering import Rendered
from notifications.enums import AboutKind
from notifications.errors import TemplateNotUsable
from notifications.models import Message, Template

Templates = Mapping[tuple[str, str, str], Template]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the words of a batch come from; `flagged` are those to whom the crisis notice speaks first."""

    templates: Templates
    visits: Mapping[str, Appointment]
    flagged: frozenset[int]

    def first_rendering(self, message: Message, *, now: datetime) -> FirstRendering:
        """Put a message of the batch into words; see the function of this name."""
        return first_rendering(
            message,
            templates=self.templates,
            visit=self.visits.get(message.about_ref),
            notice_first=message.pk in self.flagged,
            now=now,
        )


def source_for(messages: Sequence[Message], *, flagged: frozenset[int]) -> Source:
    """Read the wordings and visits of all messages that were never rendered, in two queries."""
    new = [message for message in messages if message.rendered_at is None]
    about_visits = {m.about_ref for m in new if m.about_kind == AboutKind.APPOINTMENT}
    return Source(
        templates=queries.templates({m.template_code for m in new}) if new else {},
        visits=queries.visits_by_reference(about_visits) if about_visits else {},
        flagged=flagged,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRendering:
    """What is said, when it was first put into words, and by which version of the wording."""

    rendered: Rendered
    template_version: int
    at: datetime

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "rendered_subject": self.rendered.subject,
            "rendered_body": self.rendered.body,
            "rendered_at": self.at,
            "template_version": self.template_version,
        }


def first_rendering(
    message: Message, *, templates: Templates, visit: Appointment | None, notice_first: bool, now: datetime
) -> FirstRendering:
    """Put a message into words, in its language or else in English.

    :raises TemplateNotUsable: when there is no such wording, or it names what is not known here.
    """
    language = moments.language_of(message.language)
    for choice in (message.language, language, "en"):
        template = templates.get((message.template_code, message.channel, choice))
        if template is not None:
            break
    else:
        raise TemplateNotUsable(f"There is no wording “{message.template_code}” for this channel.")
    filled = rendering.render(template, values.values_for(message, visit=visit), notice_first=notice_first)
    return FirstRendering(rendered=filled, template_version=template.version, at=now)
