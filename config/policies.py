"""The Content-Security-Policy of each part: strict everywhere, looser where a package needs it."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

Directives = dict[str, list[str]]

STRICT: Directives = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
    "manifest-src": [SELF],
}

# django-unfold evaluates Alpine expressions and writes style attributes; nothing inline may run as a script.
ADMIN: Directives = STRICT | {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
}

# Swagger's page writes style elements; its script is served as a file of its own.
DOCS: Directives = STRICT | {"style-src": [SELF, UNSAFE_INLINE]}

BY_PREFIX = (("/admin/", ADMIN), ("/api/docs/", DOCS))


class PolicyByPath(CSPMiddleware):
    """Gives `/admin/` and `/api/docs/` a policy of their own; a view's own decorators still count."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        for prefix, directives in BY_PREFIX:
            if request.path_info.startswith(prefix) and not report_only:
                parts.config = directives
        return parts
