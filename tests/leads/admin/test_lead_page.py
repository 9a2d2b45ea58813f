"""The page of one lead: what it shows, to whom, at which cost; and the doors of its buttons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.actors import SYSTEM
from crm.enums import PaymentKind, Role
from crm.models import AuditEntry, Location, Staff
from leads.domain import acts, followups, visits
from leads.enums import LeadStatus
from leads.models import FollowUp, Lead
from tests import factories
from tests.leads.admin.pressing import page_of, press, pressed_well

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]


def test_the_page_says_who_it_is_and_what_they_wrote(at_desk: Client, lead: Lead) -> None:
    response = at_desk.get(page_of(lead))

    page = response.context["page"]
    assert (page["name"], page["word"], page["tel"]) == ("Ann Smith", "new", "+15125550140")
    assert [point["href"] for point in page["points"]] == ["mailto:ann@example.com", "tel:+15125550140"]
    assert dict(page["facts"]) == {
        "Language": "English",
        "Prefers": "Phone",
        "Preferred time": "evening",
        "Voicemail ok?": "no, please do not",
        "Article": "magnesium",
        "Form": "Website",
        "Arrived": "11:00 AM",
    }
    # Evening is from five on, and an answer has its quarter of an hour.
    assert page["answer"] == {"tone": "soon", "text": "answer by 5:15 PM", "left": "6 h left"}
    assert [item.quote for item in page["timeline"] if item.quote] == ["Does magnesium help with cramps?"]


def test_looking_at_a_page_is_written_down(at_desk: Client, desk: Staff, lead: Lead) -> None:
    at_desk.get(page_of(lead))

    viewed = AuditEntry.objects.get(action="lead.viewed")
    assert (viewed.subject_ref, viewed.actor_staff) == (lead.reference, desk)


def test_a_page_is_found_by_the_reference_in_a_message(at_desk: Client, lead: Lead) -> None:
    submission = lead.submissions.get()

    answers = [
        at_desk.get(reverse("admin:leads_lead_by_reference", args=[reference]))
        for reference in (lead.reference, submission.reference, "f" * 32)
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 404]
    assert [answer["Location"] for answer in answers[:2]] == [page_of(lead)] * 2


@pytest.mark.parametrize("path", ["/admin/leads/lead/999999/change/", "/admin/leads/lead/x/change/"])
def test_a_page_that_is_not_there_is_not_found(at_desk: Client, place: Location, path: str) -> None:
    assert at_desk.get(path).status_code == 404


def test_words_of_strangers_are_never_markup(
    at_desk: Client, arrive: Arrive, at_noon: datetime, desk: Staff
) -> None:
    attack = "<script>alert(1)</script>"
    lead = arrive(name=attack, message=attack, article=attack, preferred_time=attack)
    acts.add_note(lead_id=lead.pk, text=attack, actor=desk.as_actor, now=at_noon)

    page = at_desk.get(page_of(lead)).content.decode()

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.FRONT_DESK, 200),
        (Role.NURSE, 200),
        (Role.MANAGER, 200),
        (Role.OWNER, 200),
        (Role.MARKETING, 403),
    ],
)
def test_who_may_open_a_lead(sign_in: Callable[[str], Client], lead: Lead, role: str, status: int) -> None:
    at_desk = sign_in(role)

    answers = {
        at_desk.get(page_of(lead)).status_code,
        at_desk.get(reverse("admin:leads_lead_changelist")).status_code,
        at_desk.get(reverse("admin:leads_lead_by_reference", args=[lead.reference]), follow=True).status_code,
    }

    assert answers == {status}
    assert AuditEntry.objects.filter(action="lead.viewed").exists() == (status == 200)


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_nothing_is_added_or_deleted_by_hand(sign_in: Callable[[str], Client], lead: Lead, path: str) -> None:
    url = "/admin/leads/lead/" + path.format(pk=lead.pk)

    assert sign_in(Role.OWNER).post(url, {"post": "yes"}).status_code == 403
    assert Lead.objects.filter(pk=lead.pk).exists()


def test_a_status_cannot_be_typed_in(at_desk: Client, lead: Lead) -> None:
    response = at_desk.post(page_of(lead), {"status": "attended"})

    lead.refresh_from_db()
    assert (response.status_code, lead.status) == (404, LeadStatus.NEW)


def test_a_button_acts_on_a_post_only(at_desk: Client, lead: Lead) -> None:
    assert at_desk.get(reverse("admin:leads_lead_act", args=[lead.pk, "take"])).status_code == 405


def test_an_unknown_button_is_not_found(at_desk: Client, lead: Lead) -> None:
    assert press(at_desk, lead, "explode").status_code == 404


def test_who_is_not_signed_in_acts_on_nothing(lead: Lead) -> None:
    response = Client().post(reverse("admin:leads_lead_act", args=[lead.pk, "take"]))

    lead.refresh_from_db()
    assert (response.status_code, lead.owner) == (302, None)
    assert response["Location"].startswith("/admin/login/")


def test_a_button_needs_the_token_of_its_page(desk: Staff, lead: Lead) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(desk)

    response = careful.post(reverse("admin:leads_lead_act", args=[lead.pk, "take"]))

    lead.refresh_from_db()
    assert (response.status_code, lead.owner) == (403, None)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({}, {"tone": "calm", "text": "first tried 11:00 AM", "left": ""}),
        ({"reached": True}, {"tone": "good", "text": "answered 11:00 AM", "left": ""}),
        ({"moves_to": LeadStatus.CONTACTED}, {"tone": "good", "text": "answered 11:00 AM", "left": ""}),
    ],
)
def test_only_who_was_reached_was_answered(
    at_desk: Client, lead: Lead, outcome: dict[str, Any], said: dict[str, str]
) -> None:
    pressed_well(at_desk, lead, "call", outcome=factories.outcome(**outcome).pk)

    assert at_desk.get(page_of(lead)).context["page"]["answer"] == said


def test_answered_elsewhere_is_answered(at_desk: Client, lead: Lead) -> None:
    pressed_well(at_desk, lead, "answered", how="Instagram")

    page = at_desk.get(page_of(lead)).context["page"]
    assert page["answer"]["text"] == "answered 11:00 AM"
    told = [(item.title, item.text) for item in page["timeline"] if item.icon == "done"]
    assert told == [("Already answered", "Instagram")]


def queries_of_page(at_desk: Client, lead: Lead, counting: Any) -> int:
    with counting(40) as queries:
        assert at_desk.get(page_of(lead)).status_code == 200
    return len(queries)


def test_a_long_story_costs_no_more_queries(
    at_desk: Client,
    desk: Staff,
    arrive: Arrive,
    place: Location,
    at_noon: datetime,
    django_assert_max_num_queries: Any,
) -> None:
    short, long = arrive(name="Ann"), arrive(name="Bo", email="bo@example.com", message="first")
    for lead, times in ((short, 1), (long, 3)):
        for n in range(times):
            moment = at_noon + timedelta(minutes=n)
            acts.add_note(lead_id=lead.pk, text="note", actor=desk.as_actor, now=moment)
            booked = visits.book(
                lead_id=lead.pk,
                service=factories.service(),
                location=place,
                starts_at=at_noon + timedelta(days=1, hours=n),
                actor=desk.as_actor,
                now=moment,
            )
            visits.record_payment(
                appointment_id=booked.pk, kind=PaymentKind.PAID, amount_minor=4500, actor=SYSTEM, now=moment
            )
            followups.plan(
                lead, kind="other", due_at=moment, actor=SYSTEM, now=moment, assigned_to_id=desk.pk
            )
    arrive(name="Bo", email="bo@example.com", message="again", at=at_noon + timedelta(minutes=30))
    at_desk.get(page_of(short))  # what the process keeps for ten seconds is warm for both

    counts = [queries_of_page(at_desk, lead, django_assert_max_num_queries) for lead in (short, long)]

    assert FollowUp.objects.filter(lead=long).count() > FollowUp.objects.filter(lead=short).count()
    assert counts[0] == counts[1]
