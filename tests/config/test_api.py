from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404
from rest_framework import exceptions

from config.api import exception_handler
from crm.errors import DomainError, TransitionNotAllowed
from leads.errors import (
    FieldProblem,
    IdempotencyConflict,
    InvalidEnquiry,
    OriginNotAllowed,
    TooManySubmissions,
    UnknownFormKey,
    UnreadableBody,
)


def answer(error: Exception) -> tuple[int, Any]:
    response = exception_handler(error, {})
    assert response is not None
    return response.status_code, response.data


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnreadableBody, 400),
        (UnknownFormKey, 403),
        (OriginNotAllowed, 403),
        (IdempotencyConflict, 409),
        (TooManySubmissions, 429),
        (TransitionNotAllowed, 409),
    ],
)
def test_refusal_has_its_status_and_the_one_shape(error: type[DomainError], status: int) -> None:
    assert answer(error("A sentence.")) == (
        status,
        {"code": error.code, "message": "A sentence.", "fields": {}},
    )


def test_refusal_names_its_fields() -> None:
    error = InvalidEnquiry({"email": [FieldProblem("malformed", "Not an e-mail address.")]})

    assert answer(error) == (
        400,
        {
            "code": "invalid",
            "message": "Some fields need another look.",
            "fields": {"email": [{"code": "malformed", "message": "Not an e-mail address."}]},
        },
    )


def test_validation_error_is_flattened_to_dotted_names() -> None:
    error = exceptions.ValidationError(
        {
            "name": ["Too long."],
            "touch": {"utm": [exceptions.ErrorDetail("Unknown.", code="unknown")]},
            "lines": [{}, {"amount": ["Not a number."]}],
            "non_field_errors": ["Either one."],
        }
    )

    status, body = answer(error)

    assert status == 400
    assert body["fields"] == {
        "name": [{"code": "invalid", "message": "Too long."}],
        "touch.utm": [{"code": "unknown", "message": "Unknown."}],
        "lines.1.amount": [{"code": "invalid", "message": "Not a number."}],
        "_": [{"code": "invalid", "message": "Either one."}],
    }


def test_validation_error_of_one_sentence_belongs_to_no_field() -> None:
    assert answer(exceptions.ValidationError("No."))[1]["fields"] == {
        "_": [{"code": "invalid", "message": "No."}]
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (exceptions.ParseError(), 400, "parse_error"),
    ],
)
def test_framework_error_has_the_one_shape(error: Exception, status: int, code: str) -> None:
    found, body = answer(error)

    assert (found, body["code"], body["fields"]) == (status, code, {})


def test_bug_is_not_answered_here() -> None:
    assert exception_handler(RuntimeError(), {}) is None
