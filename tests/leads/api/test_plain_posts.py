from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from crm.domain import safety_phrases
from leads.models import CaptureForm, Submission
from tests import factories
from tests.leads.api.support import BROWSER, FORM, JSON, URL

pytestmark = pytest.mark.django_db

ANN = {
    "name": "Ann Smith",
    "email": "ann@example.com",
    "message": "Is Friday <b>possible</b>?",
    "preferred_contact": "sms",
    "consent_sms": "true",
    "article": "magnesium",
    "utm_source": "newsletter",
}


class Filled(HTMLParser):
    """Collects what a page's form would send."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self._area, self.values[name] = name, ""
        sent = given.get("type") not in {"checkbox", "radio"} or "checked" in given
        if tag == "input" and name and sent:
            self.values[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


@pytest.fixture
def form() -> CaptureForm:
    return factories.form()


def browse(fields: Any, *, accept: str = BROWSER) -> Any:
    return Client().post(URL, data=urlencode(fields), content_type=FORM, headers={"Accept": accept})


def test_plain_post_goes_on_to_the_thank_you_page(form: CaptureForm) -> None:
    response = browse({**ANN, "form_key": form.key})

    reference = Submission.objects.get().reference
    assert (response.status_code, response["Location"]) == (303, f"/forms/{form.slug}/thanks/?r={reference}")
    assert safety_phrases.notice("en") in Client().get(response["Location"]).content.decode()


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5", ""])
def test_plain_post_of_a_program_gets_json(form: CaptureForm, accept: str) -> None:
    response = browse({**ANN, "form_key": form.key}, accept=accept)

    assert (response.status_code, response["Content-Type"]) == (201, JSON)


def test_plain_post_with_a_mistake_comes_back_filled_in(form: CaptureForm) -> None:
    response = browse({**ANN, "email": "not an address", "form_key": form.key})

    page = response.content.decode()
    filled = Filled()
    filled.feed(page)
    assert response.status_code == 400
    assert {name: filled.values[name].strip() for name in (*ANN, "form_key")} == {
        **ANN,
        "email": "not an address",
        "form_key": form.key,
    }
    assert 'id="email-error"' in page
    assert "<b>possible" not in page
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"form_key": "unknown"}, 403), ({}, 403), ({"message": "x" * 70_000}, 413), ({"email": ""}, 400)],
)
def test_plain_post_refused_is_a_page_with_its_status(
    form: CaptureForm, fields: dict[str, str], status: int
) -> None:
    known = {} if status == 403 else {"form_key": form.key}

    response = browse({**known, **ANN, **fields})

    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "Ann Smith" in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "code"), [({"form_key": "unknown"}, "unknown_form_key"), ({}, "unknown_form_key")]
)
def test_plain_post_refused_for_the_developers_reasons_tells_the_visitor_to_call(
    fields: dict[str, str], code: str
) -> None:
    factories.form()

    page = browse({**ANN, **fields}).content.decode()

    assert f'data-code="{code}"' in page
    assert "Your message could not be sent from this page. Please call us at" in page
    assert page.count('<a class="phone" href="tel:+15125550140">(512) 555-0140</a>') == 2
    assert "form_key or X-Form-Key" not in page


@pytest.mark.parametrize(
    ("fields", "accepts", "language", "sentence"),
    [
        ({"lang": "es"}, "en", "es", "Revise la parte después de la @: debe ser un dominio público"),
        # The page stays as it was, whatever they want to be answered in.
        ({"lang": "es", "language": "en"}, "en", "es", "Revise la parte después de la @"),
        ({"lang": "en", "language": "es"}, "es", "en", "Please check the part after the @"),
        ({"language": "es"}, "en", "es", "Revise la parte después de la @"),
        ({}, "es-MX,es;q=0.9,en;q=0.8", "es", "Revise la parte después de la @"),
        ({}, "", "en", "Please check the part after the @"),
    ],
)
def test_plain_post_with_a_mistake_comes_back_in_the_language_of_the_page(
    form: CaptureForm, fields: dict[str, str], accepts: str, language: str, sentence: str
) -> None:
    body = urlencode({**ANN, "email": "ann@localhost", **fields, "form_key": form.key})

    page = Client().post(
        URL, data=body, content_type=FORM, headers={"Accept": BROWSER, "Accept-Language": accepts}
    )

    text = page.content.decode()
    filled = Filled()
    filled.feed(text)
    assert f'<html lang="{language}">' in text
    assert text.count(sentence) == 2  # above the form and beside the field
    assert filled.values["lang"] == language
    assert "switch" not in page.context  # a link would lose what they typed


def test_plain_post_in_spanish_keeps_which_words_they_consented_to(form: CaptureForm) -> None:
    refused = browse({**ANN, "email": "no", "lang": "es", "form_key": form.key})
    filled = Filled()
    filled.feed(refused.content.decode())

    assert filled.values["consent_text_version"] == "hosted-es-1"


def test_plain_post_that_is_too_long_says_so_to_the_visitor(form: CaptureForm) -> None:
    page = browse({"form_key": form.key, **ANN, "message": "x" * 70_000}).content.decode()

    assert "Your message is too long for this form. Please shorten it." in page
    assert "KB" not in page


def test_plain_post_refused_is_kept_for_the_way_back(form: CaptureForm) -> None:
    refused = browse({**ANN, "email": "no", "form_key": form.key})
    taken = browse({**ANN, "form_key": form.key})

    assert (refused["Cache-Control"], taken["Cache-Control"]) == ("private, no-cache", "no-store")


def test_plain_post_from_another_site_is_refused_with_a_page(form: CaptureForm) -> None:
    body = urlencode({**ANN, "form_key": form.key})

    response = Client().post(
        URL, data=body, content_type=FORM, headers={"Accept": BROWSER, "Origin": "https://evil.example"}
    )

    assert response.status_code == 403
    assert "Ann Smith" in response.content.decode()


def test_plain_post_that_cannot_be_read_is_a_page() -> None:
    response = Client().post(URL, data=b"{", content_type=JSON, headers={"Accept": BROWSER})

    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_plain_post_page_may_be_framed_by_the_forms_sites_only() -> None:
    form = factories.form(
        allowed_origins=["https://clinic.example", "http://localhost:*", "http://[::1]:*", "x; script-src *"]
    )

    response = browse({"form_key": form.key})

    policy = response["Content-Security-Policy"]
    ancestors = next(part for part in policy.split("; ") if part.startswith("frame-ancestors"))
    assert ancestors == "frame-ancestors https://clinic.example http://localhost:*"
    assert "script-src *" not in policy
    assert "X-Frame-Options" not in response


def test_plain_post_again_with_the_mistake_mended_is_taken(form: CaptureForm) -> None:
    refused = browse({**ANN, "email": "no", "form_key": form.key})
    filled = Filled()
    filled.feed(refused.content.decode())

    response = browse({**filled.values, "email": "ann@example.com"})

    kept = Submission.objects.get()
    assert response.status_code == 303
    assert b"utm_source=newsletter" in bytes(kept.body)
    assert kept.content_type == FORM
