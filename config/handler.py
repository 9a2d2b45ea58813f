"""How a request comes in: as Django takes it, except that no header can stop it from coming in at all."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Request(WSGIRequest):
    """A request whose Content-Type may be any nonsense; the view that reads the body judges it."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # the stubs leave it out
        except ValueError:
            # A parameter in a charset that does not exist (`charset*=none''x`). Django meets it before any
            # view or error handler does, so that without this a stranger gets the server's bare 500.
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    """Django's own handler, with the request above."""

    request_class = Request
