from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from crm.domain import safety_phrases
from leads.domain import hosted
from leads.models import CaptureForm, Submission
from tests import factories
from tests.leads.api.support import queries_at_most

pytestmark = pytest.mark.django_db

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


def context_at(moment: datetime, form: CaptureForm, reference: str) -> dict[str, Any]:
    return hosted.thanks_context(form=form, reference=reference, now=moment)


def test_thanks_promise_heeds_the_time_they_asked_for(form: CaptureForm) -> None:
    submission = factories.arrival(form, preferred_time="afternoons", language="es")

    context = context_at(factories.NOON, form, submission.reference)

    assert (context["promise"], context["notice"]) == ("today by 1:15 PM", safety_phrases.notice("es"))


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
    assert text.count(reference) == 1


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


@pytest.mark.parametrize(("path", "limit"), [("/forms/{}/", 2), ("/forms/{}/thanks/?r=" + "0" * 32, 6)])
def test_pages_stay_within_their_queries(form: CaptureForm, path: str, limit: int) -> None:
    with queries_at_most(limit):
        page = open_page(path.format(form.slug))

    assert page.status_code == 200
