"""Two who meet the same person at the same moment: the second waits, and finds what the first wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from crm.addresses import normalise_email
from crm.domain import contacts, rows, safety, safety_phrases
from crm.enums import ZoneSource
from crm.models import Address, Contact, ContactPoint, SafetyHold
from tests import factories
from tests.at_once import a_moment, as_they_lie, is_free, together, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def meet(
    name: str, email: str, *, now: datetime, before_commit: Callable[[], None] = lambda: None
) -> contacts.Match:
    """Find or make whoever writes under this address, in one transaction."""
    wanted = normalise_email(email)
    who = contacts.Introduction(
        name=name,
        language="",
        locale_language="",
        time_zone="America/Chicago",
        time_zone_source=ZoneSource.LOCATION,
    )
    with transaction.atomic():
        locked = contacts.lock_addresses([wanted], now=now)
        found = contacts.find_or_make(
            who=who,
            addresses=[locked.rows[(wanted.kind, wanted.value)]],
            now=now,
            addresses_are_new=locked.new,
        )
        rows.insert(found.rows)
        before_commit()
    return found


# No constraint refuses a second contact at an inbox that others share: only the lock does.
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("home@example.com", "home@example.com"),
        ("home+ann@example.com", "home+spa@example.com"),
    ],
)
def test_two_workers_at_a_shared_inbox_make_one_contact(one: str, other: str, now: datetime) -> None:
    for spelling in ("home@example.com", one, other):
        meet("Ann Smith", spelling, now=now)
    written = threading.Event()

    def first() -> None:
        def wait() -> None:
            written.set()
            a_moment()

        meet("Bob Jones", one, now=now, before_commit=wait)

    def second() -> None:
        wait_for(written)
        meet("Bob Jones", other, now=now)

    together(first, second)

    assert sorted(Contact.objects.values_list("full_name", flat=True)) == ["Ann Smith", "Bob Jones"]


def _lock_given(now: datetime) -> None:
    contacts.lock_addresses([normalise_email("zoe@example.com"), normalise_email("ann@example.com")], now=now)


def _lock_those_of_a_contact(_now: datetime) -> None:
    contacts.lock_addresses_of(Contact.objects.get().pk)


@pytest.mark.parametrize("lock_both", [_lock_given, _lock_those_of_a_contact])
def test_addresses_are_locked_in_sorted_order(lock_both: Callable[[datetime], None], now: datetime) -> None:
    """Whoever waits for the first holds none of the later ones: so two can never wait in a ring."""
    # Made last first: the order they lie in is the wrong one.
    later, first = factories.address("zoe@example.com"), factories.address("ann@example.com")
    person = factories.contact()
    for address in (later, first):
        ContactPoint.objects.create(contact=person, address=address, created_at=now)
    held, free = threading.Event(), []

    def hold_the_first() -> None:
        with transaction.atomic():
            Address.objects.select_for_update(no_key=True).get(pk=first.pk)
            held.set()
            a_moment()
            free.append(is_free(later))

    def lock() -> None:
        wait_for(held)
        as_they_lie()
        with transaction.atomic():
            lock_both(now)

    together(hold_the_first, lock)

    assert free == [True]


def test_a_hold_that_is_just_being_lifted_does_not_stand_for_new_words(now: datetime) -> None:
    person, desk = factories.contact(), factories.staff()
    screening = safety_phrases.screen("I want to end my life")
    SafetyHold.objects.create(contact=person, kind="crisis", raised_at=now)
    lifted = threading.Event()

    def judge() -> None:
        with transaction.atomic():
            safety.lift_holds(contact=person, by=desk, now=now)
            lifted.set()
            a_moment()

    def write() -> None:
        wait_for(lifted)
        with transaction.atomic():
            rows.insert(safety.rows_of_hold(contact=person, screening=screening, now=now))

    together(judge, write)

    assert SafetyHold.objects.filter(lifted_at__isnull=True).count() == 1
