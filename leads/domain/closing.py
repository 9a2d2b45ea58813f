"""How a lead ends and begins again, and how all that is sent to a person stops."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from crm.actors import Actor
from crm.domain import contacts
from crm.errors import DomainError
from crm.queries import addresses_of
from leads.domain import followups, lifecycle, trail, visits
from leads.enums import FollowUpKind, LeadStatus
from leads.models import Lead, LostReason
from notifications.domain import consents, outbox
from notifications.enums import AboutKind

# The reason for closing that also stops every message.
OPTED_OUT = "opted_out"


@transaction.atomic
def lose(*, lead_id: int, reason: LostReason, note: str, actor: Actor, now: datetime) -> Lead:
    """Close a lead with a reason; what was planned or queued for it ends.

    :raises VisitStanding: when a visit is still booked.
    :raises DomainError: when it is closed already.
    """
    lead = lock_open(lead_id, reason=reason)
    close(lead, reason=reason, note=note, actor=actor, now=now)
    trail.record("lead.closed", lead, actor=actor, now=now, fields=[reason.code])
    return lead


@transaction.atomic
def reopen(*, lead_id: int, actor: Actor, now: datetime) -> Lead:
    """Open a closed lead where it stood before, with a call for the next open day.

    :raises DomainError: when the person has another open lead by now.
    """
    # An arrival that opens a lead locks the contact's addresses first; so do we, lest both open one at once.
    contacts.lock_addresses_of(Lead.objects.values_list("contact_id", flat=True).get(pk=lead_id))
    lead = lifecycle.lock(lead_id)
    other = Lead.objects.open().filter(contact_id=lead.contact_id).exclude(pk=lead.pk).first()
    if other is not None:
        raise DomainError(f"This person has an open lead already: {other}.", code="open_lead_exists")
    lifecycle.check_can_move(lead, to=lead.status_before or LeadStatus.NEW, visit_stands=False, reopen=True)
    due = followups.suggested_moment(lead, days=1, at=None, now=now)
    followups.plan(lead, kind=FollowUpKind.CALL, due_at=due, what="Reopened: call", actor=actor, now=now)
    lifecycle.move(
        lead, to=lead.status_before, next_action_at=due, reopen=True, actor=actor, now=now, reason="Reopened"
    )
    trail.record("lead.reopened", lead, actor=actor, now=now)
    return lead


@transaction.atomic
def stop_everything(*, lead_id: int, actor: Actor, now: datetime) -> int:
    """Let nothing more be sent to the person of a lead, and take back what waits. Returns how many messages.

    The lead goes on, open or closed: somebody may want a call and no messages. Staff are still told of it.
    """
    lead = Lead.objects.select_related("contact").get(pk=lead_id)
    # Before their addresses are read: a number that arrives at this moment is stopped too, or comes after it.
    contacts.lock_addresses_of(lead.contact_id)
    return _stop(lead, actor=actor, now=now)


def lock_open(lead_id: int, *, reason: LostReason | None) -> Lead:
    """Lock an open lead for an act that closes it when there is a reason.

    :raises DomainError: when it is closed.
    """
    if _stops(reason):
        # Addresses come before the lead in every transaction that locks both.
        contacts.lock_addresses_of(Lead.objects.values_list("contact_id", flat=True).get(pk=lead_id))
    return lifecycle.lock_open(lead_id)


def close(lead: Lead, *, reason: LostReason, note: str, actor: Actor, now: datetime) -> None:
    """Close a lead that `lock_open` gave for this reason, in the caller's transaction.

    :raises VisitStanding: when a visit is still booked.
    """
    stands = visits.visit_stands(lead)
    lifecycle.check_can_move(lead, to=LeadStatus.LOST, visit_stands=stands)
    followups.drop_open(lead, now=now)
    if _stops(reason):
        _stop(lead, actor=actor, now=now)
    outbox.cancel_about(AboutKind.LEAD, lead.reference, reason="The lead was closed.", actor=actor, now=now)
    lifecycle.move(
        lead,
        to=LeadStatus.LOST,
        next_action_at=None,
        lost_reason=reason,
        visit_stands=stands,
        actor=actor,
        now=now,
        reason=f"{reason.label}\n{note}".strip(),
    )


def _stops(reason: LostReason | None) -> bool:
    return reason is not None and reason.code == OPTED_OUT


def _stop(lead: Lead, *, actor: Actor, now: datetime) -> int:
    """Stop every address of theirs on every channel: they want to hear no more, whoever writes next."""
    ids = [address.pk for address in addresses_of(lead.contact)]
    taken_back = consents.suppress(address_ids=ids, reason="They asked us to stop.", actor=actor, now=now)
    trail.record("contact.stopped", lead, actor=actor, now=now)
    return taken_back
