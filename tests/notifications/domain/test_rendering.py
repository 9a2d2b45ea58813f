"""Gaps filled from a closed list: nothing is evaluated, no value adds a header, no text grows too long."""

from __future__ import annotations

import pytest

from notifications.domain import gsm, rendering
from notifications.domain.rendering import Rendered
from notifications.domain.wording import DEFAULTS, PLACEHOLDERS, Words
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


@pytest.mark.parametrize(
    "words", DEFAULTS, ids=lambda words: f"{words.code} {words.channel} {words.language}"
)
def test_default_wording_is_usable_and_complete(words: Words) -> None:
    template = Template(code=words.code, channel=words.channel, subject=words.subject, body=words.body)

    rendering.check_template(template)
    rendered = rendering.render(template, VALUES)

    assert not set(rendered.subject + rendered.body) & set("{}")


def test_text_never_needs_the_long_alphabet() -> None:
    values = VALUES | {"when": "sábado 7 de marzo", "place": "Calle “Ávila” nº 3 — łódź 👍"}

    body = rendering.render(_text("{when}, {place} STOP"), values).body

    assert gsm.foreign(body) == ""
    assert body == 'sabado 7 de marzo, Calle "Avila" no 3 - lodz ? STOP'


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("x" * 160, 1), ("x" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("€" * 80, 1), ("€" * 81, 2)],
)
def test_segments(text: str, count: int) -> None:
    assert gsm.segments(text) == count
