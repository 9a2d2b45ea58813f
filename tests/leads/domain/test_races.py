"""Two acts at once on the same person, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from crm.actors import SYSTEM
from crm.models import Appointment
from leads.domain import arrivals, closing, visits
from leads.models import Lead, Submission
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROUNDS = 12


def together(*works: Callable[[], object]) -> list[str]:
    """Run these at the same moment; give the names of what they raised."""
    gate = threading.Barrier(len(works))
    raised: list[str] = []

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            work()
        except Exception as error:  # noqa: BLE001  # named in the assertion
            raised.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def enquiry(form: object, n: int, now: datetime, words: str) -> Submission:
    return factories.arrival(form, now=now, email=f"race{n}@example.com", message=words)  # type: ignore[arg-type]


def test_a_repeat_enquiry_and_a_booking_do_not_stop_each_other(now: datetime) -> None:
    form, service = factories.form(flood_limit=1000), factories.service()
    raised: list[str] = []

    for n in range(ROUNDS):
        first = enquiry(form, n, now, "first")
        arrivals.process(submission_id=first.pk, now=now)
        lead = Submission.objects.get(pk=first.pk).lead
        assert lead is not None
        again = enquiry(form, n, now, "again")
        raised += together(
            lambda pk=again.pk: arrivals.process(submission_id=pk, now=now),  # type: ignore[misc]
            lambda lead=lead: visits.book(  # type: ignore[misc]
                lead_id=lead.pk,
                service=service,
                location=lead.location,
                starts_at=now + timedelta(days=3),
                chair=None,
                actor=SYSTEM,
                now=now,
            ),
        )

    assert raised == []
    assert (Lead.objects.count(), Appointment.objects.count()) == (ROUNDS, ROUNDS)


def test_reopening_and_a_new_enquiry_open_one_lead(now: datetime) -> None:
    form = factories.form(flood_limit=1000)
    raised: list[str] = []

    for n in range(ROUNDS):
        first = enquiry(form, n, now, "first")
        arrivals.process(submission_id=first.pk, now=now)
        lead = Submission.objects.get(pk=first.pk).lead
        assert lead is not None
        closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=now)
        again = enquiry(form, n, now, "again")
        raised += together(
            lambda pk=again.pk: arrivals.process(submission_id=pk, now=now),  # type: ignore[misc]
            lambda pk=lead.pk: closing.reopen(lead_id=pk, actor=SYSTEM, now=now),  # type: ignore[misc]
        )

    # Whoever comes second continues the open one, or is told that there is one: never a broken constraint.
    assert set(raised) <= {"DomainError"}
    assert Lead.objects.open().count() == ROUNDS
