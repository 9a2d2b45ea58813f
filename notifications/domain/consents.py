"""What people allowed, and the addresses nothing may be sent to any more."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from crm.actors import Actor
from crm.enums import ActorKind
from crm.errors import DomainError
from crm.models import Address
from notifications import queries
from notifications.domain import outbox
from notifications.enums import Channel, ConsentStatus, Purpose
from notifications.models import Consent, Suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody said about one address, channel and purpose, and the proof of it."""

    address_id: int
    channel: str
    purpose: str
    status: str
    wording_version: str
    source: str
    evidence: Mapping[str, object]
    at: datetime
    actor: Actor


def record(
    *,
    address_id: int,
    channel: str,
    purpose: str,
    status: str,
    wording_version: str,
    source: str,
    evidence: Mapping[str, object],
    at: datetime,
    actor: Actor,
) -> Consent:
    """Write down one consent, or its withdrawal, in the caller's transaction."""
    statement = Statement(
        address_id=address_id,
        channel=channel,
        purpose=purpose,
        status=status,
        wording_version=wording_version,
        source=source,
        evidence=evidence,
        at=at,
        actor=actor,
    )
    return record_many([statement])[0]


def record_many(statements: Sequence[Statement]) -> list[Consent]:
    """Write down several statements with one insert, in the caller's transaction.

    A withdrawal locks its address first: a message that is being handed just then goes first or not at all.
    """
    withdrawn = {each.address_id for each in statements if each.status == ConsentStatus.WITHDRAWN}
    if withdrawn:
        lock_inboxes(withdrawn)
    return Consent.objects.bulk_create([_consent(each) for each in statements])


def rows_of_grants(statements: Sequence[Statement]) -> list[Consent]:
    """Give the rows of statements that only grant, for an act that writes all its rows in one go.

    :raises ValueError: for a withdrawal, which must be recorded under the address's lock.
    """
    if any(each.status != ConsentStatus.GRANTED for each in statements):
        raise ValueError("Only grants are written without the address's lock.")
    return [_consent(each) for each in statements]


def allowed_among(addresses: Collection[Address], *, channel: str, purpose: str) -> set[int]:
    """Tell for which of the addresses, by id, consent permits this channel and purpose.

    The newest statement counts, under whichever spelling of the inbox it was made.
    """
    newest = queries.newest_consents(addresses, channel=channel, purpose=purpose)
    return {
        address.pk
        for address in addresses
        if permits(newest.get((address.kind, address.match_key)), channel=channel, purpose=purpose)
    }


def permits(status: str | None, *, channel: str, purpose: str) -> bool:
    """Judge the newest statement (None: there is none).

    An e-mail about somebody's own request needs no consent but honours a withdrawal; all else was asked for.
    """
    if channel == Channel.EMAIL and purpose == Purpose.TRANSACTIONAL:
        return status != ConsentStatus.WITHDRAWN
    return status == ConsentStatus.GRANTED


def suppress(*, address_ids: Collection[int], reason: str, actor: Actor, now: datetime) -> int:
    """Stop everything to these addresses and take back what waits; give the number of messages taken back.

    All spellings of an inbox stop together. Runs in the caller's transaction; whatever the hand step has not
    committed when the lock is got does not leave.
    """
    ids = lock_inboxes(address_ids)
    standing = set(
        Suppression.objects.filter(address_id__in=ids, lifted_at__isnull=True).values_list(
            "address_id", flat=True
        )
    )
    Suppression.objects.bulk_create(
        Suppression(address_id=pk, reason=reason[:120], at=now, **Suppression.by(actor))
        for pk in ids
        if pk not in standing
    )
    return outbox.cancel_to_addresses(ids, reason=reason, actor=actor, now=now)


def lift(*, address_ids: Collection[int], actor: Actor, now: datetime) -> int:
    """Let messages go to these addresses again, because a person said so; give how many suppressions stood.

    :raises DomainError: when a program asks: only a person, staff or the one who stopped it, lifts.
    """
    if actor.kind not in {ActorKind.STAFF, ActorKind.CONTACT}:
        raise DomainError("Only a person can lift this.", code="person_needed")
    ids = lock_inboxes(address_ids)
    return Suppression.objects.filter(address_id__in=ids, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=actor.label[:120]
    )


def lock_inboxes(address_ids: Collection[int]) -> list[int]:
    """Lock the addresses and every other spelling of the same inboxes, in sorted order; give their ids.

    The hand step takes the same locks, so that opting out and handing over cannot pass each other.
    """
    inboxes = Address.objects.filter(pk__in=address_ids).values_list("kind", "match_key").distinct()
    wanted = Q(pk__in=address_ids)
    for kind, match_key in inboxes:
        wanted |= Q(kind=kind, match_key=match_key)
    return _locked(wanted)


def lock_inbox(address: Address) -> list[int]:
    """Lock one inbox, every spelling of it, in sorted order; give the ids of its addresses."""
    return _locked(Q(kind=address.kind, match_key=address.match_key))


def _locked(wanted: Q) -> list[int]:
    if not transaction.get_connection().in_atomic_block:
        # SQLite would not say so: it has no row locks, and its transaction is the lock.
        raise transaction.TransactionManagementError("Locks outside a transaction hold nothing.")
    return list(
        Address.objects.filter(wanted)
        .select_for_update(no_key=True)
        .order_by("kind", "value")
        .values_list("pk", flat=True)
    )


def _consent(statement: Statement) -> Consent:
    return Consent(
        address_id=statement.address_id,
        channel=statement.channel,
        purpose=statement.purpose,
        status=statement.status,
        wording_version=statement.wording_version,
        source=statement.source,
        evidence=json.dumps(dict(statement.evidence), ensure_ascii=False, default=str),
        at=statement.at,
        **Consent.by(statement.actor),
    )
