"""What people told us about their health: nowhere in the clear, and in nothing that leaves for others."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from crm.actors import SYSTEM
from crm.enums import Scope
from crm.models import Appointment, Staff
from leads.domain import acts, arrivals, closing, visits
from leads.models import Lead
from notifications.channels.base import Envelope
from notifications.channels.memory import MemoryChannel
from notifications.domain import dispatch, outbox
from notifications.enums import MessageState
from notifications.models import Message
from tests import factories
from tests.leads.api.support import URL, get
from tests.notifications import messages
from tests.notifications.messages import Clock

pytestmark = pytest.mark.django_db

CANARY = "canarykidney"
SERVICE = "Magnesium IV push"


def arrived(now: datetime) -> Lead:
    """Let somebody write who tells of their health in the message and in a field we do not know."""
    factories.templates()
    location = factories.location()
    factories.staff(at=location)
    submission = factories.arrival(
        factories.form(at=location),
        now=now,
        name="Zelda Quist",
        phone="512-555-0140",
        consent_sms=True,
        message=f"{CANARY} message",
        preferred_time=f"after my {CANARY} appointment",
        secret_field=f"{CANARY} unknown field",
    )
    arrivals.process(submission_id=submission.pk, now=now)
    return Lead.objects.get()


def worked(lead: Lead, now: datetime) -> Appointment:
    """Use every free text of staff's about health, up to a booked visit."""
    desk = Staff.objects.get()
    acts.add_note(lead_id=lead.pk, text=f"{CANARY} note", actor=desk.as_actor, now=now)
    step = acts.NextStep("call", now + timedelta(hours=1), f"{CANARY} what to do")
    acts.plan_follow_up(lead_id=lead.pk, step=step, actor=desk.as_actor, now=now)
    acts.log_call(
        lead_id=lead.pk,
        outcome=factories.outcome(),
        note=f"{CANARY} outcome",
        next_step=None,
        by=desk,
        now=now,
    )
    acts.answer_elsewhere(lead_id=lead.pk, how=f"{CANARY} how", by=desk, now=now)
    return visits.book(
        lead_id=lead.pk,
        service=factories.service(name=SERVICE),
        location=lead.location,
        starts_at=now + timedelta(days=3),
        actor=desk.as_actor,
        now=now,
    )


def settled(message: Message, now: datetime) -> None:
    """Let a person say what became of a message of which nobody knew."""
    outbox.settle_unknown(message.pk, to="sent", words=f"{CANARY} settled", actor=SYSTEM, now=now)


def ended(lead: Lead, appointment: Appointment, now: datetime) -> None:
    visits.cancel(
        appointment_id=appointment.pk, by_client=True, reason=f"{CANARY} cancelled", actor=SYSTEM, now=now
    )
    closing.lose(
        lead_id=lead.pk, reason=factories.lost_reason(), note=f"{CANARY} lost", actor=SYSTEM, now=now
    )


def tables_that_show(word: str) -> list[str]:
    """List the columns of any table in which a word stands in the clear."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  (names from the database itself)
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                shown = zip(columns, row, strict=True)
                found |= {f"{table}.{column}" for column, cell in shown if word in str(cell)}
    return sorted(found)


def said_by_the_house(now: datetime) -> list[Envelope]:
    channel = MemoryChannel()
    dispatch.look(Clock(now), channel_for=lambda _name: channel)
    return channel.ledger


def test_no_column_holds_health_text_in_the_clear(now: datetime) -> None:
    lead = arrived(now)
    said_by_the_house(now)
    ended(lead, worked(lead, now), now)
    settled(messages.message(now=now, state=MessageState.UNKNOWN), now)

    assert tables_that_show(CANARY) == []
    assert tables_that_show("Zelda") == ["crm_contact.full_name"]  # the look would have found it


def test_no_log_line_holds_what_people_wrote(now: datetime, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        lead = arrived(now)
        said_by_the_house(now)
        ended(lead, worked(lead, now), now)

    # The statements of the database carry parameters; they are logged in debug mode only, which is off.
    lines = [f"{record.getMessage()} {vars(record)}" for record in caplog.records if "db" not in record.name]
    assert [line for line in lines if CANARY in line or "Zelda" in line] == []


def test_no_subject_text_or_alert_says_what_it_is_about(now: datetime) -> None:
    lead = arrived(now)

    said = said_by_the_house(now)
    appointment = worked(lead, now)
    said += said_by_the_house(appointment.starts_at - timedelta(hours=24))

    exposed = [each.subject for each in said] + [each.body for each in said if each.channel == "sms"]
    to_staff = [f"{each.subject} {each.body}" for each in said if each.to == Staff.objects.get().email]
    assert (len(to_staff), {each.channel for each in said}) == (1, {"email", "sms"})
    assert [text for text in exposed if CANARY in text or "agnesium" in text] == []
    assert [text for text in to_staff if CANARY in text or "Zelda" in text] == []
    assert [each.subject for each in said if CANARY in each.body] == []


def test_no_tool_without_the_right_reads_what_anybody_typed(now: datetime) -> None:
    lead = arrived(now)
    doubtful = messages.message(now=now, state=MessageState.UNKNOWN, about_ref=lead.reference)
    settled(doubtful, now)
    ended(lead, worked(lead, now), now)
    paths = [URL, f"{URL}{lead.reference}/", f"{URL}{lead.reference}/timeline/"]

    without = [get(path, Scope.LEADS_READ) for path in paths]
    with_it = get(paths[2], Scope.LEADS_READ, Scope.LEADS_HEALTH).json()["results"]

    assert [(page.status_code, CANARY in page.content.decode()) for page in without] == [(200, False)] * 3
    told = [(entry["kind"], name) for entry in with_it for name, said in entry.items() if CANARY in said]
    assert sorted(told) == [
        ("follow_up_done", "text"),
        ("follow_up_planned", "text"),
        ("note", "text"),
        ("status", "text"),  # answered elsewhere
        ("status", "text"),  # closed
        ("visit", "text"),
    ]
