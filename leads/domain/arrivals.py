"""The slow half of an arrival: from the stored submission to a lead, in one transaction that can run again.

If it fails, the submission waits and is tried again, later each time; after five tries it is parked, visible
on *Today* with its reason and a button. Nothing accepted is ever dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F

from crm.actors import SYSTEM, Actor
from crm.addresses import NormalAddress, phone_time_zones
from crm.domain import audit, clinic, contacts, safety, safety_phrases
from crm.domain.clinic import LocationFacts
from crm.domain.contacts import Match
from crm.enums import ZoneSource
from crm.models import Address, Contact, Staff
from leads.domain import acknowledgements, attribution, followups, intake, lifecycle, response
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.domain.enquiry import Enquiry
from leads.enums import FollowUpKind, FollowUpState, LeadEventKind, LeadStatus, SubmissionState
from leads.models import ClickId, FollowUp, Lead, LeadEvent, Submission, Touch
from notifications.domain import consents
from notifications.enums import Channel, ConsentStatus, Purpose

log = structlog.get_logger(__name__)

TRIES = 5
# A claimed submission is looked at again after this long, should the worker die over it.
LEASE = timedelta(seconds=30)
PARKED_REASON = "It could not be read five times. Try again, or tell whoever looks after the system."


def look(clock: Callable[[], datetime], *, batch: int = 50) -> int:
    """Process all arrivals that wait, oldest first. Returns how many became leads.

    Each is a transaction of its own; one that fails does not hold up the others.
    """
    done = 0
    while ids := claim(now=clock(), limit=batch):
        for submission_id in ids:
            done += _try_one(submission_id, clock=clock)
    return done


def claim(*, now: datetime, limit: int) -> list[int]:
    """Take a batch of due arrivals: count the try before it is made, and put the next look a lease away.

    A worker that dies over one leaves it to the next look; one that kills every worker is parked by its
    count. Two claimers share no row: the update asks for the very `look_at` that was read.
    """
    with transaction.atomic():
        due = Submission.objects.filter(state=SubmissionState.WAITING, look_at__lte=now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        rows = list(due.order_by("look_at", "id").values_list("id", "attempts")[:limit])
        worn_out = [pk for pk, attempts in rows if attempts >= TRIES]
        fresh = [pk for pk, attempts in rows if attempts < TRIES]
        waiting = Submission.objects.filter(state=SubmissionState.WAITING, look_at__lte=now)
        if worn_out:
            waiting.filter(pk__in=worn_out).update(state=SubmissionState.PARKED, reason=PARKED_REASON)
        if fresh:
            # SQLite has no row locks, but its write transactions stand in one queue from BEGIN on.
            waiting.filter(pk__in=fresh).update(attempts=F("attempts") + 1, look_at=now + LEASE)
    return fresh


def _try_one(submission_id: int, *, clock: Callable[[], datetime]) -> int:
    try:
        return int(process(submission_id=submission_id, now=clock()))
    except Exception as error:  # noqa: BLE001  # any bug parks one arrival, never the queue
        # The kind of error only: its text could carry what the person wrote.
        kind = type(error).__name__
        log.error("arrival_failed", submission=submission_id, error=kind)  # noqa: TRY400  # a trace could quote it
        _put_back(submission_id, reason=f"Could not be processed ({kind}).", now=clock())
        return 0


def _put_back(submission_id: int, *, reason: str, now: datetime) -> None:
    with transaction.atomic():
        row = Submission.objects.select_for_update().get(pk=submission_id)
        if row.state != SubmissionState.WAITING:
            return
        if row.attempts >= TRIES:
            row.state = SubmissionState.PARKED
        row.reason = reason
        row.look_at = now + timedelta(seconds=2**row.attempts)
        row.save(update_fields=["state", "reason", "look_at"])


@transaction.atomic
def retry(*, submission_id: int, actor: Actor, now: datetime) -> None:
    """Put a parked arrival back in the queue, because a person asked for it."""
    changed = Submission.objects.filter(pk=submission_id, state=SubmissionState.PARKED).update(
        state=SubmissionState.WAITING, attempts=0, look_at=now, reason=""
    )
    if changed:
        audit.record(
            actor=actor,
            action="arrival.retried",
            subject_kind="submission",
            subject_ref=str(submission_id),
            now=now,
        )


@transaction.atomic
def process(*, submission_id: int, now: datetime) -> bool:
    """Make of a waiting submission a lead: contact, lead, touches, consents, follow-up, acknowledgement.

    Returns False, and changes nothing, when the submission does not wait any more.
    """
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.state != SubmissionState.WAITING:
        return False
    submission.form = intake.form_by_id(submission.form_id)
    enquiry = enquiries.clean(bodies.read_body(submission.body, submission.content_type))
    facts = _location_of(submission, enquiry)
    addresses = _lock_addresses(enquiry, now=now)
    match = _contact_of(enquiry, addresses, facts, now=now)
    lead, episode_is_new = _lead_of(submission, enquiry, match, facts, now=now)
    _keep_services(lead, enquiry)
    _keep_touches(lead, submission, enquiry)
    _keep_consents(submission, enquiry, addresses, now=now)
    _plan_answer(lead, submission, enquiry, episode_is_new=episode_is_new, now=now)
    owner = submission.form.owner if lead.owner_id == submission.form.owner_id else None
    acknowledgements.queue_for(
        lead=lead,
        submission=submission,
        enquiry=enquiry,
        addresses=addresses,
        owner_name=_first_name(owner),
        now=now,
    )
    audit.record(
        actor=SYSTEM, action="lead.arrived", subject_kind="lead", subject_ref=lead.reference, now=now
    )
    submission.state = SubmissionState.PROCESSED
    submission.lead = lead
    submission.processed_at = now
    submission.reason = ""
    submission.save(update_fields=["state", "lead", "processed_at", "reason"])
    return True


def _first_name(owner: Staff | None) -> str:
    return owner.get_short_name() if owner is not None else ""


def _location_of(submission: Submission, enquiry: Enquiry) -> LocationFacts:
    """The location asked for, or the form's: an unknown slug is accepted, since a website may lag."""
    asked = clinic.location_ids_by_slug().get(enquiry.location)
    return clinic.location_facts(asked or submission.form.location_id)


