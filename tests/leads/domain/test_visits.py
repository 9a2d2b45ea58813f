"""Visits together with the lead they came of."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.actors import SYSTEM
from crm.errors import AppointmentConflict, DomainError
from crm.models import Appointment, Service
from leads.domain import closing, visits
from leads.models import FollowUp, Lead, LeadEvent, LeadVisit
from notifications.models import Message
from tests import factories
from tests.leads.domain.visiting import ann, booked, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(now: datetime) -> Lead:
    return ann(now)


@pytest.fixture
def service(db: None) -> Service:
    return factories.service()


def test_booking_links_moves_the_lead_and_plans_what_is_said(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)

    assert facts(lead) == ("booked", 0, 1)
    assert (appointment.price_minor, appointment.currency) == (4500, "USD")
    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=30)
    assert lead.next_action_at == appointment.ends_at + timedelta(minutes=60)
    assert (lead.booked_at, lead.responded_at) == (now, now)
    planned = Message.objects.filter(about_ref=appointment.reference)
    assert sorted(planned.filter(channel="email").values_list("template_code", flat=True)) == [
        "visit-confirmation",
        "visit-reminder-24h",
        "visit-reminder-2h",
        "visit-reminder-48h",
    ]
    assert planned.filter(channel="sms").count() == 4
    confirmation = planned.get(channel="email", template_code="visit-confirmation")
    assert confirmation.due_at == now + timedelta(minutes=3)


def test_the_same_outside_booking_again_changes_nothing(lead: Lead, service: Service, now: datetime) -> None:
    first = booked(lead, service, now, source="acuity", external_ref="A-1")

    again = booked(lead, service, now, source="acuity", external_ref="A-1")

    assert again == first
    assert Appointment.objects.count() == 1
    with pytest.raises(AppointmentConflict):
        booked(lead, service, now, days=4, source="acuity", external_ref="A-1")


def test_booking_by_a_button_pressed_twice_is_one_visit(lead: Lead, service: Service, now: datetime) -> None:
    first = booked(lead, service, now)
    said = Message.objects.count()

    again = booked(lead, service, now)

    assert again == first
    assert (Appointment.objects.count(), Message.objects.count()) == (1, said)


def test_a_taken_chair_is_refused_and_a_free_one_is_not(lead: Lead, service: Service, now: datetime) -> None:
    other = factories.lead(at=lead.location)
    booked(lead, service, now, chair=1)

    with pytest.raises(AppointmentConflict):
        booked(other, service, now, chair=1)
    booked(other, service, now, chair=2)

    assert Appointment.objects.count() == 2


def test_moving_leaves_the_old_row_and_plans_anew(lead: Lead, service: Service, now: datetime) -> None:
    old = booked(lead, service, now)

    new = visits.move(appointment_id=old.pk, starts_at=now + timedelta(days=5), actor=SYSTEM, now=now)

    old.refresh_from_db()
    assert (old.status, new.status, new.moved_from) == ("rescheduled", "scheduled", old)
    assert facts(lead) == ("booked", 0, 1)
    assert lead.next_action_at == new.ends_at + timedelta(minutes=60)
    assert set(Message.objects.filter(about_ref=old.reference).values_list("state", flat=True)) == {
        "cancelled"
    }
    assert Message.objects.filter(about_ref=new.reference, state="queued").count() == 8
    assert LeadVisit.objects.get(revoked_at__isnull=True).appointment == new


def test_moving_keeps_the_length_and_the_price_agreed(lead: Lead, service: Service, now: datetime) -> None:
    start = now + timedelta(days=3)
    old = booked(lead, service, now, ends_at=start + timedelta(minutes=90))
    Service.objects.update(price_minor=9900)

    new = visits.move(appointment_id=old.pk, starts_at=now + timedelta(days=5), actor=SYSTEM, now=now)

    assert (new.ends_at - new.starts_at, new.price_minor) == (timedelta(minutes=90), 4500)


def test_booking_drops_the_text_that_promises_a_call(lead: Lead, service: Service, now: datetime) -> None:
    booked(lead, service, now)

    waiting = Message.objects.get(template_code="acknowledgement", channel="sms")
    assert waiting.state == "cancelled"


def test_cancelling_gives_the_lead_back_to_a_caller(lead: Lead, service: Service, now: datetime) -> None:
    appointment = booked(lead, service, now)

    visits.cancel(appointment_id=appointment.pk, by_client=True, reason="ill", actor=SYSTEM, now=now)

    appointment.refresh_from_db()
    assert appointment.status == "cancelled_by_client"
    assert facts(lead) == ("qualified", 0, 1)
    assert Message.objects.filter(about_ref=appointment.reference, state="queued").count() == 0


@pytest.mark.parametrize(
    ("by_client", "hours", "status"),
    [(True, 25, "cancelled_by_client"), (True, 23, "late_cancelled"), (False, 1, "cancelled_by_clinic")],
)
def test_cancelling_late_by_the_client_is_told_apart(
    by_client: bool, hours: int, status: str, lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now, days=hours / 24)

    visits.cancel(appointment_id=appointment.pk, by_client=by_client, reason="", actor=SYSTEM, now=now)

    appointment.refresh_from_db()
    assert appointment.status == status


def test_attending_converts_once_however_often_it_is_said(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    then = appointment.starts_at

    for _ in range(3):
        visits.attend(appointment_id=appointment.pk, actor=SYSTEM, now=then)

    assert facts(lead) == ("attended", 1, 0)
    assert lead.attended_at == then
    assert list(appointment.events.order_by("pk").values_list("to_status", flat=True)) == [
        "scheduled",
        "checked_in",
        "completed",
    ]


def test_attending_too_early_is_refused(lead: Lead, service: Service, now: datetime) -> None:
    appointment = booked(lead, service, now)

    with pytest.raises(DomainError) as refusal:
        visits.attend(
            appointment_id=appointment.pk, actor=SYSTEM, now=appointment.starts_at - timedelta(minutes=61)
        )

    assert refusal.value.code == "too_early"


def test_a_walk_in_is_booked_and_attended_at_once(lead: Lead, service: Service, now: datetime) -> None:
    appointment = booked(lead, service, now, days=0)

    visits.attend(appointment_id=appointment.pk, actor=SYSTEM, now=now)

    assert facts(lead) == ("attended", 1, 0)
    assert Message.objects.filter(about_ref=appointment.reference, state="queued").count() == 0


def test_a_reminder_that_still_waits_when_they_came_is_taken_back(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    waiting = Message.objects.filter(about_ref=appointment.reference, template_code="visit-reminder-2h")
    assert set(waiting.values_list("state", flat=True)) == {"queued"}

    # No worker was there in the last hours, and they are early.
    visits.attend(
        appointment_id=appointment.pk, actor=SYSTEM, now=appointment.starts_at - timedelta(minutes=20)
    )

    assert set(waiting.values_list("state", "reason")) == {("cancelled", "They came.")}


def test_not_coming_sends_nothing_and_asks_somebody_to_call(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    before = Message.objects.count()

    visits.no_show(appointment_id=appointment.pk, actor=SYSTEM, now=appointment.ends_at)

    assert facts(lead) == ("qualified", 0, 1)
    assert Message.objects.count() == before
    assert FollowUp.objects.get(state="open").kind == "call"


def test_corrections_carry_the_conversion_along_both_ways(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    then = appointment.ends_at
    seen = []

    visits.no_show(appointment_id=appointment.pk, actor=SYSTEM, now=then)
    for came in (True, True, False, True):
        visits.correct(appointment_id=appointment.pk, came=came, actor=SYSTEM, now=then)
        seen.append(facts(lead)[:2])

    assert seen == [("attended", 1), ("attended", 1), ("qualified", 0), ("attended", 1)]


def test_a_correction_beside_a_newer_open_lead_closes_the_older(
    lead: Lead, service: Service, now: datetime
) -> None:
    factories.lost_reason("duplicate")
    appointment = booked(lead, service, now)
    visits.attend(appointment_id=appointment.pk, actor=SYSTEM, now=appointment.starts_at)
    newer = factories.lead(person=lead.contact, at=lead.location)

    visits.correct(appointment_id=appointment.pk, came=False, actor=SYSTEM, now=appointment.ends_at)

    appointment.refresh_from_db()
    assert (appointment.status, facts(lead)) == ("no_show", ("lost", 0, 0))
    assert (lead.status_before, lead.attended_at) == ("qualified", None)
    assert lead.lost_reason == factories.lost_reason("duplicate")
    said = LeadEvent.objects.filter(lead=lead).latest("pk").reason
    assert said == f"Corrected: did not come. {newer} carries on."

    visits.correct(appointment_id=appointment.pk, came=True, actor=SYSTEM, now=appointment.ends_at)

    newer.refresh_from_db()
    assert (facts(lead)[:2], newer.status) == (("attended", 1), "new")


def test_a_lead_closed_after_a_no_show_that_was_none_has_come_after_all(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    then = appointment.ends_at
    visits.no_show(appointment_id=appointment.pk, actor=SYSTEM, now=then)
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=then)

    visits.correct(appointment_id=appointment.pk, came=True, actor=SYSTEM, now=then)

    assert facts(lead) == ("attended", 1, 0)
    assert (lead.attended_at, lead.lost_reason) == (then, None)


def test_any_order_of_replayed_marks_converts_at_most_once(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    then = appointment.ends_at
    marks: list[Callable[[], object]] = [
        lambda: visits.attend(appointment_id=appointment.pk, actor=SYSTEM, now=then),
        lambda: visits.no_show(appointment_id=appointment.pk, actor=SYSTEM, now=then),
        lambda: visits.correct(appointment_id=appointment.pk, came=True, actor=SYSTEM, now=then),
        lambda: visits.confirm(appointment_id=appointment.pk, actor=SYSTEM, now=then),
    ]
    chance, refused = random.Random(7), 0

    for order in itertools.islice(itertools.permutations(marks), 24):
        for mark in chance.choices(order, k=6):
            try:
                with transaction.atomic():
                    mark()
            except DomainError:
                refused += 1
            assert LeadVisit.objects.filter(converted_at__isnull=False).count() <= 1
    appointment.refresh_from_db()
    converted = LeadVisit.objects.filter(converted_at__isnull=False).count()
    assert converted == int(appointment.status == "completed")
    assert refused > 0


def test_the_database_refuses_a_second_lead_for_one_visit(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    other = factories.lead(at=lead.location)

    with pytest.raises(IntegrityError), transaction.atomic():
        LeadVisit.objects.create(lead=other, appointment=appointment, linked_at=now, **LeadVisit.by(SYSTEM))

    assert LeadVisit.objects.count() == 1


def test_a_closed_lead_cannot_be_booked(lead: Lead, service: Service, now: datetime) -> None:
    closing.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=now)

    with pytest.raises(DomainError) as refusal:
        booked(lead, service, now)

    assert refusal.value.code == "transition_not_allowed"
    assert refusal.value.message == "This lead is closed. Reopen it first."
    assert Appointment.objects.count() == 0
