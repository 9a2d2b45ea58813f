"""Who came is booked again: on what they have open now, or on a new episode of the same person."""

from __future__ import annotations

from datetime import datetime

from crm.actors import Actor
from crm.domain import contacts
from crm.errors import DomainError
from crm.models import Location
from leads.domain import lifecycle, trail
from leads.enums import LeadEventKind, LeadKind, LeadStatus
from leads.models import Lead


def lock_to_book(lead_id: int) -> Lead:
    """Lock the lead that a booking on this one belongs to: for a person who came, the one they have open.

    A lead that came is given when they have none. Their addresses are locked then, as an arrival locks them
    before it opens a lead: nobody else opens one, or corrects the visit, until the transaction ends.

    :raises DomainError: when they were marked as come at this very moment.
    """
    contact_id, status = Lead.objects.values_list("contact_id", "status").get(pk=lead_id)
    if status != LeadStatus.ATTENDED:
        lead = lifecycle.lock(lead_id)
        if lead.status == LeadStatus.ATTENDED:
            # Addresses come before the lead in every transaction that locks both; it is too late for them.
            raise DomainError("They were marked as come a moment ago. Press again.", code="came_meanwhile")
        return lead
    contacts.lock_addresses_of(contact_id)
    theirs = Lead.objects.select_for_update().filter(contact_id=contact_id).open().first()
    return theirs or Lead.objects.get(pk=lead_id)


def open_next(came: Lead, *, location: Location, actor: Actor, now: datetime) -> Lead:
    """Open a new episode for the person of a lead that came, which `lock_to_book` gave.

    Nobody waits for an answer: whoever books is in touch with them. The caller plans what is next.
    """
    owner = came.owner
    lead = Lead.objects.create(
        contact_id=came.contact_id,
        location=location,
        owner=owner if owner is not None and owner.is_active else None,
        kind=LeadKind.EXISTING_CLIENT,
        # How they want to be reached outlives an episode: "no voicemail" above all.
        preferred_contact=came.preferred_contact,
        preferred_time=came.preferred_time,
        voicemail_ok=came.voicemail_ok,
        arrived_at=now,
        last_arrival_at=now,
        responded_at=now,
        first_contacted_at=now,
        next_action_at=now,
    )
    lifecycle.note_event(
        lead,
        kind=LeadEventKind.STATUS,
        to_status=LeadStatus.NEW,
        actor=actor,
        now=now,
        reason=f"Booked again after {came}",
    )
    trail.record("lead.opened", lead, actor=actor, now=now)
    return lead
