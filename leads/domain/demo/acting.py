"""What scenes do, each through the same door as the real thing: write in, call, book, come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm.enums import PaymentKind
from crm.models import Address, Appointment, Location, Service, Staff
from leads.domain import acts, arrivals, closing, intake, visits
from leads.domain.demo import origins, words
from leads.domain.demo.clinic import FORM_KEY
from leads.domain.demo.origins import Page
from leads.domain.demo.people import Person
from leads.domain.demo.stage import Stage
from leads.enums import FollowUpKind
from leads.models import Lead, Submission


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One person who writes from one page to one location, about one service."""

    person: Person
    page: Page
    location: Location
    service: Service

    @property
    def by_phone(self) -> bool:
        return bool(self.person.phone)


def cast(stage: Stage, person: Person, page: Page | None = None, location: Location | None = None) -> Enquiry:
    """Draw where somebody writes from and what about."""
    where = page or origins.page(stage.rng)
    return Enquiry(
        person=person,
        page=where,
        location=location or stage.rng.choices(stage.clinic.locations, weights=(5, 3, 2))[0],
        service=stage.clinic.services[where.services[0 if stage.rng.random() < 0.7 else -1]],
    )


def write(stage: Stage, enquiry: Enquiry, *, topic: str = "", **more: object) -> int:
    """Send the form now and make a lead of it, as the worker does; give the lead's id."""
    rng, person = stage.rng, enquiry.person
    topic = topic or ("es" if person.language == "es" else enquiry.page.topic)
    fields: dict[str, object] = {
        "name": person.name,
        "message": words.message(topic, rng) if rng.random() < 0.86 else "",
        "language": person.language,
        "timezone": person.zone,
        "location": enquiry.location.slug,
        "service": [enquiry.service.slug],
        "consent_text_version": "website-1",
        "consent_marketing_email": bool(person.email) and rng.random() < 0.3,
        **_ways_to_answer(stage, person),
        **origins.attribution(enquiry.page, rng),
        **more,
    }
    receipt = intake.accept(
        raw=json.dumps(fields).encode(),
        content_type="application/json",
        header_key=FORM_KEY,
        origin="http://localhost:8000",
        idempotency_key=f"demo-{rng.getrandbits(96):024x}",
        sender="demo",
        now=stage.now,
    )
    submission = Submission.objects.only("pk").get(reference=receipt.reference)
    # A worker needs a second or two to come round.
    arrivals.process(submission_id=submission.pk, now=min(stage.now + timedelta(seconds=2), stage.until))
    lead_id: int = Submission.objects.values_list("lead_id", flat=True).get(pk=submission.pk) or 0
    return lead_id


def _ways_to_answer(stage: Stage, person: Person) -> Mapping[str, object]:
    rng = stage.rng
    found: dict[str, object] = {}
    if person.email:
        found["email"] = person.email
    if person.phone:
        found |= {
            "phone": person.phone,
            "consent_sms": rng.random() < 0.5,
            "voicemail_ok": rng.random() < 0.8,
        }
        found["preferred_contact"] = rng.choice(("phone", "phone", "sms", ""))
    else:
        found["preferred_contact"] = "email"
    if rng.random() < 0.2:
        found["preferred_time"] = rng.choice(("morning", "afternoon", "evening"))
    return found


def log(
    stage: Stage, lead_id: int, outcome: str, *, again_at: datetime | None = None, by: Staff | None = None
) -> None:
    """Log how a call ended; with `again_at` (UTC) the next one is planned for then."""
    step = acts.NextStep(kind=FollowUpKind.CALL, due_at=again_at) if again_at else None
    acts.log_call(
        lead_id=lead_id,
        outcome=stage.clinic.outcomes[outcome],
        note=words.note(outcome, stage.rng),
        next_step=step,
        by=by or desk(stage),
        now=stage.now,
    )


def desk(stage: Stage) -> Staff:
    """Give the front desk, and now and then somebody who helps out."""
    staff = stage.clinic.staff
    return stage.rng.choices((staff["frontdesk"], staff["nurse"], staff["manager"]), weights=(8, 1, 1))[0]


def close(stage: Stage, lead_id: int, reason: str) -> None:
    """Close a lead with a reason."""
    closing.lose(
        lead_id=lead_id,
        reason=stage.clinic.reasons[reason],
        note=words.note(reason, stage.rng),
        actor=desk(stage).as_actor,
        now=stage.now,
    )


def jot(stage: Stage, lead_id: int) -> None:
    """Write a note about a lead."""
    acts.add_note(
        lead_id=lead_id, text=words.note("note", stage.rng), actor=desk(stage).as_actor, now=stage.now
    )


def take(stage: Stage, lead_id: int, by: Staff) -> None:
    """Make a lead somebody's own."""
    acts.take(lead_id=lead_id, owner=by, actor=by.as_actor, now=stage.now)


def book(stage: Stage, lead_id: int, enquiry: Enquiry, *, on: date | None = None) -> Appointment | None:
    """Book a free time within the next days, or on a day; None when nothing is free for weeks."""
    slot = stage.diary.take(
        enquiry.location,
        minutes=enquiry.service.duration_minutes,
        earliest=stage.now + timedelta(hours=3),
        on=on,
    )
    if slot is None:
        return None
    return visits.book(
        lead_id=lead_id,
        service=enquiry.service,
        location=enquiry.location,
        starts_at=slot.starts_at,
        chair=slot.chair,
        actor=desk(stage).as_actor,
        now=stage.now,
    )


def move(stage: Stage, visit: Appointment, enquiry: Enquiry) -> Appointment:
    """Move a visit to another free time, when there is one."""
    slot = stage.diary.take(
        enquiry.location,
        minutes=enquiry.service.duration_minutes,
        earliest=max(visit.starts_at, stage.now) + timedelta(hours=20),
    )
    if slot is None:
        return visit
    return visits.move(
        appointment_id=visit.pk,
        starts_at=slot.starts_at,
        chair=slot.chair,
        actor=desk(stage).as_actor,
        now=stage.now,
    )


def pay(stage: Stage, visit: Appointment) -> bool:
    """Settle a visit; say whether it was with money."""
    kind = stage.rng.choices(
        (PaymentKind.PAID, PaymentKind.PACKAGE, PaymentKind.MEMBER, PaymentKind.COMPLIMENTARY),
        weights=(85, 6, 6, 3),
    )[0]
    amount = visit.price_minor if kind == PaymentKind.PAID else 0
    if amount and stage.rng.random() < 0.25:
        amount += stage.rng.choice((3_000, 4_500))  # something added on the day
    _money(stage, visit, kind, amount)
    return kind == PaymentKind.PAID


def refund(stage: Stage, visit: Appointment) -> None:
    """Give half of a visit's price back, or all of it."""
    amount = visit.price_minor if stage.rng.random() < 0.4 else visit.price_minor // 2
    _money(stage, visit, PaymentKind.REFUNDED, amount)


def _money(stage: Stage, visit: Appointment, kind: str, amount_minor: int) -> None:
    visits.record_payment(
        appointment_id=visit.pk,
        kind=kind,
        amount_minor=amount_minor,
        actor=stage.clinic.staff["frontdesk"].as_actor,
        now=stage.now,
    )


def next_action(lead_id: int) -> datetime | None:
    """Give when a lead's next step is due (UTC); None when it is closed."""
    return Lead.objects.values_list("next_action_at", flat=True).get(pk=lead_id)


def address_ids(contact_id: int) -> list[int]:
    """Give the addresses that reach a contact."""
    return list(Address.objects.filter(points__contact_id=contact_id).values_list("pk", flat=True))
