"""`POST /api/v1/leads/`: where the website hands over what somebody wrote.

A plain view: it is the one door that strangers knock at all day, so it looks up no session and no user and
negotiates nothing. It reads the bytes, lets `intake` judge and keep them, and answers alike to everyone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crm.domain import safety_phrases
from crm.errors import DomainError
from crm.queries import database_now
from leads import tasks
from leads.api import plain_posts
from leads.api.client_address import sender_of
from leads.api.errors import domain_error_body, status_of
from leads.domain import body as bodies
from leads.domain import intake
from leads.errors import UnreadableBody

# The column that keeps it. A longer one could not be read again when the arrival is processed.
CONTENT_TYPE_LIMIT = 200
# How much of a body that is too large is read and thrown away: a server that hangs up on a client who is
# still sending shows it a broken connection instead of the answer.
DRAINED = 2 * 1024 * 1024
CHUNK = 64 * 1024
RETRY_AFTER_SECONDS = 60
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Form-Key, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}


def capture(request: HttpRequest) -> HttpResponse:
    """Take one enquiry: 201 with its reference and the crisis notice, or one clear refusal."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)
    else:
        response = _post(request)
    response["Access-Control-Allow-Origin"] = "*"
    # The form shown again says for itself how long it may be kept.
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _post(request: HttpRequest) -> HttpResponse:
    raw, whole = _read(request)
    try:
        receipt = _accept(request, raw, whole=whole)
    except DomainError as refusal:
        return _refused(request, raw, refusal)
    tasks.nudge()
    if plain_posts.wants_page(request):
        return plain_posts.thank(receipt)
    answer = {"reference": receipt.reference, "notice": safety_phrases.notice(receipt.language)}
    return _json(answer, HTTPStatus.CREATED)


def _accept(request: HttpRequest, raw: bytes, *, whole: bool) -> intake.Receipt:
    """Judge type and size, then hand over.

    :raises DomainError: as `intake.accept`, and for a wrong type or size, or a body that ends early.
    """
    content_type = request.META.get("CONTENT_TYPE", "")
    usable = len(content_type) <= CONTENT_TYPE_LIMIT and content_type.isprintable()
    if not usable or bodies.media_type(content_type) is None:
        raise UnreadableBody("Please send JSON or a form, in UTF-8.", code="unsupported_media_type")
    if len(raw) > bodies.MAX_BODY:
        raise UnreadableBody(f"Please send at most {bodies.MAX_BODY // 1024} KB.", code="too_large")
    if not whole:
        # Half a form reads like a whole one with fewer words: kept, it would lose the rest in silence.
        raise UnreadableBody("The body ended early. Please send it again.")
    return intake.accept(
        raw=raw,
        content_type=content_type,
        header_key=request.headers.get("X-Form-Key", ""),
        origin=_foreign_origin(request),
        idempotency_key=request.headers.get("Idempotency-Key"),
        sender=sender_of(request),
        now=database_now(),
    )


def _refused(request: HttpRequest, raw: bytes, refusal: DomainError) -> HttpResponse:
    if plain_posts.wants_page(request):
        response = plain_posts.show_again(request, raw=raw, refusal=refusal)
    else:
        response = _json(domain_error_body(refusal), status_of(refusal))
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _json(answer: Mapping[str, object], status: HTTPStatus) -> HttpResponse:
    return HttpResponse(json.dumps(answer), content_type="application/json", status=status)


def _foreign_origin(request: HttpRequest) -> str:
    """Give the page's origin, "" when the page is our own: the hosted form needs no entry in any list."""
    origin = str(request.META.get("HTTP_ORIGIN", ""))
    ours = urlsplit(settings.PUBLIC_URL)
    if origin in {f"{request.scheme}://{request.get_host()}", f"{ours.scheme}://{ours.netloc}"}:
        return ""
    return origin


def _read(request: HttpRequest) -> tuple[bytes, bool]:
    """Read at most one byte more than may come: enough to see that it is too much. Say if it came whole.

    Django's own reader is passed by: it would judge the size by its own rules and answer in its own words.
    """
    length = request.META.get("CONTENT_LENGTH", "")
    # Without a length Django sees no body, although a server that unwraps chunks has one for us.
    chunked = not length and bool(request.META.get("wsgi.input_terminated"))
    stream = request.META["wsgi.input"] if chunked else request
    raw = b""
    try:
        while len(raw) <= bodies.MAX_BODY and (piece := stream.read(bodies.MAX_BODY + 1 - len(raw))):
            raw += piece
        _drain(stream, more=len(raw) > bodies.MAX_BODY)
    except OSError:  # They went away, or their chunks make no sense.
        return raw, False
    return raw, chunked or len(raw) > bodies.MAX_BODY or len(raw) >= _number(length)


def _drain(stream: IO[bytes] | HttpRequest, *, more: bool) -> None:
    left = DRAINED
    while more and left > 0 and (piece := stream.read(CHUNK)):
        left -= len(piece)


def _number(length: str) -> int:
    return int(length) if length.isascii() and length.isdigit() else 0
