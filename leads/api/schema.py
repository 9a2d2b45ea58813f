"""What the schema cannot see by itself: the token, the references in paths, and the capture door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from leads.api import outputs
from leads.domain.enquiry import CLICK_ID_FIELDS, UTM_FIELDS
from leads.enums import LeadKind, PreferredContact

Described = TypeVar("Described", bound=Callable[..., Any])
REFERENCE = OpenApiParameter(
    "reference", OpenApiTypes.STR, OpenApiParameter.PATH, description="32 hexadecimal digits"
)


def refusals(*codes: int) -> dict[int, Any]:
    """Describe refusals: all of one shape."""
    return dict.fromkeys(codes, outputs.Problem)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "leads.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class Enquiry(serializers.Serializer[Any]):
    """The fields of the capture contract. Describes; `leads.domain.enquiry` is what reads them."""

    form_key = serializers.CharField(required=False, help_text="Or in the header X-Form-Key")
    name = serializers.CharField(required=False)
    first_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)
    email = serializers.CharField(required=False, help_text="This or `phone` is needed")
    phone = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    kind = serializers.ChoiceField(choices=LeadKind.choices, required=False)
    service = serializers.ListField(child=serializers.CharField(), required=False, help_text="Slugs")
    location = serializers.CharField(required=False, help_text="Slug")
    language = serializers.CharField(required=False)
    preferred_contact = serializers.ChoiceField(choices=PreferredContact.choices, required=False)
    preferred_time = serializers.CharField(required=False)
    voicemail_ok = serializers.BooleanField(required=False)
    consent_email = serializers.BooleanField(required=False)
    consent_sms = serializers.BooleanField(required=False)
    consent_marketing_email = serializers.BooleanField(required=False)
    consent_marketing_sms = serializers.BooleanField(required=False)
    consent_text_version = serializers.CharField(required=False)
    page_url = serializers.CharField(required=False)
    referrer = serializers.CharField(required=False)
    article = serializers.CharField(required=False)
    cta = serializers.CharField(required=False)
    first_touch = serializers.DictField(
        required=False,
        help_text=f"First visit: page_url referrer article cta {' '.join(UTM_FIELDS + CLICK_ID_FIELDS)}",
    )
    timezone = serializers.CharField(required=False)
    locale = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        campaign = UTM_FIELDS + CLICK_ID_FIELDS
        return {**super().get_fields(), **{name: serializers.CharField(required=False) for name in campaign}}


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description)


CAPTURE: Callable[[Described], Described] = extend_schema(
    summary="Hand over an enquiry",
    tags=["capture"],
    description=(
        "At most 64 KB, nested at most 8 deep, in UTF-8. Refusals are judged in the order 415, 413, 403, "
        "400, 409, 429, and store nothing. A browser that asks for text/html gets 303 to a thank-you page, "
        "or the form again."
    ),
    auth=[],
    parameters=[
        _header("X-Form-Key", "The form's publishable key, unless the field form_key has it"),
        _header("Idempotency-Key", "1 to 64 visible characters; the same key and fields get the same answer"),
    ],
    request={
        "application/json": Enquiry,
        "application/x-www-form-urlencoded": Enquiry,
        "multipart/form-data": Enquiry,
    },
    responses={
        201: outputs.Receipt,
        303: OpenApiResponse(description="To the thank-you page, for a browser"),
        **refusals(400, 403, 409, 413, 415, 429),
    },
)
