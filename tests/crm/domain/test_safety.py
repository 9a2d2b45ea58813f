"""Holds: raised by words, lifted by a person, and each written down once."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from crm.domain import rows, safety, safety_phrases
from crm.models import AuditEntry, Contact, SafetyHold
from tests import factories

pytestmark = pytest.mark.django_db

CRISIS = "I want to end my life"
EMERGENCY = "I have chest pain and cannot breathe"


def write(contact: Contact, words: str, now: datetime) -> None:
    with transaction.atomic():
        rows.insert(safety.rows_of_hold(contact=contact, screening=safety_phrases.screen(words), now=now))


def acts(contact: Contact) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(subject_kind="contact", subject_ref=contact.reference)
    return list(entries.order_by("id").values_list("action", "actor_kind"))


def test_alarming_words_hold_and_leave_a_row_without_the_words(now: datetime) -> None:
    ann = factories.contact()

    write(ann, CRISIS, now)

    assert list(SafetyHold.objects.values_list("contact", "kind")) == [(ann.pk, "crisis")]
    assert acts(ann) == [("safety_hold.raised", "system")]
    assert AuditEntry.objects.get().fields == []


def test_calm_words_hold_nobody(now: datetime) -> None:
    write(factories.contact(), "How long does it take?", now)

    assert (SafetyHold.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_hold_that_stands_is_enough_and_one_of_another_kind_is_another(now: datetime) -> None:
    ann = factories.contact()

    for words in (CRISIS, CRISIS, EMERGENCY):
        write(ann, words, now)

    assert sorted(SafetyHold.objects.values_list("kind", flat=True)) == ["crisis", "emergency"]
    assert len(acts(ann)) == 2


def test_words_after_a_hold_was_lifted_hold_again(now: datetime) -> None:
    ann, desk = factories.contact(), factories.staff()
    write(ann, CRISIS, now)

    lifted = safety.lift_holds(contact=ann, by=desk, now=now)
    write(ann, CRISIS, now)

    assert lifted == 1
    assert SafetyHold.objects.filter(lifted_at__isnull=True).count() == 1
    assert [action for action, _ in acts(ann)] == [
        "safety_hold.raised",
        "safety_hold.lifted",
        "safety_hold.raised",
    ]


def test_lifting_what_does_not_stand_leaves_no_row(now: datetime) -> None:
    ann, charlie = factories.contact(), factories.contact()
    write(charlie, CRISIS, now)

    lifted = safety.lift_holds(contact=ann, by=factories.staff(), now=now)

    assert (lifted, acts(ann)) == (0, [])
    assert SafetyHold.objects.get().lifted_at is None
