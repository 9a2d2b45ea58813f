"""Which answer a foreseen refusal gets: one table of statuses and one shape, for every door of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from crm.errors import ContactMissing, DomainError
from leads.errors import (
    IdempotencyConflict,
    InvalidEnquiry,
    OriginNotAllowed,
    TooManySubmissions,
    UnknownFormKey,
    UnreadableBody,
)

Fields = dict[str, list[dict[str, str]]]

# One kind of refusal, several answers: the code decides before the class does.
BY_CODE: dict[str, HTTPStatus] = {
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unknown_choice": HTTPStatus.BAD_REQUEST,
    "not_in_the_future": HTTPStatus.BAD_REQUEST,
    "ends_before_start": HTTPStatus.BAD_REQUEST,
    "empty_note": HTTPStatus.BAD_REQUEST,
}
# The first class an error is one of decides; any other foreseen refusal is a conflict with what is there.
BY_KIND: tuple[tuple[type[DomainError], HTTPStatus], ...] = (
    (UnreadableBody, HTTPStatus.BAD_REQUEST),
    (InvalidEnquiry, HTTPStatus.BAD_REQUEST),
    (UnknownFormKey, HTTPStatus.FORBIDDEN),
    (OriginNotAllowed, HTTPStatus.FORBIDDEN),
    (ContactMissing, HTTPStatus.BAD_REQUEST),
    (IdempotencyConflict, HTTPStatus.CONFLICT),
    (TooManySubmissions, HTTPStatus.TOO_MANY_REQUESTS),
    (DomainError, HTTPStatus.CONFLICT),
)


def status_of(error: DomainError) -> HTTPStatus:
    """Give the HTTP status of a foreseen refusal."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    return next(status for kind, status in BY_KIND if isinstance(error, kind))


def fields_of(error: DomainError) -> Fields:
    """Give what is wrong with which field, where the refusal says so."""
    problems = error.fields if isinstance(error, InvalidEnquiry) else {}
    return {name: [{"code": p.code, "message": p.message} for p in many] for name, many in problems.items()}


def error_body(code: str, message: str, fields: Fields | None = None) -> dict[str, Any]:
    """Give the one shape of an error: `{"code", "message", "fields": {name: [{"code", "message"}]}}`."""
    return {"code": code, "message": message, "fields": fields or {}}


def domain_error_body(error: DomainError) -> dict[str, Any]:
    """Give the body of a foreseen refusal, with its fields where it has any."""
    return error_body(error.code, error.message, fields_of(error))
