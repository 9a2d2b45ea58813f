"""Safety holds: what a person wrote may mean danger, so everything automatic waits for a human."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model

from crm.actors import SYSTEM
from crm.domain import audit
from crm.domain.safety_phrases import Screening
from crm.models import Contact, SafetyHold, Staff


def rows_of_hold(*, contact: Contact, screening: Screening, now: datetime) -> list[Model]:
    """Give the hold that alarming words put on a contact, and its record, for the caller to insert.

    A hold of the same kind that stands already is enough: then there is nothing to write. It is locked, so
    that nobody lifts it meanwhile without having seen these words. Should somebody raise one at this very
    moment, the database refuses the second, and the caller's transaction is undone as a whole.
    """
    if screening.kind is None:
        return []
    standing = SafetyHold.objects.filter(contact=contact, kind=screening.kind, lifted_at__isnull=True)
    if standing.select_for_update(no_key=True).values_list("pk").first() is not None:
        return []
    hold = SafetyHold(contact=contact, kind=screening.kind, phrase_codes=list(screening.codes), raised_at=now)
    entry = audit.entry(
        actor=SYSTEM,
        action="safety_hold.raised",
        subject_kind="contact",
        subject_ref=contact.reference,
        now=now,
    )
    return [hold, entry]


def lift_holds(*, contact: Contact, by: Staff, now: datetime) -> int:
    """Lift what holds a contact, after a person has judged it. Returns how many holds stood."""
    lifted = SafetyHold.objects.filter(contact=contact, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=by
    )
    if lifted:
        audit.record(
            actor=by.as_actor,
            action="safety_hold.lifted",
            subject_kind="contact",
            subject_ref=contact.reference,
            now=now,
        )
    return lifted
