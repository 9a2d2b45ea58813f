"""The lead's life against a grid written by hand from the design, not from the code's own table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import DomainError, TransitionNotAllowed
from leads.domain import lifecycle
from leads.enums import LeadStatus
from leads.errors import ReasonNeeded, VisitStanding
from leads.models import Lead, LeadEvent
from tests import factories

pytestmark = pytest.mark.django_db

STATUSES = ["new", "attempting", "contacted", "qualified", "nurturing", "booked", "attended", "lost"]
#                   new att con qua nur boo att lost
GRID = {
    "new":        "no  yes yes yes yes yes no  yes",
    "attempting": "no  no  yes yes yes yes no  yes",
    "contacted":  "no  no  no  yes yes yes no  yes",
    "qualified":  "no  no  no  no  yes yes no  yes",
    "nurturing":  "no  yes yes yes no  yes no  yes",
    "booked":     "no  no  no  yes yes no  yes yes",
    "attended":   "no  no  no  no  no  no  no  no ",
    "lost":       "no  no  no  no  no  no  no  no ",
}  # fmt: skip
CELLS = [
    (start, to, word == "yes")
    for start, row in GRID.items()
    for to, word in zip(STATUSES, row.split(), strict=True)
]


def put(status: str, now: datetime, **more: Any) -> Lead:
    closed = status in {"lost", "attended"}
    return factories.lead(
        status=status,
        next_action_at=None if closed else now,
        lost_reason=factories.lost_reason() if status == "lost" else None,
        **more,
    )


@pytest.mark.parametrize(("start", "to", "allowed"), CELLS)
def test_move_over_the_whole_grid(start: str, to: str, allowed: bool, now: datetime) -> None:
    lead = put(start, now)

    def act() -> None:
        lifecycle.move(
            lead, to=to, next_action_at=now, lost_reason=factories.lost_reason(), actor=SYSTEM, now=now
        )

    if allowed:
        act()
    else:
        with pytest.raises(TransitionNotAllowed):
            act()

    lead.refresh_from_db()
    assert lead.status == (to if allowed else start)
    assert LeadEvent.objects.filter(lead=lead).count() == int(allowed)


def test_the_grid_names_every_status() -> None:
    assert set(STATUSES) == set(LeadStatus.values)
    assert set(GRID) == set(LeadStatus.values)


@pytest.mark.parametrize("to", ["qualified", "nurturing", "lost"])
def test_booked_is_not_left_while_a_visit_stands(to: str, now: datetime) -> None:
    lead = put("booked", now)

    with pytest.raises(VisitStanding):
        lifecycle.move(
            lead,
            to=to,
            next_action_at=now,
            lost_reason=factories.lost_reason(),
            visit_stands=True,
            actor=SYSTEM,
            now=now,
        )


@pytest.mark.parametrize("before", ["new", "attempting", "contacted", "qualified", "nurturing", "booked"])
def test_reopen_goes_only_to_the_status_before(before: str, now: datetime) -> None:
    lead = put("lost", now, status_before=before)

    for to in STATUSES:
        assert lifecycle.can_move(lead, to=to, visit_stands=False, reopen=True) is (to == before)


@pytest.mark.parametrize("start", STATUSES)
def test_correction_leads_from_where_a_lead_is_over_alone(start: str, now: datetime) -> None:
    lead = put(start, now)

    ways = {to for to in STATUSES if lifecycle.can_move(lead, to=to, visit_stands=False, correction=True)}

    assert ways == {"attended": {"booked", "qualified", "lost"}, "lost": {"attended"}}.get(start, set())


@pytest.mark.parametrize(
    ("start", "to", "sentence"),
    [
        ("new", "attended", "A new lead cannot be marked as come this way."),
        ("attempting", "new", "A lead that was not reached yet cannot be made new this way."),
        (
            "contacted",
            "attempting",
            "A lead that was contacted cannot be marked as not reached yet this way.",
        ),
        ("qualified", "contacted", "A qualified lead cannot be marked as contacted this way."),
        ("nurturing", "nurturing", "A lead that is set aside cannot be set aside this way."),
        ("booked", "booked", "A booked lead cannot be booked this way."),
        ("attended", "lost", "A lead that came cannot be closed this way."),
        ("attended", "booked", "A lead that came cannot be booked this way."),
        ("attended", "qualified", "A lead that came cannot be marked as qualified this way."),
        ("lost", "booked", "This lead is closed. Reopen it first."),
    ],
)
def test_a_refusal_is_a_sentence(start: str, to: str, sentence: str, now: datetime) -> None:
    lead = put(start, now)

    with pytest.raises(TransitionNotAllowed) as refusal:
        lifecycle.check_can_move(lead, to=to, visit_stands=False)

    assert refusal.value.message == sentence


@pytest.mark.parametrize("start", [each for each in STATUSES if each != "lost"])
def test_only_what_is_closed_is_reopened(start: str, now: datetime) -> None:
    lead = put(start, now)

    with pytest.raises(TransitionNotAllowed, match=r"^Only a closed lead can be reopened\.$"):
        lifecycle.check_can_move(lead, to=start, visit_stands=False, reopen=True)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("lost", "This lead is closed. Reopen it first."),
        ("attended", "This lead is done: they came. Book them again to go on."),
    ],
)
def test_a_lead_that_is_over_is_not_locked_as_open(status: str, sentence: str, now: datetime) -> None:
    lead = put(status, now)

    with pytest.raises(DomainError) as refusal:
        lifecycle.lock_open(lead.pk)

    assert (refusal.value.code, refusal.value.message) == ("lead_closed", sentence)


def test_who_came_once_has_come_wherever_the_lead_goes(now: datetime) -> None:
    lead = put("booked", now, attended_at=now)

    lifecycle.move(lead, to="qualified", next_action_at=now, actor=SYSTEM, now=now + timedelta(days=1))
    lifecycle.move(lead, to="booked", next_action_at=now, actor=SYSTEM, now=now + timedelta(days=2))
    lifecycle.move(lead, to="attended", next_action_at=None, actor=SYSTEM, now=now + timedelta(days=3))

    lead.refresh_from_db()
    assert (lead.attended_at, lead.closed_at) == (now, now + timedelta(days=3))


def test_lost_without_a_reason_is_refused(now: datetime) -> None:
    lead = put("new", now)

    with pytest.raises(ReasonNeeded):
        lifecycle.move(lead, to="lost", next_action_at=None, actor=SYSTEM, now=now)

    lead.refresh_from_db()
    assert lead.status == "new"


def test_move_writes_who_when_and_why(now: datetime) -> None:
    lead = put("new", now)

    lifecycle.move(lead, to="contacted", next_action_at=now, actor=SYSTEM, now=now, reason="spoke")

    event = LeadEvent.objects.get(lead=lead)
    assert (event.from_status, event.to_status, event.at, event.actor_kind, event.reason) == (
        "new",
        "contacted",
        now,
        "system",
        "spoke",
    )
