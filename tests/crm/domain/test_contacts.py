"""Who is it?"""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from crm.addresses import normalise_email, normalise_phone
from crm.domain import contacts, rows
from crm.enums import ZoneSource
from crm.models import Address, Contact
from tests import factories


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Ann Smith", "ann smith", True),
        ("Ann Smith", "Ann", True),
        ("Ann Smith", "Smith, Ann", True),
        ("José Núñez", "Jose Nunez", True),
        ("", "Ann Smith", True),
        ("Ann Smith", "Bob Smith", False),
        ("Ann", "Bob", False),
        ("Ann Smith", "Ann Jones", False),
    ],
)
def test_names_agree_when_one_says_all_of_the_other(one: str, other: str, agree: bool) -> None:
    assert contacts.names_agree(one, other) is agree
    assert contacts.names_agree(other, one) is agree


def find(name: str, *raw: str, now: datetime) -> contacts.Match:
    wanted = [normalise_email(r) if "@" in r else normalise_phone(r) for r in raw]
    locked = contacts.lock_addresses(wanted, now=now)
    found = contacts.find_or_make(
        name=name,
        addresses=[locked.rows[(a.kind, a.value)] for a in wanted],
        language="en",
        time_zone="America/Chicago",
        time_zone_source=ZoneSource.LOCATION,
        now=now,
        addresses_are_new=locked.new,
    )
    with transaction.atomic():
        rows.insert(found.rows)
    return found


@pytest.mark.django_db
def test_email_comes_before_phone(now: datetime) -> None:
    by_mail = find("Ann", "ann@example.com", now=now).contact
    find("Ann", "512-555-0140", now=now)

    found = find("Ann", "ann@example.com", "512-555-0140", now=now)

    assert (found.contact, found.made) == (by_mail, False)


@pytest.mark.django_db
def test_a_shared_inbox_finds_the_one_whose_name_agrees(now: datetime) -> None:
    ann = find("Ann Smith", "home@example.com", now=now).contact
    bob = find("Bob Smith", "home@example.com", now=now).contact

    found = [find(name, "home@example.com", now=now).contact for name in ("Bob Smith", "Ann Smith", "Bob")]

    assert found == [bob, ann, bob]
    assert (ann.verify, bob.verify) == (False, True)


@pytest.mark.django_db
def test_a_merged_contact_answers_as_the_one_that_stands_for_it(now: datetime) -> None:
    kept = factories.contact(name="Ann Smith")
    gone = find("Ann Smith", "ann@example.com", now=now).contact
    Contact.objects.filter(pk=gone.pk).update(merged_into=kept)

    found = find("Ann Smith", "ann@example.com", now=now)

    assert found.contact == kept


@pytest.mark.django_db
def test_a_fuller_name_is_learnt_and_a_shorter_one_is_not(now: datetime) -> None:
    find("Ann", "ann@example.com", now=now)
    find("Ann Smith", "ann@example.com", now=now)

    found = find("Ann", "ann@example.com", now=now)

    assert found.contact.full_name == "Ann Smith"


@pytest.mark.django_db
def test_tagged_spellings_share_one_lock(now: datetime) -> None:
    locked = contacts.lock_addresses([normalise_email("ann+spa@example.com")], now=now)

    assert sorted(value for _, value in locked.rows) == ["ann+spa@example.com", "ann@example.com"]
    assert Address.objects.count() == 2
