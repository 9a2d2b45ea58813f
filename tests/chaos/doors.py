"""The clinic's doors over HTTP, as its users knock at them: a visitor, an outside calendar, staff.

Each keeps what such a user keeps when the line breaks: the filled form, the booking, the sign-in.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.chaos.prepare import JOURNEY_KEY, PASSWORD, TOKEN
from tests.journeys import expected

PATIENCE = 20.0  # seconds for one answer
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Unanswered(Exception):
    """The line broke before the answer came: nobody knows whether it was heard."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the web said."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def knock(
    port: int, method: str, path: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Ask the web on this port, over a line of its own.

    :raises Unanswered: when there is no answer, or half of one.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body, dict(headers or {}))
        answer = line.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    except (OSError, http.client.HTTPException) as broken:
        raise Unanswered from broken
    finally:
        line.close()


def write(port: int, *, zone: str, key: str) -> Answer:
    """Post the form below the article, as the website's script does: again under the same key."""
    headers = {
        "Content-Type": JSON,
        "Origin": expected.ORIGIN,
        "X-Form-Key": JOURNEY_KEY,
        "Idempotency-Key": key,
    }
    return knock(
        port, "POST", "/api/v1/leads/", body=json.dumps(expected.enquiry(zone=zone)), headers=headers
    )


def tool(port: int, method: str, path: str, **fields: str) -> Answer:
    """Ask the staff API, as a program with a token."""
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {TOKEN}"}
    body = json.dumps(fields) if method == "POST" else None
    return knock(port, method, f"/api/v1/{path}", body=body, headers=headers)


@dataclass(slots=True)
class Colleague:
    """Somebody of the staff, in a browser that keeps its cookies over every outage."""

    port: int
    email: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def press(self, path: str, **fields: object) -> Answer:
        """Send a form of the admin."""
        return self._send(path, fields)

    def sign_in(self) -> None:
        """Sign in, where people sign in."""
        self._ask("GET", "/admin/login/")
        answer = self._send("/admin/login/?next=/admin/", {"username": self.email, "password": PASSWORD})
        assert answer.status == http.client.FOUND, answer.text

    def _send(self, path: str, fields: Mapping[str, object]) -> Answer:
        return self._ask(
            "POST", path, urlencode({**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]})
        )

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": FORM} if body is not None else {}),
        }
        answer = knock(self.port, method, path, body=body, headers=headers)
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer
