"""The fact that a visit which came of a lead was completed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from crm.models import Appointment
from leads.models import Lead, LeadVisit


def link_of(appointment: Appointment) -> LeadVisit | None:
    """Give the standing link of a visit to its lead."""
    return (
        LeadVisit.objects.select_for_update(of=("self",))
        .filter(appointment=appointment, revoked_at__isnull=True)
        .first()
    )


def convert(link: LeadVisit, *, now: datetime) -> bool:
    """Mark a locked link as converted; saying it again changes nothing. Returns whether it was news."""
    if link.converted_at is not None:
        return False
    link.converted_at = now
    link.save(update_fields=["converted_at"])
    return True


def unconvert(link: LeadVisit) -> bool:
    """Take a conversion back, for a correction. Returns whether there was one."""
    if link.converted_at is None:
        return False
    link.converted_at = None
    link.save(update_fields=["converted_at"])
    return True


def first_at(lead: Lead) -> datetime | None:
    """Give when the first of a lead's visits that took place was marked so (UTC); None when none did."""
    standing = LeadVisit.objects.filter(lead=lead, revoked_at__isnull=True)
    found: datetime | None = standing.aggregate(first=Min("converted_at"))["first"]
    return found
