"""The call panel: outcome, note, next step and booking in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from crm.actors import SYSTEM
from crm.models import Appointment, Location, Staff
from leads.domain import acts, visits
from leads.enums import FollowUpState, LeadStatus
from leads.models import Lead
from tests import factories
from tests.leads.admin.pressing import page_of, press, pressed_well

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]


def test_each_outcome_suggests_its_next_step_in_the_locations_clock(at_desk: Client, lead: Lead) -> None:
    outcome = factories.outcome(next_days=1)

    page = at_desk.get(page_of(lead))

    [offered] = page.context["page"]["outcomes"]
    # Wednesday at ten in Chicago.
    assert (offered["id"], offered["next"], offered["next_words"]) == (
        outcome.pk,
        "2026-03-11T10:00",
        "Next: tomorrow 10:00 AM",
    )


def test_a_call_is_logged_with_its_outcome_and_the_next_step(
    at_desk: Client, desk: Staff, lead: Lead, at_noon: datetime
) -> None:
    sentence = pressed_well(
        at_desk,
        lead,
        "call",
        outcome=factories.outcome().pk,
        note="rang out",
        next_at="2026-03-11T17:40",
        next_what="Try after work",
        follow_up=lead.follow_ups.get().pk,
    )

    done, planned = lead.follow_ups.order_by("id")
    assert sentence == "No Answer. Next: tomorrow 5:40 PM."
    assert (lead.status, lead.responded_at) == (LeadStatus.ATTEMPTING, at_noon)
    assert (done.state, done.outcome_note, done.done_by) == (FollowUpState.DONE, "rang out", desk)
    # 17:40 in Chicago, which has changed to summer time.
    assert (planned.due_at, planned.what) == (datetime(2026, 3, 11, 22, 40, tzinfo=UTC), "Try after work")


def test_a_time_the_clock_jumps_over_becomes_the_first_after(at_desk: Client, lead: Lead) -> None:
    # On 14 March 2027 the clocks of Chicago go from 2:00 to 3:00.
    pressed_well(at_desk, lead, "call", outcome=factories.outcome().pk, next_at="2027-03-14T02:30")

    assert lead.next_action_at == datetime(2027, 3, 14, 8, 0, tzinfo=UTC)


def test_a_colleague_who_was_faster_is_told_kindly_and_nothing_typed_is_lost(
    at_desk: Client, desk: Staff, lead: Lead, at_noon: datetime
) -> None:
    outcome, follow_up = factories.outcome(), lead.follow_ups.get()
    acts.log_call(
        lead_id=lead.pk,
        outcome=outcome,
        note="",
        next_step=None,
        by=factories.staff(),
        now=at_noon,
        follow_up_id=follow_up.pk,
    )

    response = press(
        at_desk,
        lead,
        "call",
        outcome=outcome.pk,
        note="She asked for Friday",
        follow_up=follow_up.pk,
        next_at="2026-03-13T09:00",
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert "This was already done, perhaps by a colleague a moment ago." in page
    assert "She asked for Friday</textarea>" in page
    assert 'value="2026-03-13T09:00"' in page
    assert f'value="{outcome.pk}" required data-next="2026-03-11T10:00"' in page
    assert lead.follow_ups.filter(state=FollowUpState.DONE).count() == 1


def test_a_call_and_the_visit_agreed_on_in_it_are_one_act(at_desk: Client, lead: Lead) -> None:
    service = factories.service(name="Hydration drip")

    sentence = pressed_well(
        at_desk,
        lead,
        "call",
        outcome=factories.outcome("spoke", moves_to="contacted").pk,
        note="wants Friday",
        service=service.pk,
        starts_at="2026-03-13T14:00",
        chair=2,
    )

    visit = Appointment.objects.get()
    assert sentence == "Spoke. Booked for Fri, Mar 13, 2:00 PM."
    assert (visit.starts_at, visit.service, visit.chair) == (
        datetime(2026, 3, 13, 19, 0, tzinfo=UTC),
        service,
        2,
    )
    assert (lead.status, lead.first_contacted_at is not None) == (LeadStatus.BOOKED, True)


def test_a_call_is_not_logged_when_its_visit_cannot_be_booked(
    at_desk: Client, lead: Lead, visit: Appointment, place: Location, arrive: Arrive, at_noon: datetime
) -> None:
    taken = visits.book(
        lead_id=arrive(name="Bo").pk,
        service=visit.service,
        location=place,
        chair=1,
        starts_at=at_noon + timedelta(days=1),
        actor=SYSTEM,
        now=at_noon,
    )

    response = press(
        at_desk,
        lead,
        "call",
        outcome=factories.outcome().pk,
        note="kept words",
        service=visit.service.pk,
        starts_at="2026-03-11T11:00",
        chair=1,
    )

    page = response.content.decode()
    assert response.status_code == 409
    assert "Chair 1 is taken then. Choose another chair or time." in page
    assert "kept words</textarea>" in page
    assert set(Appointment.objects.values_list("pk", flat=True)) == {visit.pk, taken.pk}
    assert not lead.follow_ups.filter(state=FollowUpState.DONE).exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "This field is required."),
        ({"outcome": "999999"}, "Select a valid choice. 999999 is not one of the available choices."),
        ({"outcome": "ok", "next_at": "soon"}, "Choose a day and a time."),
        ({"outcome": "ok", "next_at": "9999-12-31T23:59"}, "Choose a day and a time."),
        ({"outcome": "ok", "starts_at": "2026-03-13T14:00"}, "A visit needs a service and a time."),
        ({"outcome": "ok", "follow_up": "999999"}, "That follow-up belongs to another lead."),
        ({"outcome": "ok", "chair": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"outcome": "ok", "next_at": "2026-03-01T09:00"}, "Choose a time in the future for the next step."),
    ],
)
def test_a_call_filled_in_wrongly_keeps_its_note(
    at_desk: Client, lead: Lead, fields: dict[str, str], said: str
) -> None:
    outcome = factories.outcome()
    given = {**fields} | ({"outcome": str(outcome.pk)} if fields.get("outcome") == "ok" else {})

    response = press(at_desk, lead, "call", note="kept words", **given)

    page = response.content.decode()
    assert response.status_code in {409, 422}
    assert said in page
    assert "kept words</textarea>" in page
    assert lead.follow_ups.filter(state=FollowUpState.DONE).count() == 0


def test_booked_without_a_visit_is_refused_where_none_stands(at_desk: Client, lead: Lead) -> None:
    booked = factories.outcome("booked", moves_to=LeadStatus.CONTACTED, reached=True)

    response = press(at_desk, lead, "call", outcome=booked.pk, note="kept words")

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("Choose the service and time, or another outcome.") == 1
    assert "data-ivs-booking open" in page
    assert "kept words</textarea>" in page
    assert lead.follow_ups.filter(state=FollowUpState.DONE).count() == 0


def test_booked_needs_no_second_visit_when_one_stands(
    at_desk: Client, lead: Lead, visit: Appointment
) -> None:
    booked = factories.outcome("booked", moves_to=LeadStatus.CONTACTED, next_days=None)

    pressed_well(at_desk, lead, "call", outcome=booked.pk)

    assert list(Appointment.objects.all()) == [visit]
    assert lead.status == LeadStatus.BOOKED


def test_a_visit_agreed_on_for_a_closed_day_is_asked_about_once(at_desk: Client, lead: Lead) -> None:
    given = {
        "outcome": factories.outcome().pk,
        "note": "kept words",
        "service": factories.service().pk,
        "starts_at": "2026-03-15T14:00",  # a Sunday
    }

    refused = press(at_desk, lead, "call", **given)
    means = refused.context["page"]["call"].means
    sentence = pressed_well(at_desk, lead, "call", **given, anyway=means)

    said = "Downtown is closed then (no hours on Sundays). Press Save again to book it anyway."
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert "kept words</textarea>" in refused.content.decode()
    assert sentence == "No Answer. Booked for Sun, Mar 15, 2:00 PM."
