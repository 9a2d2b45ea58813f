"""The default words, in English and Spanish, and which placeholders each message knows.

Rows of the clinic pack: loaded once, then the clinic's own to edit. They name no service and no condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.enums import Channel, Purpose

ACKNOWLEDGEMENT = "acknowledgement"
NEW_LEAD_ALERT = "new-lead-alert"
FOLLOW_UP_DUE = "follow-up-due"
VISIT_CONFIRMATION = "visit-confirmation"
VISIT_REMINDER_48H = "visit-reminder-48h"
VISIT_REMINDER_24H = "visit-reminder-24h"
VISIT_REMINDER_2H = "visit-reminder-2h"
VISIT_CODES = frozenset({VISIT_CONFIRMATION, VISIT_REMINDER_48H, VISIT_REMINDER_24H, VISIT_REMINDER_2H})

_CLINIC = frozenset({"clinic", "phone", "postal_address"})
_TO_STAFF = frozenset({"clinic", "number", "location", "answer_by", "link"})
_VISIT = _CLINIC | {"first_name", "when", "place", "link"}
PLACEHOLDERS: dict[str, frozenset[str]] = {
    ACKNOWLEDGEMENT: _CLINIC
    | {"first_name", "reference", "received_local", "who", "how", "promise", "link", "notice"},
    NEW_LEAD_ALERT: _TO_STAFF,
    FOLLOW_UP_DUE: _TO_STAFF,
    **dict.fromkeys(sorted(VISIT_CODES), _VISIT),
}

# A text message carries a shorter notice, within the alphabet of a text message.
SHORT_NOTICE: dict[str, str] = {
    "en": "Texts are not read 24/7. Emergency: call 911. In crisis: call or text 988.",
    "es": "No leemos mensajes las 24 horas. Emergencia: llame al 911. En crisis: llame al 988, oprima 2.",
}


# Who answers, where nobody is named; and how: by the ways that are open (phone, sms, email), in that order.
SOMEBODY: dict[str, str] = {"en": "Our front desk", "es": "Nuestro equipo"}
HOW: dict[str, dict[tuple[str, ...], str]] = {
    "en": {
        ("phone",): "call",
        ("sms",): "text",
        ("email",): "e-mail",
        ("phone", "sms"): "call or text",
        ("phone", "email"): "call or e-mail",
        ("phone", "sms", "email"): "call, text or e-mail",
    },
    # "Va a llamar", not "llamará": a text message has no á, and "llamara" is another word.
    "es": {
        ("phone",): "le va a llamar",
        ("sms",): "le va a enviar un mensaje de texto",
        ("email",): "le va a escribir por correo electrónico",
        ("phone", "sms"): "le va a llamar o enviar un mensaje de texto",
        ("phone", "email"): "le va a llamar o escribir por correo electrónico",
        ("phone", "sms", "email"): "le va a llamar o escribir",
    },
}


@dataclass(frozen=True, slots=True)
class Words:
    """One default template."""

    code: str
    channel: str
    language: str
    purpose: str
    subject: str
    body: str


def _email(
    code: str, language: str, subject: str, *paragraphs: str, purpose: str = Purpose.TRANSACTIONAL
) -> Words:
    return Words(code, Channel.EMAIL, language, purpose, subject, "\n\n".join(paragraphs) + "\n")


def _sms(code: str, language: str, body: str) -> Words:
    return Words(code, Channel.SMS, language, Purpose.TRANSACTIONAL, "", body)


_FOOTER = "{clinic}\n{postal_address}\n{phone}"

_FOR_STAFF = (
    _email(
        NEW_LEAD_ALERT,
        "en",
        "New enquiry #{number} · {location} · answer {answer_by}",
        "Enquiry #{number} at {location} waits for an answer {answer_by}.",
        "Open it: {link}",
        purpose=Purpose.INTERNAL,
    ),
    _email(
        NEW_LEAD_ALERT,
        "es",
        "Nueva consulta #{number} · {location} · responder {answer_by}",
        "La consulta #{number} en {location} espera respuesta {answer_by}.",
        "Abrir: {link}",
        purpose=Purpose.INTERNAL,
    ),
    _email(
        FOLLOW_UP_DUE,
        "en",
        "Follow-up due: #{number} · {location}",
        "A follow-up for enquiry #{number} at {location} was due {answer_by}.",
        "Open it: {link}",
        purpose=Purpose.INTERNAL,
    ),
    _email(
        FOLLOW_UP_DUE,
        "es",
        "Seguimiento pendiente: #{number} · {location}",
        "Un seguimiento de la consulta #{number} en {location} vencía {answer_by}.",
        "Abrir: {link}",
        purpose=Purpose.INTERNAL,
    ),
)

_ACKNOWLEDGEMENTS = (
    _email(
        ACKNOWLEDGEMENT,
        "en",
        "{clinic}: we received your message",
        "Hello {first_name},",
        "Thank you for writing. Your message reached us {received_local}. Your reference is {reference}.",
        "{who} will {how} you {promise}.",
        "{notice}",
        "Please do not reply with medical details: a clinician will ask you in private.",
        "You can also call us at {phone}, or write to us again here: {link}",
        "Was it not you who wrote to us? Then somebody mistyped an address: reply or call and we will stop.",
        _FOOTER,
    ),
    _email(
        ACKNOWLEDGEMENT,
        "es",
        "{clinic}: recibimos su mensaje",
        "Hola {first_name}:",
        "Gracias por escribirnos. Su mensaje nos llegó {received_local}. Su referencia es {reference}.",
        "{who} {how} {promise}.",
        "{notice}",
        "Por favor, no responda con datos médicos: un profesional se los preguntará en privado.",
        "También puede llamarnos al {phone} o escribirnos de nuevo aquí: {link}",
        "¿No fue usted quien nos escribió? Alguien se equivocó de dirección: responda y no escribiremos más.",
        _FOOTER,
    ),
    _sms(
        ACKNOWLEDGEMENT,
        "en",
        "{clinic}: thanks for contacting us. {who} will {how} you {promise}. Our number: {phone}. "
        "More: {link} {notice} Msg frequency varies. Msg & data rates may apply. "
        "Reply HELP for help, STOP to stop.",
    ),
    _sms(
        ACKNOWLEDGEMENT,
        "es",
        "{clinic}: gracias por escribirnos. {who} {how} {promise}. Tel. {phone}. Info: {link} "
        "{notice} Frecuencia variable. Pueden aplicar tarifas. HELP para ayuda, STOP para parar.",
    ),
)


def _visit_emails(
    code: str, subject_en: str, subject_es: str, opening_en: str, opening_es: str
) -> tuple[Words, ...]:
    return (
        _email(
            code,
            "en",
            subject_en,
            "Hello {first_name},",
            opening_en,
            "Where: {place}",
            "To change the time or to cancel, call us at {phone}.",
            _FOOTER,
        ),
        _email(
            code,
            "es",
            subject_es,
            "Hola {first_name}:",
            opening_es,
            "Dónde: {place}",
            "Para cambiar la hora o cancelar, llámenos al {phone}.",
            _FOOTER,
        ),
    )


def _visit_texts(code: str, opening_en: str, opening_es: str) -> tuple[Words, ...]:
    return (
        _sms(
            code,
            "en",
            f"{{clinic}}: {opening_en} {{when}}, {{place}}. To change the time call {{phone}}. "
            "Reply HELP for help, STOP to stop texts.",
        ),
        _sms(
            code,
            "es",
            f"{{clinic}}: {opening_es} {{when}}, {{place}}. Para cambiar la hora llame al {{phone}}. "
            "HELP para ayuda, STOP para no recibir mensajes.",
        ),
    )


_VISITS = (
    *_visit_emails(
        VISIT_CONFIRMATION,
        "{clinic}: your visit is booked for {when}",
        "{clinic}: su cita es {when}",
        "Your visit is booked for {when}.",
        "Su cita quedó reservada para {when}.",
    ),
    *_visit_texts(VISIT_CONFIRMATION, "your visit is booked for", "su cita es"),
    *(
        words
        for code in (VISIT_REMINDER_48H, VISIT_REMINDER_24H, VISIT_REMINDER_2H)
        for words in (
            *_visit_emails(
                code,
                "{clinic}: your visit is {when}",
                "{clinic}: su cita es {when}",
                "We look forward to seeing you: {when}.",
                "Le esperamos {when}.",
            ),
            *_visit_texts(code, "your visit is", "su cita es"),
        )
    ),
)

DEFAULTS: tuple[Words, ...] = (*_ACKNOWLEDGEMENTS, *_FOR_STAFF, *_VISITS)
