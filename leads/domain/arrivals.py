"""The slow half of an arrival: from the stored submission to a lead, in one transaction that can run again.

If it fails, the submission waits and is tried again, later each time; after five tries it is parked, visible
on *Today* with its reason and a button. Nothing accepted is ever dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from crm.actors import SYSTEM, Actor
from crm.addresses import NormalAddress, phone_time_zones
from crm.domain import audit, clinic, contacts, rows
from crm.domain.clinic import LocationFacts
from crm.domain.contacts import Introduction, Match
from crm.enums import ZoneSource
from crm.models import Address, Staff
from leads.domain import acknowledgements, episodes, followups, intake
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.domain.enquiry import Enquiry
from leads.domain.episodes import Episode
from leads.enums import SubmissionState
from leads.models import Submission

log = structlog.get_logger(__name__)

TRIES = 5
# A claimed submission is looked at again after this long, should the worker die over it.
LEASE = timedelta(seconds=30)
# So that a backlog of arrivals does not keep every worker from the outbox.
LOOK_FOR = timedelta(seconds=20)
PARKED_REASON = "It could not be read five times. Try again, or tell whoever looks after the system."


def look(clock: Callable[[], datetime], *, batch: int = 50) -> int:
    """Process arrivals that wait, oldest first, for 20 s at most. Returns how many became leads.

    Each is a transaction of its own; one that fails does not hold up the others.
    """
    started = clock()
    now, done = started, 0
    while now - started < LOOK_FOR and (ids := claim(now=now, limit=batch)):
        for submission_id in ids:
            done += _try_one(submission_id, clock=clock)
        now = clock()
    return done


def claim(*, now: datetime, limit: int) -> list[int]:
    """Take a batch of due arrivals by putting their next look a lease away; park what was tried too often.

    A worker that dies over them leaves them to the look after. Two claimers share no row: PostgreSQL locks
    and skips, and the write transactions of SQLite stand in one queue from BEGIN on.
    """
    with transaction.atomic():
        due = Submission.objects.filter(state=SubmissionState.WAITING, look_at__lte=now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        found = list(due.order_by("look_at", "id").values_list("id", "attempts")[:limit])
        worn_out = [pk for pk, attempts in found if attempts >= TRIES]
        fresh = [pk for pk, attempts in found if attempts < TRIES]
        waiting = Submission.objects.filter(state=SubmissionState.WAITING, look_at__lte=now)
        if worn_out:
            waiting.filter(pk__in=worn_out).update(state=SubmissionState.PARKED, reason=PARKED_REASON)
        if fresh:
            waiting.filter(pk__in=fresh).update(look_at=now + LEASE)
    return fresh


def begin(submission_id: int, *, now: datetime) -> bool:
    """Count a try before it is made, and renew the lease; False when the arrival does not wait any more.

    Counted for this arrival alone, at its turn: when a worker dies, only the one it was busy with pays.
    """
    waiting = Submission.objects.filter(pk=submission_id, state=SubmissionState.WAITING)
    return bool(waiting.update(attempts=F("attempts") + 1, look_at=now + LEASE))


def _try_one(submission_id: int, *, clock: Callable[[], datetime]) -> int:
    try:
        now = clock()
        return int(begin(submission_id, now=now) and process(submission_id=submission_id, now=now))
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


def process(*, submission_id: int, now: datetime) -> bool:
    """Make of a waiting submission a lead: contact, lead, touches, consents, follow-up, acknowledgement.

    Returns False, and changes nothing, when the submission does not wait any more.
    """
    try:
        return _process(submission_id, now=now)
    except IntegrityError:
        # Somebody wrote under the same new address at this very moment. All of ours is undone; the second
        # time theirs is there to be found.
        return _process(submission_id, now=now)


@transaction.atomic
def _process(submission_id: int, *, now: datetime) -> bool:
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.state != SubmissionState.WAITING:
        return False
    submission.form = intake.form_by_id(submission.form_id)
    enquiry = enquiries.clean(bodies.read_body(submission.body, submission.content_type))
    facts = _location_of(submission, enquiry)
    locked = contacts.lock_addresses(_given(enquiry), now=now)
    addresses = [locked.rows[(each.kind, each.value)] for each in _given(enquiry)]
    match = _contact_of(enquiry, addresses, facts, addresses_are_new=locked.new, now=now)
    episode = episodes.find_or_open(submission, enquiry, match, facts, now=now)
    _write_down(submission, enquiry, addresses, match, episode, now=now)
    submission.state = SubmissionState.PROCESSED
    submission.lead = episode.lead
    submission.processed_at = now
    submission.reason = ""
    submission.save(update_fields=["state", "lead", "processed_at", "reason"])
    return True


def _write_down(
    submission: Submission,
    enquiry: Enquiry,
    addresses: Sequence[Address],
    match: Match,
    episode: Episode,
    *,
    now: datetime,
) -> None:
    """Write all that belongs to an arrival beside the lead itself, what nobody refers to in one go."""
    lead = episode.lead
    owner = submission.form.owner if lead.owner_id == submission.form.owner_id else None
    answer = episodes.answer_to(episode, enquiry, now=now)
    messages = acknowledgements.rows_for(
        lead=lead,
        submission=submission,
        enquiry=enquiry,
        addresses=addresses,
        owner_name=_first_name(owner),
        now=now,
    )
    seen = audit.entry(
        actor=SYSTEM, action="lead.arrived", subject_kind="lead", subject_ref=lead.reference, now=now
    )
    rows.insert(
        [
            episodes.event_of(episode, now=now),
            *episodes.services_of(episode, enquiry),
            *episodes.touches_of(lead, submission, enquiry),
            *episodes.consents_of(submission, enquiry, addresses),
            *answer.rows,
            *messages,
            *match.rows,
            seen,
        ]
    )
    if answer.changes_next_action:
        followups.refresh(lead, actor=SYSTEM, now=now)


def _first_name(owner: Staff | None) -> str:
    return owner.get_short_name() if owner is not None else ""


def _location_of(submission: Submission, enquiry: Enquiry) -> LocationFacts:
    """The location asked for, or the form's: an unknown slug is accepted, since a website may lag."""
    asked = clinic.location_ids_by_slug().get(enquiry.location)
    return clinic.location_facts(asked or submission.form.location_id)


def _given(enquiry: Enquiry) -> list[NormalAddress]:
    """Give the addresses they wrote under, best first: e-mail, then phone."""
    return [each for each in (enquiry.email, enquiry.phone) if each is not None]


def _contact_of(
    enquiry: Enquiry,
    addresses: Sequence[Address],
    facts: LocationFacts,
    *,
    addresses_are_new: bool,
    now: datetime,
) -> Match:
    zone, source = _zone_of(enquiry, facts)
    who = Introduction(
        name=enquiry.name,
        language=enquiry.language,
        locale_language=re.split("[-_]", enquiry.locale)[0].lower(),
        time_zone=zone,
        time_zone_source=source,
    )
    return contacts.find_or_make(who=who, addresses=addresses, now=now, addresses_are_new=addresses_are_new)


def _zone_of(enquiry: Enquiry, facts: LocationFacts) -> tuple[str, str]:
    if enquiry.timezone:
        return enquiry.timezone, ZoneSource.BROWSER
    if enquiry.phone is not None:
        zones = phone_time_zones(enquiry.phone.value)
        if len(zones) == 1:
            return zones[0], ZoneSource.PHONE
    return facts.zone.key, ZoneSource.LOCATION
