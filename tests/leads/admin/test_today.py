"""*Today*: what is due, who waits, what is stuck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.actors import SYSTEM
from crm.domain import heartbeats
from crm.enums import HoldKind, Role
from crm.models import Location, SafetyHold, Staff
from crm.queries import database_now
from leads.domain import acts, followups
from leads.enums import FollowUpKind, SubmissionState
from leads.models import Lead
from leads.queries import today as today_queries
from notifications.domain import outbox
from notifications.enums import MessageState
from notifications.models import Message
from tests import factories
from tests.leads.admin.day import HOME, book, screen, stuck_message

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]


def test_a_new_lead_shows_by_when_to_answer_and_the_time_left(
    at_desk: Client, arrive: Arrive, at_noon: datetime
) -> None:
    lead = arrive(at=at_noon - timedelta(minutes=1), phone="512-555-0140", article="magnesium")

    line = screen(at_desk).answers[0]

    assert (line.lead.number, line.lead.name, line.lead.phone) == (lead.number, "Ann Smith", "+15125550140")
    assert (line.when, line.left, line.tone) == ("answer by 11:04 AM", "4 min left", "soon")
    assert line.details == ["wrote 10:59 AM", "read magnesium"]


def test_the_latest_answer_owed_comes_first(at_desk: Client, arrive: Arrive, at_noon: datetime) -> None:
    arrive(at=at_noon - timedelta(minutes=1), name="Early Bird")
    arrive(at=at_noon - timedelta(minutes=17), name="Late Bird")

    lines = screen(at_desk).answers

    assert [(line.lead.name, line.left) for line in lines] == [
        ("Late Bird", "late by 12 min"),
        ("Early Bird", "4 min left"),
    ]


def test_the_answer_owed_is_not_told_twice(at_desk: Client, arrive: Arrive, at_noon: datetime) -> None:
    arrive(at=at_noon - timedelta(hours=1))

    shown = screen(at_desk)

    assert (len(shown.answers), shown.overdue, shown.later) == (1, [], [])


def test_follow_ups_stand_oldest_first_with_since_when(
    at_desk: Client, arrive: Arrive, desk: Staff, at_noon: datetime
) -> None:
    lead = arrive(at=at_noon - timedelta(days=1))
    acts.answer_elsewhere(lead_id=lead.pk, how="Phone", by=desk, now=at_noon - timedelta(days=1))
    followups.drop_open(lead, now=at_noon - timedelta(hours=20))
    for minutes, what in ((-40, "Call Ann"), (90, "Send the price list"), (-130, "Ask the nurse")):
        due_at = at_noon + timedelta(minutes=minutes)
        followups.plan(
            lead,
            kind=FollowUpKind.OTHER,
            due_at=due_at,
            what=what,
            actor=SYSTEM,
            now=at_noon - timedelta(days=1),
        )

    shown = screen(at_desk)

    assert [(line.what, line.left, line.when) for line in shown.overdue] == [
        ("Ask the nurse", "due 2 h 10 min ago", "8:50 AM"),
        ("Call Ann", "due 40 min ago", "10:20 AM"),
    ]
    assert [(line.what, line.left) for line in shown.later] == [("Send the price list", "due in 1 h 30 min")]


def test_arrivals_that_wait_are_said_with_since_when_and_the_stopped_worker(
    at_desk: Client, place: Location, at_noon: datetime
) -> None:
    form = factories.form(at=place)
    for minutes in (118, 60, 2):
        factories.arrival(form, now=at_noon - timedelta(minutes=minutes))
    heartbeats.beat("arrivals", now=at_noon - timedelta(minutes=119))

    page = at_desk.get(HOME).content.decode()

    assert "3 arrivals wait since 9:02 AM; the worker has not come round since 9:01 AM." in page


def test_a_working_worker_is_not_spoken_of(at_desk: Client, place: Location, at_noon: datetime) -> None:
    heartbeats.beat("arrivals", now=at_noon - timedelta(seconds=5))

    shown = screen(at_desk)

    assert (shown.worker, shown.waiting) == ("", "")


def test_a_parked_arrival_shows_its_reason_and_can_be_tried_again(
    at_desk: Client, place: Location, at_noon: datetime
) -> None:
    parked = factories.arrival(factories.form(at=place), now=at_noon)
    parked.state, parked.reason = SubmissionState.PARKED, "Could not be processed (ValueError)."
    parked.save(update_fields=["state", "reason"])

    before = screen(at_desk).parked
    response = at_desk.post(reverse("admin:leads_arrival_retry", args=[parked.pk]))

    parked.refresh_from_db()
    assert [(row["id"], row["reason"]) for row in before] == [
        (parked.pk, "Could not be processed (ValueError).")
    ]
    assert (response.status_code, parked.state, parked.attempts) == (302, SubmissionState.WAITING, 0)


def test_messages_nobody_knows_of_and_standing_holds_are_shown(
    at_desk: Client, arrive: Arrive, at_noon: datetime
) -> None:
    lead = arrive(name="Ann Smith")
    stuck_message(lead, at_noon)
    SafetyHold.objects.create(contact=lead.contact, kind=HoldKind.CRISIS, raised_at=at_noon)

    shown = screen(at_desk)

    assert [(row["to"], row["state"], row["reason"]) for row in shown.messages] == [
        ("Ann Smith", "Not known if it went", "The mail server fell silent.")
    ]
    assert [(row["name"], row["kind"], row["lead_id"]) for row in shown.holds] == [
        ("Ann Smith", "May be in crisis", lead.pk)
    ]


def test_message_that_a_person_gave_up_was_looked_at(
    at_desk: Client, arrive: Arrive, at_noon: datetime
) -> None:
    stuck_message(arrive(name="Ann Smith"), at_noon)
    message = Message.objects.get(state=MessageState.UNKNOWN)

    outbox.settle_unknown(message.pk, to="failed", words="", actor=SYSTEM, now=at_noon)

    assert screen(at_desk).messages == []


def test_staff_see_their_own_locations_first(
    at_desk: Client, desk: Staff, arrive: Arrive, place: Location, at_noon: datetime
) -> None:
    elsewhere = factories.location(name="North")
    desk.locations.add(elsewhere)
    arrive(name="Ann Smith")

    mine, everywhere = screen(at_desk), screen(at_desk, "?where=everywhere")

    assert (len(mine.answers), len(everywhere.answers)) == (0, 1)


def test_an_empty_day_is_calm(
    at_desk: Client, desk: Staff, arrive: Arrive, place: Location, at_noon: datetime
) -> None:
    lead = arrive()
    acts.answer_elsewhere(lead_id=lead.pk, how="Phone", by=desk, now=at_noon)

    page = at_desk.get(HOME).content.decode()

    assert "Everybody who wrote has been answered." in page
    assert "Nothing is due today." in page
    assert "No visits today." in page


def test_today_has_a_search_for_leads_outside_of_what_refreshes_itself(
    at_desk: Client, place: Location, at_noon: datetime
) -> None:
    page = at_desk.get(HOME).content.decode()

    assert page.index('id="find-lead"') < page.index('id="today"')
    assert '<form class="ivs-search" role="search" action="/admin/leads/lead/">' in page


def test_words_of_strangers_are_never_markup(at_desk: Client, arrive: Arrive, at_noon: datetime) -> None:
    arrive(name='<img src=x onerror="alert(1)">', article="<script>alert(2)</script>")

    page = at_desk.get(HOME).content.decode()

    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in page


def test_marketing_sees_nobody_on_today(
    sign_in: Callable[[str], Client], arrive: Arrive, at_noon: datetime
) -> None:
    arrive(name="Ann Smith")

    page = sign_in(Role.MARKETING).get(HOME)

    assert page.status_code == 200
    assert "screen" not in page.context
    assert "Ann Smith" not in page.content.decode()


def test_those_who_may_only_look_get_no_buttons(
    sign_in: Callable[[str], Client], arrive: Arrive, at_noon: datetime
) -> None:
    lead = arrive()
    marketing = sign_in(Role.MARKETING)

    answers = {
        marketing.post(reverse("admin:leads_lead_act", args=[lead.pk, "note"]), {"text": "x"}).status_code,
        marketing.post(reverse("admin:leads_arrival_retry", args=[1])).status_code,
    }

    assert answers == {403}


@pytest.mark.parametrize("rows", [1, 3])
def test_today_reads_twelve_queries_however_much_there_is(
    at_desk: Client, arrive: Arrive, place: Location, django_assert_max_num_queries: Any, rows: int
) -> None:
    now = database_now()
    for n in range(rows):
        lead = arrive(at=now, name=f"Ann {n}", phone=f"512-555-010{n}")
        other = arrive(at=now, name=f"Bo {n}")
        book(other, place, now + timedelta(minutes=1), now)
        followups.plan(
            other, kind=FollowUpKind.REVIEW, due_at=now - timedelta(hours=1), actor=SYSTEM, now=now
        )
        SafetyHold.objects.create(contact=lead.contact, kind=HoldKind.CRISIS, raised_at=now)
        stuck_message(other, now)
        factories.arrival(factories.form(at=place), now=now)

    with django_assert_max_num_queries(12) as queries:
        shown = screen(at_desk)

    assert len(queries) == 12
    assert (shown.answers_total, len(shown.messages), len(shown.holds)) == (rows, rows, rows)


def test_long_lists_are_cut_with_the_way_to_all_of_them(
    at_desk: Client, arrive: Arrive, monkeypatch: pytest.MonkeyPatch, at_noon: datetime
) -> None:
    monkeypatch.setattr(today_queries, "SHOWN", 2)
    for name in ("Ann", "Bo", "Charlie"):
        arrive(name=name)

    page = at_desk.get(HOME)

    assert (len(page.context["screen"].answers), page.context["screen"].answers_total) == (2, 3)
    assert 'href="/admin/leads/lead/?show=unanswered">All 3</a>' in page.content.decode()


def test_what_is_asked_of_somebody_names_them(
    at_desk: Client, arrive: Arrive, desk: Staff, at_noon: datetime
) -> None:
    lead, nurse = arrive(), factories.staff(role=Role.NURSE, full_name="Nina Nurse")
    followups.plan(
        lead,
        kind=FollowUpKind.REVIEW,
        due_at=at_noon,
        what="Iron tablets?",
        actor=SYSTEM,
        now=at_noon,
        assigned_to_id=nurse.pk,
    )

    [line] = screen(at_desk).overdue

    assert (line.what, line.lead.owner) == ("Iron tablets?", "Nina Nurse")


def test_leads_of_a_location_that_closed_are_not_forgotten(
    at_desk: Client, arrive: Arrive, place: Location, at_noon: datetime
) -> None:
    arrive(name="Ann Smith")
    place.is_active = False
    place.save(update_fields=["is_active"])

    assert [line.lead.name for line in screen(at_desk).answers] == ["Ann Smith"]


def test_words_that_no_key_opens_spoil_their_own_line_only(
    at_desk: Client, arrive: Arrive, at_noon: datetime
) -> None:
    spoilt = arrive(at=at_noon, name="Ann Smith", preferred_time="evening")
    arrive(at=at_noon, name="Bo Jones", preferred_time="morning")
    for lead, what in ((spoilt, "Ask the nurse"), (Lead.objects.exclude(pk=spoilt.pk).get(), "Send it")):
        followups.plan(lead, kind=FollowUpKind.OTHER, due_at=at_noon, what=what, actor=SYSTEM, now=at_noon)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET preferred_time = 'v1:gone:AAAA' WHERE id = %s", [spoilt.pk])
        cursor.execute("UPDATE leads_followup SET what = 'v1:gone:AAAA' WHERE lead_id = %s", [spoilt.pk])

    shown = screen(at_desk)

    assert {line.lead.name: line.details[1:] for line in shown.answers} == {
        "Ann Smith": [],
        "Bo Jones": ["prefers morning"],
    }
    assert {line.lead.name: line.what for line in shown.overdue} == {
        "Ann Smith": "To do",
        "Bo Jones": "Send it",
    }
