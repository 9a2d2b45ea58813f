"""The lead's life against a grid written by hand from the design, not from the code's own table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.errors import TransitionNotAllowed
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
def test_correction_leads_from_attended_alone(start: str, now: datetime) -> None:
    lead = put(start, now)

    ways = {to for to in STATUSES if lifecycle.can_move(lead, to=to, visit_stands=False, correction=True)}

    assert ways == ({"booked", "qualified"} if start == "attended" else set())


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
