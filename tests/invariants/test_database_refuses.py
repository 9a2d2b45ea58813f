"""What must never be false is a constraint with a name: the database refuses it, whatever the code does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.actors import SYSTEM
from crm.models import Appointment
from leads.models import FollowUp, Lead, LeadVisit, Submission
from notifications.domain import consents
from notifications.models import Message, Suppression
from tests import factories
from tests.factories import NOON
from tests.notifications import messages

pytestmark = pytest.mark.django_db


def lead_without_next_action() -> None:
    Lead.objects.filter(pk=factories.lead().pk).update(next_action_at=None)


def lead_without_location() -> None:
    Lead.objects.filter(pk=factories.lead().pk).update(location=None)


def lost_lead_without_reason() -> None:
    Lead.objects.filter(pk=factories.lead().pk).update(
        status="lost", status_before="new", closed_at=NOON, lost_reason=None
    )


def lost_lead_that_stood_nowhere() -> None:
    Lead.objects.filter(pk=factories.lead().pk).update(
        status="lost", closed_at=NOON, lost_reason=factories.lost_reason(), status_before=""
    )


def lead_in_an_unknown_status() -> None:
    Lead.objects.filter(pk=factories.lead().pk).update(status="asleep")


def second_open_lead_of_one_contact() -> None:
    factories.lead(person=factories.lead().contact)


def second_message_of_one_dedupe_key() -> None:
    for _ in range(2):
        messages.message(now=NOON, dedupe_key="once")


def message_sent_without_a_hand() -> None:
    Message.objects.filter(pk=messages.message(now=NOON).pk).update(state="sent", handed_at=None)


def message_claimed_without_a_lease() -> None:
    Message.objects.filter(pk=messages.message(now=NOON).pk).update(state="claimed", token="mine")


def message_to_a_person_marked_internal() -> None:
    Message.objects.filter(pk=messages.message(now=NOON).pk).update(purpose="internal")


def message_to_nobody() -> None:
    Message.objects.filter(pk=messages.message(now=NOON).pk).update(contact=None, address=None)


def second_stop_that_stands() -> None:
    address = factories.address()
    for _ in range(2):
        Suppression.objects.create(address=address, reason="Stop.", at=NOON, **Suppression.by(SYSTEM))


def second_submission_of_one_key() -> None:
    first = factories.arrival(factories.form(), key="k")
    Submission.objects.create(
        form=first.form, received_at=NOON, content_type="x", body=b"x", idempotency_key="k",
        fields_hash="f", window=1, sender_hash="s", look_at=NOON,
    )  # fmt: skip


def processed_submission_without_a_lead() -> None:
    Submission.objects.filter(pk=factories.arrival(factories.form()).pk).update(state="processed")


def appointment() -> Appointment:
    contact, location, service = factories.contact(), factories.location(), factories.service()
    return Appointment.objects.create(
        contact=contact, location=location, service=service, starts_at=NOON,
        ends_at=NOON + timedelta(minutes=30), price_minor=4500, currency="USD", created_at=NOON,
    )  # fmt: skip


def visit_of_two_leads() -> None:
    visit = appointment()
    for _ in range(2):
        LeadVisit.objects.create(
            lead=factories.lead(), appointment=visit, linked_at=NOON, **LeadVisit.by(SYSTEM)
        )


def conversion_of_a_revoked_link() -> None:
    LeadVisit.objects.create(
        lead=factories.lead(), appointment=appointment(), linked_at=NOON, converted_at=NOON,
        revoked_at=NOON, revoked_by="system", **LeadVisit.by(SYSTEM),
    )  # fmt: skip


def link_revoked_by_nobody() -> None:
    LeadVisit.objects.create(
        lead=factories.lead(), appointment=appointment(), linked_at=NOON, revoked_at=NOON,
        **LeadVisit.by(SYSTEM),
    )  # fmt: skip


def call_that_closes_for_no_reason() -> None:
    factories.outcome("gone", moves_to="lost", lost_reason=None)


def call_that_books_without_a_visit() -> None:
    factories.outcome("booked", moves_to="booked")


def call_that_sets_aside_until_no_day() -> None:
    factories.outcome("later", moves_to="nurturing")


def consent_in_an_unknown_status() -> None:
    consents.record(
        address_id=factories.address().pk, channel="email", purpose="marketing", status="perhaps",
        wording_version="", source="desk", evidence={}, at=NOON, actor=SYSTEM,
    )  # fmt: skip


def follow_up_in_an_unknown_state() -> None:
    FollowUp.objects.create(
        lead=factories.lead(), kind="call", due_at=NOON, planned_at=NOON, state="asleep", done_at=NOON,
        **FollowUp.by(SYSTEM),
    )  # fmt: skip


def follow_up_done_at_no_time() -> None:
    FollowUp.objects.create(
        lead=factories.lead(), kind="call", due_at=NOON, planned_at=NOON, state="cancelled",
        **FollowUp.by(SYSTEM),
    )  # fmt: skip


@pytest.mark.parametrize(
    "untruth",
    [
        lead_without_next_action,
        lead_without_location,
        lost_lead_without_reason,
        lost_lead_that_stood_nowhere,
        lead_in_an_unknown_status,
        second_open_lead_of_one_contact,
        second_message_of_one_dedupe_key,
        message_sent_without_a_hand,
        message_claimed_without_a_lease,
        message_to_a_person_marked_internal,
        message_to_nobody,
        second_stop_that_stands,
        second_submission_of_one_key,
        processed_submission_without_a_lead,
        visit_of_two_leads,
        conversion_of_a_revoked_link,
        link_revoked_by_nobody,
        call_that_closes_for_no_reason,
        call_that_books_without_a_visit,
        call_that_sets_aside_until_no_day,
        consent_in_an_unknown_status,
        follow_up_in_an_unknown_state,
        follow_up_done_at_no_time,
    ],
    ids=lambda untruth: str(untruth.__name__),
)
def test_the_database_refuses(untruth: Callable[[], None]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        untruth()
