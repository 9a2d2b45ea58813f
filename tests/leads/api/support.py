"""What the tests of the API share: posts, tokens and honest query counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.domain import tokens
from crm.models import ApiToken
from leads.domain import arrivals
from leads.models import CaptureForm, Lead, Submission
from tests import factories

URL = "/api/v1/leads/"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def post(
    form: CaptureForm, body: Any, *, content_type: str = JSON, key: str | None = None, **headers: str
) -> Any:
    """Post as a website's script does, with the form's key in the header."""
    more = {"X-Form-Key": form.key, **headers}
    if key is not None:
        more["Idempotency-Key"] = key
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client().post(URL, data=raw, content_type=content_type, headers=more)


def refusal(response: Any) -> tuple[int, str, dict[str, list[str]]]:
    """Give status, code and the codes of each field of an answer in the one shape."""
    body = json.loads(response.content)
    assert set(body) == {"code", "message", "fields"}
    return (
        response.status_code,
        body["code"],
        {name: [problem["code"] for problem in found] for name, found in body["fields"].items()},
    )


def bearer(*scopes: str) -> dict[str, str]:
    """Make a token with these scopes and give the header that carries it."""
    raw = f"token-of-{'-'.join(scopes) or 'nothing'}"
    ApiToken.objects.get_or_create(
        token_hash=tokens.hash_of(raw),
        defaults={"name": "Tool", "scopes": list(scopes), "created_at": factories.NOON},
    )
    return {"Authorization": f"Bearer {raw}"}


def get(path: str, *scopes: str) -> Any:
    return Client().get(path, headers=bearer(*scopes))


def send(path: str, body: Any, *scopes: str) -> Any:
    return Client().post(path, data=json.dumps(body), content_type=JSON, headers=bearer(*scopes))


def arrived_lead(form: CaptureForm, **fields: Any) -> tuple[Lead, Submission]:
    """Let somebody write to us and become a lead."""
    submission = factories.arrival(form, **fields)
    arrivals.process(submission_id=submission.pk, now=submission.received_at)
    submission.refresh_from_db()
    assert submission.lead is not None
    return submission.lead, submission


@contextmanager
def queries_at_most(limit: int) -> Iterator[None]:
    """Fail when more statements are made than `limit`, the frames of transactions left out."""
    with CaptureQueriesContext(connection) as seen:
        yield
    made = [query["sql"] for query in seen if not query["sql"].startswith(FRAME)]
    assert len(made) <= limit, "\n".join(made)
