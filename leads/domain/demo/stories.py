"""How enquiries go: one generator for each fate, from the first message to the money or the closed door."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, datetime, timedelta

from crm.models import Appointment
from leads.domain import acts, visits
from leads.domain.demo import acting, words
from leads.domain.demo.acting import Enquiry
from leads.domain.demo.stage import Scene, Stage
from leads.enums import LeadKind
from leads.models import Lead
from notifications.domain import consents

Told = Generator[datetime, None, None]

# Of a thousand enquiries of a quarter, how many go which way.
FATES: dict[str, int] = {
    "comes": 315,
    "does_not_come": 40,
    "cancels": 45,
    "says_no": 165,
    "thinks": 130,
    "later": 45,
    "silent": 180,
    "wrong_number": 25,
    "stop": 15,
    "spam": 18,
    "no_lead": 22,
}
_SAID_NO = ("price", "price", "timing", "competitor", "distance", "changed_mind", "insurance")
_SAID_NO_BY_NURSE = ("not_a_candidate", "service_not_offered", "other")


def draw_fate(stage: Stage, enquiry: Enquiry) -> str:
    """Draw how an enquiry goes; people of some pages are keener than others."""
    weights = dict(FATES)
    weights["comes"] = int(weights["comes"] * enquiry.page.keenness)
    if enquiry.page.article == "":
        weights["no_lead"] *= 3
    return stage.rng.choices(list(weights), weights=list(weights.values()))[0]


def enquire(
    stage: Stage, enquiry: Enquiry, *, at: datetime, fate: str = "", visit_on: date | None = None
) -> Generator[datetime, None, int]:
    """Play one enquiry from the form on; give its lead's id in the end."""
    fate = fate or draw_fate(stage, enquiry)
    yield at
    topic = {"spam": "spam", "no_lead": "wrong_place"}.get(fate, "")
    lead_id = acting.write(stage, enquiry, topic=topic)
    if fate not in {"spam", "no_lead"} and stage.rng.random() < 0.06:
        yield stage.now + timedelta(minutes=stage.rng.randint(25, 300))
        acting.write(stage, enquiry, topic="again")
    yield _first_answer(stage, enquiry, lead_id)
    if fate == "spam":
        acting.close(stage, lead_id, "spam")
    elif fate == "no_lead":
        yield from _no_lead(stage, lead_id)
    elif fate in {"wrong_number", "silent"}:
        yield from _unreached(stage, enquiry, lead_id, wrong=fate == "wrong_number")
    else:
        yield from _reach(stage, enquiry, lead_id)
        yield from _talk(stage, enquiry, lead_id, fate=fate, visit_on=visit_on)
    return lead_id


def enquire_twice(stage: Stage, enquiry: Enquiry, *, at: datetime) -> Scene:
    """Play an enquiry and, weeks after it is over, the same person's next one."""
    lead_id = yield from enquire(stage, enquiry, at=at, fate="comes")
    if acting.next_action(lead_id) is None:
        again = acting.cast(stage, enquiry.person)
        yield from enquire(stage, again, at=stage.now + timedelta(days=stage.rng.randint(12, 30)))


def _first_answer(stage: Stage, enquiry: Enquiry, lead_id: int) -> datetime:
    """Draw when somebody first answers: mostly in time, sometimes not."""
    promised = Lead.objects.values_list("respond_by", flat=True).get(pk=lead_id) or stage.now
    quick = stage.rng.random()
    late = stage.rng.randint(-4, 0) if quick < 0.66 else stage.rng.randint(2, 40)
    if quick > 0.93:
        late = stage.rng.randint(90, 360)
    if late <= 0:
        return max(promised + timedelta(minutes=late), stage.now + timedelta(minutes=1))
    return stage.business_minutes(enquiry.location, promised, late)


def _when_due(stage: Stage, enquiry: Enquiry, lead_id: int) -> datetime:
    """Draw when the next step is really taken: mostly a little early, sometimes late, in opening hours."""
    due = acting.next_action(lead_id) or stage.now
    jitter = timedelta(minutes=stage.rng.randint(-45, 8))
    if stage.rng.random() < 0.08:
        jitter = timedelta(hours=stage.rng.randint(3, 20))
    return stage.opening(enquiry.location, max(due + jitter, stage.now + timedelta(minutes=10)))


