"""Safety holds: what a person wrote may mean danger, so everything automatic waits for a human."""

from __future__ import annotations

from datetime import datetime

from crm.domain import audit
from crm.domain.safety_phrases import Screening
from crm.models import Contact, SafetyHold, Staff


def raise_hold(*, contact: Contact, screening: Screening, now: datetime) -> None:
    """Put a contact on hold; a hold of the same kind that stands already is enough."""
    SafetyHold.objects.bulk_create(
        [
            SafetyHold(
                contact=contact,
                kind=screening.kind or "",
                phrase_codes=list(screening.codes),
                raised_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def lift_holds(*, contact: Contact, by: Staff, now: datetime) -> int:
    """Lift what holds a contact, after a person has judged it. Returns how many holds stood."""
    lifted = SafetyHold.objects.filter(contact=contact, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=by
    )
    audit.record(
        actor=by.as_actor,
        action="safety_hold.lifted",
        subject_kind="contact",
        subject_ref=contact.reference,
        now=now,
    )
    return lifted
