"""A lead's story on its page: one line for one thing, in the five words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from crm.actors import SYSTEM
from crm.models import Appointment, Location
from leads.domain import visits
from leads.enums import LeadStatus
from leads.models import Lead
from notifications.domain.wording import VISIT_REMINDER_24H
from notifications.enums import MessageState
from notifications.models import Message
from tests import factories
from tests.leads.admin.pressing import page_of, pressed_well

pytestmark = pytest.mark.django_db


def story(at_desk: Client, lead: Lead) -> list[Any]:
    items: list[Any] = at_desk.get(page_of(lead)).context["page"]["timeline"]
    return items


def titles(at_desk: Client, lead: Lead, icon: str) -> list[str]:
    return [item.title for item in story(at_desk, lead) if item.icon == icon]


@pytest.fixture
def distant(lead: Lead, place: Location, at_noon: datetime) -> Appointment:
    """A visit far enough away for three reminders."""
    factories.templates()
    return visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=place,
        starts_at=at_noon + timedelta(days=7),
        actor=SYSTEM,
        now=at_noon,
    )


def test_a_step_within_one_word_is_no_news(at_desk: Client, lead: Lead) -> None:
    pressed_well(at_desk, lead, "call", outcome=factories.outcome().pk)
    talking = factories.outcome("spoke", moves_to=LeadStatus.QUALIFIED)
    pressed_well(at_desk, lead, "call", outcome=talking.pk)

    assert lead.status == LeadStatus.QUALIFIED
    assert titles(at_desk, lead, "flag") == ["Now: in touch"]


def test_closing_says_why(at_desk: Client, lead: Lead) -> None:
    pressed_well(at_desk, lead, "close", reason=factories.lost_reason("price").pk, note="too dear")

    [closed] = [item for item in story(at_desk, lead) if item.icon == "archive"]
    assert (closed.title, closed.text) == ("Closed: Price", "too dear")


def test_an_answer_elsewhere_is_told_although_the_word_stays(at_desk: Client, lead: Lead) -> None:
    pressed_well(at_desk, lead, "call", outcome=factories.outcome().pk)

    pressed_well(at_desk, lead, "answered", how="Phone")

    [told] = [item for item in story(at_desk, lead) if item.icon == "done"]
    assert (told.title, told.text) == ("Already answered", "Phone")


def test_reminders_cancelled_with_their_visit_are_one_line(
    at_desk: Client, lead: Lead, distant: Appointment
) -> None:
    pressed_well(at_desk, lead, "cancel", visit=distant.pk, by="clinic")

    cancelled = Message.objects.filter(
        state=MessageState.CANCELLED, template_code__startswith="visit-reminder"
    )
    assert cancelled.count() == 3
    assert titles(at_desk, lead, "notifications_off") == ["Reminders: cancelled with the visit"]


def test_the_email_and_the_text_of_one_reminder_are_one_line_without_the_routine_reason(
    at_desk: Client, lead: Lead, distant: Appointment, at_noon: datetime
) -> None:
    of_the_day = Message.objects.filter(template_code=VISIT_REMINDER_24H)
    email = of_the_day.get()
    email.pk, email.dedupe_key, email.channel = None, "the-text", "sms"
    email.delivery_id = "f" * len(email.delivery_id)
    email.save(force_insert=True)
    of_the_day.update(
        state=MessageState.SENT,
        handed_at=at_noon,
        settled_at=at_noon,
        reason="About their own request, by e-mail: this needs no consent.",
    )

    told = [item for item in story(at_desk, lead) if item.title.endswith("visit reminder 24h")]

    assert [(item.title, item.text) for item in told] == [
        ("E-mail and text message: visit reminder 24h", "Sent")
    ]


def test_what_went_wrong_with_one_channel_is_told_by_itself(
    at_desk: Client, lead: Lead, distant: Appointment, at_noon: datetime
) -> None:
    of_the_day = Message.objects.filter(template_code=VISIT_REMINDER_24H)
    row = of_the_day.get()
    row.pk, row.dedupe_key, row.channel = None, "the-text", "sms"
    row.delivery_id = "f" * len(row.delivery_id)
    row.state, row.reason, row.settled_at = MessageState.FAILED, "Not a mobile number.", row.created_at
    row.save(force_insert=True)

    told = [item.title for item in story(at_desk, lead) if item.title.endswith("visit reminder 24h")]

    assert sorted(told) == ["E-mail: visit reminder 24h", "Text message: visit reminder 24h"]
