"""From the article's form to the attended visit and the report: one test, on every database.

It is walked three times: straight; with everything stopped between any two steps; and with each step made
twice, as clients do when a line breaks. What is in the database and in the post afterwards is the same.
"""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from crm.models import AuditEntry
from leads.models import FollowUp, Lead, LeadEvent, LeadVisit, Submission
from notifications.models import Message, MessageEvent
from tests.journeys.expected import ACK, ACTS, ALERT, ALL_SENT, CONFIRMED, DUE, H2, H24, H48, STATUSES
from tests.journeys.journey import (
    JUST_BEFORE,
    NOTICE_WORDS,
    Journey,
    Manner,
    once,
    repeated,
    stopped_in_between,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def journey(tmp_path: Path, settings: Settings) -> Journey:
    settings.DATA_DIR = tmp_path
    return Journey(tmp_path)


@pytest.mark.parametrize("manner", [once, stopped_in_between, repeated])
def test_journey_from_the_article_to_the_attended_visit(journey: Journey, manner: Manner) -> None:
    walk_from_the_form_to_the_first_call(journey, manner)
    walk_from_the_booking_to_the_last_reminder(journey, manner)
    walk_from_the_visit_to_the_report(journey, manner)

    assert_nothing_is_doubled(journey)


def walk_from_the_form_to_the_first_call(journey: Journey, manner: Manner) -> None:
    accepted = manner(journey, journey.post, again=201)
    assert accepted.status_code == 201
    assert NOTICE_WORDS in accepted.json()["notice"]

    manner(journey, journey.sweep)
    assert journey.messages() == {(ACK, "email"): "sent", (ACK, "sms"): "sent", (ALERT, "email"): "sent"}
    assert_acknowledged_by_mail(journey)
    found = journey.ask(f"leads/{journey.reference}/", "leads:read").json()
    assert {name: found[name] for name in ("number", "status", "article", "services", "location")} == {
        "number": journey.lead.number,
        "status": "new",
        "article": "magnesium",
        "services": ["magnesium-iv-push"],
        "location": journey.place.slug,
    }

    journey.wait_until(first_due(journey) + JUST_BEFORE)
    manner(journey, journey.sweep)
    assert journey.messages()[(DUE, "email")] == "sent"

    page = journey.browser(journey.desk).get(
        f"/admin/leads/lead/by-reference/{journey.reference}/", follow=True
    )
    assert page.status_code == 200
    assert "Mara Okafor" in page.content.decode()

    assert manner(journey, journey.call, again=409).status_code == 302
    assert lead_now() == ("qualified", True)


def walk_from_the_booking_to_the_last_reminder(journey: Journey, manner: Manner) -> None:
    assert manner(journey, journey.book, again=302).status_code == 302
    assert lead_now() == ("booked", True)
    # By the clock an e-mail goes at its moment; a text that would wake somebody goes earlier, never later.
    planned = {(code, channel): at for code, channel, at in journey.planned()}
    assert {what: days_and_time(journey, at) for what, at in planned.items() if what[0] != CONFIRMED} == {
        (H48, "sms"): (-3, "19:59"),
        (H48, "email"): (-2, "08:30"),
        (H24, "sms"): (-2, "19:59"),
        (H24, "email"): (-1, "08:30"),
        (H2, "sms"): (-1, "19:59"),
        (H2, "email"): (0, "06:30"),
    }

    # What a click queued waits three minutes for an undo.
    manner(journey, journey.sweep)
    assert journey.messages()[(CONFIRMED, "email")] == "queued"
    while waiting := journey.planned():
        code, channel, due_at = waiting[0]
        journey.wait_until(due_at - JUST_BEFORE)
        manner(journey, journey.sweep)
        assert journey.messages()[(code, channel)] == "queued"

        journey.wait_until(next_due(code, channel) + timedelta(seconds=1))
        manner(journey, journey.sweep)
        assert journey.messages()[(code, channel)] == "sent"

    assert journey.messages() == ALL_SENT


def walk_from_the_visit_to_the_report(journey: Journey, manner: Manner) -> None:
    early = journey.attended()
    assert (early.status_code, early.json()["code"]) == (409, "too_early")

    journey.wait_until(journey.visit.starts_at - timedelta(minutes=10))
    came = manner(journey, journey.attended, again=200)
    assert (came.status_code, came.json()["status"]) == (200, "completed")
    assert lead_now() == ("attended", True)

    # Money is the one thing that may be meant twice, so it is noted once in every walk.
    assert journey.pay().status_code == 302
    manner(journey, journey.sweep)
    assert journey.report_row() == [1, 1, 1, 1, "$45.00"]


def assert_nothing_is_doubled(journey: Journey) -> None:
    assert (Submission.objects.count(), Lead.objects.count()) == (1, 1)
    assert list(LeadVisit.objects.values_list("appointment", "revoked_at")) == [(journey.visit.pk, None)]
    assert LeadVisit.objects.filter(converted_at__isnull=False).count() == 1
    assert journey.visit.payments.count() == 1
    statuses = LeadEvent.objects.filter(kind="status").order_by("pk").values_list("to_status", flat=True)
    assert list(statuses) == STATUSES
    acts = [*ACTS, "visit.payment"]
    acted = AuditEntry.objects.filter(action__in=acts).order_by("pk").values_list("action", flat=True)
    assert list(acted) == acts
    assert FollowUp.objects.filter(state="done").count() == 1
    assert FollowUp.objects.filter(state="open").count() == 0
    assert journey.messages() == ALL_SENT
    handed = MessageEvent.objects.filter(to_state="handed").values_list("message__delivery_id", flat=True)
    assert sorted(handed) == sorted(journey.files())
    assert journey.files() == set(Message.objects.values_list("delivery_id", flat=True))


def assert_acknowledged_by_mail(journey: Journey) -> None:
    wrote = Message.objects.get(template_code=ACK, channel="email")
    mail: Any = email.message_from_bytes(
        (journey.data_dir / "mail" / f"{wrote.delivery_id}.eml").read_bytes(), policy=email.policy.default
    )
    words = " ".join(mail.get_body(("plain",)).get_content().split())
    assert mail["To"] == "mara.okafor@example.com"
    assert "magnesium" not in f"{mail['Subject']} {words}".lower()
    assert f"{journey.lead.number}" in words
    assert "988" in words


def first_due(journey: Journey) -> datetime:
    return FollowUp.objects.get(lead=journey.lead).due_at


def next_due(code: str, channel: str) -> datetime:
    return Message.objects.get(template_code=code, channel=channel).due_at


def lead_now() -> tuple[str, bool]:
    """Give the lead's status and whether the person was answered."""
    lead = Lead.objects.get()
    return lead.status, lead.responded_at is not None


def days_and_time(journey: Journey, at: datetime) -> tuple[int, str]:
    """Say a moment as days before the visit and the time on the wall of the clinic."""
    return (at.date() - journey.visit_wall.date()).days, at.strftime("%H:%M")
