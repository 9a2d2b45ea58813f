"""The demo's quarter: it looks like one, it is true by every rule, and nothing of it leaves the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker, Settings

from crm import queries
from crm.errors import DomainError
from crm.fields import keyed_hash
from crm.models import (
    Address,
    ApiToken,
    Appointment,
    AppointmentEvent,
    AuditEntry,
    Location,
    Payment,
    SafetyHold,
    Staff,
)
from leads.domain import arrivals, demo, followups, intake
from leads.models import CaptureForm, FollowUp, Lead, LeadEvent, LeadVisit, Note, Submission, Touch
from notifications.domain import dispatch, reconcile
from notifications.enums import GONE_OUT
from notifications.models import Message, MessageEvent

# A Tuesday, 15:00 at the clinic.
AFTERNOON = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
MOMENTS = {
    "an hour after the clocks went forward": datetime(2026, 3, 8, 9, 0, tzinfo=UTC),
    "between the two one o'clocks of the autumn": datetime(2026, 11, 1, 6, 59, tzinfo=UTC),
    "a day on which all is closed": datetime(2026, 12, 25, 18, 0, tzinfo=UTC),
    "before opening on a Monday": datetime(2026, 7, 6, 13, 5, tzinfo=UTC),
}


@pytest.fixture(scope="module")
def quarter(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[demo.Seeded]:
    """Seed the whole quarter once for all tests that only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        seeded = demo.seed(now=AFTERNOON)
        assert seeded is not None
        yield seeded
        transaction.set_rollback(True)


def _share(**filters: Any) -> float:
    return Lead.objects.filter(**filters).count() / Lead.objects.count()


def test_quarter_has_the_funnel_of_a_real_clinic(quarter: demo.Seeded) -> None:
    assert 210 <= quarter.leads <= 245
    assert quarter.leads == Lead.objects.count()
    assert 0.62 <= _share(first_contacted_at__isnull=False) <= 0.82
    assert 0.31 <= _share(booked_at__isnull=False) <= 0.48
    assert 0.24 <= _share(attended_at__isnull=False) <= 0.39


