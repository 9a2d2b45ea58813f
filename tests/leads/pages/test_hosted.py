from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from crm.domain import safety_phrases
from leads.domain import arrivals, hosted, page_words
from leads.models import CaptureForm, Submission
from tests import factories
from tests.leads.api.support import queries_at_most

pytestmark = pytest.mark.django_db

TEMPLATES = Path(hosted.__file__).resolve().parents[1] / "templates" / "leads"
LINKED = {"article": "magnesium", "utm_source": "newsletter", "gclid": "g-1"}


@pytest.fixture
def form() -> CaptureForm:
    return factories.form(allowed_origins=["https://clinic.example"])


def open_page(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def hidden(page: Any) -> dict[str, str]:
    return dict(page.context["hidden"])


def test_hosted_form_posts_to_the_capture_door(form: CaptureForm) -> None:
    page = open_page(f"/forms/{form.slug}/")

    text = page.content.decode()
    assert page.status_code == 200
    assert '<form class="lead-form" method="post" action="/api/v1/leads/">' in text
    assert f'<input type="hidden" name="form_key" value="{form.key}">' in text
    assert safety_phrases.notice("en") in text


def test_hosted_form_carries_what_the_link_said(form: CaptureForm) -> None:
    service = factories.service()
    query = {
        **LINKED,
        "service": service.slug,
        "utm_term": "x" * 301,
        "cta": "a\x00b",
        "email": "a@example.com",
    }

    page = Client().get(
        f"/forms/{form.slug}/", query, headers={"Referer": "https://clinic.example/articles/"}
    )

    assert hidden(page) == {
        **LINKED,
        "lang": "en",
        "form_key": form.key,
        "page_url": f"/forms/{form.slug}/",
        "referrer": "https://clinic.example/articles/",
    }
    assert f'<option value="{service.slug}" selected>' in page.content.decode()


def test_hosted_form_offers_only_active_services(form: CaptureForm) -> None:
    factories.service(slug="hydration", name="Hydration")
    factories.service(slug="retired", name="Retired", is_active=False)

    page = open_page(f"/forms/{form.slug}/")

    assert [service.slug for service in page.context["services"]] == ["hydration"]


def test_hosted_form_notice_is_in_the_language_asked_for(form: CaptureForm) -> None:
    page = open_page(f"/forms/{form.slug}/?language=es")

    assert safety_phrases.notice("es") in page.content.decode()


def test_hosted_form_writes_nothing_active(form: CaptureForm) -> None:
    page = open_page(f"/forms/{form.slug}/?article=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")

    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("path", ["/forms/{}/", "/forms/{}/thanks/"])
def test_pages_are_framed_by_the_forms_sites_only(form: CaptureForm, path: str) -> None:
    closed = factories.form(allowed_origins=[])

    pages = [open_page(path.format(slug)) for slug in (form.slug, closed.slug)]

    assert [
        next(
            part for part in page["Content-Security-Policy"].split("; ") if part.startswith("frame-ancestors")
        )
        for page in pages
    ] == ["frame-ancestors https://clinic.example", "frame-ancestors 'none'"]
    assert ["X-Frame-Options" in page for page in pages] == [False, False]


@pytest.mark.parametrize("path", ["/forms/nowhere/", "/forms/nowhere/thanks/"])
def test_pages_of_an_unknown_form_are_not_found(path: str) -> None:
    assert open_page(path).status_code == 404


def test_pages_of_a_form_switched_off_are_not_found() -> None:
    form = factories.form(is_active=False)

    assert open_page(f"/forms/{form.slug}/").status_code == 404


@pytest.mark.parametrize("path", ["/forms/{}/", "/forms/{}/thanks/"])
def test_pages_take_no_post(form: CaptureForm, path: str) -> None:
    assert Client().post(path.format(form.slug)).status_code == 405


@pytest.mark.parametrize(
    ("moment", "promise"),
    [
        (datetime(2026, 3, 10, 16, 0, tzinfo=UTC), "today by 11:05 AM"),
        (datetime(2026, 3, 11, 3, 0, tzinfo=UTC), "tomorrow by 9:15 AM"),  # at night
        (
            datetime(2026, 3, 15, 1, 0, tzinfo=UTC),
            "Mon, Mar 16 by 9:15 AM",
        ),  # Saturday night, closed on Sunday
    ],
)
def test_thanks_promises_when_a_person_answers(form: CaptureForm, moment: datetime, promise: str) -> None:
    submission = factories.arrival(form, now=moment)

    context = context_at(moment, form, submission.reference)

    assert (context["promise"], context["reference"]) == (promise, submission.reference)
    assert context["notice"] == safety_phrases.notice("en")


def context_at(
    moment: datetime, form: CaptureForm, reference: str, *, lang: str = "", accepted: str = ""
) -> dict[str, Any]:
    return hosted.thanks_context(form=form, reference=reference, lang=lang, accepted=accepted, now=moment)


def test_thanks_promise_heeds_the_time_they_asked_for(form: CaptureForm) -> None:
    submission = factories.arrival(form, preferred_time="afternoons")

    context = context_at(factories.NOON, form, submission.reference)

    assert context["promise"] == "today by 1:15 PM"


@pytest.mark.parametrize(
    ("said", "lang", "accepted", "language"),
    [
        ({"language": "es"}, "", "en", "es"),
        ({"language": "en"}, "", "es", "en"),
        ({"language": "es"}, "en", "es", "en"),
        ({"language": "fr"}, "", "es", "es"),
        ({}, "", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ({}, "", "", "en"),
    ],
)
def test_thanks_speaks_the_language_they_chose(
    form: CaptureForm, said: dict[str, Any], lang: str, accepted: str, language: str
) -> None:
    submission = factories.arrival(form, **said)

    context = context_at(factories.NOON, form, submission.reference, lang=lang, accepted=accepted)

    assert (context["language"], context["notice"]) == (language, safety_phrases.notice(language))


@pytest.mark.parametrize(
    ("preferred_time", "lede"),
    [
        (
            "",
            "Su mensaje está en nuestra recepción, y una persona le responderá hoy antes de las 11:05 a. m.",
        ),
        (
            "afternoons",
            "Su mensaje está en nuestra recepción, y una persona le responderá hoy antes de la 1:15 p. m.",
        ),
    ],
)
def test_thanks_in_spanish_ends_its_sentence_once(form: CaptureForm, preferred_time: str, lede: str) -> None:
    submission = factories.arrival(form, language="es", preferred_time=preferred_time)

    assert context_at(factories.NOON, form, submission.reference)["lede"] == lede


def test_thanks_says_the_same_to_who_is_known_and_who_is_not(form: CaptureForm) -> None:
    known = factories.arrival(form, email="ann@example.com", language="es")
    arrivals.process(submission_id=known.pk, now=factories.NOON)
    again = factories.arrival(form, email="ann@example.com", message="Again")
    stranger = factories.arrival(form, email="bob@example.com", message="Again")
    for each in (again, stranger):
        arrivals.process(submission_id=each.pk, now=factories.NOON)

    pages = [
        open_page(f"/forms/{form.slug}/thanks/?r={each.reference}").content.decode()
        for each in (again, stranger)
    ]

    assert pages[0].replace(again.reference, "") == pages[1].replace(stranger.reference, "")
    assert '<html lang="en">' in pages[0]  # what a known person spoke before is nobody else's to learn


def test_thanks_opened_again_later_promises_nothing_past(form: CaptureForm) -> None:
    submission = factories.arrival(form)

    context = context_at(datetime(2026, 3, 12, 16, 0, tzinfo=UTC), form, submission.reference)

    assert context["promise"] == ""


def test_thanks_survives_a_blanked_submission(form: CaptureForm) -> None:
    submission = factories.arrival(form)
    Submission.objects.update(body=b"")

    context = context_at(factories.NOON, form, submission.reference)

    assert context["promise"] == "today by 11:05 AM"


def test_thanks_says_nothing_about_whether_a_reference_is_known(form: CaptureForm) -> None:
    known = factories.arrival(form).reference

    of_known, of_unknown = (context_at(factories.NOON, form, r) for r in (known, "0" * 32))

    assert {**of_known, "reference": ""} == {**of_unknown, "reference": ""}


@pytest.mark.parametrize("said", ["", "<script>", "x" * 500, "%00"])
def test_thanks_shows_no_reference_that_is_none(form: CaptureForm, said: str) -> None:
    page = open_page(f"/forms/{form.slug}/thanks/?r={said}")

    assert (page.status_code, page.context["reference"]) == (200, "")
    assert page["Cache-Control"] == "no-store"


def test_thanks_keeps_the_long_reference_out_of_sight(form: CaptureForm) -> None:
    reference = factories.arrival(form).reference

    text = open_page(f"/forms/{form.slug}/thanks/?r={reference}").content.decode()

    assert f'<h1 data-reference="{reference}">Got it. Thank you.</h1>' in text
    assert reference not in re.sub(r"<[^>]*>", "", text)


def test_thanks_without_a_reference_claims_nothing_came(form: CaptureForm) -> None:
    text = open_page(f"/forms/{form.slug}/thanks/").content.decode()

    assert "<h1>Thank you.</h1>" in text
    assert "Got it" not in text


@pytest.mark.parametrize(
    ("page_url", "origin", "back"),
    [
        ("https://clinic.example/articles/?a=1", "", "https://clinic.example/articles/?a=1"),
        ("/articles/magnesium/", "", "/articles/magnesium/"),
        ("/articles/magnesium/", "https://clinic.example", "https://clinic.example/articles/magnesium/"),
        ("/articles/magnesium/", "null", "/articles/magnesium/"),
        ("/forms/website/", "", ""),
        ("", "https://clinic.example", ""),
        ("https://evil.example/", "", ""),
        ("https://evil.example/", "https://clinic.example", ""),
        ("//evil.example/", "https://clinic.example", ""),
        ("/\\evil.example/", "", ""),
        ("https://evil.example\\@clinic.example/", "", ""),
        ("https://evil.example@clinic.example/", "", ""),
        ("javascript:alert(1)", "", ""),
        ("https://[clinic.example/", "", ""),
    ],
)
def test_thanks_leads_back_to_the_forms_own_sites_only(
    form: CaptureForm, page_url: str, origin: str, back: str
) -> None:
    submission = factories.arrival(form, page_url=page_url)
    Submission.objects.update(origin=origin)

    context = context_at(factories.NOON, form, submission.reference)

    assert context["back"] == back


@pytest.mark.parametrize(
    ("query", "accepts", "language"),
    [
        ("", "", "en"),
        ("", "en-US,en;q=0.9,es;q=0.8", "en"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "en;q=0.5,es", "es"),
        ("", "fr,es;q=0.8,en;q=0.5", "es"),
        ("", "es;q=0,en", "en"),
        ("", "es;;;", "en"),
        ("?lang=es", "en", "es"),
        ("?lang=en", "es", "en"),
        ("?language=es", "en", "es"),
        ("?lang=en&language=es", "es", "en"),
        ("?lang=fr", "es", "es"),
        ("?lang=%00", "", "en"),
    ],
)
def test_hosted_form_speaks_the_language_that_was_asked_for(
    form: CaptureForm, query: str, accepts: str, language: str
) -> None:
    page = open_page(f"/forms/{form.slug}/{query}", **{"Accept-Language": accepts})

    text = page.content.decode()
    assert f'<html lang="{language}">' in text
    assert f">{page_words.WORDS[language]['send']}</button>" in text
    assert safety_phrases.notice(language) in text
    assert hidden(page)["lang"] == language
    assert "Accept-Language" in page["Vary"]


@pytest.mark.parametrize(
    ("query", "chosen"), [("?lang=es", "es"), ("?lang=en&language=es", "es"), ("?lang=es&language=en", "en")]
)
def test_hosted_form_keeps_the_language_to_be_answered_in(form: CaptureForm, query: str, chosen: str) -> None:
    text = open_page(f"/forms/{form.slug}/{query}").content.decode()

    assert [part[:2] for part in text.split('<option value="') if '" selected' in part[:30]] == [chosen]


def test_hosted_form_switches_language_and_loses_nothing(form: CaptureForm) -> None:
    path = f"/forms/{form.slug}/"
    came = {**LINKED, "language": "en", "cta": "á & b"}
    first = Client().get(path, came, headers={"Referer": "https://clinic.example/articles/?a=1"})
    link = first.context["switch"]

    second = open_page(link["href"], Referer=f"http://testserver{path}?article=magnesium")

    kept = {**hidden(first), "lang": "es"}
    assert (link["words"], link["language"]) == ("Español", "es")
    assert hidden(second) == kept
    assert kept["referrer"] == "https://clinic.example/articles/?a=1"
    assert second.context["switch"]["words"] == "English"


def test_thanks_switches_language_and_stays_the_same_thanks(form: CaptureForm) -> None:
    reference = factories.arrival(form, language="es").reference
    first = open_page(f"/forms/{form.slug}/thanks/?r={reference}")

    second = open_page(first.context["switch"]["href"])

    assert [(page.context["language"], page.context["reference"]) for page in (first, second)] == [
        ("es", reference),
        ("en", reference),
    ]


@pytest.mark.parametrize("path", ["/forms/{}/", "/forms/{}/thanks/"])
@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("512-555-0140", '<a class="phone" href="tel:+15125550140">(512) 555-0140</a>'),
        ("+15125550140", '<a class="phone" href="tel:+15125550140">(512) 555-0140</a>'),
        ("+442079460018", '<a class="phone" href="tel:+442079460018">+44 20 7946 0018</a>'),
    ],
)
def test_pages_show_a_number_one_can_read_and_dial(path: str, phone: str, link: str) -> None:
    form = factories.form(at=factories.location(phone=phone))

    assert link in open_page(path.format(form.slug)).content.decode()


@pytest.mark.parametrize("template", ["hosted_form", "thanks", "crisis_calls", "public_base"])
def test_pages_hold_no_words_of_their_own(template: str) -> None:
    text = (TEMPLATES / f"{template}.html").read_text(encoding="utf-8")
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)

    shown = re.sub(r"{%.*?%}|{{.*?}}|<(?:[^<>{]|{[{%].*?[%}]})*>", " ", text)

    # The names of the two languages stand in their own.
    assert re.findall(r"[A-Za-z]{2,}", shown.replace("English", "").replace("Español", "")) == []


@pytest.mark.parametrize(("path", "limit"), [("/forms/{}/", 2), ("/forms/{}/thanks/?r=" + "0" * 32, 6)])
def test_pages_stay_within_their_queries(form: CaptureForm, path: str, limit: int) -> None:
    with queries_at_most(limit):
        page = open_page(path.format(form.slug))

    assert page.status_code == 200