def _lock_addresses(enquiry: Enquiry, *, now: datetime) -> list[Address]:
    """Lock the addresses given, and return them best first: e-mail, then phone."""
    given: list[NormalAddress] = [a for a in (enquiry.email, enquiry.phone) if a is not None]
    rows = contacts.lock_addresses(given, now=now)
    return [rows[(a.kind, a.value)] for a in given]


def _contact_of(
    enquiry: Enquiry, addresses: Sequence[Address], facts: LocationFacts, *, now: datetime
) -> Match:
    zone, source = _zone_of(enquiry, facts)
    return contacts.find_or_make(
        name=enquiry.name,
        addresses=addresses,
        language=enquiry.language,
        time_zone=zone,
        time_zone_source=source,
        now=now,
    )


def _zone_of(enquiry: Enquiry, facts: LocationFacts) -> tuple[str, str]:
    if enquiry.timezone:
        return enquiry.timezone, ZoneSource.BROWSER
    if enquiry.phone is not None:
        zones = phone_time_zones(enquiry.phone.value)
        if len(zones) == 1:
            return zones[0], ZoneSource.PHONE
    return facts.zone.key, ZoneSource.LOCATION


def _lead_of(
    submission: Submission, enquiry: Enquiry, match: Match, facts: LocationFacts, *, now: datetime
) -> tuple[Lead, bool]:
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
        lead = _open_lead(submission, enquiry, match.contact, facts, respond_by=respond_by, now=now)
        return lead, True
    lead.message = enquiry.message or lead.message
    lead.preferred_contact = enquiry.preferred_contact or lead.preferred_contact
    lead.preferred_time = enquiry.preferred_time or lead.preferred_time
    if enquiry.voicemail_ok is not None:
        lead.voicemail_ok = enquiry.voicemail_ok
    # They wrote again, so the clock starts again; an answer still owed keeps its earlier time.
    if lead.responded_at is not None or lead.respond_by is None:
        lead.respond_by = respond_by
    lead.responded_at = None
    lead.last_arrival_at = submission.received_at
    lead.save(
        update_fields=[
            "message",
            "preferred_contact",
            "preferred_time",
            "voicemail_ok",
            "respond_by",
            "responded_at",
            "last_arrival_at",
        ]
    )
    lifecycle.note_event(
        lead, kind=LeadEventKind.ARRIVAL, actor=Actor.contact(), now=now, reason="Wrote again"
    )
    return lead, False


