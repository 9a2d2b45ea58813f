"""*Stop messages*: two taps from the lead's page, and the way back in sight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.enums import Role
from crm.models import Appointment, AuditEntry, Staff
from leads.enums import LeadStatus
from leads.models import Lead
from notifications.channels.memory import MemoryChannel
from notifications.domain import dispatch, pack
from notifications.enums import MessageState
from notifications.models import Message, Suppression
from tests import factories
from tests.leads.admin.pressing import page_of, press, pressed_well
from tests.notifications.messages import Clock

pytestmark = pytest.mark.django_db


def test_one_press_stops_every_address_and_takes_back_what_waits(
    at_desk: Client, desk: Staff, lead: Lead, visit: Appointment, at_noon: datetime
) -> None:
    waiting = Message.objects.filter(contact=lead.contact, state=MessageState.QUEUED).count()

    sentence = pressed_well(at_desk, lead, "stop")

    stops = Suppression.objects.order_by("address__value")
    assert waiting > 1
    assert sentence == f"Stopped. {waiting} planned messages cancelled. Proof saved."
    assert [(row.address.value, row.at, row.actor_staff) for row in stops] == [
        ("+15125550140", at_noon, desk),
        ("ann@example.com", at_noon, desk),
    ]
    assert AuditEntry.objects.filter(action="contact.stopped", actor_staff=desk).count() == 1
    # They may still be called, and the visit stands.
    assert lead.status == LeadStatus.BOOKED


def test_nothing_reaches_them_afterwards(
    at_desk: Client, lead: Lead, visit: Appointment, at_noon: datetime
) -> None:
    pack.load()
    press(at_desk, lead, "stop")
    channel = MemoryChannel()

    dispatch.look(Clock(at_noon + timedelta(minutes=5)), channel_for=lambda _name: channel)

    assert [each.to for each in channel.ledger if each.to in {"ann@example.com", "+15125550140"}] == []


def test_what_was_stopped_says_so_and_is_not_offered_again(at_desk: Client, lead: Lead) -> None:
    before = at_desk.get(page_of(lead)).content.decode()
    press(at_desk, lead, "stop")

    page = at_desk.get(page_of(lead))

    text = page.content.decode()
    assert "Yes, stop all messages" in before
    assert "stopped since" not in before
    assert "Yes, stop all messages" not in text
    assert text.count(": stopped since 11:00 AM.") == 2
    assert 'href="tel:+15125550140"' in text


@pytest.mark.parametrize(
    ("role", "way_back"),
    [(Role.FRONT_DESK, "a manager can lift it"), (Role.MANAGER, "They want messages again: lift")],
)
def test_the_way_back_is_in_sight(
    sign_in: Callable[[str], Client], lead: Lead, role: str, way_back: str
) -> None:
    somebody = sign_in(role)
    press(somebody, lead, "stop")

    page = somebody.get(page_of(lead))

    stops = {row.address.value: row.pk for row in Suppression.objects.select_related("address")}
    text = page.content.decode()
    assert text.count(way_back) == 2
    for pk in stops.values():
        path = reverse("admin:notifications_suppression_change", args=[pk])
        assert f'<a href="{path}">' in text
        assert somebody.get(path).status_code == 200


def test_after_lifting_it_is_offered_again(sign_in: Callable[[str], Client], lead: Lead) -> None:
    manager = sign_in(Role.MANAGER)
    press(manager, lead, "stop")
    email = Suppression.objects.get(address__kind="email")

    manager.post(reverse("admin:notifications_suppression_lift", args=[email.pk]))

    page = manager.get(page_of(lead)).context["page"]
    assert [stop["text"] for stop in page["stops"]] == ["(512) 555-0140"]
    assert page["may_stop"] is True


def test_another_spelling_of_a_stopped_inbox_is_stopped(
    at_desk: Client, arrive: Callable[..., Lead], at_noon: datetime
) -> None:
    press(at_desk, arrive(email="ann@example.com"), "stop")
    partner = arrive(name="Bo Jones", email="ann+bo@example.com", at=at_noon)

    page = at_desk.get(page_of(partner)).context["page"]

    assert [stop["text"] for stop in page["stops"]] == ["ann+bo@example.com"]
    assert page["may_stop"] is False


def test_a_closed_lead_can_be_stopped_too(at_desk: Client, lead: Lead) -> None:
    pressed_well(at_desk, lead, "close", reason=factories.lost_reason("price").pk)

    text = at_desk.get(page_of(lead)).content.decode()
    sentence = pressed_well(at_desk, lead, "stop")

    assert "Yes, stop all messages" in text
    assert sentence == "Stopped. Nothing was waiting to be sent. Proof saved."
    assert lead.status == LeadStatus.LOST


def test_who_left_no_address_has_nothing_to_stop(at_desk: Client) -> None:
    lead = factories.lead(person=factories.contact())

    page = at_desk.get(page_of(lead))

    assert (page.context["page"]["stops"], page.context["page"]["may_stop"]) == ([], False)


def test_marketing_stops_nobody(sign_in: Callable[[str], Client], lead: Lead) -> None:
    answer = press(sign_in(Role.MARKETING), lead, "stop")

    assert (answer.status_code, Suppression.objects.count()) == (403, 0)


def test_stops_cost_the_same_for_one_address_and_for_many(
    at_desk: Client, lead: Lead, arrive: Callable[..., Lead], django_assert_max_num_queries: Any
) -> None:
    other = arrive(name="Bo", email="bo@example.com")
    counts = []

    for each in (other, lead):
        press(at_desk, each, "stop")
        at_desk.get(page_of(each))
        with django_assert_max_num_queries(40) as queries:
            at_desk.get(page_of(each))
        counts.append(sum("suppression" in query["sql"] for query in queries.captured_queries))

    assert counts == [1, 1]
