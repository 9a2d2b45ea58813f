"""The public pages say the same in both languages, down to what is wrong with a field."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from crm import addresses
from leads.domain import enquiry, page_words, reading
from leads.errors import InvalidEnquiry

TEMPLATES = Path(page_words.__file__).resolve().parents[1] / "templates" / "leads"
# No page sends a field of the wrong type: the sentence for what is unforeseen will do.
UNFORESEEN = {"wrong_type"}


def test_both_languages_have_the_same_words() -> None:
    english, spanish = page_words.WORDS["en"], page_words.WORDS["es"]

    assert list(english) == list(spanish)
    assert [key for key in english if not (english[key] and spanish[key])] == []
    assert list(page_words.REFUSALS["en"]) == list(page_words.REFUSALS["es"])


def test_no_word_was_left_in_the_other_language() -> None:
    english, spanish = page_words.WORDS["en"], page_words.WORDS["es"]

    assert [key for key in english if english[key] == spanish[key]] == []


def test_gaps_are_the_same_in_both_languages() -> None:
    gaps = {
        language: {key: re.findall(r"{(\w+)}", said) for key, said in words.items()}
        for language, words in page_words.WORDS.items()
    }

    assert gaps["en"] == gaps["es"]


def test_templates_name_every_word_and_no_other() -> None:
    said_in_python = {"answer", "answer_promised", "nothing_came", "language"}
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))

    named = set(
        re.findall(r"\bwords\.(\w+)", templates.replace("phone.words", "").replace("switch.words", ""))
    )

    assert named | said_in_python == set(page_words.WORDS["en"])


def codes_of(module: object) -> set[str]:
    """Collect the codes with which a module refuses a field."""
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found |= {
                word.value.value
                for word in node.keywords
                if word.arg == "code" and isinstance(word.value, ast.Constant)
            }
            if getattr(node.func, "id", "") == "FieldProblem" and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return {str(code) for code in found}


def test_every_problem_of_a_field_has_spanish_words() -> None:
    raised = codes_of(enquiry) | codes_of(reading) | codes_of(addresses)

    spoken = {key.split()[-1] for key in page_words.PROBLEMS["es"]}

    assert spoken == raised - UNFORESEEN


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({}, "email", "Denos un correo electrónico o un teléfono, para que podamos responderle."),
        ({"email": "ann"}, "email", "Escriba un correo electrónico, como nombre@example.com."),
        ({"email": "a@b.co, c@d.co"}, "email", "Escriba un solo correo electrónico."),
        (
            {"phone": "12"},
            "phone",
            "Escriba un solo teléfono con su código de área, como 512-555-0140, o "
            "+44 20 7946 0018 si es de otro país.",
        ),
        ({"phone": "900-555-1234"}, "phone", "Denos otro teléfono: este le cobra a quien llama."),
        ({"email": "a@b.co", "name": "x" * 201}, "name", "Es demasiado largo: por favor, acórtelo."),
        (
            {"email": "a@b.co", "name": "a\x00b"},
            "name",
            "Escríbalo de nuevo: contiene un carácter invisible.",
        ),
        (
            {"email": "a@b.co", "message": 7},
            "message",
            "No pudimos leer este dato: por favor, escríbalo de nuevo.",
        ),
    ],
)
def test_problem_is_said_in_the_language_of_the_page(
    fields: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidEnquiry) as refused:
        enquiry.clean(fields)

    [found] = refused.value.fields[field]
    said = [
        page_words.problem(field=field, code=found.code, message=found.message, language=each)
        for each in ("en", "es")
    ]
    assert said == [found.message, sentence]
