"""Reading *Today*, and making what it shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from crm.actors import SYSTEM
from crm.models import Appointment, Location
from leads.domain import visits
from leads.models import Lead
from notifications.enums import MessageState
from notifications.models import Message
from tests import factories

HOME = "/admin/"


def screen(at_desk: Client, query: str = "") -> Any:
    response = at_desk.get(HOME + query)
    assert response.status_code == 200
    return response.context["screen"]


def book(lead: Lead, place: Location, starts_at: datetime, now: datetime) -> Appointment:
    return visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=place,
        starts_at=starts_at,
        actor=SYSTEM,
        now=now,
    )


def stuck_message(lead: Lead, now: datetime, *, state: str = MessageState.UNKNOWN) -> Message:
    key = Message.objects.count()
    return Message.objects.create(
        dedupe_key=f"stuck-{key}",
        contact=lead.contact,
        address=lead.contact.points.get().address,
        location=lead.location,
        channel="email",
        purpose="transactional",
        template_code="acknowledgement",
        about_kind="lead",
        about_ref=lead.reference,
        state=state,
        due_at=now,
        expires_at=now + timedelta(days=1),
        handed_at=now,
        created_at=now,
        reason="The mail server fell silent.",
        **Message.by(SYSTEM),
    )