def _open_lead(
    submission: Submission,
    enquiry: Enquiry,
    contact: Contact,
    facts: LocationFacts,
    *,
    respond_by: datetime,
    now: datetime,
) -> Lead:
    lead = Lead.objects.create(
        contact=contact,
        location_id=facts.id,
        owner_id=submission.form.owner_id,
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
    LeadEvent.objects.create(
        lead=lead,
        at=now,
        kind=LeadEventKind.STATUS,
        to_status=LeadStatus.NEW,
        **LeadEvent.by(Actor.contact()),
    )
    return lead


def _keep_services(lead: Lead, enquiry: Enquiry) -> None:
    known = clinic.service_ids_by_slug()
    asked = [known[slug] for slug in enquiry.services if slug in known]
    through = Lead.services.through
    through.objects.bulk_create(
        [through(lead_id=lead.pk, service_id=pk) for pk in dict.fromkeys(asked)], ignore_conflicts=True
    )


def _keep_touches(lead: Lead, submission: Submission, enquiry: Enquiry) -> None:
    facts = attribution.touches(enquiry)
    rows = Touch.objects.bulk_create(
        [
            Touch(
                lead=lead,
                submission=submission,
                kind=touch.kind,
                at=submission.received_at,
                article=touch.article,
                cta=touch.cta,
                landing_page=touch.landing_page,
                referrer=touch.referrer,
                utm_source=touch.utm_source,
                utm_medium=touch.utm_medium,
                utm_campaign=touch.utm_campaign,
                utm_term=touch.utm_term,
                utm_content=touch.utm_content,
                utm_id=touch.utm_id,
            )
            for touch in facts
        ]
    )
    ClickId.objects.bulk_create(
        [
            ClickId(touch=row, kind=kind, value=value)
            for row, touch in zip(rows, facts, strict=True)
            for kind, value in touch.click_ids.items()
        ]
    )


def _keep_consents(
    submission: Submission, enquiry: Enquiry, addresses: Sequence[Address], *, now: datetime
) -> None:
    """Write down what was allowed, for the address it was allowed for. An unticked box says nothing."""
    ticked = {
        ("email", Channel.EMAIL, Purpose.TRANSACTIONAL): enquiry.consent_email,
        ("email", Channel.EMAIL, Purpose.MARKETING): enquiry.consent_marketing_email,
        ("phone", Channel.SMS, Purpose.TRANSACTIONAL): enquiry.consent_sms,
        ("phone", Channel.SMS, Purpose.MARKETING): enquiry.consent_marketing_sms,
    }
    consents.record_many(
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


def _plan_answer(
    lead: Lead, submission: Submission, enquiry: Enquiry, *, episode_is_new: bool, now: datetime
) -> None:
    """Plan the call that answers them, and put an alarming message before a person at once."""
    screening = safety_phrases.screen(enquiry.message)
    if screening.kind is not None:
        safety.raise_hold(contact=lead.contact, screening=screening, now=now)
        followups.plan(
            lead, kind=FollowUpKind.REVIEW, due_at=now, what="Read this one first", actor=SYSTEM, now=now
        )
    due_at = lead.respond_by or now
    if episode_is_new or not _call_is_planned(lead, before=due_at):
        kind = FollowUpKind.EMAIL if enquiry.phone is None else FollowUpKind.CALL
        what = "Answer their enquiry" if episode_is_new else "They wrote again: answer"
        followups.plan(lead, kind=kind, due_at=due_at, what=what, actor=SYSTEM, now=now)
    if screening.kind is not None or not episode_is_new:
        followups.refresh(lead, actor=SYSTEM, now=now)


def _call_is_planned(lead: Lead, *, before: datetime) -> bool:
    return FollowUp.objects.filter(
        lead=lead, state=FollowUpState.OPEN, kind__in=followups.PURSUIT, due_at__lte=before
    ).exists()
