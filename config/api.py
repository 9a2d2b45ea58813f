"""One shape for every error of the API: `{"code", "message", "fields": {name: [{"code", "message"}]}}`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from crm.errors import DomainError
from leads.api.errors import Fields, domain_error_body, error_body, status_of

WHOLE = "_"  # The "field" of a problem that belongs to no field.


def exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Answer a foreseen refusal in the one shape; leave a bug to be reported as one."""
    if isinstance(error, DomainError):
        set_rollback()
        return Response(domain_error_body(error), status=status_of(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    return Response(_body(error), status=error.status_code, headers=_headers(error))


def _body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return error_body("invalid", "Some fields need another look.", _flat(error.get_full_details()))
    codes = error.get_codes()
    return error_body(codes if isinstance(codes, str) else error.default_code, str(error.detail))


def _flat(details: Any, path: str = "") -> Fields:
    """Write nested problems under dotted names: `services.0.slug`."""
    if (
        isinstance(details, dict)
        and set(details) == {"message", "code"}
        and not isinstance(details["message"], dict)
    ):
        return {path or WHOLE: [{"code": str(details["code"]), "message": str(details["message"])}]}
    pairs = details.items() if isinstance(details, dict) else enumerate(details)
    fields: Fields = {}
    for name, inner in pairs:
        leaf = isinstance(details, list) and isinstance(inner, dict) and set(inner) == {"message", "code"}
        own = "" if name == "non_field_errors" else str(name)
        inner_path = path if leaf else ".".join(filter(None, (path, own)))
        for key, problems in _flat(inner, inner_path).items():
            fields.setdefault(key, []).extend(problems)
    return fields


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if authenticate := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _wants_json(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/", "/hooks/")) and not request.path_info.startswith(
        "/api/docs/"
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, to programs in the one shape."""
    if _wants_json(request):
        return JsonResponse(error_body("not_found", "There is nothing at this address."), status=404)
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, to programs in the one shape."""
    if _wants_json(request):
        return JsonResponse(error_body("bad_request", "The request cannot be read."), status=400)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, to programs in the one shape, with nothing of the error in it."""
    if _wants_json(request):
        message = "Something went wrong on our side. Nothing was accepted; please send it again."
        return JsonResponse(error_body("server_error", message), status=500)
    return defaults.server_error(request)
