"""Who calls the staff API: an outside program with a bearer token, and what its scopes let it do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.actors import Actor
from crm.domain import tokens
from crm.models import ApiToken
from crm.queries import database_now
from leads.api.parsing import StrictJSONParser


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request, in the place where the framework looks for a user."""

    token: ApiToken
    is_authenticated: ClassVar[bool] = True

    @property
    def actor(self) -> Actor:
        return self.token.as_actor

    def may(self, scope: str) -> bool:
        return scope in self.token.scopes


class BearerAuthentication(BaseAuthentication):
    """Reads `Authorization: Bearer …`. A missing header is nobody; a wrong one is refused."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiToken] | None:
        kind, _, raw = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = tokens.find(raw.strip())
        if token is None:
            raise AuthenticationFailed("The token is not known, or was revoked.")
        return Caller(token), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """Lets a caller in whose token has the scope that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = cast("object", request.user)
        if not isinstance(caller, Caller):
            return False
        scope = cast(StaffToolView, view).scopes.get(request.method or "")
        if scope is None:
            raise MethodNotAllowed(request.method or "")
        if not caller.may(scope):
            raise PermissionDenied(f"The token lacks the scope {scope}.", code="scope_missing")
        return True


class StaffToolView(APIView):
    """The ground under every view of the staff API: token, scope, strict JSON, and the clock read once."""

    authentication_classes = (BearerAuthentication,)
    permission_classes = (HasScope,)
    parser_classes = (StrictJSONParser,)
    scopes: ClassVar[Mapping[str, str]] = {}
    now: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = database_now()
        tokens.note_use(self.caller.token, now=self.now)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    @property
    def caller(self) -> Caller:
        return cast(Caller, self.request.user)
