"""Gaps filled from a closed list: nothing is evaluated, no value adds a header, no text grows too long."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.domain import gsm, moments, rendering
from notifications.domain.rendering import Rendered
from notifications.domain.wording import DEFAULTS, HOW, PLACEHOLDERS, SHORT_NOTICE, SOMEBODY, Words
from notifications.errors import TemplateNotUsable
from notifications.models import Template

VALUES = {
    "clinic": "IV-Suite",
    "phone": "512-555-0140",
    "postal_address": "1 Main Street",
    "first_name": "Ann",
    "reference": "1007",
    "number": "1007",
    "location": "Downtown",
    "received_local": "Tue, Mar 10, 11:00 AM",
    "who": "Dana",
    "how": "call",
    "promise": "today by 11:05 AM",
    "answer_by": "today by 11:05 AM",
    "link": "https://ivsuite.example/",
    "when": "Tue, Mar 17 at 4:30 PM",
    "place": "1 Main Street",
    "notice": "In danger call 911.",
}


def _email(subject: str = "Hello", body: str = "Words {notice}", code: str = "acknowledgement") -> Template:
    return Template(code=code, channel="email", subject=subject, body=body)


def _text(body: str, code: str = "visit-confirmation") -> Template:
    return Template(code=code, channel="sms", body=body)


def test_render_fills_the_gaps() -> None:
    template = _email("{clinic}: hello", "Dear {first_name},\n\n{who} will {how}. {notice}")

    assert rendering.render(template, VALUES) == Rendered(
        subject="IV-Suite: hello", body="Dear Ann,\n\nDana will call. In danger call 911.\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        "{notice}",
        "{{ 7 * 7 }}",
        "{% load secrets %}",
        "{clinic.__class__}",
        "%(notice)s",
        "${notice}",
        "\\g<0>",
        "<script>alert(1)</script>",
    ],
)
def test_render_takes_a_value_as_it_is(value: str) -> None:
    rendered = rendering.render(_email("{who}", "{who} {notice}"), VALUES | {"who": value})

    assert rendered == Rendered(subject=value, body=f"{value} In danger call 911.\n")


@pytest.mark.parametrize(
    "evil",
    [
        "Ann\r\nBcc: eve@example.com",
        "Ann\nBcc: eve@example.com",
        "Ann\rBcc: eve@example.com",
        "Ann\u2028Bcc: eve",
        "A\x00nn",
    ],
)
def test_render_lets_no_value_end_a_line(evil: str) -> None:
    rendered = rendering.render(_email("{who}", "{who} {notice}"), VALUES | {"who": evil})

    assert not set(rendered.subject) & set("\r\n\u2028\x00")
    assert rendered.body.count("\n") == 1


@pytest.mark.parametrize(
    "part",
    [
        "{service}",
        "{message}",
        "{Clinic}",
        "{clinic.name}",
        "{clinic!r}",
        "{0}",
        "{",
        "}",
        "{ clinic }",
        "{{clinic}}",
    ],
)
def test_check_template_refuses_what_is_no_placeholder(part: str) -> None:
    with pytest.raises(TemplateNotUsable):
        rendering.check_template(_email(body=f"{part} {{notice}}"))
    with pytest.raises(TemplateNotUsable):
        rendering.check_template(_email(subject=part))


def test_render_of_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(TemplateNotUsable, match="service"):
        rendering.render(_email(body="{service} {notice}"), VALUES | {"service": "Magnesium"})


def test_render_without_a_value_is_refused() -> None:
    with pytest.raises(TemplateNotUsable, match="promise"):
        rendering.render(_email(body="{promise} {notice}"), {"notice": "x"})


def test_no_message_knows_a_service() -> None:
    known = frozenset().union(*PLACEHOLDERS.values())

    assert not {name for name in known if "service" in name or "condition" in name or "message" in name}


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_acknowledgement_carries_the_notice_even_if_its_wording_lost_it(channel: str) -> None:
    template = Template(code="acknowledgement", channel=channel, subject="s", body="Thanks.")

    assert "In danger call 911." in rendering.render(template, VALUES).body


def test_check_template_refuses_an_acknowledgement_without_the_notice() -> None:
    with pytest.raises(TemplateNotUsable, match="people in danger"):
        rendering.check_template(_email(body="Thanks."))


def test_render_with_the_notice_first_keeps_all_paragraphs() -> None:
    template = _email(body="One\n\nTwo\n\n{notice}\n\nThree")

    body = rendering.render(template, VALUES, notice_first=True).body

    assert body == "In danger call 911.\n\nOne\n\nTwo\n\nThree\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{clinic}: hi {first_name}. STOP", "first_name"),
        ("{clinic}: hello", "how to stop"),
        ("{clinic}: see you “soon”. STOP", "cannot carry “ ”"),
        ("{clinic}: 👍 STOP", "cannot carry 👍"),
        ("{clinic}: su cita es mañana, llámenos. STOP", "cannot carry á"),
        (f"{{clinic}}: {'x' * 460} STOP", "segments"),
    ],
)
def test_check_template_refuses_a_text_that_would_not_go_well(body: str, says: str) -> None:
    with pytest.raises(TemplateNotUsable, match=says):
        rendering.check_template(_text(body))


def test_check_template_refuses_a_text_with_a_subject() -> None:
    with pytest.raises(TemplateNotUsable, match="no subject"):
        rendering.check_template(Template(code="visit-confirmation", channel="sms", subject="s", body="STOP"))


@pytest.mark.parametrize("subject", ["", "  ", "two\nlines"])
def test_check_template_refuses_an_email_without_one_line_of_subject(subject: str) -> None:
    with pytest.raises(TemplateNotUsable, match="subject of one line"):
        rendering.check_template(_email(subject=subject))


def test_check_template_judges_a_text_by_the_longest_values_of_its_own_language() -> None:
    # 459 septets fit; a Spanish promise takes some thirty more than an English one.
    body = f"{{clinic}}: {'x' * 320} {{promise}}. {{notice}} STOP"
    english, spanish = (
        Template(code="acknowledgement", channel="sms", language=language, body=body)
        for language in ("en", "es")
    )

    rendering.check_template(english)
    with pytest.raises(TemplateNotUsable, match="takes 4 segments"):
        rendering.check_template(spanish)


def test_longest_values_are_as_long_as_what_is_really_said() -> None:
    zone = ZoneInfo("America/Chicago")
    noon = datetime(2027, 9, 29, 17, 59, tzinfo=UTC)  # a Wednesday in September, 12:59 PM in Chicago
    week_before = noon - timedelta(days=7)

    longest = {language: rendering.longest_values(language) for language in ("en", "es")}

    for language, values in longest.items():
        promise = moments.until(noon, zone=zone, now=week_before, language=language)
        assert len(values["promise"]) == len(promise)
        assert len(values["when"]) == len(moments.in_full(noon, zone=zone, language=language))
        assert len(values["who"]) >= len(SOMEBODY[language])
        assert len(values["how"]) == max(map(len, HOW[language].values()))
        assert values["notice"] == SHORT_NOTICE[language]
    assert longest["es"]["promise"] == "el miércoles 16 de septiembre antes de las 12:45 p. m."


# How many segments each text may take, whatever it is filled with.
SEGMENTS = {
    ("acknowledgement", "en"): 3,
    ("acknowledgement", "es"): 3,
    ("visit-confirmation", "en"): 2,
    ("visit-confirmation", "es"): 2,
    ("visit-reminder-48h", "en"): 2,
    ("visit-reminder-48h", "es"): 2,
    ("visit-reminder-24h", "en"): 2,
    ("visit-reminder-24h", "es"): 2,
    ("visit-reminder-2h", "en"): 2,
    ("visit-reminder-2h", "es"): 2,
}


def test_default_texts_keep_to_their_segments_with_the_longest_values() -> None:
    counts = {
        (words.code, words.language): gsm.segments(
            rendering.render(template_of(words), rendering.longest_values(words.language)).body
        )
        for words in DEFAULTS
        if words.channel == "sms"
    }

    assert counts == SEGMENTS


@pytest.mark.parametrize(("code", "language"), SEGMENTS)
def test_default_text_says_who_writes_and_how_to_stop_and_nothing_we_cannot_do(
    code: str, language: str
) -> None:
    words = next(
        each for each in DEFAULTS if (each.code, each.channel, each.language) == (code, "sms", language)
    )

    body = rendering.render(template_of(words), rendering.longest_values(language)).body

    assert body.startswith("The Neighbourhood Wellness: ")
    assert ("STOP" in body, "HELP" in body) == (True, True)
    # Nobody reads replies yet, so none is asked for.
    assert re.findall(r"\b(?:Reply|Responda)\b (?!HELP)", body) == []


# What a clinic's messages must not betray to whoever reads over a shoulder.
TELLING = (
    "iv drip infusion infusión push inyección injection suero magnesium magnesio vitamin vitamina hydration "
    "nad b12 iron hierro glutathione treatment tratamiento therapy terapia symptom síntoma condition pain "
    "dolor"
).split()


def test_no_default_text_or_subject_names_a_service_or_a_condition() -> None:
    exposed = [words.subject for words in DEFAULTS] + [
        words.body for words in DEFAULTS if words.channel == "sms"
    ]

    said = set(re.findall(r"\w+", " ".join(exposed).lower()))

    assert said & set(TELLING) == set()


def template_of(words: Words) -> Template:
    return Template(
        code=words.code,
        channel=words.channel,
        language=words.language,
        subject=words.subject,
        body=words.body,
    )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("hour", [1, 9, 13, 16])
@pytest.mark.parametrize("code", sorted(PLACEHOLDERS))
def test_no_sentence_ends_twice(code: str, hour: int, language: str) -> None:
    zone = ZoneInfo("America/Chicago")
    at = datetime(2026, 3, 17, hour, 15, tzinfo=zone)
    full = moments.in_full(at, zone=zone, language=language)
    values = VALUES | dict.fromkeys(("received_local", "when"), full)
    values |= {"clinic": "Wellness Inc.", "who": "Dana R."}

    for days in (0, 1, 7):
        now = at - timedelta(days=days)
        promise = moments.until(at, zone=zone, now=now, language=language)
        values |= dict.fromkeys(("promise", "answer_by"), promise)
        for words in DEFAULTS:
            if (words.code, words.language) == (code, language):
                said = rendering.render(template_of(words), values)
                assert re.findall(r"[.][ ]?[.]", f"{said.subject}\n{said.body}") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{promise}.", "hoy antes de las 4:45 p. m."),
        ("{promise}, gracias.", "hoy antes de las 4:45 p. m., gracias."),
        ("{promise}...", "hoy antes de las 4:45 p. m...."),
        ("{who}.", "Dana."),
    ],
)
def test_fill_adds_no_full_stop_to_a_value_that_has_one(words: str, said: str) -> None:
    assert rendering.fill(words, {"promise": "hoy antes de las 4:45 p. m.", "who": "Dana"}) == said


@pytest.mark.parametrize(
    "words", DEFAULTS, ids=lambda words: f"{words.code} {words.channel} {words.language}"
)
def test_default_wording_is_usable_and_complete(words: Words) -> None:
    template = template_of(words)

    rendering.check_template(template)
    rendered = rendering.render(template, VALUES)

    assert not set(rendered.subject + rendered.body) & set("{}")


def test_text_never_needs_the_long_alphabet() -> None:
    values = VALUES | {"when": "sábado 7 de marzo", "place": "Calle “Ávila” nº 3 — łódź 👍"}

    body = rendering.render(_text("{when}, {place} STOP"), values).body

    assert gsm.foreign(body) == ""
    assert body == 'sabado 7 de marzo, Calle "Avila" no 3 - lodz ? STOP'


def test_text_keeps_the_spanish_letters_its_alphabet_has_and_folds_the_others() -> None:
    assert gsm.fold(
        "¿Mañana? ¡Sí! él está, único, allí, vergüenza, Ñandú, ÁÉÍÓÚ, s\u0301i\u0301, man\u0303ana"
    ) == ("¿Mañana? ¡Si! él esta, unico, alli, vergüenza, Ñandu, AÉIOU, si, mañana")


@pytest.mark.parametrize(
    ("text", "strange"),
    [("mañana, él, ¿qué? Ñü É", ""), ("man\u0303ana", ""), ("está aquí", "áí"), ("€ [x]", "")],
)
def test_foreign_names_what_a_text_cannot_carry(text: str, strange: str) -> None:
    assert gsm.foreign(text) == strange


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("€" * 80, 1), ("€" * 81, 2)],
)
def test_segments(text: str, count: int) -> None:
    assert gsm.segments(text) == count
