"""The other buttons of the lead page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from crm.enums import HoldKind, Role
from crm.models import Appointment, SafetyHold, Staff
from leads.domain import followups
from leads.enums import FollowUpKind, LeadStatus
from leads.models import Lead, LeadEvent, Note
from notifications.models import Message
from tests import factories
from tests.leads.admin.pressing import page_of, press, pressed_well

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]


def test_answered_elsewhere_stops_the_clock(at_desk: Client, lead: Lead, at_noon: datetime) -> None:
    sentence = pressed_well(at_desk, lead, "answered", how="Instagram")

    assert sentence == "Noted: answered (Instagram). Next: tomorrow 10:00 AM."
    assert (lead.status, lead.responded_at) == (LeadStatus.CONTACTED, at_noon)


def test_a_note_is_kept(at_desk: Client, desk: Staff, lead: Lead) -> None:
    assert pressed_well(at_desk, lead, "note", text="Prefers Dana") == "Noted."

    note = Note.objects.get()
    assert (note.text, note.actor_staff) == ("Prefers Dana", desk)


def test_a_follow_up_is_planned_for_somebody(at_desk: Client, lead: Lead) -> None:
    nurse = factories.staff(role=Role.NURSE, full_name="Nina Nurse")

    sentence = pressed_well(
        at_desk,
        lead,
        "plan",
        kind="review",
        due_at="2026-03-10T15:00",
        what="Iron tablets?",
        assigned_to=nurse.pk,
    )

    planned = lead.follow_ups.order_by("id").last()
    assert planned is not None
    assert sentence == "Planned for 3:00 PM."
    assert (planned.what, planned.assigned_to, planned.due_at) == (
        "Iron tablets?",
        nurse,
        datetime(2026, 3, 10, 20, 0, tzinfo=UTC),
    )


def test_a_follow_up_is_put_off(at_desk: Client, lead: Lead) -> None:
    follow_up = lead.follow_ups.get()

    sentence = pressed_well(at_desk, lead, "snooze", follow_up=follow_up.pk, until="2026-03-10T16:00")

    follow_up.refresh_from_db()
    assert sentence == "Put off until 4:00 PM."
    assert (follow_up.due_at, follow_up.snoozed) == (datetime(2026, 3, 10, 21, 0, tzinfo=UTC), 1)


def test_putting_off_into_the_past_is_refused(at_desk: Client, lead: Lead) -> None:
    follow_up = lead.follow_ups.get()

    response = press(at_desk, lead, "snooze", follow_up=follow_up.pk, until="2026-03-09T16:00")

    follow_up.refresh_from_db()
    assert response.status_code == 409
    assert "Choose a time in the future." in response.content.decode()
    assert follow_up.snoozed == 0


def test_a_lead_is_set_aside(at_desk: Client, lead: Lead) -> None:
    sentence = pressed_well(at_desk, lead, "aside", until="2026-04-01T10:00")

    assert sentence == "Set aside. It comes back Wed, Apr 1, 10:00 AM."
    assert (lead.status, lead.nurture_until) == (
        LeadStatus.NURTURING,
        datetime(2026, 4, 1, 15, 0, tzinfo=UTC),
    )


def test_a_lead_is_closed_with_a_reason_and_reopened(at_desk: Client, lead: Lead) -> None:
    reason = factories.lost_reason("price")

    closed = pressed_well(at_desk, lead, "close", reason=reason.pk, note="too dear")
    status = lead.status
    reopened = pressed_well(at_desk, lead, "reopen")

    statuses = LeadEvent.objects.filter(lead=lead, kind="status").order_by("id")
    assert (closed, status) == ("Closed: Price. What was planned for it has ended.", LeadStatus.LOST)
    assert (reopened, lead.status) == ("Open again. Next: tomorrow 10:00 AM.", LeadStatus.NEW)
    assert list(statuses.values_list("to_status", flat=True)) == ["new", "lost", "new"]


def test_closing_needs_a_reason(at_desk: Client, lead: Lead) -> None:
    response = press(at_desk, lead, "close", note="kept words")

    lead.refresh_from_db()
    assert (response.status_code, lead.status) == (422, LeadStatus.NEW)
    assert "kept words</textarea>" in response.content.decode()


def test_a_lead_with_a_visit_ahead_is_not_closed(at_desk: Client, lead: Lead, visit: Appointment) -> None:
    response = press(at_desk, lead, "close", reason=factories.lost_reason().pk, note="kept words")

    page = response.content.decode()
    assert response.status_code == 409
    assert "A visit is still booked. Cancel or move the visit first." in page
    assert "kept words</textarea>" in page


def test_a_lead_is_taken_and_given_on(at_desk: Client, desk: Staff, lead: Lead) -> None:
    other = factories.staff(full_name="Omar Other")

    taken = pressed_well(at_desk, lead, "take")
    owner = lead.owner
    given = pressed_well(at_desk, lead, "assign", owner=other.pk)
    back = pressed_well(at_desk, lead, "assign", owner="")

    assert (taken, owner) == ("It is yours.", desk)
    assert given == "Omar Other looks after it now."
    assert (back, lead.owner) == ("The front desk looks after it now.", None)


def test_what_is_no_lead_is_said_so(at_desk: Client, lead: Lead) -> None:
    assert pressed_well(at_desk, lead, "kind", kind="not_a_lead") == "Noted: not a lead."
    assert lead.kind == "not_a_lead"


def test_a_hold_is_lifted_by_a_person_and_what_was_held_goes_on(
    at_desk: Client, desk: Staff, lead: Lead, at_noon: datetime
) -> None:
    hold = SafetyHold.objects.create(contact=lead.contact, kind=HoldKind.CRISIS, raised_at=at_noon)
    Message.objects.filter(contact=lead.contact).update(held_reason="A person must read this first.")

    sentence = pressed_well(at_desk, lead, "judge")

    hold.refresh_from_db()
    assert sentence == "Judged. Messages may go out again."
    assert (hold.lifted_at, hold.lifted_by) == (at_noon, desk)
    held = Message.objects.filter(contact=lead.contact).values_list("held_reason", flat=True)
    assert set(held) == {""}


def test_judging_ends_the_reading_and_writes_down_who_judged(
    at_desk: Client, desk: Staff, arrive: Arrive, at_noon: datetime
) -> None:
    lead = arrive(message="I want to kill myself")
    asked = followups.plan(
        lead, kind=FollowUpKind.REVIEW, due_at=at_noon, what="Iron?", actor=desk.as_actor, now=at_noon
    )
    before = at_desk.get(page_of(lead)).context["page"]

    pressed_well(at_desk, lead, "judge")

    after = at_desk.get(page_of(lead)).context["page"]
    assert (before["panel"], before["follow_ups"][0]["what"]) == ("", "Read this one first")
    assert after["panel"] == "call"
    # What a colleague asked for is still to be read.
    assert list(lead.follow_ups.open().filter(kind=FollowUpKind.REVIEW)) == [asked]
    assert [(item.title, item.who) for item in after["timeline"] if item.icon == "health_and_safety"] == [
        ("Read and judged: the hold is lifted", "Dana Desk")
    ]


def test_judging_twice_is_told_once(at_desk: Client, arrive: Arrive, at_noon: datetime) -> None:
    lead = arrive(message="I want to kill myself")

    for _ in range(2):
        pressed_well(at_desk, lead, "judge")

    assert LeadEvent.objects.filter(lead=lead, kind="safety").count() == 1


def test_judging_moves_the_next_action_to_what_is_left(
    at_desk: Client, arrive: Arrive, at_noon: datetime
) -> None:
    lead = arrive(message="I want to kill myself", preferred_time="evening")
    before = lead.next_action_at

    pressed_well(at_desk, lead, "judge")

    assert (before, lead.next_action_at) == (at_noon, lead.respond_by)


def test_what_is_refused_beside_its_own_form_is_said_once_and_marked(
    at_desk: Client, lead: Lead, at_noon: datetime
) -> None:
    follow_up = lead.follow_ups.get()

    response = press(at_desk, lead, "snooze", follow_up=follow_up.pk, until="later")

    page = response.content.decode()
    field = f"id_snooze_{follow_up.pk}_until"
    assert page.count("Choose a day and a time.") == 1
    assert f'aria-invalid="true" aria-describedby="{field}_error" id="{field}"' in page
    assert f'id="{field}_error"' in page