def _reach(stage: Stage, enquiry: Enquiry, lead_id: int) -> Told:
    """Try until somebody answers: at once, or at the second to fourth try."""
    missed = stage.rng.choices((0, 1, 2, 3), weights=(55, 26, 13, 6))[0]
    for _ in range(missed):
        acting.log(stage, lead_id, _miss(stage, enquiry))
        yield _when_due(stage, enquiry, lead_id)


def _miss(stage: Stage, enquiry: Enquiry) -> str:
    if not enquiry.by_phone:
        return "emailed"
    return stage.rng.choices(("no_answer", "voicemail", "busy", "texted"), weights=(50, 35, 8, 7))[0]


def _unreached(stage: Stage, enquiry: Enquiry, lead_id: int, *, wrong: bool) -> Told:
    for _ in range(0 if wrong else stage.rng.randint(3, 4)):
        acting.log(stage, lead_id, _miss(stage, enquiry))
        yield _when_due(stage, enquiry, lead_id)
    if wrong and enquiry.by_phone:
        acting.log(stage, lead_id, "wrong_number")
        return
    acting.close(stage, lead_id, "no_response")


def _no_lead(stage: Stage, lead_id: int) -> Told:
    by = stage.clinic.staff["frontdesk"]
    kind = stage.rng.choice((LeadKind.NOT_A_LEAD, LeadKind.NOT_A_LEAD, LeadKind.BILLING))
    acts.change_kind(lead_id=lead_id, kind=kind, actor=by.as_actor, now=stage.now)
    acts.answer_elsewhere(lead_id=lead_id, how="by e-mail", by=by, now=stage.now)
    yield stage.now + timedelta(minutes=stage.rng.randint(5, 50))
    acting.close(stage, lead_id, "other")


def _talk(stage: Stage, enquiry: Enquiry, lead_id: int, *, fate: str, visit_on: date | None) -> Told:
    """Speak with somebody who was reached, and go where it leads."""
    by = acting.desk(stage)
    if stage.rng.random() < 0.55:
        acting.take(stage, lead_id, by)
    if fate in {"comes", "does_not_come", "cancels"}:
        yield from _decide(stage, enquiry, lead_id)
        yield from _visit(stage, enquiry, lead_id, fate=fate, visit_on=visit_on)
    elif fate == "stop":
        yield from _stop(stage, lead_id)
    elif fate == "later":
        acting.log(stage, lead_id, "spoke_thinking")
        yield stage.now + timedelta(minutes=2)
        until = stage.opening(enquiry.location, stage.now + timedelta(days=stage.rng.randint(10, 60)))
        acts.nurture(lead_id=lead_id, until=until, actor=by.as_actor, now=stage.now)
        yield _when_due(stage, enquiry, lead_id)
        yield from _second_chance(stage, enquiry, lead_id)
    else:
        yield from _decline(stage, enquiry, lead_id, thinks=fate == "thinks")


def _decide(stage: Stage, enquiry: Enquiry, lead_id: int) -> Told:
    """Some book in the first talk, most in the second."""
    if stage.rng.random() < 0.45:
        return
    first = stage.rng.choices(
        ("spoke_interested", "spoke_thinking", "needs_nurse", "call_back"), weights=(50, 25, 15, 10)
    )[0]
    again = None
    if first == "call_back":
        again = stage.business_minutes(enquiry.location, stage.now, stage.rng.randint(60, 400))
    acting.log(stage, lead_id, first, again_at=again)
    if stage.rng.random() < 0.3:
        acting.jot(stage, lead_id)
    yield _when_due(stage, enquiry, lead_id)


def _decline(stage: Stage, enquiry: Enquiry, lead_id: int, *, thinks: bool) -> Told:
    for _ in range(stage.rng.randint(1, 2) if thinks else 0):
        acting.log(stage, lead_id, "spoke_thinking")
        yield _when_due(stage, enquiry, lead_id)
    if stage.rng.random() < 0.3:
        acting.log(stage, lead_id, "not_interested")
        return
    nurse = stage.rng.random() < 0.3
    acting.log(stage, lead_id, "needs_nurse" if nurse else "spoke_interested")
    yield _when_due(stage, enquiry, lead_id)
    acting.close(stage, lead_id, stage.rng.choice(_SAID_NO_BY_NURSE if nurse else _SAID_NO))