def test_quarter_spreads_over_ninety_days_and_the_evening(quarter: demo.Seeded) -> None:
    arrived = [at.astimezone(ZONE) for at in Lead.objects.values_list("arrived_at", flat=True)]

    weeks = {(AFTERNOON - at).days // 7 for at in arrived}
    evening = sum(at.hour >= 17 or at.weekday() >= 5 for at in arrived)

    assert weeks == set(range(13))
    assert evening > len(arrived) / 2
    assert max(arrived) < AFTERNOON
    assert set(Lead.objects.values_list("article", flat=True)) == {
        "magnesium",
        "hydration",
        "myers-cocktail",
        "nad-plus",
        "athletic-recovery",
        "iron",
        "",
    }


def test_quarter_has_every_kind_of_end(quarter: demo.Seeded) -> None:
    visits = set(Appointment.objects.values_list("status", flat=True))
    payments = set(Payment.objects.values_list("kind", flat=True))
    reasons = set(Lead.objects.exclude(lost_reason=None).values_list("lost_reason__code", flat=True))

    assert visits >= {"scheduled", "completed", "no_show", "late_cancelled", "rescheduled"}
    assert payments >= {"paid", "refunded", "package", "member"}
    assert reasons >= {"no_response", "price", "timing", "changed_mind", "wrong_number", "opted_out", "spam"}
    assert set(Lead.objects.values_list("kind", flat=True)) >= {"new", "not_a_lead"}


def test_quarter_shows_work_for_now(quarter: demo.Seeded) -> None:
    unanswered = Lead.objects.open().filter(responded_at__isnull=True)
    due = FollowUp.objects.open()

    newest = unanswered.latest("arrived_at")
    assert AFTERNOON - newest.arrived_at == timedelta(minutes=2)
    assert newest.respond_by == AFTERNOON + timedelta(minutes=3)
    assert unanswered.filter(respond_by__lt=AFTERNOON).exists()
    assert due.filter(due_at__lt=AFTERNOON - timedelta(hours=20)).exists()
    assert due.filter(due_at__range=(AFTERNOON - timedelta(hours=3), AFTERNOON)).exists()
    assert due.filter(due_at__range=(AFTERNOON, AFTERNOON + timedelta(hours=1))).exists()
    assert due.filter(due_at__range=(AFTERNOON + timedelta(hours=12), AFTERNOON + timedelta(days=2))).exists()
    assert due.filter(assigned_to__email="nurse@ivsuite.example").count() == 1


def test_quarter_has_visits_today_at_several_hours(quarter: demo.Seeded) -> None:
    visits = Appointment.objects.exclude(status="rescheduled")
    today = [
        visit.starts_at.astimezone(ZONE)
        for visit in visits
        if visit.starts_at.astimezone(ZONE).date() == AFTERNOON.astimezone(ZONE).date()
    ]

    assert len({at.hour for at in today}) >= 3
    assert visits.filter(starts_at__gt=AFTERNOON + timedelta(days=1), status="scheduled").exists()


def test_quarter_knows_nothing_of_the_future(quarter: demo.Seeded) -> None:
    latest = {
        "arrival": Submission.objects.latest("received_at").received_at,
        "processed": Submission.objects.latest("processed_at").processed_at,
        "lead": LeadEvent.objects.latest("at").at,
        "visit": AppointmentEvent.objects.latest("at").at,
        "payment": Payment.objects.latest("at").at,
        "note": Note.objects.latest("at").at,
        "touch": Touch.objects.latest("at").at,
        "audit": AuditEntry.objects.latest("at").at,
        "message": MessageEvent.objects.latest("at").at,
        "planned": FollowUp.objects.latest("planned_at").planned_at,
        "done": FollowUp.objects.exclude(done_at=None).latest("done_at").done_at,
        "handed": Message.objects.exclude(handed_at=None).latest("handed_at").handed_at,
    }

    assert {what: at for what, at in latest.items() if at is None or at > AFTERNOON} == {}


def test_quarter_open_leads_have_a_next_action_that_is_planned(quarter: demo.Seeded) -> None:
    wrong = []
    for lead in Lead.objects.open():
        planned = (
            FollowUp.objects.open().filter(lead=lead).order_by("due_at").values_list("due_at", flat=True)
        )
        if lead.next_action_at != planned.first():
            wrong.append(lead.number)

    assert wrong == []


def test_quarter_conversions_are_the_leads_that_came(quarter: demo.Seeded) -> None:
    converted = set(LeadVisit.objects.exclude(converted_at=None).values_list("lead_id", flat=True))

    assert converted == set(Lead.objects.filter(status="attended").values_list("pk", flat=True))


def test_quarter_leaves_nothing_for_the_sweep(quarter: demo.Seeded) -> None:
    later = AFTERNOON + timedelta(seconds=1)
    states = list(Message.objects.order_by("pk").values_list("pk", "state"))

    assert arrivals.look(lambda: later) == 0
    assert followups.remind_due(now=later) == 0
    assert dispatch.look(lambda: later) == dispatch.Summary()
    assert reconcile.look(now=later) == reconcile.TakenBack(queued=0, unknown=0, parked=0, expired=0)
    assert list(Message.objects.order_by("pk").values_list("pk", "state")) == states


def test_quarter_what_waits_is_due_in_the_future(quarter: demo.Seeded) -> None:
    waiting = Message.objects.filter(state="queued")

    assert waiting.exists()
    assert not waiting.filter(due_at__lte=AFTERNOON).exists()
    assert not Message.objects.filter(state__in=["claimed", "handed", "unknown", "failed"]).exists()


def test_quarter_what_went_out_says_it_was_a_demo_and_what_it_said(quarter: demo.Seeded) -> None:
    gone = list(Message.objects.filter(state__in=GONE_OUT))

    assert len(gone) > 800
    assert {message.provider_id for message in gone} == {"demo"}
    assert all(message.reason.endswith("(Demo: it did not leave the house.)") for message in gone)
    assert all(message.rendered_body and message.rendered_at == message.handed_at for message in gone)


def test_quarter_texts_kept_the_hours_of_whom_they_went_to(quarter: demo.Seeded) -> None:
    texts = Message.objects.filter(state__in=GONE_OUT, channel="sms").select_related("contact")

    hours = {
        text.handed_at.astimezone(ZoneInfo(text.contact.time_zone)).hour
        for text in texts
        if text.handed_at is not None and text.contact is not None
    }
    assert texts.exists()
    assert hours <= set(range(9, 20))


def test_quarter_reaches_nobody_real(quarter: demo.Seeded) -> None:
    values = Address.objects.values_list("kind", "value")

    real = [
        value
        for kind, value in values
        if not (
            value.endswith("@example.com") if kind == "email" else re.fullmatch(r"\+1\d{3}55501\d\d", value)
        )
    ]
    assert real == []
    assert not SafetyHold.objects.exists()


def test_quarter_makes_the_signs_in_that_the_readme_names(quarter: demo.Seeded) -> None:
    roles = {
        staff.email: (staff.groups.get().name, staff.check_password("drip-demo-2026"), staff.is_demo)
        for staff in Staff.objects.all()
    }
    token = ApiToken.objects.get()

    assert roles == {
        "frontdesk@ivsuite.example": ("Front desk", True, True),
        "nurse@ivsuite.example": ("Nurse", True, True),
        "manager@ivsuite.example": ("Manager", True, True),
        "marketing@ivsuite.example": ("Marketing", True, True),
        "owner@ivsuite.example": ("Owner", True, True),
    }
    assert token.token_hash == keyed_hash("demo-staff-token", purpose="api-token")
    assert token.is_demo
    assert sorted(token.scopes) == [
        "appointments:write",
        "contacts:read",
        "leads:health",
        "leads:read",
        "leads:write",
        "reports:read",
    ]
    assert queries.demo_rows_exist()


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:5173", True),
        ("http://[::1]:80", True),
        ("https://localhost:8443", True),
        ("https://clinic.example", False),
        ("http://localhost.evil.example:8000", False),
    ],
)
def test_quarter_form_takes_posts_from_this_machine_only(
    quarter: demo.Seeded, origin: str, allowed: bool
) -> None:
    form = CaptureForm.objects.get(key="demo-website")

    assert form.slug == "website"
    assert form.is_demo
    assert intake.origin_allowed(form, origin) == allowed


