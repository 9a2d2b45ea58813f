"""Who came is booked again: a new lead of the same person, or the one they have open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import AppointmentConflict, TransitionNotAllowed
from crm.models import Appointment, AuditEntry, Service, Staff
from leads.domain import closing, visits
from leads.models import Lead, LeadEvent, LeadVisit
from notifications.models import Message
from tests import factories
from tests.leads.domain.visiting import ann, booked, check_in_order, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(db: None) -> Service:
    return factories.service()


@pytest.fixture
def lead(now: datetime, service: Service) -> Lead:
    """A lead of Ann's, who came today."""
    lead = ann(now, article="magnesium")
    visit = booked(lead, service, now, days=0)
    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=now)
    lead.refresh_from_db()
    return lead


def lead_of(visit: Appointment) -> Lead:
    return LeadVisit.objects.get(appointment=visit, revoked_at__isnull=True).lead


def test_how_they_want_to_be_reached_is_known_on_the_new_lead(service: Service, now: datetime) -> None:
    came = ann(now, voicemail_ok=False, preferred_contact="email", preferred_time="mornings")
    visit = booked(came, service, now, days=0)
    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=now)

    new = lead_of(booked(came, service, now))

    assert (new.voicemail_ok, new.preferred_contact, new.preferred_time) == (False, "email", "mornings")


def test_who_came_is_booked_on_a_new_lead(lead: Lead, service: Service, now: datetime) -> None:
    later = now + timedelta(days=1)

    visit = booked(lead, service, later)

    new = lead_of(visit)
    check_in_order(new)
    assert new != lead
    assert (new.status, new.kind, new.contact, new.location) == (
        "booked",
        "existing_client",
        lead.contact,
        lead.location,
    )
    assert (new.form, new.article, new.respond_by, new.attended_at) == (None, "", None, None)
    times = (new.arrived_at, new.last_arrival_at, new.responded_at, new.first_contacted_at, new.booked_at)
    assert times == (later,) * 5
    assert Message.objects.filter(about_ref=visit.reference, state="queued").count() == 8


def test_the_lead_that_came_stays_as_it_was(lead: Lead, service: Service, now: datetime) -> None:
    before = Lead.objects.filter(pk=lead.pk).values().get()

    booked(lead, service, now)

    assert Lead.objects.filter(pk=lead.pk).values().get() == before
    assert facts(lead) == ("attended", 1, 0)


def test_how_the_new_lead_began_is_written_down(lead: Lead, service: Service, now: datetime) -> None:
    desk = factories.staff()
    new = lead_of(booked(lead, service, now, actor=desk.as_actor))

    events = LeadEvent.objects.filter(lead=new).order_by("pk")
    rows = AuditEntry.objects.filter(action="lead.opened")

    assert list(events.values_list("from_status", "to_status", "actor_staff")) == [
        ("", "new", desk.pk),
        ("new", "booked", desk.pk),
    ]
    assert events[0].reason == f"Booked again after #{lead.number}"
    assert list(rows.values_list("subject_kind", "subject_ref", "actor_staff")) == [
        ("lead", new.reference, desk.pk)
    ]


@pytest.mark.parametrize("is_active", [True, False])
def test_an_owner_who_is_still_there_looks_after_the_new_lead(
    is_active: bool, lead: Lead, service: Service, now: datetime
) -> None:
    owner: Staff = factories.staff(is_active=is_active)
    Lead.objects.filter(pk=lead.pk).update(owner=owner)

    new = lead_of(booked(lead, service, now))

    assert new.owner == (owner if is_active else None)


def test_the_new_lead_belongs_to_where_the_visit_is(lead: Lead, service: Service, now: datetime) -> None:
    north = factories.location(name="North")

    visit = booked(lead, service, now, location=north)

    assert lead_of(visit).location == visit.location == north


def test_the_new_lead_comes_in_its_turn(lead: Lead, service: Service, now: datetime) -> None:
    visit = booked(lead, service, now)

    visits.attend(appointment_id=visit.pk, actor=SYSTEM, now=visit.starts_at)
    third = lead_of(booked(lead, service, now, days=9))

    new = lead_of(visit)
    check_in_order(new)
    assert facts(new)[:2] == ("attended", 1)
    assert third not in {lead, new}


def test_what_the_person_has_open_is_booked_instead(lead: Lead, service: Service, now: datetime) -> None:
    wrote_again = ann(now)

    visit = booked(lead, service, now)

    check_in_order(wrote_again)
    assert lead_of(visit) == wrote_again
    assert (wrote_again.status, Lead.objects.count()) == ("booked", 2)


def test_pressed_twice_on_the_page_of_a_lead_that_came_books_once(
    lead: Lead, service: Service, now: datetime
) -> None:
    first, again = booked(lead, service, now), booked(lead, service, now)

    assert first == again
    assert (Lead.objects.count(), Appointment.objects.count()) == (2, 2)


def test_another_visit_of_who_is_booked_again_joins_the_same_lead(
    lead: Lead, service: Service, now: datetime
) -> None:
    first, second = booked(lead, service, now), booked(lead, service, now, days=4)

    new = lead_of(first)
    check_in_order(new)
    assert lead_of(second) == new
    assert facts(new) == ("booked", 0, 2)


def test_the_same_outside_booking_again_opens_nothing_more(
    lead: Lead, service: Service, now: datetime
) -> None:
    outside: dict[str, Any] = {"source": "acuity", "external_ref": "A-2"}
    first = booked(lead, service, now, **outside)

    again = booked(lead, service, now, **outside)
    with pytest.raises(AppointmentConflict):
        booked(lead, service, now, days=4, **outside)

    assert again == first
    assert Lead.objects.count() == 2


def test_an_outside_booking_that_the_person_came_to_opens_nothing(
    lead: Lead, service: Service, now: datetime
) -> None:
    visit = Appointment.objects.get()
    Appointment.objects.update(source="acuity", external_ref="A-1")

    again = booked(lead, service, now, days=0, source="acuity", external_ref="A-1")

    assert again == visit
    assert Lead.objects.count() == 1


def test_a_chair_that_is_taken_opens_no_lead(lead: Lead, service: Service, now: datetime) -> None:
    booked(factories.lead(at=lead.location), service, now, chair=1)

    with pytest.raises(AppointmentConflict):
        booked(lead, service, now, chair=1)

    assert Lead.objects.filter(contact=lead.contact).count() == 1


def test_a_closed_lead_is_reopened_before_it_is_booked(lead: Lead, service: Service, now: datetime) -> None:
    new = ann(now)
    closing.lose(lead_id=new.pk, reason=factories.lost_reason(), note="", actor=SYSTEM, now=now)

    with pytest.raises(TransitionNotAllowed, match=r"^This lead is closed\. Reopen it first\.$"):
        booked(new, service, now)

    assert Lead.objects.filter(contact=lead.contact).count() == 2
