"""The words of the public pages, in English and Spanish. Pure: a closed dictionary, the same keys in each.

The wording of the two consent boxes has a version: when a word of them changes, `consent_version` does too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation.trans_real import parse_accept_lang_header

Words = Mapping[str, str]

WORDS: Mapping[str, Words] = {
    "en": {
        "language": "English",
        "title": "Reach out to us",
        "look_again": "Please look again",
        "lede": "Ask us anything. Writing to us books nothing.",
        "rather_talk": "Rather talk? Call",
        "call_911": "Call 911",
        "call_988": "Call 988",
        "not_sent": "Your message could not be sent from this page.",
        "please_call": "Please call us at",
        "marked_fields": "Please look at the marked fields.",
        "name": "Your name",
        "email": "E-mail",
        "phone": "Phone",
        "either": "One of the two is enough.",
        "optional": "optional",
        "service": "What is it about?",
        "not_sure": "Not sure yet",
        "message": "What would you like to know?",
        "message_hint": "No need for medical details; a clinician asks about those in private.",
        "preferred_contact": "How shall we answer?",
        "by_phone": "Call me",
        "by_sms": "Text me",
        "by_email": "E-mail me",
        "preferred_time": "When is a good time?",
        "any_time": "Any time",
        "mornings": "Mornings",
        "afternoons": "Afternoons",
        "after_five": "After 5 PM",
        "reply_language": "In which language?",
        "consent_version": "hosted-1",
        "consent_sms": "Text me about my request and visits",
        "consent_sms_hint": "Optional. How often varies; message and data rates may apply. "
        "Reply STOP to end, HELP for help.",
        "consent_offers": "Send me offers now and then",
        "consent_offers_hint": "Optional, by e-mail. Every one has a link that ends them.",
        "send": "Send my message",
        "privacy": "We use what you write to answer you. We do not sell it or share it for advertising.",
        "thank_you": "Thank you",
        "got_it": "Got it. Thank you.",
        "answer_promised": "Your message is with our desk, and a person will get back to you {promise}.",
        "answer": "Your message is with our desk, and a person will get back to you.",
        "nothing_came": "A person at our desk answers whoever writes to us.",
        "back": "Back to the website",
    },
    "es": {
        "language": "Español",
        "title": "Escríbanos",
        "look_again": "Revise el formulario",
        "lede": "Pregúntenos lo que quiera. Escribirnos no reserva ninguna cita.",
        "rather_talk": "¿Prefiere hablar? Llame al",
        "call_911": "Llamar al 911",
        "call_988": "Llamar al 988",
        "not_sent": "No se pudo enviar su mensaje desde esta página.",
        "please_call": "Por favor, llámenos al",
        "marked_fields": "Por favor, revise los campos marcados.",
        "name": "Su nombre",
        "email": "Correo electrónico",
        "phone": "Teléfono",
        "either": "Basta con uno de los dos.",
        "optional": "opcional",
        "service": "¿De qué se trata?",
        "not_sure": "Todavía no lo sé",
        "message": "¿Qué le gustaría saber?",
        "message_hint": "No hacen falta datos médicos; un profesional se los preguntará en privado.",
        "preferred_contact": "¿Cómo le respondemos?",
        "by_phone": "Por teléfono",
        "by_sms": "Por mensaje de texto",
        "by_email": "Por correo electrónico",
        "preferred_time": "¿Cuándo le conviene?",
        "any_time": "A cualquier hora",
        "mornings": "Por la mañana",
        "afternoons": "Por la tarde",
        "after_five": "Después de las 5 p. m.",
        "reply_language": "¿En qué idioma?",
        "consent_version": "hosted-es-1",
        "consent_sms": "Envíenme mensajes de texto sobre mi consulta y mis citas",
        "consent_sms_hint": "Opcional. La frecuencia varía; pueden aplicarse tarifas de mensajes y datos. "
        "Responda STOP para no recibir más, HELP para ayuda.",
        "consent_offers": "Envíenme ofertas de vez en cuando",
        "consent_offers_hint": "Opcional, por correo electrónico. Cada una trae un enlace para cancelarlas.",
        "send": "Enviar mi mensaje",
        "privacy": "Usamos lo que escribe para responderle. No lo vendemos ni lo compartimos "
        "con fines publicitarios.",
        "thank_you": "Gracias",
        "got_it": "Recibido. Gracias.",
        "answer_promised": "Su mensaje está en nuestra recepción, y una persona le responderá {promise}.",
        "answer": "Su mensaje está en nuestra recepción, y una persona le responderá.",
        "nothing_came": "Una persona de nuestra recepción responde a quien nos escribe.",
        "back": "Volver al sitio web",
    },
}

# What a visitor can do something about, by the code of the refusal. Every other one is for whoever built the
# page: the visitor is told to call, and the code stands in the page for the developer.
REFUSALS: Mapping[str, Words] = {
    "en": {
        "invalid": "Some fields need another look.",
        "too_large": "Your message is too long for this form. Please shorten it.",
        "too_many_requests": "Too many messages came from your network. Please send it again in a minute.",
    },
    "es": {
        "invalid": "Hay campos que debe revisar.",
        "too_large": "Su mensaje es demasiado largo para este formulario. Por favor, acórtelo.",
        "too_many_requests": "Llegaron demasiados mensajes desde su red. "
        "Por favor, envíelo de nuevo en un minuto.",
    },
}

# What is wrong with a field, by its code; by field and code where one code means several things. The English
# comes with the problem itself.
PROBLEMS: Mapping[str, Words] = {
    "es": {
        "contact_point_needed": "Denos un correo electrónico o un teléfono, para que podamos responderle.",
        "email invalid": "Escriba un correo electrónico, como nombre@example.com.",
        "several_addresses": "Escriba un solo correo electrónico.",
        "local_part": "Revise la parte antes de la @: sin espacios, comillas ni acentos, "
        "y que empiece con una letra o un número.",
        "domain": "Revise la parte después de la @: debe ser un dominio público, como example.com.",
        "phone invalid": "Escriba un solo teléfono con su código de área, como 512-555-0140, o "
        "+44 20 7946 0018 si es de otro país.",
        "premium_rate": "Denos otro teléfono: este le cobra a quien llama.",
        "invalid_characters": "Escríbalo de nuevo: contiene un carácter invisible.",
        "too_long": "Es demasiado largo: por favor, acórtelo.",
        "too_many": "Son demasiadas opciones: por favor, elija menos.",
    },
}
_UNREADABLE = {"es": "No pudimos leer este dato: por favor, escríbalo de nuevo."}


def language_of(said: Iterable[str], *, accepted: str = "") -> str:
    """Choose a page's language: the first that was said and we speak, or the browser's wish, or English.

    `accepted` is what the browser sends as Accept-Language.
    """
    wishes = [*said, *(tag for tag, liking in parse_accept_lang_header(accepted) if liking)]
    bases = (wish.replace("_", "-").partition("-")[0].lower() for wish in wishes)
    return next((base for base in bases if base in WORDS), "en")


def other_language(language: str) -> str:
    """Give the language a page can be switched to."""
    return "en" if language == "es" else "es"


def problem(*, field: str, code: str, message: str, language: str) -> str:
    """Say what is wrong with a field: `message` is the English for it."""
    words = PROBLEMS.get(language)
    if words is None:
        return message
    return words.get(f"{field} {code}") or words.get(code) or _UNREADABLE[language]
