"""Reminding of follow-ups while others act, each on a connection of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.models import Staff
from leads.domain import acts, followups
from leads.models import FollowUp, Lead
from notifications.models import Message
from tests import factories
from tests.at_once import before_the_commit
from tests.leads.domain.visiting import ann

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(db: None) -> Staff:
    return factories.staff()


@pytest.fixture
def lead(desk: Staff, now: datetime) -> Lead:
    lead = ann(now)
    Lead.objects.update(owner=desk)
    return lead


@pytest.fixture
def due(lead: Lead) -> datetime:
    return FollowUp.objects.get().due_at


def reminders() -> int:
    return Message.objects.filter(template_code="follow-up-due", state="queued").count()


def test_two_sweeps_at_once_remind_once(due: datetime) -> None:
    told: list[int] = []

    before_the_commit(
        lambda: told.append(followups.remind_due(now=due)),
        lambda: told.append(followups.remind_due(now=due)),
    )

    assert (told, reminders()) == ([1, 0], 1)


def test_what_is_done_at_that_moment_reminds_nobody(lead: Lead, desk: Staff, due: datetime) -> None:
    outcome = factories.outcome()
    told: list[int] = []

    before_the_commit(
        lambda: acts.log_call(lead_id=lead.pk, outcome=outcome, note="", next_step=None, by=desk, now=due),
        lambda: told.append(followups.remind_due(now=due)),
    )

    assert (told, reminders()) == ([0], 0)


def test_what_is_put_off_at_that_moment_reminds_nobody(desk: Staff, due: datetime) -> None:
    follow_up = FollowUp.objects.get()
    told: list[int] = []

    before_the_commit(
        lambda: acts.snooze(follow_up_id=follow_up.pk, until=due + timedelta(hours=1), by=desk, now=due),
        lambda: told.append(followups.remind_due(now=due)),
    )

    assert (told, reminders()) == ([0], 0)
