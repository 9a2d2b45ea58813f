from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus, Scope
from crm.models import Appointment
from crm.queries import database_now
from leads.domain import closing
from leads.enums import LeadStatus
from leads.models import Lead, LeadVisit
from tests import factories
from tests.leads.api.support import arrived_lead, refusal, send

pytestmark = pytest.mark.django_db

URL = "/api/v1/appointments/"
WRITE = Scope.APPOINTMENTS_WRITE.value


@pytest.fixture
def lead() -> Lead:
    factories.templates()
    return arrived_lead(factories.form(), name="Charlie Doe", email="charlie@example.com")[0]


@pytest.fixture
def booking(lead: Lead) -> dict[str, Any]:
    return {
        "lead": lead.reference,
        "service": factories.service().slug,
        "starts_at": "2090-05-01T10:00:00-05:00",
        "source": "calendar",
        "external_ref": "ev-1",
    }


def test_booking_makes_a_visit_and_moves_the_lead(lead: Lead, booking: dict[str, Any]) -> None:
    response = send(URL, booking, WRITE)

    visit = Appointment.objects.get()
    lead.refresh_from_db()
    assert response.status_code == 201
    assert response.json() == {
        "reference": visit.reference,
        "status": "scheduled",
        "service": booking["service"],
        "location": lead.location.slug,
        "starts_at": "2090-05-01T15:00:00Z",
        "ends_at": "2090-05-01T15:30:00Z",
        "chair": None,
        "source": "calendar",
        "external_ref": "ev-1",
    }
    assert (lead.status, LeadVisit.objects.get().lead) == (LeadStatus.BOOKED, lead)


def test_booking_again_is_the_same_visit(booking: dict[str, Any]) -> None:
    first = send(URL, booking, WRITE)

    again = send(URL, booking, WRITE)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Appointment.objects.count() == 1


def test_booking_again_with_other_details_is_a_conflict(booking: dict[str, Any]) -> None:
    send(URL, booking, WRITE)

    again = send(URL, {**booking, "starts_at": "2090-05-02T10:00:00-05:00"}, WRITE)

    assert refusal(again) == (409, "appointment_conflict", {})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"lead": "0" * 32}, (400, "invalid", {"lead": ["unknown"]})),
        ({"lead": "nonsense"}, (400, "invalid", {"lead": ["invalid"]})),
        ({"service": "no-such"}, (400, "invalid", {"service": ["unknown"]})),
        ({"location": "no-such"}, (400, "invalid", {"location": ["unknown"]})),
        ({"starts_at": "2090-05-01T10:00:00"}, (400, "invalid", {"starts_at": ["offset_needed"]})),
        ({"starts_at": "tomorrow"}, (400, "invalid", {"starts_at": ["invalid"]})),
        ({"ends_at": "2090-05-01T09:00:00-05:00"}, (400, "ends_before_start", {})),
        ({"chair": 99}, (409, "no_such_chair", {})),
        ({"chair": 10**29}, (400, "invalid", {"chair": ["max_value"]})),
        ({"external_ref": ""}, (400, "invalid", {"external_ref": ["blank"]})),
        ({"source": None}, (400, "invalid", {"source": ["null"]})),
    ],
)
def test_booking_refusals(booking: dict[str, Any], more: Any, expected: Any) -> None:
    response = send(URL, {**booking, **more}, WRITE)

    assert refusal(response) == expected
    assert Appointment.objects.count() == 0


def test_booking_needs_its_scope(booking: dict[str, Any]) -> None:
    others = [scope for scope in Scope.values if scope != WRITE]

    response = send(URL, booking, *others)

    assert refusal(response)[:2] == (403, "scope_missing")
    assert Appointment.objects.count() == 0


def test_booking_answer_names_nobody(booking: dict[str, Any]) -> None:
    response = send(URL, booking, WRITE)

    assert "harlie" not in response.content.decode()


def booked(booking: dict[str, Any], *, starts_in: timedelta) -> str:
    starts_at = (database_now() + starts_in).isoformat()
    reference: str = send(URL, {**booking, "starts_at": starts_at}, WRITE).json()["reference"]
    return f"{URL}{reference}/"


