"""Accepting and processing, seen from inside: the queries of each, and the cost of processing."""

from __future__ import annotations

import time
from typing import Any

from django.test import Client

from crm.queries import database_now
from leads.domain import arrivals, pack
from leads.enums import SubmissionState
from leads.models import Submission
from tests import factories
from tests.load import posts
from tests.load.jobs.measure import Meter, percentile, queries_of


def make_clinic() -> dict[str, Any]:
    """Make a clinic in which everything is there that an arrival meets; give its location and form key."""
    pack.load(now=database_now())
    place = factories.location()
    factories.staff(at=place)
    form = factories.form(at=place)
    return {"location": place.slug, "key": form.key}


def accept_queries(location: str, key: str) -> dict[str, Any]:
    """Post a few enquiries through the whole stack of this process, and list the queries of the last."""
    client = Client(SERVER_NAME="127.0.0.1")
    found: list[str] = []
    for body, headers in posts.enquiries(3, location=location, key=key):
        found = queries_of(lambda body=body, headers=headers: _post(client, body, headers))  # type: ignore[misc]
    return {"queries": len(found), "listed": found}


def _post(client: Client, body: bytes, headers: dict[str, str]) -> None:
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    answer = client.post("/api/v1/leads/", body, content_type="application/json", headers=rest)
    if answer.status_code != 201:
        raise RuntimeError(f"The bench's own enquiry was answered {answer.status_code}.")


def process_queries() -> dict[str, Any]:
    """Process a few waiting arrivals, and list the queries of the last."""
    found: list[str] = []
    for pk in _waiting(3):
        found = queries_of(lambda pk=pk: arrivals.process(submission_id=pk, now=database_now()))  # type: ignore[misc]
    return {"queries": len(found), "listed": found}


def process_one_by_one(limit: int) -> dict[str, Any]:
    """Make leads of waiting arrivals with `arrivals.process`, one after the other."""
    took: list[float] = []
    waiting = _waiting(limit)
    with Meter() as meter:
        for pk in waiting:
            began = time.perf_counter()
            arrivals.process(submission_id=pk, now=database_now())
            took.append(time.perf_counter() - began)
    return meter.facts(len(waiting), p50=percentile(took, 0.5), p99=percentile(took, 0.99))


def process_as_the_sweep_does() -> dict[str, Any]:
    """Make leads of all waiting arrivals with `arrivals.look`: claimed in batches, one transaction each."""
    with Meter() as meter:
        made = arrivals.look(database_now)
    return meter.facts(made)


def sweep_queries() -> dict[str, Any]:
    """Count the queries that the sweep makes for each of the arrivals that wait."""
    count = len(_waiting(100))
    found = queries_of(lambda: arrivals.look(database_now))
    return {"queries": round(len(found) / max(count, 1), 1)}


def _waiting(limit: int) -> list[int]:
    waiting = Submission.objects.filter(state=SubmissionState.WAITING).order_by("look_at", "pk")
    return list(waiting.values_list("pk", flat=True)[:limit])
