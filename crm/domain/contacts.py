"""Who is it? Finding or making the contact behind an arrival.

The rule: e-mail before phone; the same address under another name is another person, flagged *verify*
(couples and families share phones and inboxes).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q

from crm.addresses import NormalAddress
from crm.domain import rows
from crm.errors import ContactMissing
from crm.fields import keyed_hash
from crm.models import Address, Contact, ContactPoint

# A merge of a merge of a merge…: longer chains than this do not come about by hand.
MAX_MERGE_STEPS = 8


@dataclass(frozen=True, slots=True)
class Locked:
    """Address rows that are ours until the transaction ends; `new` when none of them was there before."""

    rows: Mapping[tuple[str, str], Address]
    new: bool


@dataclass(frozen=True, slots=True)
class Match:
    """The contact behind an arrival, how it was found, and rows about it that are yet to be inserted."""

    contact: Contact
    made: bool
    rows: Sequence[Model] = ()


def resolve(contact: Contact) -> Contact:
    """Follow a merged contact to the one that stands for it now."""
    for _ in range(MAX_MERGE_STEPS):
        if contact.merged_into is None:
            return contact
        contact = contact.merged_into
    raise ContactMissing("This person's record was merged in a ring. Tell whoever looks after the system.")


def name_words(name: str) -> frozenset[str]:
    """Break a name into comparable words: no case, no accents, no dots."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return frozenset(kept.split())


def names_agree(one: str, other: str) -> bool:
    """Say whether two names can be one person's: one has all the words of the other, or says nothing."""
    a, b = name_words(one), name_words(other)
    return a <= b or b <= a


def lock_addresses(wanted: Iterable[NormalAddress], *, now: datetime) -> Locked:
    """Find or make the address rows and lock them, in sorted order, until the transaction ends.

    The row of the untagged spelling is locked too: `ann+spa@…` and `ann@…` are one inbox, and two workers who
    meet them at once must stand in one queue. What the lock proves: nobody else matches, opts out or hands
    over for these addresses meanwhile.

    :raises IntegrityError: when another transaction made one of them at this very moment. The caller's
        transaction is undone as a whole; run again, it finds what the other wrote.
    """
    spellings = {(a.kind, a.value): a.match_key for a in wanted}
    spellings.update({(kind, key): key for (kind, _), key in tuple(spellings.items())})
    ordered = sorted(spellings)
    # No spelling of one kind is one of another: an e-mail has its @, a phone its +, a handle its colon.
    ours = Address.objects.filter(kind__in={kind for kind, _ in ordered}, value__in={v for _, v in ordered})
    there = ours.select_for_update(no_key=True).order_by("kind", "value")
    known = {(row.kind, row.value): row for row in there}
    made = [
        Address(
            kind=kind,
            value=value,
            match_key=spellings[(kind, value)],
            value_hash=keyed_hash(value, purpose=f"address:{kind}"),
            created_at=now,
        )
        for kind, value in ordered
        if (kind, value) not in known
    ]
    rows.insert_and_name(made)
    return Locked(rows=known | {(row.kind, row.value): row for row in made}, new=not known)


def lock_addresses_of(contact_id: int) -> None:
    """Lock the inboxes and numbers that reach a contact, in sorted order, until the transaction ends."""
    same_inbox = Q(pk__in=[])
    for kind, key in ContactPoint.objects.filter(contact_id=contact_id).values_list(
        "address__kind", "address__match_key"
    ):
        same_inbox |= Q(kind=kind, match_key=key)
    list(
        Address.objects.select_for_update(no_key=True)
        .filter(same_inbox)
        .order_by("kind", "value")
        .values_list("pk")
    )


def find_or_make(
    *,
    name: str,
    addresses: Sequence[Address],
    language: str,
    time_zone: str,
    time_zone_source: str,
    now: datetime,
    addresses_are_new: bool = False,
) -> Match:
    """Find the contact whom these locked addresses and this name mean, or make a new one.

    `addresses` come best first (e-mail before phone). Points that are new for the contact are added; those
    of a new one are given back, for the caller to insert with what else it writes. At addresses made a
    moment ago, every spelling of them, nobody can be known: nothing is looked up.
    """
    points = [] if addresses_are_new else _points_matching(addresses)
    for address in addresses:
        for contact_id, known_as, *inbox in points:
            if inbox == [address.kind, address.match_key] and names_agree(known_as, name):
                contact = resolve(Contact.objects.select_related("merged_into").get(pk=contact_id))
                _learn(contact, name=name, addresses=addresses, now=now)
                return Match(contact=contact, made=False)
    contact = Contact(
        full_name=name,
        language=language or "en",
        time_zone=time_zone,
        time_zone_source=time_zone_source,
        verify=bool(points),
        created_at=now,
    )
    rows.insert_and_name([contact])
    return Match(contact=contact, made=True, rows=_points(contact, addresses, now=now))


def _points_matching(addresses: Sequence[Address]) -> list[tuple[int, str, str, str]]:
    """Give contact, name and inbox of every point at these inboxes, oldest first. Mostly there is none."""
    same_inbox = Q()
    for address in addresses:
        same_inbox |= Q(address__kind=address.kind, address__match_key=address.match_key)
    if not addresses:
        return []
    found = ContactPoint.objects.filter(same_inbox).order_by("id")
    return list(found.values_list("contact_id", "contact__full_name", "address__kind", "address__match_key"))


def _learn(contact: Contact, *, name: str, addresses: Sequence[Address], now: datetime) -> None:
    if len(name_words(name)) > len(name_words(contact.full_name)):
        contact.full_name = name
        contact.save(update_fields=["full_name"])
    _add_points(contact, addresses, now=now)


def _add_points(contact: Contact, addresses: Sequence[Address], *, now: datetime) -> None:
    ContactPoint.objects.bulk_create(_points(contact, addresses, now=now), ignore_conflicts=True)


def _points(contact: Contact, addresses: Sequence[Address], *, now: datetime) -> list[ContactPoint]:
    return [ContactPoint(contact=contact, address=address, created_at=now) for address in addresses]
