"""One enquiry episode: opened by an arrival or continued by it, and what is kept of that arrival.

Called by `arrivals.process`, in its transaction. Rows that nobody refers to afterwards are only given back,
and written there all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from crm.actors import SYSTEM, Actor
from crm.domain import clinic, rows, safety, safety_phrases
from crm.domain.clinic import LocationFacts
from crm.domain.contacts import Match
from crm.models import Address, Contact
from leads.domain import attribution, followups, lifecycle, response
from leads.domain.enquiry import Enquiry
from leads.enums import FollowUpKind, FollowUpState, LeadEventKind, LeadKind, LeadStatus
from leads.models import CaptureForm, ClickId, FollowUp, Lead, LeadEvent, Submission, Touch
from notifications.domain import consents
from notifications.enums import Channel, ConsentStatus, Purpose
from notifications.models import Consent


@dataclass(frozen=True, slots=True)
class Episode:
    """The lead an arrival belongs to, and whether this arrival opened it."""

    lead: Lead
    is_new: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that an arrival calls for, and whether the lead's next action must be written anew."""

    rows: Sequence[Model]
    changes_next_action: bool


def find_or_open(
    submission: Submission, enquiry: Enquiry, match: Match, facts: LocationFacts, *, now: datetime
) -> Episode:
    """Open a lead, or continue the open one. A closed one is followed by a new episode.

    The locked addresses keep another worker from opening a second one for the same person meanwhile.
    """
    respond_by = response.answer_by(
        facts, arrived_at=submission.received_at, preferred_time=enquiry.preferred_time
    )
    lead = None
    if not match.made:  # a contact made a moment ago has no lead
        lead = Lead.objects.select_for_update().filter(contact=match.contact).open().first()
    if lead is None:
        lead = _open(submission, enquiry, match.contact, facts, respond_by=respond_by)
        return Episode(lead=lead, is_new=True)
    lead.contact = match.contact  # as we know them now, without asking again
    _continue(lead, submission, enquiry, respond_by=respond_by)
    return Episode(lead=lead, is_new=False)


def _open(
    submission: Submission,
    enquiry: Enquiry,
    contact: Contact,
    facts: LocationFacts,
    *,
    respond_by: datetime,
) -> Lead:
    lead = Lead(
        contact=contact,
        location_id=facts.id,
        owner_id=_owner_id(submission.form),
        form=submission.form,
        kind=enquiry.kind,
        message=enquiry.message,
        article=attribution.article_of(enquiry),
        preferred_contact=enquiry.preferred_contact,
        preferred_time=enquiry.preferred_time,
        voicemail_ok=enquiry.voicemail_ok,
        arrived_at=submission.received_at,
        last_arrival_at=submission.received_at,
        respond_by=respond_by,
        next_action_at=respond_by,
    )
    rows.insert_and_name([lead])
    return lead


def _owner_id(form: CaptureForm) -> int | None:
    """The form's owner; one who has left leaves the lead to the front desk."""
    return form.owner_id if form.owner is not None and form.owner.is_active else None


def _continue(lead: Lead, submission: Submission, enquiry: Enquiry, *, respond_by: datetime) -> None:
    lead.message = enquiry.message or lead.message
    lead.preferred_contact = enquiry.preferred_contact or lead.preferred_contact
    lead.preferred_time = enquiry.preferred_time or lead.preferred_time
    if enquiry.voicemail_ok is not None:
        lead.voicemail_ok = enquiry.voicemail_ok
    # They wrote again, so the clock starts again; an answer still owed in time keeps its earlier time.
    owed = lead.responded_at is None and lead.respond_by is not None
    if not owed or (lead.respond_by and lead.respond_by <= submission.received_at):
        lead.respond_by = respond_by
    if enquiry.kind != LeadKind.NEW:
        lead.kind = enquiry.kind
    lead.responded_at = None
    lead.last_arrival_at = submission.received_at
    lead.save(
        update_fields=[
            "message",
            "kind",
            "preferred_contact",
            "preferred_time",
            "voicemail_ok",
            "respond_by",
            "responded_at",
            "last_arrival_at",
        ]
    )


def event_of(episode: Episode, *, now: datetime) -> LeadEvent:
    """Give the event that says how the arrival changed the lead: it began, or they wrote again."""
    actor = Actor.contact()
    if episode.is_new:
        return lifecycle.event_row(
            episode.lead, kind=LeadEventKind.STATUS, to_status=LeadStatus.NEW, actor=actor, now=now
        )
    return lifecycle.event_row(
        episode.lead, kind=LeadEventKind.ARRIVAL, reason="Wrote again", actor=actor, now=now
    )


