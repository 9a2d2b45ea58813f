"""The default wording comes once and never overwrites what the clinic wrote."""

from __future__ import annotations

import pytest

from notifications.domain import pack
from notifications.domain.wording import DEFAULTS
from notifications.models import Template

pytestmark = pytest.mark.django_db

CODES = {
    "acknowledgement": {"email", "sms"},
    "new-lead-alert": {"email"},
    "follow-up-due": {"email"},
    "visit-confirmation": {"email", "sms"},
    "visit-reminder-48h": {"email", "sms"},
    "visit-reminder-24h": {"email", "sms"},
    "visit-reminder-2h": {"email", "sms"},
}


def test_load_brings_every_message_in_both_languages() -> None:
    count = pack.load()

    wanted = {
        (code, channel, language)
        for code, them in CODES.items()
        for channel in them
        for language in ("en", "es")
    }
    assert set(Template.objects.values_list("code", "channel", "language")) == wanted
    assert count == len(wanted) == len(DEFAULTS)


def test_load_twice_adds_nothing() -> None:
    pack.load()

    assert pack.load() == 0


def test_load_keeps_what_the_clinic_wrote_and_brings_back_what_is_missing() -> None:
    pack.load()
    Template.objects.filter(code="acknowledgement", channel="email").update(body="Ours. {notice}")
    Template.objects.filter(code="visit-confirmation", channel="sms", language="es").delete()

    count = pack.load()

    bodies = Template.objects.filter(code="acknowledgement", channel="email").values_list("body", flat=True)
    assert (count, set(bodies)) == (1, {"Ours. {notice}"})