def test_seed_again_does_nothing(quarter: demo.Seeded) -> None:
    leads = Lead.objects.count()

    again = demo.seed(now=AFTERNOON + timedelta(days=1))

    assert again is None
    assert Lead.objects.count() == leads


@pytest.mark.django_db
def test_seed_outside_development_is_refused(settings: Settings) -> None:
    settings.DEV = False

    with pytest.raises(DomainError) as refusal:
        demo.seed(now=AFTERNOON)

    assert refusal.value.code == "dev_only"
    assert (Location.objects.count(), Staff.objects.count()) == (0, 0)


def _told() -> list[tuple[str, str, str]]:
    rows = Lead.objects.order_by("pk").select_related("contact")
    return [(lead.contact.full_name, lead.status, lead.article) for lead in rows]


@pytest.mark.django_db
def test_seed_tells_the_same_story_every_time() -> None:
    stories = []
    for _ in range(2):
        with transaction.atomic():
            demo.seed(now=AFTERNOON, enquiries=4)
            stories.append(_told())
            transaction.set_rollback(True)

    assert stories[0] == stories[1]
    assert len(stories[0]) >= 20


@pytest.mark.django_db
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_seed_holds_at_any_moment(moment: datetime) -> None:
    demo.seed(now=moment, enquiries=10)

    assert not Message.objects.filter(state="queued", due_at__lte=moment).exists()
    assert MessageEvent.objects.latest("at").at <= moment
    assert LeadEvent.objects.latest("at").at <= moment
    assert Lead.objects.latest("arrived_at").arrived_at == moment - timedelta(minutes=2)
    assert followups.remind_due(now=moment) == 0
