"""What goes out when somebody writes: words to the person, and a nudge to who owns the lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crm.actors import SYSTEM
from crm.domain import clinic
from crm.models import Address
from leads.domain import assignment, links
from leads.domain.enquiry import Enquiry
from leads.enums import PreferredContact
from leads.models import Lead, Submission
from notifications.domain import moments, outbox
from notifications.domain.wording import HOW, SOMEBODY
from notifications.enums import AboutKind, Channel, Purpose
from notifications.models import Message

ACKNOWLEDGEMENT_LIFE = timedelta(hours=24)
ALERT_LIFE = timedelta(hours=24)


def rows_for(
    *,
    lead: Lead,
    submission: Submission,
    enquiry: Enquiry,
    addresses: Sequence[Address],
    owner_name: str,
    now: datetime,
) -> list[Message]:
    """Give the acknowledgements to the person and the alerts to staff, for the act that makes the lead.

    Their keys name the submission, and each submission is processed once, so none can be there already.
    """
    language = moments.language_of(enquiry.language or lead.contact.language)
    params = _acknowledgement_params(lead, submission, enquiry, owner_name, language=language, now=now)
    wishes = [
        outbox.Wish(
            template_code="acknowledgement",
            channel=channel,
            purpose=Purpose.TRANSACTIONAL,
            dedupe_key=f"acknowledgement:{submission.reference}:{channel}",
            about_kind=AboutKind.LEAD,
            about_ref=lead.reference,
            location_id=lead.location_id,
            language=language,
            params=params,
            due_at=now,
            expires_at=now + ACKNOWLEDGEMENT_LIFE,
            contact_id=lead.contact_id,
            address_id=address.pk,
        )
        for channel, address in _reachable(enquiry, addresses)
    ]
    return outbox.rows_of_new([*wishes, *_alerts(lead, submission, now=now)], actor=SYSTEM, now=now)


def how_we_answer(enquiry: Enquiry, *, language: str) -> str:
    """Say how somebody answers: the way they wished for, or every way they left open when that one is not.

    A call needs a number, a text the consent to it as well, an e-mail an address: nothing else is promised.
    """
    ways = {
        PreferredContact.PHONE: enquiry.phone is not None,
        PreferredContact.SMS: enquiry.phone is not None and enquiry.consent_sms,
        PreferredContact.EMAIL: enquiry.email is not None,
    }
    can = tuple(way.value for way, is_open in ways.items() if is_open)
    wished = enquiry.preferred_contact
    return HOW[language][(wished,) if wished in can else can]


def _reachable(enquiry: Enquiry, addresses: Sequence[Address]) -> list[tuple[str, Address]]:
    """E-mail needs no consent to answer a request; a text is only queued where it was allowed."""
    found: list[tuple[str, Address]] = []
    for address in addresses:
        if enquiry.email and (address.kind, address.value) == ("email", enquiry.email.value):
            found.append((Channel.EMAIL, address))
        number = enquiry.phone.value if enquiry.phone and enquiry.consent_sms else None
        if (address.kind, address.value) == ("phone", number):
            found.append((Channel.SMS, address))
    return found


def _acknowledgement_params(
    lead: Lead, submission: Submission, enquiry: Enquiry, owner_name: str, *, language: str, now: datetime
) -> dict[str, str]:
    facts = clinic.location_facts(lead.location_id)
    promised = lead.respond_by or now
    return {
        "reference": str(lead.number),
        "received_local": moments.in_full(submission.received_at, zone=facts.zone, language=language),
        "who": owner_name or SOMEBODY[language],
        "how": how_we_answer(enquiry, language=language),
        "promise": moments.until(promised, zone=facts.zone, now=now, language=language),
        "link": links.form_page(submission.form.slug, language=language),
    }


def _alerts(lead: Lead, submission: Submission, *, now: datetime) -> list[outbox.Wish]:
    """Tell who owns it: the lead's number and a link, never a name or a word of theirs."""
    facts = clinic.location_facts(lead.location_id)
    answer_by = moments.until(lead.respond_by or now, zone=facts.zone, now=now, language="en")
    staff_ids = assignment.recipients(location_id=lead.location_id, staff_ids=[lead.owner_id])
    return [
        outbox.Wish(
            template_code="new-lead-alert",
            channel=Channel.EMAIL,
            purpose=Purpose.INTERNAL,
            dedupe_key=f"new-lead-alert:{submission.reference}:{staff_id}",
            about_kind=AboutKind.LEAD,
            about_ref=lead.reference,
            location_id=lead.location_id,
            language="en",
            params={
                "number": str(lead.number),
                "location": facts.name,
                "answer_by": answer_by,
                "link": links.lead_page(lead.reference),
            },
            due_at=now,
            expires_at=now + ALERT_LIFE,
            staff_id=staff_id,
        )
        for staff_id in staff_ids
    ]
