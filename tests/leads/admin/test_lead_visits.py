"""The buttons of a visit on the lead page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus, PaymentKind
from crm.models import Appointment, ClosedDay, Location, Payment
from leads.admin import leads as leads_door
from leads.domain import visits
from leads.enums import LeadStatus
from leads.models import Lead
from tests import factories
from tests.leads.admin.pressing import page_of, press, pressed_well

pytestmark = pytest.mark.django_db

Arrive = Callable[..., Lead]


def test_a_visit_is_booked_on_the_clock_of_where_it_is(at_desk: Client, lead: Lead, place: Location) -> None:
    phoenix = factories.location(name="Phoenix", time_zone="America/Phoenix")

    sentence = pressed_well(
        at_desk,
        lead,
        "book",
        service=factories.service().pk,
        location=phoenix.pk,
        starts_at="2026-03-12T09:00",
    )

    visit = Appointment.objects.get()
    assert sentence == "Booked for Thu, Mar 12, 9:00 AM."
    assert (visit.starts_at, lead.status) == (datetime(2026, 3, 12, 16, 0, tzinfo=UTC), LeadStatus.BOOKED)


def test_somebody_who_walks_in_is_booked_and_attended_at_once(
    at_desk: Client, lead: Lead, place: Location
) -> None:
    now_on_the_wall = at_desk.get(page_of(lead)).context["page"]["now_wall"]
    pressed_well(
        at_desk, lead, "book", service=factories.service().pk, location=place.pk, starts_at=now_on_the_wall
    )
    visit = Appointment.objects.get()

    sentence = pressed_well(at_desk, lead, "attend", visit=visit.pk)

    visit.refresh_from_db()
    assert now_on_the_wall == "2026-03-10T11:00"
    assert sentence == "Ann Smith came."
    assert (visit.status, lead.status) == (AppointmentStatus.COMPLETED, LeadStatus.ATTENDED)


def test_a_visit_is_confirmed(at_desk: Client, lead: Lead, visit: Appointment) -> None:
    assert pressed_well(at_desk, lead, "confirm", visit=visit.pk) == "Confirmed."

    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CONFIRMED


def test_a_visit_is_moved_to_a_new_row(at_desk: Client, lead: Lead, visit: Appointment) -> None:
    sentence = pressed_well(at_desk, lead, "move", visit=visit.pk, starts_at="2026-03-11T15:30")

    new = Appointment.objects.get(moved_from=visit)
    visit.refresh_from_db()
    assert sentence == "Moved to tomorrow 3:30 PM."
    assert (visit.status, new.starts_at) == (
        AppointmentStatus.RESCHEDULED,
        datetime(2026, 3, 11, 20, 30, tzinfo=UTC),
    )


def test_a_visit_is_cancelled_by_us_or_by_them(at_desk: Client, lead: Lead, visit: Appointment) -> None:
    sentence = pressed_well(at_desk, lead, "cancel", visit=visit.pk, by="client", reason="a cold")

    visit.refresh_from_db()
    assert sentence == "Cancelled late."
    assert (visit.status, lead.status) == (AppointmentStatus.LATE_CANCELLED, LeadStatus.QUALIFIED)


def test_who_did_not_come_is_corrected_when_they_came_after_all(
    at_desk: Client, lead: Lead, visit: Appointment
) -> None:
    Appointment.objects.filter(pk=visit.pk).update(starts_at=visit.starts_at - timedelta(hours=1))

    missed = pressed_well(at_desk, lead, "no-show", visit=visit.pk)
    after_missing = lead.status
    corrected = pressed_well(at_desk, lead, "correct", visit=visit.pk, came="yes")

    assert missed == "Noted: Ann Smith did not come. A call is planned; nothing was sent."
    assert (after_missing, corrected) == (LeadStatus.QUALIFIED, "Corrected: came.")
    assert lead.status == LeadStatus.ATTENDED


def test_money_is_noted_in_the_smallest_coin(at_desk: Client, lead: Lead, visit: Appointment) -> None:
    paid = pressed_well(at_desk, lead, "payment", visit=visit.pk, kind=PaymentKind.PAID, amount="$1,249.50")
    refunded = pressed_well(at_desk, lead, "payment", visit=visit.pk, kind=PaymentKind.REFUNDED, amount="49")
    member = pressed_well(at_desk, lead, "payment", visit=visit.pk, kind=PaymentKind.MEMBER, amount="")

    [row] = at_desk.get(page_of(lead)).context["page"]["visits"]
    assert (paid, refunded, member) == ("Paid: $1,249.50.", "Refunded: $49.00.", "Member.")
    assert list(Payment.objects.order_by("id").values_list("amount_minor", flat=True)) == [124950, 4900, 0]
    assert row["kept"] == "$1,200.50"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("4.999", "Write the amount like 49.00."),
        ("-5", "Write the amount like 49.00."),
        ("NaN", "Write the amount like 49.00."),
        ("1e99", "Write the amount like 49.00."),
        ("", "Say how much, in money."),
        ("0", "Say how much, in money."),
    ],
)
def test_an_amount_that_is_none_is_refused(
    at_desk: Client, lead: Lead, visit: Appointment, amount: str, said: str
) -> None:
    response = press(at_desk, lead, "payment", visit=visit.pk, kind=PaymentKind.PAID, amount=amount)

    assert response.status_code in {409, 422}
    assert said in response.content.decode()
    assert not Payment.objects.exists()


def test_another_leads_visit_cannot_be_touched_from_here(
    at_desk: Client, lead: Lead, visit: Appointment, arrive: Arrive
) -> None:
    other = arrive(name="Bo Jones")

    response = press(at_desk, other, "attend", visit=visit.pk)

    visit.refresh_from_db()
    assert (response.status_code, visit.status) == (422, AppointmentStatus.SCHEDULED)


@pytest.mark.parametrize(
    ("starts_at", "doubt"),
    [
        ("2026-03-12T07:30", "Downtown is closed then (opens 9:00 AM)."),
        ("2026-03-12T20:00", "Downtown is closed then (closes 6:00 PM)."),
        ("2026-03-15T12:00", "Downtown is closed then (no hours on Sundays)."),
        ("2026-03-13T12:00", "Downtown is closed then (closed day)."),
        ("2026-03-09T10:00", "That is more than a day ago."),
    ],
)
def test_a_time_that_looks_like_a_slip_is_refused_once(
    at_desk: Client, lead: Lead, starts_at: str, doubt: str
) -> None:
    north = factories.location(name="Downtown")  # hours are kept for ten seconds: those of this one are fresh
    ClosedDay.objects.create(location=north, date=date(2026, 3, 13))
    given = {"service": factories.service().pk, "location": north.pk, "starts_at": starts_at, "chair": 2}

    refused = press(at_desk, lead, "book", **given)
    page = refused.content.decode()
    means = refused.context["page"]["book"].means
    booked = press(at_desk, lead, "book", **given, anyway=means)

    assert (refused.status_code, booked.status_code) == (422, 302)
    assert page.count(f"{doubt} Press Book again to book it anyway.") == 1
    assert f'name="anyway" value="{means}"' in page
    assert f'value="{starts_at}"' in page
    assert Appointment.objects.count() == 1


def test_another_doubtful_time_is_asked_about_again(at_desk: Client, lead: Lead, place: Location) -> None:
    given = {"service": factories.service().pk, "location": place.pk}
    means = press(at_desk, lead, "book", **given, starts_at="2026-03-12T07:30").context["page"]["book"].means

    response = press(at_desk, lead, "book", **given, starts_at="2026-03-12T21:00", anyway=means)

    assert response.status_code == 422
    assert not Appointment.objects.exists()


def test_who_stands_at_the_desk_after_hours_is_booked_without_a_question(
    at_desk: Client, arrive: Arrive, place: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)  # 8 in the evening of Tuesday, in Chicago
    monkeypatch.setattr(leads_door, "database_now", lambda: late)
    lead = arrive(at=late)

    sentence = pressed_well(
        at_desk,
        lead,
        "book",
        service=factories.service().pk,
        location=place.pk,
        starts_at="2026-03-10T20:00",
    )

    assert sentence == "Booked for 8:00 PM."


def test_a_location_without_hours_is_never_said_to_be_closed(
    at_desk: Client, lead: Lead, place: Location
) -> None:
    bare = factories.location(name="Bare")
    bare.opening_hours.all().delete()

    pressed_well(
        at_desk,
        lead,
        "book",
        service=factories.service().pk,
        location=bare.pk,
        starts_at="2026-03-15T03:00",
    )

    assert Appointment.objects.get().location == bare


def test_moving_into_the_night_is_asked_about_once(at_desk: Client, lead: Lead, visit: Appointment) -> None:
    given = {"visit": visit.pk, "starts_at": "2026-03-11T22:00"}

    refused = press(at_desk, lead, "move", **given)
    [row] = refused.context["page"]["visits"]
    moved = pressed_well(at_desk, lead, "move", **given, anyway=row["move"].means)

    said = "Downtown is closed then (closes 6:00 PM). Press Move again to move it anyway."
    assert (refused.status_code, row["open"]) == (422, "move")
    assert refused.content.decode().count(said) == 1
    assert moved == "Moved to tomorrow 10:00 PM."


def test_visits_that_stand_or_happened_come_before_the_cancelled(
    at_desk: Client, lead: Lead, visit: Appointment, place: Location, at_noon: datetime
) -> None:
    later = visits.book(
        lead_id=lead.pk,
        service=visit.service,
        location=place,
        starts_at=at_noon + timedelta(days=3),
        actor=SYSTEM,
        now=at_noon,
    )
    pressed_well(at_desk, lead, "cancel", visit=later.pk, by="clinic")

    shown = at_desk.get(page_of(lead)).context["page"]["visits"]

    assert [row["visit"] for row in shown] == [visit, later]


def test_a_payment_names_the_visit_it_is_for_and_is_refused_once(
    at_desk: Client, lead: Lead, visit: Appointment
) -> None:
    response = press(at_desk, lead, "payment", visit=visit.pk, kind=PaymentKind.PAID, amount="4.999")

    page = response.content.decode()
    assert page.count("Write the amount like 49.00.") == 1
    assert "For 11:10 AM · Magnesium IV push" in page
