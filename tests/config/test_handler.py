from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from config.handler import Handler


@pytest.mark.django_db
def test_handler_nonsense_content_type_reaches_the_view() -> None:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/leads/",
        "CONTENT_TYPE": "application/json; charset*=bogus''utf-8",
        "CONTENT_LENGTH": "2",
        "HTTP_HOST": "localhost",
        "wsgi.input": io.BytesIO(b"{}"),
    }
    seen: list[str] = []

    def start_response(status: str, *_: Any) -> Callable[[bytes], object]:
        seen.append(status)
        return seen.append  # type: ignore[return-value]  # never called: Django answers by what it returns

    body = b"".join(Handler()(environ, start_response))

    assert seen == ["415 Unsupported Media Type"]
    assert json.loads(body)["code"] == "unsupported_media_type"
