"""Those who sign in, and the clinic they sign in to.

Models are imported inside: this file is read before Django is set up when its folder is named to pytest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from crm.models import Appointment, Location, Staff
    from leads.models import Lead


@pytest.fixture
def place(db: None) -> Location:
    from tests import factories

    return factories.location()


@pytest.fixture
def sign_in(db: None) -> Callable[[str], Client]:
    """Give a browser in which somebody of a role has signed in."""
    from crm.domain import pack
    from leads.domain.roles import GRANTS
    from tests import factories

    pack.load_roles(GRANTS)

    def of(role: str) -> Client:
        at_desk = Client()
        at_desk.force_login(factories.staff(role=role))
        return at_desk

    return of


@pytest.fixture
def desk(sign_in: Callable[[str], Client]) -> Staff:
    from crm.enums import Role
    from tests import factories

    return factories.staff(role=Role.FRONT_DESK)


@pytest.fixture
def at_desk(desk: Staff) -> Client:
    """Somebody of the front desk at work."""
    at_desk = Client()
    at_desk.force_login(desk)
    return at_desk


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    """Set the clock that the doors read: the database's own cannot be set."""
    from leads.admin import leads, today

    for door in (leads, today):
        monkeypatch.setattr(door, "database_now", lambda: now)
    return now


@pytest.fixture
def arrive(place: Location, now: datetime) -> Callable[..., Lead]:
    """Let somebody write through a form, and make the lead of it."""
    from leads.domain import arrivals
    from tests import factories

    form = factories.form(at=place)

    def write(*, at: datetime = now, **fields: Any) -> Lead:
        submission = factories.arrival(form, now=at, **fields)
        arrivals.process(submission_id=submission.pk, now=at)
        submission.refresh_from_db()
        assert submission.lead is not None
        return submission.lead

    return write


@pytest.fixture
def lead(arrive: Callable[..., Lead], at_noon: datetime) -> Lead:
    """Ann, who wrote this minute and wants to be called in the evening."""
    return arrive(
        name="Ann Smith",
        phone="512-555-0140",
        email="ann@example.com",
        message="Does magnesium help with cramps?",
        article="magnesium",
        preferred_contact="phone",
        preferred_time="evening",
        voicemail_ok=False,
    )


@pytest.fixture
def visit(lead: Lead, place: Location, at_noon: datetime) -> Appointment:
    """A visit of Ann's, ten minutes from now."""
    from crm.actors import SYSTEM
    from leads.domain import visits
    from tests import factories

    return visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=place,
        starts_at=at_noon + timedelta(minutes=10),
        actor=SYSTEM,
        now=at_noon,
    )
