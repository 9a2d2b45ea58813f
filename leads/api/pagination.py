"""Places in a list, as the `cursor` of a link: opaque to callers, and without a number that counts rows."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from rest_framework.exceptions import ValidationError

from leads.models import Lead
from leads.models.lead import NUMBER_OFFSET
from leads.queries.listing import Page, Position

SIZE = 50
OLDER, NEWER = "older", "newer"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def position_of(cursor: str) -> tuple[str, Position]:
    """Read a cursor: which way, and from where.

    :raises ValidationError: when it is none of ours.
    """
    try:
        way, micros, number = read(cursor).split(":")
        position = Position(
            arrived_at=_EPOCH + int(micros[:20]) * _MICROSECOND, id=int(number[:15]) - NUMBER_OFFSET
        )
    except (ValueError, OverflowError):
        way = ""
    if way not in {OLDER, NEWER}:
        raise not_ours()
    return way, position


def links(request: HttpRequest, page: Page) -> dict[str, str | None]:
    """Give the addresses of the neighbouring pages; None where there is none."""
    leads = page.leads
    return {
        "next": _link(request, OLDER, leads[-1]) if leads and page.has_older else None,
        "previous": _link(request, NEWER, leads[0]) if leads and page.has_newer else None,
    }


def _link(request: HttpRequest, way: str, lead: Lead) -> str:
    micros = (lead.arrived_at - _EPOCH) // _MICROSECOND
    return link(request, way, f"{micros}:{lead.number}")


def link(request: HttpRequest, way: str, place: str) -> str:
    """Give the address of the page that goes on from a place in the same list."""
    query = request.GET.copy()
    query["cursor"] = base64.urlsafe_b64encode(f"{way}:{place}".encode()).decode()
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def read(cursor: str) -> str:
    """Give what `link` put into a cursor, as `way:place`; "" for what cannot be read."""
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except (ValueError, binascii.Error):
        return ""


def not_ours() -> ValidationError:
    """Give the refusal of a cursor that no answer of ours had in it."""
    return ValidationError({"cursor": ["Use a link from an earlier answer as it is."]}, code="invalid_cursor")
