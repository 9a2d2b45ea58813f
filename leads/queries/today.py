"""What the screen *Today* shows. Each function is one query, however much there is."""

from __future__ import annotations

import zoneinfo
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from crm.enums import AddressKind, AppointmentStatus
from crm.fields import opened, stored
from crm.models import Address, Appointment, Heartbeat, Location, SafetyHold, Staff
from leads.enums import FollowUpKind, SubmissionState
from leads.models import CaptureForm, FollowUp, Lead, LeadVisit, Submission
from leads.queries.counting import CappedCount
from notifications.enums import MessageState
from notifications.models import Message

SHOWN = 20
VISITS_SHOWN = 80
ARRIVALS_SHOWN = 500
# What failed longer ago than this nobody will mend any more; it stays in the list of messages.
FAILED_FOR = timedelta(days=7)
# Kinds of follow-up that the list of unanswered leads already speaks of.
ANSWERING = (FollowUpKind.CALL, FollowUpKind.TEXT, FollowUpKind.EMAIL)


@dataclass(frozen=True, slots=True)
class Place:
    """A location, whether the reader works there, and its calendar day."""

    id: int
    name: str
    zone: zoneinfo.ZoneInfo
    mine: bool

    def day_of(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Places:
    """The locations, and when a worker was last seen."""

    all: list[Place]
    worker_seen_at: datetime | None

    @property
    def mine(self) -> list[Place]:
        """The reader's locations, or all of them when none is theirs."""
        return [place for place in self.all if place.mine] or self.all


@dataclass(frozen=True, slots=True)
class LeadLine:
    """What every line about a lead needs."""

    pk: int
    number: int
    name: str
    phone: str | None
    location_id: int
    owner: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    lead: LeadLine
    respond_by: datetime
    arrived_at: datetime
    again: bool
    article: str
    preferred_time: str
    language: str


@dataclass(frozen=True, slots=True)
class Due:
    lead: LeadLine
    follow_up_id: int
    kind: str
    what: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class VisitToday:
    id: int
    lead_id: int | None
    name: str
    service: str
    status: str
    status_word: str
    starts_at: datetime
    location_id: int
    chair: int | None


@dataclass(frozen=True, slots=True)
class Arrival:
    id: int
    parked: bool
    received_at: datetime
    reason: str
    form: str


@dataclass(frozen=True, slots=True)
class Hold:
    name: str
    kind_word: str
    raised_at: datetime
    lead_id: int | None


def places(staff: Staff) -> Places:
    """Give the locations, and the worker's last sign of life read along with them."""
    seen = Heartbeat.objects.filter(name="arrivals").values("finished_at")[:1]
    rows = list(
        # Also those that closed: their open leads still wait for somebody.
        Location.objects.annotate(
            mine=Exists(staff.locations.filter(pk=OuterRef("pk"))), seen=Subquery(seen)
        ).order_by("name")
    )
    return Places(
        all=[Place(row.pk, row.name, zoneinfo.ZoneInfo(row.time_zone), row.mine) for row in rows],
        worker_seen_at=rows[0].seen if rows else next(iter(seen.values_list("finished_at", flat=True)), None),
    )


def nobody_has_written() -> bool:
    """Say whether no lead has ever come, at any location."""
    return not Lead.objects.exists()


def has_a_form() -> bool:
    """Say whether leads can come at all: a capture form that is in use."""
    return CaptureForm.objects.filter(is_active=True).exists()


def _phone_of(contact: str) -> Subquery:
    """Give a contact's first phone number, read along with the row."""
    numbers = Address.objects.filter(points__contact=OuterRef(contact), kind=AddressKind.PHONE)
    return Subquery(numbers.order_by("points__id").values("value")[:1])


def unanswered_leads(location_ids: Collection[int]) -> QuerySet[Lead]:
    return Lead.objects.open().filter(
        responded_at__isnull=True, respond_by__isnull=False, location_id__in=location_ids
    )


def unanswered(location_ids: Collection[int]) -> tuple[list[Unanswered], int]:
    """Give those who wait for an answer, the most pressing first, and how many there are."""
    waiting = unanswered_leads(location_ids)
    rows = (
        waiting.select_related("contact", "owner")
        .defer("message", "preferred_time")
        .annotate(
            phone=_phone_of("contact"), total=CappedCount(waiting), wished_time=stored("preferred_time")
        )
        .order_by("respond_by", "id")[:SHOWN]
    )
    found = [
        Unanswered(
            lead=_line(row, row.phone),
            respond_by=row.respond_by,
            arrived_at=row.last_arrival_at,
            again=row.last_arrival_at != row.arrived_at,
            article=row.article,
            preferred_time=opened(row.wished_time, place="leads.lead.preferred_time"),
            language=row.contact.language,
        )
        for row in rows
        if row.respond_by is not None
    ]
    return found, rows[0].total if found else 0


def _line(lead: Lead, phone: str | None, *, who: Staff | None = None) -> LeadLine:
    """Give what a line says of a lead; `who` is asked for this one thing, else it is the owner's."""
    who = who or lead.owner
    return LeadLine(
        pk=lead.pk,
        number=lead.number,
        name=str(lead.contact),
        phone=phone,
        location_id=lead.location_id,
        owner=str(who) if who else "",
    )


def due_follow_ups(location_ids: Collection[int], *, before: datetime) -> tuple[list[Due], int]:
    """Give what falls due before a moment (UTC), oldest first, and how many there are.

    The answer an unanswered lead waits for stands in the list of those leads, not twice.
    """
    answer = Q(kind__in=ANSWERING, lead__responded_at__isnull=True, lead__respond_by__isnull=False)
    waiting: QuerySet[FollowUp] = (
        FollowUp.objects.open().filter(due_at__lt=before, lead__location_id__in=location_ids).exclude(answer)
    )
    rows = (
        waiting.select_related("lead__contact", "lead__owner", "assigned_to")
        .defer("what", "outcome_note", "lead__message", "lead__preferred_time")
        .annotate(phone=_phone_of("lead__contact"), total=CappedCount(waiting), what_to_do=stored("what"))
        .order_by("due_at", "id")[:SHOWN]
    )
    found = [
        Due(
            lead=_line(row.lead, row.phone, who=row.assigned_to),
            follow_up_id=row.pk,
            kind=row.get_kind_display(),
            what=opened(row.what_to_do, place="leads.followup.what"),
            due_at=row.due_at,
        )
        for row in rows
    ]
    return found, rows[0].total if found else 0


def visits_of_the_day(at: Sequence[Place], *, now: datetime) -> list[VisitToday]:
    """Give the visits of today, where *today* is each location's own calendar day."""
    if not at:
        return []
    today = Q()
    for place in at:
        day = place.day_of(now)
        today |= Q(
            location_id=place.id,
            starts_at__gte=place.midnight(day),
            starts_at__lt=place.midnight(day + timedelta(days=1)),
        )
    link = LeadVisit.objects.filter(appointment=OuterRef("pk"), revoked_at__isnull=True).values("lead_id")
    gone = [
        AppointmentStatus.RESCHEDULED,
        AppointmentStatus.CANCELLED_BY_CLIENT,
        AppointmentStatus.CANCELLED_BY_CLINIC,
        AppointmentStatus.LATE_CANCELLED,
    ]
    of_the_day: QuerySet[Appointment] = Appointment.objects.filter(today)
    rows = (
        of_the_day.exclude(status__in=gone)
        .select_related("contact", "service")
        .annotate(of_lead=Subquery(link[:1]))
        .order_by("starts_at", "id")[:VISITS_SHOWN]
    )
    return [
        VisitToday(
            id=row.pk,
            lead_id=row.of_lead,
            name=str(row.contact),
            service=row.service.name,
            status=row.status,
            status_word=row.get_status_display(),
            starts_at=row.starts_at,
            location_id=row.location_id,
            chair=row.chair,
        )
        for row in rows
    ]


def unsettled_arrivals() -> list[Arrival]:
    """Give the arrivals that are not leads yet, oldest first: those that wait and those that are parked."""
    rows = (
        Submission.objects.filter(state__in=[SubmissionState.WAITING, SubmissionState.PARKED])
        .order_by("received_at", "id")
        .values_list("id", "state", "received_at", "reason", "form__name")[:ARRIVALS_SHOWN]
    )
    return [
        Arrival(id=pk, parked=state == SubmissionState.PARKED, received_at=at, reason=reason, form=form)
        for pk, state, at, reason, form in rows
    ]


def stuck_messages(location_ids: Collection[int], *, now: datetime) -> tuple[list[Message], int]:
    """Give the messages a person must look at, newest first, and how many there are.

    One that a person gave up was looked at.
    """
    failed = Q(state=MessageState.FAILED, created_at__gte=now - FAILED_FOR) & ~Q(
        reason_code="settled_by_hand"
    )
    stuck = Message.objects.filter(Q(state=MessageState.UNKNOWN) | failed, location_id__in=location_ids)
    rows = list(
        stuck.select_related("contact", "staff")
        .defer("params", "rendered_subject", "rendered_body")
        .annotate(total=CappedCount(stuck))
        .order_by("-created_at", "-id")[:SHOWN]
    )
    return list(rows), rows[0].total if rows else 0


def standing_holds() -> list[Hold]:
    """Give the safety holds that stand, oldest first, each with the contact's newest lead."""
    newest = Lead.objects.filter(contact=OuterRef("contact")).order_by("-arrived_at").values("pk")[:1]
    rows = (
        SafetyHold.objects.filter(lifted_at__isnull=True)
        .select_related("contact")
        .annotate(of_lead=Subquery(newest))
        .order_by(F("raised_at"), "id")[:SHOWN]
    )
    return [Hold(str(row.contact), row.get_kind_display(), row.raised_at, row.of_lead) for row in rows]
