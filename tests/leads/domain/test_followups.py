"""Follow-ups: told once, told again after a snooze, never forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from crm.actors import SYSTEM
from leads.domain import acts, arrivals, followups
from leads.models import FloodCount, FollowUp, Lead
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db


def open_lead(now: datetime) -> Lead:
    location = factories.location()
    factories.staff(at=location)
    submission = factories.arrival(factories.form(at=location), now=now)
    arrivals.process(submission_id=submission.pk, now=now)
    return Lead.objects.get()


def reminders() -> int:
    return Message.objects.filter(template_code="follow-up-due", state="queued").count()


def test_a_due_follow_up_reminds_staff_once(now: datetime) -> None:
    open_lead(now)
    due = now + timedelta(minutes=5)

    early = followups.remind_due(now=now)
    told = followups.remind_due(now=due)
    again = followups.remind_due(now=due + timedelta(minutes=5))

    assert (early, told, again, reminders()) == (0, 1, 0, 1)


def test_words_that_no_key_opens_silence_no_reminder(now: datetime) -> None:
    open_lead(now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET message = 'v1:gone:AAAA', preferred_time = 'v1:gone:AAAA'")
        cursor.execute("UPDATE leads_followup SET what = 'v1:gone:AAAA'")

    told = followups.remind_due(now=now + timedelta(minutes=5))

    assert (told, reminders()) == (1, 1)


def test_the_reminder_carries_number_and_link_only(now: datetime) -> None:
    lead = open_lead(now)
    followups.remind_due(now=now + timedelta(minutes=5))

    message = Message.objects.get(template_code="follow-up-due")

    assert str(lead.number) in message.params
    assert lead.contact.full_name not in message.params


def test_a_snoozed_follow_up_reminds_again(now: datetime) -> None:
    lead = open_lead(now)
    desk = factories.staff()
    due = now + timedelta(minutes=5)
    followups.remind_due(now=due)
    later = due + timedelta(hours=2)

    acts.snooze(follow_up_id=FollowUp.objects.get().pk, until=later, by=desk, now=due)
    waiting = reminders()
    told = followups.remind_due(now=later)

    lead.refresh_from_db()
    assert (waiting, told, reminders()) == (0, 1, 1)
    assert lead.next_action_at == later


def test_a_done_follow_up_does_not_remind(now: datetime) -> None:
    lead = open_lead(now)
    acts.log_call(
        lead_id=lead.pk, outcome=factories.outcome(), note="", next_step=None, by=factories.staff(), now=now
    )

    assert followups.remind_due(now=now + timedelta(minutes=5)) == 0


def test_the_reminder_goes_to_who_it_is_assigned_to(now: datetime) -> None:
    lead = open_lead(now)
    nurse = factories.staff(role="Nurse")
    acts.plan_follow_up(
        lead_id=lead.pk,
        step=acts.NextStep(kind="other", due_at=now + timedelta(minutes=1), assigned_to_id=nurse.pk),
        actor=nurse.as_actor,
        now=now,
    )

    followups.remind_due(now=now + timedelta(minutes=1))

    assert Message.objects.get(template_code="follow-up-due").staff == nurse


def test_an_open_lead_always_has_something_to_be_done(now: datetime) -> None:
    lead = open_lead(now)
    FollowUp.objects.update(state="cancelled", done_at=now)

    followups.refresh(lead, actor=factories.staff().as_actor, now=now)

    lead.refresh_from_db()
    assert lead.next_action_at == FollowUp.objects.get(state="open").due_at > now


def test_looking_tells_of_all_that_is_due_and_forgets_old_floods(now: datetime) -> None:
    lead = open_lead(now)
    due = now + timedelta(minutes=5)
    facts = {"lead": lead, "due_at": due, "planned_at": now, **FollowUp.by(SYSTEM)}
    FollowUp.objects.bulk_create(FollowUp(**facts) for _ in range(120))
    later = now + timedelta(hours=2)

    told = [followups.look(lambda: later) for _ in range(2)]

    assert (told, reminders()) == ([121, 0], 121)
    assert not FloodCount.objects.exists()