def services_of(episode: Episode, enquiry: Enquiry) -> list[Model]:
    """Give the links to the services asked for that the lead does not have yet; unknown ones are left out."""
    known = clinic.service_ids_by_slug()
    asked = dict.fromkeys(known[slug] for slug in enquiry.services if slug in known)
    if asked and not episode.is_new:
        for there in episode.lead.services.filter(pk__in=asked).values_list("pk", flat=True):
            del asked[there]
    through = Lead.services.through
    return [through(lead_id=episode.lead.pk, service_id=pk) for pk in asked]


def touches_of(lead: Lead, submission: Submission, enquiry: Enquiry) -> list[Model]:
    """Give where they came from, for the insert with the rest.

    Touches to which click identifiers belong must have an id first: those are written at once, and the
    identifiers are given instead.
    """
    facts = attribution.touches(enquiry)
    touches = [_touch(lead, submission, fact) for fact in facts]
    if not any(fact.click_ids for fact in facts):
        return list(touches)
    rows.insert_and_name(touches)
    return [
        ClickId(touch=touch, kind=kind, value=value)
        for touch, fact in zip(touches, facts, strict=True)
        for kind, value in fact.click_ids.items()
    ]


def _touch(lead: Lead, submission: Submission, fact: attribution.TouchFacts) -> Touch:
    return Touch(
        lead=lead,
        submission=submission,
        kind=fact.kind,
        at=submission.received_at,
        article=fact.article,
        cta=fact.cta,
        landing_page=fact.landing_page,
        referrer=fact.referrer,
        utm_source=fact.utm_source,
        utm_medium=fact.utm_medium,
        utm_campaign=fact.utm_campaign,
        utm_term=fact.utm_term,
        utm_content=fact.utm_content,
        utm_id=fact.utm_id,
    )


def consents_of(submission: Submission, enquiry: Enquiry, addresses: Sequence[Address]) -> list[Consent]:
    """Give what was allowed, for the address it was allowed for. An unticked box says nothing."""
    ticked = {
        ("email", Channel.EMAIL, Purpose.TRANSACTIONAL): enquiry.consent_email,
        ("email", Channel.EMAIL, Purpose.MARKETING): enquiry.consent_marketing_email,
        ("phone", Channel.SMS, Purpose.TRANSACTIONAL): enquiry.consent_sms,
        ("phone", Channel.SMS, Purpose.MARKETING): enquiry.consent_marketing_sms,
    }
    return consents.rows_of_grants(
        [
            consents.Statement(
                address_id=address.pk,
                channel=channel,
                purpose=purpose,
                status=ConsentStatus.GRANTED,
                wording_version=enquiry.consent_text_version,
                source=f"form:{submission.form.slug}"[:60],
                evidence={"submission": submission.reference, "page": enquiry.page_url},
                at=submission.received_at,
                actor=Actor.contact(),
            )
            for (kind, channel, purpose), yes in ticked.items()
            for address in addresses
            if yes and address.kind == kind
        ]
    )


def answer_to(episode: Episode, enquiry: Enquiry, *, now: datetime) -> Answer:
    """Plan the call that answers them, and put an alarming message before a person at once."""
    lead = episode.lead
    planned: list[Model] = []
    screening = safety_phrases.screen(enquiry.message)
    if screening.kind is not None:
        planned += safety.rows_of_hold(contact=lead.contact, screening=screening, now=now)
        what = "Read this one first"
        planned.append(
            followups.planned_row(
                lead, kind=FollowUpKind.REVIEW, due_at=now, what=what, actor=SYSTEM, now=now
            )
        )
    due_at = lead.respond_by or now
    if episode.is_new or not _call_is_planned(lead, before=due_at):
        kind = FollowUpKind.EMAIL if enquiry.phone is None else FollowUpKind.CALL
        what = "Answer their enquiry" if episode.is_new else "They wrote again: answer"
        planned.append(
            followups.planned_row(lead, kind=kind, due_at=due_at, what=what, actor=SYSTEM, now=now)
        )
    changes = screening.kind is not None or not episode.is_new
    return Answer(rows=planned, changes_next_action=changes)


def _call_is_planned(lead: Lead, *, before: datetime) -> bool:
    return FollowUp.objects.filter(
        lead=lead, state=FollowUpState.OPEN, kind__in=followups.PURSUIT, due_at__lte=before
    ).exists()
