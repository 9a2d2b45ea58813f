"""`/forms/{slug}/` and its thank-you page, for sites without a form and browsers without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from csp.constants import HEADER, NONE
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from crm.queries import database_now
from leads.domain import hosted, page_words
from leads.domain.enquiry import CLICK_ID_FIELDS, UTM_FIELDS
from leads.models import CaptureForm

# What a link to the form may say beforehand, and how long it may be. Longer is left out: a visitor must never
# be refused for what a link said.
PREFILLED = {
    **dict.fromkeys(("service", "location", "lang", "language", "article", "cta"), 100),
    **dict.fromkeys((*UTM_FIELDS, *CLICK_ID_FIELDS), 300),
}
LONGEST_URL = 2_000
REFERENCE = re.compile(r"[0-9a-f]{32}")


@require_safe
def hosted_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the hosted form. What the link said (article, service, campaign) is carried along."""
    form = _form(slug)
    said = {
        name: said for name, limit in PREFILLED.items() if (said := _usable(request.GET.get(name), limit))
    }
    if referrer := _referrer(request):
        said["referrer"] = referrer
    context = hosted.form_context(
        form=form,
        fields={**said, "page_url": request.path},
        accepted=request.headers.get("Accept-Language", ""),
    )
    context |= {"action": reverse("leads"), "switch": _switch(request, said, language=context["language"])}
    return _page("leads/hosted_form.html", context, form=form)


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Say thank you, until when a person answers, and always where help is in a crisis."""
    form = _form(slug)
    said = request.GET.get("r", "")
    reference = said if REFERENCE.fullmatch(said) else ""
    context = hosted.thanks_context(
        form=form,
        reference=reference,
        lang=request.GET.get("lang", ""),
        accepted=request.headers.get("Accept-Language", ""),
        now=database_now(),
    )
    kept = {"r": reference} if reference else {}
    context["switch"] = _switch(request, kept, language=context["language"])
    response = _page("leads/thanks.html", context, form=form)
    response["Cache-Control"] = "no-store"
    return response


def _referrer(request: HttpRequest) -> str:
    """Give the page that led here. After a switch of language that is what the link of the switch says."""
    came_from = _usable(request.headers.get("Referer"), LONGEST_URL)
    if came_from.partition("?")[0] == request.build_absolute_uri(request.path):
        return _usable(request.GET.get("referrer"), LONGEST_URL)
    return came_from


def _switch(request: HttpRequest, said: Mapping[str, str], *, language: str) -> dict[str, str]:
    """Give the link to the same page in the other language; it loses nothing that the first link said.

    But for the language to be answered in: who switches chooses that one too, until they say otherwise.
    """
    other = page_words.other_language(language)
    kept = {name: value for name, value in said.items() if name != "language"}
    query = urlencode({**kept, "lang": other})
    return {
        "language": other,
        "words": page_words.WORDS[other]["language"],
        "href": f"{request.path}?{query}",
    }


def _form(slug: str) -> CaptureForm:
    return get_object_or_404(CaptureForm.objects.select_related("location"), slug=slug, is_active=True)


def _usable(said: str | None, limit: int) -> str:
    return said if said and len(said) <= limit and said.isprintable() else ""


def _page(template: str, context: dict[str, object], *, form: CaptureForm) -> HttpResponse:
    """Render a page that only the form's own sites may show inside theirs."""
    response = HttpResponse(render_to_string(template, context), status=HTTPStatus.OK)
    response[HEADER] = build_policy(replace={"frame-ancestors": hosted.framers_of(form) or [NONE]})
    response.xframe_options_exempt = True  # the policy is the finer rule
    patch_vary_headers(response, ["Accept-Language"])
    return response