def _stop(stage: Stage, lead_id: int) -> Told:
    acting.log(stage, lead_id, "do_not_contact")
    contact_id = Lead.objects.values_list("contact_id", flat=True).get(pk=lead_id)
    consents.suppress(
        address_ids=list(acting.address_ids(contact_id)),
        reason="Asked us on the phone to stop.",
        actor=stage.clinic.staff["frontdesk"].as_actor,
        now=stage.now,
    )
    yield from ()


def _visit(stage: Stage, enquiry: Enquiry, lead_id: int, *, fate: str, visit_on: date | None) -> Told:
    acting.log(stage, lead_id, "booked")
    visit = acting.book(stage, lead_id, enquiry, on=visit_on)
    if visit is None:
        return
    if fate == "comes" and visit_on is None and stage.rng.random() < 0.1:
        yield stage.opening(enquiry.location, stage.now + (visit.starts_at - stage.now) / 3)
        visit = acting.move(stage, visit, enquiry)
    if fate == "cancels":
        yield from _cancel(stage, enquiry, lead_id, visit)
        return
    if stage.rng.random() < 0.45:
        yield _between(stage, visit)
        visits.confirm(appointment_id=visit.pk, actor=acting.desk(stage).as_actor, now=stage.now)
    if fate == "does_not_come":
        yield from _miss_visit(stage, enquiry, lead_id, visit)
        return
    yield visit.starts_at + timedelta(minutes=stage.rng.randint(-8, 9))
    yield from _come(stage, visit)


def _between(stage: Stage, visit: Appointment) -> datetime:
    """Draw a moment of the last day before a visit."""
    day_before = visit.starts_at - timedelta(hours=stage.rng.randint(2, 26))
    return min(max(day_before, stage.now + timedelta(minutes=20)), visit.starts_at - timedelta(minutes=30))


def _come(stage: Stage, visit: Appointment) -> Told:
    visits.attend(appointment_id=visit.pk, actor=stage.clinic.staff["frontdesk"].as_actor, now=stage.now)
    yield max(visit.ends_at, stage.now) + timedelta(minutes=stage.rng.randint(1, 10))
    with_money = acting.pay(stage, visit)
    if with_money and stage.rng.random() < 0.045:
        yield stage.now + timedelta(days=stage.rng.randint(1, 4))
        acting.refund(stage, visit)


def _cancel(stage: Stage, enquiry: Enquiry, lead_id: int, visit: Appointment) -> Told:
    yield _between(stage, visit)
    visits.cancel(
        appointment_id=visit.pk,
        by_client=stage.rng.random() < 0.85,
        reason=words.note("cancelled", stage.rng),
        actor=acting.desk(stage).as_actor,
        now=stage.now,
    )
    yield _when_due(stage, enquiry, lead_id)
    yield from _second_chance(stage, enquiry, lead_id)


def _miss_visit(stage: Stage, enquiry: Enquiry, lead_id: int, visit: Appointment) -> Told:
    yield visit.starts_at + timedelta(minutes=stage.rng.randint(20, 50))
    visits.no_show(appointment_id=visit.pk, actor=stage.clinic.staff["frontdesk"].as_actor, now=stage.now)
    yield _when_due(stage, enquiry, lead_id)
    yield from _second_chance(stage, enquiry, lead_id)


def _second_chance(stage: Stage, enquiry: Enquiry, lead_id: int) -> Told:
    """Offer another time: a third take it, the others are let go after a second try."""
    if stage.rng.random() < 0.33:
        yield from _visit(stage, enquiry, lead_id, fate="comes", visit_on=None)
        return
    acting.log(stage, lead_id, _miss(stage, enquiry))
    yield _when_due(stage, enquiry, lead_id)
    acting.close(stage, lead_id, stage.rng.choice(("changed_mind", "timing", "no_response")))
