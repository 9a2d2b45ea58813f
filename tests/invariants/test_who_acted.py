"""Each change of each life names who made it, down to the member of staff."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.models import AppointmentEvent
from leads.domain import acts, arrivals, visits
from leads.models import Lead, LeadEvent
from notifications.domain import outbox
from notifications.models import MessageEvent
from tests import factories
from tests.notifications import messages

pytestmark = pytest.mark.django_db


def test_events_of_every_life_name_the_member_of_staff(now: datetime) -> None:
    location = factories.location()
    desk = factories.staff(at=location)
    arrivals.process(submission_id=factories.arrival(factories.form(at=location), now=now).pk, now=now)
    lead = Lead.objects.get()
    message = messages.message(now=now, state="unknown")

    acts.log_call(lead_id=lead.pk, outcome=factories.outcome(), note="", next_step=None, by=desk, now=now)
    visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=location,
        starts_at=now + timedelta(days=3),
        actor=desk.as_actor,
        now=now,
    )
    outbox.settle_unknown(message.pk, to="sent", words="It arrived.", actor=desk.as_actor, now=now)

    made = [
        *LeadEvent.objects.order_by("pk").values_list("to_status", "actor_kind", "actor_staff"),
        *AppointmentEvent.objects.values_list("to_status", "actor_kind", "actor_staff"),
        *MessageEvent.objects.filter(message=message).values_list("to_state", "actor_kind", "actor_staff"),
    ]
    assert made == [
        ("new", "contact", None),
        ("attempting", "staff", desk.pk),
        ("booked", "staff", desk.pk),
        ("scheduled", "staff", desk.pk),
        ("sent", "staff", desk.pk),
    ]
