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

from crm.actors import Actor
from crm.addresses import NormalAddress
from crm.domain import audit, rows
from crm.enums import ZoneSource
from crm.errors import ContactMissing
from crm.fields import keyed_hash
from crm.models import Address, AuditEntry, Contact, ContactPoint

# A merge of a merge of a merge…: longer chains than this do not come about by hand.
MAX_MERGE_STEPS = 8
# What everybody speaks who has said nothing.
DEFAULT_LANGUAGE = "en"
# The sources of a time zone are listed best first.
_RANK = {source: rank for rank, source in enumerate(ZoneSource.values)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What an arrival says of who wrote it; "" where it says nothing.

    `language` is what they chose, `locale_language` what their browser is set to: only a hint.
    """

    name: str
    language: str
    locale_language: str
    time_zone: str
    time_zone_source: str


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
    *, who: Introduction, addresses: Sequence[Address], now: datetime, addresses_are_new: bool = False
) -> Match:
    """Find the contact whom these locked addresses and this name mean, or make a new one.

    `addresses` come best first (e-mail before phone). What a known contact is learnt to be is written; points
    that are new, and the record of what was learnt, are given back, for the caller to insert with what else
    it writes. At addresses made a moment ago, every spelling of them, nobody can be known: nothing is looked
    up. That a contact was made needs no record of its own: the lead's arrival, which made it, has one.
    """
    points = [] if addresses_are_new else _points_matching(addresses)
    known = _first_who_agrees(points, addresses, who.name)
    if known is not None:
        contact = resolve(Contact.objects.select_related("merged_into").get(pk=known.contact_id))
        has = {point.address_id for point in points if point.contact_id == contact.pk}
        fresh = [address for address in addresses if address.pk not in has]
        learnt = _learn(contact, who) + (["points"] if fresh else [])
        news = [*_points(contact, fresh, now=now), *_record(contact, learnt, now=now)]
        return Match(contact=contact, made=False, rows=news)
    contact = Contact(
        full_name=who.name,
        language=who.language or who.locale_language or DEFAULT_LANGUAGE,
        time_zone=who.time_zone,
        time_zone_source=who.time_zone_source,
        verify=bool(points),
        created_at=now,
    )
    rows.insert_and_name([contact])
    doubts = _record(contact, ["verify"] if contact.verify else [], now=now)
    return Match(contact=contact, made=True, rows=[*_points(contact, addresses, now=now), *doubts])


@dataclass(frozen=True, slots=True)
class _Point:
    contact_id: int
    known_as: str
    address_id: int
    inbox: tuple[str, str]


def _points_matching(addresses: Sequence[Address]) -> list[_Point]:
    """Give every point of anybody at these inboxes, oldest first. Mostly there is none."""
    same_inbox = Q()
    for address in addresses:
        same_inbox |= Q(address__kind=address.kind, address__match_key=address.match_key)
    if not addresses:
        return []
    found = ContactPoint.objects.filter(same_inbox).order_by("id")
    return [
        _Point(contact_id, known_as, address_id, inbox=(kind, match_key))
        for contact_id, known_as, address_id, kind, match_key in found.values_list(
            "contact_id", "contact__full_name", "address_id", "address__kind", "address__match_key"
        )
    ]


def _first_who_agrees(points: Sequence[_Point], addresses: Sequence[Address], name: str) -> _Point | None:
    """Find the oldest point at the best address whose contact can have this name."""
    for address in addresses:
        for point in points:
            if point.inbox == (address.kind, address.match_key) and names_agree(point.known_as, name):
                return point
    return None


def _learn(contact: Contact, who: Introduction) -> list[str]:
    """Write what is better known of a contact now; give the names of what changed."""
    news = {name: said for name, said in _news(contact, who).items() if said != getattr(contact, name)}
    for name, said in news.items():
        setattr(contact, name, said)
    if news:
        contact.save(update_fields=list(news))
    return list(news)


def _news(contact: Contact, who: Introduction) -> dict[str, str]:
    """Tell what an arrival knows at least as well as we do: a fuller name, a language, a zone.

    A browser's language counts only against our default: it may bring somebody to Spanish, and never takes
    back to English who chose Spanish.
    """
    news = {}
    if len(name_words(who.name)) > len(name_words(contact.full_name)):
        news["full_name"] = who.name
    hint = who.locale_language if contact.language == DEFAULT_LANGUAGE else ""
    if language := who.language or hint:
        news["language"] = language
    if _RANK[who.time_zone_source] <= _RANK[contact.time_zone_source]:
        news |= {"time_zone": who.time_zone, "time_zone_source": who.time_zone_source}
    return news


def _record(contact: Contact, learnt: Sequence[str], *, now: datetime) -> list[AuditEntry]:
    """Give the record of what was learnt of a contact, by the names of the fields; none of nothing."""
    if not learnt:
        return []
    entry = audit.entry(
        actor=Actor.contact(),
        action="contact.learned",
        subject_kind="contact",
        subject_ref=contact.reference,
        fields=learnt,
        now=now,
    )
    return [entry]


def _points(contact: Contact, addresses: Sequence[Address], *, now: datetime) -> list[ContactPoint]:
    return [ContactPoint(contact=contact, address=address, created_at=now) for address in addresses]
