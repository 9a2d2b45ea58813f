"""Whether this process and its database answer, and whether the scheduled work comes round."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.db import DatabaseError
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.models import Heartbeat
from crm.queries import database_now
from leads.enums import SubmissionState
from leads.models import Submission
from notifications.enums import MessageState
from notifications.models import Message

SWEEP_IS_LATE = 60.0  # seconds


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Say whether traffic may come here: this process runs and its database answers."""
    try:
        database_now()
    except DatabaseError:
        return JsonResponse(
            {"ok": False, "database": "does not answer"}, status=HTTPStatus.SERVICE_UNAVAILABLE
        )
    return JsonResponse({"ok": True, "database": "answers"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Inform about the scheduled work; 503 only until the first sweep has finished.

    Times are UTC, ages are seconds. Nothing here names a person.
    """
    try:
        now = database_now()
        sweeps = dict(Heartbeat.objects.order_by("name").values_list("name", "finished_at"))
        overdue = _oldest_overdue(now)
    except DatabaseError:
        return JsonResponse(
            {"ready": False, "database": "does not answer"}, status=HTTPStatus.SERVICE_UNAVAILABLE
        )
    last = max(sweeps.values(), default=None)
    age = None if last is None else _seconds(now, last)
    body = {
        "ready": last is not None,
        "working": age is not None and age <= SWEEP_IS_LATE,
        "last_sweep_at": last,
        "last_sweep_age": age,
        "sweeps": sweeps,
        "oldest_overdue_age": overdue,
    }
    return JsonResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE if last is None else HTTPStatus.OK)


def _oldest_overdue(now: datetime) -> dict[str, float | None]:
    arrivals = Submission.objects.filter(state=SubmissionState.WAITING, look_at__lte=now)
    messages = Message.objects.filter(state=MessageState.QUEUED, held_reason="", due_at__lte=now)
    oldest = {
        "arrivals": arrivals.aggregate(oldest=Min("look_at"))["oldest"],
        "messages": messages.aggregate(oldest=Min("due_at"))["oldest"],
    }
    return {name: None if moment is None else _seconds(now, moment) for name, moment in oldest.items()}


def _seconds(now: datetime, then: datetime) -> float:
    return round((now - then).total_seconds(), 1)
