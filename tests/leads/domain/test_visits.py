"""Visits together with the lead they came of."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from crm.actors import SYSTEM
from crm.errors import AppointmentConflict, DomainError
from crm.models import Appointment, Payment, Service
from leads.domain import acts, arrivals, visits
from leads.models import FollowUp, Lead, LeadVisit
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(now: datetime) -> Lead:
    submission = factories.arrival(factories.form(), now=now, phone="512-555-0140", consent_sms=True)
    arrivals.process(submission_id=submission.pk, now=now)
    return Lead.objects.get()


@pytest.fixture
def service(db: None) -> Service:
    return factories.service()


def booked(lead: Lead, service: Service, now: datetime, *, days: float = 3, **more: object) -> Appointment:
    return visits.book(
        lead_id=lead.pk,
        service=service,
        location=lead.location,
        starts_at=now + timedelta(days=days),
        actor=SYSTEM,
        now=now,
        **more,  # type: ignore[arg-type]
    )


def facts(lead: Lead) -> tuple[str, int, int]:
    """Give status, conversions and open follow-ups of a lead."""
    lead.refresh_from_db()
    return (
        lead.status,
        LeadVisit.objects.filter(lead=lead, converted_at__isnull=False).count(),
        FollowUp.objects.filter(lead=lead, state="open").count(),
    )


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


def test_a_payment_noted_twice_is_one_payment(lead: Lead, service: Service, now: datetime) -> None:
    appointment = booked(lead, service, now)
    once = "0" * 32

    for _ in range(2):
        visits.record_payment(
            appointment_id=appointment.pk,
            kind="paid",
            amount_minor=4500,
            reference=once,
            actor=SYSTEM,
            now=now,
        )

    assert visits.money_kept(appointment) == 4500


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


def test_one_of_two_visits_cancelled_leaves_the_lead_booked(
    lead: Lead, service: Service, now: datetime
) -> None:
    first = booked(lead, service, now)
    second = booked(lead, service, now, days=9)

    visits.cancel(appointment_id=first.pk, by_client=False, reason="", actor=SYSTEM, now=now)

    assert facts(lead) == ("booked", 0, 2)
    assert FollowUp.objects.get(state="open", kind="visit_outcome").due_at == second.ends_at + timedelta(
        hours=1
    )


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


def test_a_correction_beside_a_newer_open_lead_is_refused_whole(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    visits.attend(appointment_id=appointment.pk, actor=SYSTEM, now=appointment.starts_at)
    factories.lead(person=lead.contact, at=lead.location)

    with pytest.raises(DomainError) as refusal:
        visits.correct(appointment_id=appointment.pk, came=False, actor=SYSTEM, now=appointment.ends_at)

    appointment.refresh_from_db()
    assert refusal.value.code == "newer_lead_open"
    assert (appointment.status, facts(lead)[:2]) == ("completed", ("attended", 1))


def test_a_lead_closed_after_a_no_show_that_was_none_has_come_after_all(
    lead: Lead, service: Service, now: datetime
) -> None:
    appointment = booked(lead, service, now)
    then = appointment.ends_at
    visits.no_show(appointment_id=appointment.pk, actor=SYSTEM, now=then)
    acts.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=then)

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


def test_a_refund_subtracts_and_does_not_unattend(lead: Lead, service: Service, now: datetime) -> None:
    appointment = booked(lead, service, now, days=0)
    visits.attend(appointment_id=appointment.pk, actor=SYSTEM, now=now)
    pay = {"appointment_id": appointment.pk, "actor": SYSTEM, "now": now}

    visits.record_payment(kind="paid", amount_minor=4500, **pay)  # type: ignore[arg-type]
    visits.record_payment(kind="refunded", amount_minor=1500, **pay)  # type: ignore[arg-type]

    assert visits.money_kept(appointment) == 3000
    assert facts(lead)[:2] == ("attended", 1)
    with pytest.raises(DomainError) as refusal:
        visits.record_payment(kind="refunded", amount_minor=3001, **pay)  # type: ignore[arg-type]
    assert refusal.value.code == "refund_too_large"
    assert Payment.objects.count() == 2


def test_a_closed_lead_cannot_be_booked(lead: Lead, service: Service, now: datetime) -> None:
    acts.lose(lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=now)

    with pytest.raises(DomainError) as refusal:
        booked(lead, service, now)

    assert refusal.value.code == "transition_not_allowed"
    assert Appointment.objects.count() == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_desks_cannot_book_the_same_chair(now: datetime) -> None:
    location = factories.location()
    service = factories.service()
    leads = [factories.lead(at=location) for _ in range(6)]
    gate = threading.Barrier(len(leads))
    refused: list[str] = []

    def work(lead: Lead) -> None:
        try:
            gate.wait(10)
            booked(lead, service, now, chair=1)
        except AppointmentConflict as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(lead,)) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert Appointment.objects.count() == 1
    assert refused == ["appointment_conflict"] * 5
