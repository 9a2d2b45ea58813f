"""The default wording of the clinic pack, put into the database where it is missing."""

from __future__ import annotations

from notifications.domain import rendering
from notifications.domain.wording import DEFAULTS
from notifications.models import Template


def load() -> int:
    """Insert the default templates that are missing, leave all others as the clinic has them; count the new.

    :raises TemplateNotUsable: when a default wording breaks the rules that hold for the clinic's own.
    """
    known = set(Template.objects.values_list("code", "channel", "language"))
    missing = [
        Template(
            code=words.code,
            channel=words.channel,
            language=words.language,
            purpose=words.purpose,
            subject=words.subject,
            body=words.body,
        )
        for words in DEFAULTS
        if (words.code, words.channel, words.language) not in known
    ]
    for template in missing:
        rendering.check_template(template)
    # Two who load at once write each row once.
    Template.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)