def test_attended_converts_the_lead(lead: Lead, booking: dict[str, Any]) -> None:
    path = booked(booking, starts_in=timedelta(minutes=10))

    answers = [send(f"{path}attended/", {}, WRITE) for _ in range(2)]

    lead.refresh_from_db()
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "completed")] * 2
    assert (lead.status, LeadVisit.objects.get().converted_at is None) == (LeadStatus.ATTENDED, False)


def test_who_came_is_booked_again_on_a_lead_of_its_own(lead: Lead, booking: dict[str, Any]) -> None:
    path = booked(booking, starts_in=timedelta(minutes=10))
    send(f"{path}attended/", {}, WRITE)
    again = {**booking, "external_ref": "ev-2"}

    answers = [send(URL, again, WRITE) for _ in range(2)]

    visit = Appointment.objects.get(external_ref="ev-2")
    new = LeadVisit.objects.get(appointment=visit).lead
    assert [answer.status_code for answer in answers] == [201, 200]
    assert {answer.json()["reference"] for answer in answers} == {visit.reference}
    assert (new.status, new.contact, new == lead) == (LeadStatus.BOOKED, lead.contact, False)
    assert Lead.objects.count() == 2


def test_a_closed_lead_is_not_booked(lead: Lead, booking: dict[str, Any]) -> None:
    reason = factories.lost_reason()
    closing.lose(lead_id=lead.pk, reason=reason, note="", actor=SYSTEM, now=database_now())

    response = send(URL, booking, WRITE)

    assert refusal(response) == (409, "transition_not_allowed", {})
    assert response.json()["message"] == "This lead is closed. Reopen it first."


def test_attended_too_early_is_refused(booking: dict[str, Any]) -> None:
    path = booked(booking, starts_in=timedelta(days=2))

    assert refusal(send(f"{path}attended/", {}, WRITE))[:2] == (409, "too_early")


def test_no_show_is_marked(lead: Lead, booking: dict[str, Any]) -> None:
    path = booked(booking, starts_in=timedelta(minutes=-5))

    response = send(f"{path}no-show/", {}, WRITE)

    lead.refresh_from_db()
    assert (response.json()["status"], lead.status) == ("no_show", LeadStatus.QUALIFIED)


def test_cancel_says_who(booking: dict[str, Any]) -> None:
    path = booked(booking, starts_in=timedelta(days=5))

    refused = send(f"{path}cancel/", {}, WRITE)
    response = send(f"{path}cancel/", {"by_client": True, "reason": "Travels"}, WRITE)
    again = send(f"{path}cancel/", {"by_client": True}, WRITE)

    assert refusal(refused) == (400, "invalid", {"by_client": ["required"]})
    assert response.json()["status"] == "cancelled_by_client"
    assert refusal(again)[:2] == (409, "transition_not_allowed")


def test_move_gives_a_new_visit(booking: dict[str, Any]) -> None:
    path = booked(booking, starts_in=timedelta(days=5))

    response = send(f"{path}move/", {"starts_at": "2090-06-01T10:00:00-05:00"}, WRITE)

    old = Appointment.objects.get(status=AppointmentStatus.RESCHEDULED)
    assert (response.json()["status"], response.json()["starts_at"]) == ("scheduled", "2090-06-01T15:00:00Z")
    assert (f"{URL}{old.reference}/", response.json()["reference"]) == (path, old.moved_to.reference)


@pytest.mark.parametrize("act", ["attended", "no-show", "cancel", "move"])
def test_acts_need_their_scope_and_a_visit(booking: dict[str, Any], act: str) -> None:
    path = booked(booking, starts_in=timedelta(minutes=-5))
    body = {"by_client": True, "starts_at": "2090-06-01T10:00:00-05:00"}

    without = send(f"{path}{act}/", body, Scope.LEADS_WRITE.value)
    nowhere = send(f"{URL}{'0' * 32}/{act}/", body, WRITE)

    assert refusal(without)[:2] == (403, "scope_missing")
    assert refusal(nowhere)[:2] == (404, "not_found")
    assert Appointment.objects.get().status == AppointmentStatus.SCHEDULED
