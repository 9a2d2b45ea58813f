"""A lead of Ann's and her visits, and what must hold of them whatever happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crm.actors import SYSTEM
from crm.models import Appointment, Service
from leads.domain import arrivals, visits
from leads.models import FollowUp, Lead, LeadVisit
from tests import factories

AN_HOUR = timedelta(hours=1)


def ann(now: datetime, **fields: Any) -> Lead:
    """Let Ann write, and give the lead of it."""
    said = {"email": "ann@example.com", "phone": "512-555-0140", "consent_sms": True, **fields}
    submission = factories.arrival(factories.form(), now=now, **said)
    arrivals.process(submission_id=submission.pk, now=now)
    submission.refresh_from_db()
    assert submission.lead is not None
    return submission.lead


def booked(lead: Lead, service: Service, now: datetime, *, days: float = 3, **more: Any) -> Appointment:
    """Book a visit so many days from now."""
    return visits.book(
        **{
            "lead_id": lead.pk,
            "service": service,
            "location": lead.location,
            "starts_at": now + timedelta(days=days),
            "actor": SYSTEM,
            "now": now,
            **more,
        }
    )


def facts(lead: Lead) -> tuple[str, int, int]:
    """Give status, conversions and open follow-ups of a lead."""
    lead.refresh_from_db()
    return (
        lead.status,
        LeadVisit.objects.filter(lead=lead, converted_at__isnull=False).count(),
        FollowUp.objects.filter(lead=lead, state="open").count(),
    )


def check_in_order(lead: Lead) -> None:
    """Check that a lead, its visits and what is to be done for it say the same."""
    lead.refresh_from_db()
    linked = Appointment.objects.filter(lead_visits__lead=lead, lead_visits__revoked_at__isnull=True)
    standing = linked.filter(status__in=["scheduled", "confirmed", "checked_in"])
    to_do = FollowUp.objects.filter(lead=lead, state="open")
    awaited = to_do.filter(kind="visit_outcome").values_list("due_at", flat=True)
    dues = sorted(to_do.values_list("due_at", flat=True))
    assert sorted(awaited) == sorted(visit.ends_at + AN_HOUR for visit in standing)
    assert (lead.status == "booked") == standing.exists()
    assert (lead.attended_at is not None) == linked.filter(status="completed").exists()
    if lead.status in {"attended", "lost"}:
        assert (lead.next_action_at, dues) == (None, [])
    else:
        assert lead.next_action_at == dues[0]
