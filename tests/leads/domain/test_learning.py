"""What later enquiries teach us of a person, and where it shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.actors import SYSTEM
from crm.models import AuditEntry
from leads.domain import arrivals, visits
from leads.models import CaptureForm, Lead
from notifications.models import Message
from tests import factories

pytestmark = pytest.mark.django_db

ANN = "ann@example.com"


@pytest.fixture
def form() -> CaptureForm:
    return factories.form()


def write(form: CaptureForm, now: datetime, **fields: Any) -> Lead:
    """Let Ann write."""
    submission = factories.arrival(form, now=now, email=ANN, **fields)
    arrivals.process(submission_id=submission.pk, now=now)
    submission.refresh_from_db()
    assert submission.lead is not None
    return submission.lead


def languages(code: str) -> list[str]:
    rows = Message.objects.filter(template_code__startswith=code).order_by("pk")
    return list(rows.values_list("language", flat=True))


def acts() -> list[tuple[str, list[str]]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "fields"))


def test_acknowledgement_is_in_the_language_they_wrote_in_before(form: CaptureForm, now: datetime) -> None:
    write(form, now, language="es")

    write(form, now, message="again")

    assert languages("acknowledgement") == ["es", "es"]


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ({}, "en"),
        ({"locale": "es-MX"}, "es"),
        ({"locale": "de-AT"}, "en"),
        ({"language": "en", "locale": "es-MX"}, "en"),
    ],
)
def test_acknowledgement_to_a_newcomer_is_in_the_language_they_chose_or_their_browser_has(
    form: CaptureForm, now: datetime, said: dict[str, str], answered: str
) -> None:
    write(form, now, **said)

    assert languages("acknowledgement") == [answered]


def test_words_about_a_visit_are_in_the_language_learnt_last(form: CaptureForm, now: datetime) -> None:
    factories.templates()
    write(form, now)
    lead = write(form, now, message="otra vez", language="es-US")

    visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=lead.location,
        starts_at=now + timedelta(days=3),
        actor=SYSTEM,
        now=now,
    )

    assert set(languages("visit-")) == {"es"}


def test_a_newcomer_leaves_the_row_of_the_arrival_alone(form: CaptureForm, now: datetime) -> None:
    write(form, now, language="es", timezone="America/Denver", phone="512-555-0140")

    assert acts() == [("lead.arrived", [])]


def test_what_a_later_enquiry_teaches_is_kept_and_written_down(form: CaptureForm, now: datetime) -> None:
    write(form, now, name="Ann")

    lead = write(form, now, name="Ann Smith", language="es", timezone="America/Denver", phone="512-555-0140")

    contact = lead.contact
    assert (contact.full_name, contact.language, contact.time_zone) == ("Ann Smith", "es", "America/Denver")
    assert sorted(point.address.value for point in contact.points.all()) == ["+15125550140", ANN]
    assert acts() == [
        ("lead.arrived", []),
        ("contact.learned", ["full_name", "language", "time_zone", "time_zone_source", "points"]),
        ("lead.arrived", []),
    ]


def test_alarming_words_leave_the_row_of_the_hold_beside_the_arrivals(
    form: CaptureForm, now: datetime
) -> None:
    write(form, now, message="I want to end my life")
    write(form, now, message="I still want to end my life")

    assert sorted(action for action, _ in acts()) == ["lead.arrived", "lead.arrived", "safety_hold.raised"]
