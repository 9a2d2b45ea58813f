"""What a browser without JavaScript gets: the thank-you page, or the form again with everything filled in."""

from __future__ import annotations

from http import HTTPStatus

from csp.constants import HEADER, NONE
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from crm.errors import DomainError
from leads.api.errors import fields_of, status_of
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.domain import hosted, intake
from leads.errors import UnreadableBody


def wants_page(request: HttpRequest) -> bool:
    """Say whether a person looks at the answer: their browser asks for a page before anything else."""
    accept = request.META.get("HTTP_ACCEPT", "")
    if "text/html" not in accept:
        return False
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def thank(receipt: intake.Receipt) -> HttpResponse:
    """Send the browser on to the thank-you page, so that reloading it posts nothing again."""
    address = reverse("thanks", args=[receipt.form.slug])
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{address}?r={receipt.reference}"})


def show_again(request: HttpRequest, *, raw: bytes, refusal: DomainError) -> HttpResponse:
    """Show the form again with what was wrong and everything still filled in; nothing was stored."""
    try:
        fields = bodies.read_body(raw[: bodies.MAX_BODY], request.META.get("CONTENT_TYPE", ""))
    except UnreadableBody:
        fields = {}
    form = intake.form_by_key(request.headers.get("X-Form-Key") or enquiries.form_key_of(fields))
    context = hosted.form_context(
        form=form,
        fields=fields,
        accepted=request.headers.get("Accept-Language", ""),
        problems=fields_of(refusal),
        refusal=refusal.code,
    )
    page = render_to_string("leads/hosted_form.html", context | {"action": request.path})
    response = HttpResponse(page, status=status_of(refusal))
    # Whoever goes on and comes Back finds their words again: "no-store" would have the browser drop the page.
    response["Cache-Control"] = "private, no-cache"
    # It may stand in the frame that the hosted form stood in.
    response[HEADER] = build_policy(replace={"frame-ancestors": hosted.framers_of(form) or [NONE]})
    response.xframe_options_exempt = True  # the policy is the finer rule
    return response
