"""Who is it?"""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.addresses import normalise_email, normalise_phone
from crm.domain import contacts, rows
from crm.enums import ZoneSource
from crm.models import Address, AuditEntry, Contact
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


def find(
    name: str,
    *raw: str,
    now: datetime,
    language: str = "",
    locale: str = "",
    zone: tuple[str, str] = ("America/Chicago", ZoneSource.LOCATION),
) -> contacts.Match:
    """Let somebody introduce themselves under some addresses, and write down what comes of it."""
    wanted = [normalise_email(r) if "@" in r else normalise_phone(r) for r in raw]
    who = contacts.Introduction(
        name=name, language=language, locale_language=locale, time_zone=zone[0], time_zone_source=zone[1]
    )
    with transaction.atomic():
        locked = contacts.lock_addresses(wanted, now=now)
        found = contacts.find_or_make(
            who=who,
            addresses=[locked.rows[(a.kind, a.value)] for a in wanted],
            now=now,
            addresses_are_new=locked.new,
        )
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


# ── What is learnt ──────────


def known(contact: Contact) -> tuple[str, str, str]:
    contact.refresh_from_db()
    return contact.language, contact.time_zone, contact.time_zone_source


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "then", "spoken"),
    [
        ({}, {}, "en"),
        ({"language": "es"}, {}, "es"),
        ({"locale": "es"}, {}, "es"),
        ({"language": "en", "locale": "es"}, {}, "en"),
        ({}, {"language": "es"}, "es"),
        ({}, {"locale": "es"}, "es"),
        ({"language": "es"}, {"language": "en"}, "en"),
        ({"language": "es"}, {"locale": "en"}, "es"),
        ({"language": "es"}, {"locale": "fr"}, "es"),
        ({"language": "es"}, {"language": "es", "locale": "en"}, "es"),
    ],
)
def test_language_is_what_they_chose_last_and_a_browsers_only_where_nothing_else_is_known(
    first: dict[str, str], then: dict[str, str], spoken: str, now: datetime
) -> None:
    find("Ann", "ann@example.com", now=now, **first)  # type: ignore[arg-type]

    found = find("Ann", "ann@example.com", now=now, **then)  # type: ignore[arg-type]

    assert known(found.contact)[0] == spoken == found.contact.language


# Hand-written: does a zone from there (across) replace one from here (down)?
REPLACES = {
    "stated": {"stated": True, "browser": False, "phone": False, "location": False},
    "browser": {"stated": True, "browser": True, "phone": False, "location": False},
    "phone": {"stated": True, "browser": True, "phone": True, "location": False},
    "location": {"stated": True, "browser": True, "phone": True, "location": True},
}


@pytest.mark.django_db
@pytest.mark.parametrize("had", REPLACES)
@pytest.mark.parametrize("new", REPLACES)
def test_time_zone_from_a_source_as_good_or_better_replaces_the_one_we_had(
    had: str, new: str, now: datetime
) -> None:
    find("Ann", "ann@example.com", now=now, zone=("America/Chicago", had))

    found = find("Ann", "ann@example.com", now=now, zone=("America/Denver", new))

    replaced = ("America/Denver", new) if REPLACES[had][new] else ("America/Chicago", had)
    assert known(found.contact)[1:] == replaced


@pytest.mark.django_db
def test_what_was_learnt_leaves_one_row_with_the_names_of_the_fields(now: datetime) -> None:
    contact = find("Ann", "ann@example.com", now=now).contact

    find(
        "Ann Smith",
        "ann@example.com",
        "512-555-0140",
        now=now,
        language="es",
        zone=("America/Denver", ZoneSource.BROWSER),
    )

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_kind, entry.subject_ref, entry.actor_kind) == (
        "contact.learned",
        "contact",
        contact.reference,
        "contact",
    )
    assert entry.fields == ["full_name", "language", "time_zone", "time_zone_source", "points"]


@pytest.mark.django_db
def test_nothing_new_leaves_no_row_and_writes_nothing(now: datetime) -> None:
    find("Ann Smith", "ann@example.com", "512-555-0140", now=now)

    with CaptureQueriesContext(connection) as asked:
        found = find("Ann", "ann@example.com", "512-555-0140", now=now)

    assert (found.made, list(found.rows), AuditEntry.objects.count()) == (False, [], 0)
    assert [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE"))] == []


@pytest.mark.django_db
def test_another_spelling_of_the_inbox_is_a_new_point(now: datetime) -> None:
    contact = find("Ann", "ann@example.com", now=now).contact

    find("Ann", "ann+spa@example.com", now=now)

    assert sorted(point.address.value for point in contact.points.all()) == [
        "ann+spa@example.com",
        "ann@example.com",
    ]
    assert AuditEntry.objects.get().fields == ["points"]


@pytest.mark.django_db
def test_a_contact_to_verify_leaves_a_row_and_any_other_newcomer_none(now: datetime) -> None:
    find("Ann Smith", "home@example.com", now=now)
    bob = find("Bob Smith", "home@example.com", now=now).contact

    entry = AuditEntry.objects.get()

    assert (entry.action, entry.subject_ref, entry.fields) == ("contact.learned", bob.reference, ["verify"])


@pytest.mark.django_db
def test_what_a_merged_contact_is_learnt_to_be_is_written_to_the_one_that_stands_for_it(
    now: datetime,
) -> None:
    kept = factories.contact(name="Ann Smith")
    gone = find("Ann Smith", "ann@example.com", now=now).contact
    Contact.objects.filter(pk=gone.pk).update(merged_into=kept)

    find("Ann Smith", "ann@example.com", now=now, language="es")

    assert (known(kept)[0], known(gone)[0]) == ("es", "en")
    assert [point.address.value for point in kept.points.all()] == ["ann@example.com"]
    assert AuditEntry.objects.get().subject_ref == kept.reference
