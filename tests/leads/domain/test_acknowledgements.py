"""What is promised to who wrote: only what can be done, in their language, with numbers one can read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from leads.domain import acknowledgements, arrivals, enquiry
from leads.models import Submission
from notifications.channels.base import Envelope
from notifications.channels.memory import MemoryChannel
from notifications.domain import dispatch
from notifications.models import Message
from tests import factories
from tests.notifications.messages import Clock

EMAIL = {"email": "ann@example.com"}
PHONE = {"phone": "512-555-0177"}
TEXTS = {"phone": "512-555-0177", "consent_sms": True}

CALL = ("call", "le va a llamar")
TEXT = ("text", "le va a enviar un mensaje de texto")
WRITE = ("e-mail", "le va a escribir por correo electrónico")
CALL_OR_TEXT = ("call or text", "le va a llamar o enviar un mensaje de texto")
CALL_OR_WRITE = ("call or e-mail", "le va a llamar o escribir por correo electrónico")
ANY = ("call, text or e-mail", "le va a llamar o escribir")


@pytest.mark.parametrize(
    ("left", "wished", "said"),
    [
        (EMAIL, "", WRITE),
        (EMAIL, "email", WRITE),
        (EMAIL, "phone", WRITE),
        (EMAIL, "sms", WRITE),
        ({**EMAIL, "consent_sms": True}, "", WRITE),
        ({**EMAIL, "consent_sms": True}, "sms", WRITE),
        (PHONE, "", CALL),
        (PHONE, "email", CALL),
        (PHONE, "phone", CALL),
        (PHONE, "sms", CALL),
        (TEXTS, "", CALL_OR_TEXT),
        (TEXTS, "email", CALL_OR_TEXT),
        (TEXTS, "phone", CALL),
        (TEXTS, "sms", TEXT),
        (EMAIL | PHONE, "", CALL_OR_WRITE),
        (EMAIL | PHONE, "email", WRITE),
        (EMAIL | PHONE, "phone", CALL),
        (EMAIL | PHONE, "sms", CALL_OR_WRITE),
        (EMAIL | TEXTS, "", ANY),
        (EMAIL | TEXTS, "email", WRITE),
        (EMAIL | TEXTS, "phone", CALL),
        (EMAIL | TEXTS, "sms", TEXT),
    ],
)
def test_how_we_answer_names_only_what_can_be_done(
    left: dict[str, Any], wished: str, said: tuple[str, str]
) -> None:
    asked = enquiry.clean({**left, "preferred_contact": wished})

    english, spanish = (acknowledgements.how_we_answer(asked, language=each) for each in ("en", "es"))

    assert (english, spanish) == said


def answered(now: datetime, **fields: Any) -> dict[str, Envelope]:
    """Let somebody write, and give what goes out to them, by channel."""
    factories.templates()
    form = factories.form(at=factories.location(phone="+15125550140"), slug="website")
    submission = factories.arrival(form, now=now, **fields)
    arrivals.process(submission_id=submission.pk, now=now)
    channel = MemoryChannel()
    dispatch.look(Clock(now), channel_for=lambda _name: channel)
    return {each.channel: each for each in channel.ledger}


@pytest.mark.django_db
def test_acknowledgement_reads_well_in_english(now: datetime) -> None:
    said = answered(now, **EMAIL, **TEXTS, language="en")

    assert "Our front desk will call, text or e-mail you today by 11:05 AM.\n" in said["email"].body
    assert "Your message reached us Tue, Mar 10 at 11:00 AM. Your" in said["email"].body
    assert "You can also call us at (512) 555-0140, or write" in said["email"].body
    assert said["sms"].body.startswith(
        "IV-Suite: thanks for contacting us. Our front desk will call, text or e-mail you today by 11:05 AM. "
        "Our number: (512) 555-0140. More: http://localhost:8000/forms/website/ Texts are not read 24/7."
    )


@pytest.mark.django_db
def test_acknowledgement_reads_well_in_spanish(now: datetime) -> None:
    said = answered(now, **EMAIL, **TEXTS, language="es-MX")

    assert "\nNuestro equipo le va a llamar o escribir hoy antes de las 11:05 a. m.\n" in said["email"].body
    assert "Su mensaje nos llegó el martes 10 de marzo a las 11:00 a. m. Su" in said["email"].body
    assert "También puede llamarnos al (512) 555-0140 o" in said["email"].body
    assert "aquí: http://localhost:8000/forms/website/?lang=es\n" in said["email"].body
    assert said["sms"].body.startswith(
        "IV-Suite: gracias por escribirnos. Nuestro equipo le va a llamar o escribir "
        "hoy antes de las 11:05 a. m. Tel. (512) 555-0140. "
        "Info: http://localhost:8000/forms/website/?lang=es No leemos"
    )


@pytest.mark.django_db
def test_acknowledgement_keeps_the_language_they_wrote_in_before(now: datetime) -> None:
    form = factories.form()
    for n, language in enumerate(["es", ""]):
        submission = factories.arrival(form, now=now, **EMAIL, message=f"{n}", language=language)
        arrivals.process(submission_id=submission.pk, now=now)

    second = Submission.objects.latest("id")
    message = Message.objects.get(dedupe_key=f"acknowledgement:{second.reference}:email")

    assert (message.language, json.loads(message.params)["how"]) == (
        "es",
        "le va a escribir por correo electrónico",
    )
