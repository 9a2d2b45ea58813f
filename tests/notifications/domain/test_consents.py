"""Consent by address, channel and purpose; and stopping everything."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.actors import SYSTEM, Actor
from crm.errors import DomainError
from crm.models import Address
from notifications.domain import consents
from notifications.domain.consents import Statement
from notifications.enums import Channel, MessageState, Purpose
from notifications.models import Consent, Message, Suppression
from tests import factories
from tests.notifications import messages
from tests.notifications.messages import Clock

pytestmark = pytest.mark.django_db

PERSON = Actor.contact()


def permitted(address: Address, channel: str, purpose: str) -> bool:
    """Say whether consent permits it."""
    return consents.allowed_among([address], channel=channel, purpose=purpose) == {address.pk}


def test_record_keeps_the_proof(now: datetime) -> None:
    address = factories.address()

    row = consents.record(
        address_id=address.pk,
        channel="sms",
        purpose="marketing",
        status="granted",
        wording_version="v3",
        source="website",
        evidence={"page": "/magnesium", "at": now},
        at=now,
        actor=PERSON,
    )

    row.refresh_from_db()
    assert json.loads(row.evidence) == {"page": "/magnesium", "at": str(now)}
    assert (row.wording_version, row.source, row.actor_kind) == ("v3", "website", "contact")


def test_record_many_is_one_insert(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    address = factories.address()
    statements = [
        Statement(
            address_id=address.pk,
            channel=channel,
            purpose="transactional",
            status="granted",
            wording_version="v1",
            source="website",
            evidence={},
            at=now,
            actor=PERSON,
        )
        for channel in ("email", "sms")
    ]

    with django_assert_num_queries(1):
        consents.record_many(statements)

    assert Consent.objects.count() == 2


@pytest.mark.parametrize(
    ("channel", "purpose", "said", "allowed"),
    [
        (Channel.EMAIL, Purpose.TRANSACTIONAL, [], True),
        (Channel.EMAIL, Purpose.TRANSACTIONAL, ["withdrawn"], False),
        (Channel.EMAIL, Purpose.TRANSACTIONAL, ["withdrawn", "granted"], True),
        (Channel.EMAIL, Purpose.MARKETING, [], False),
        (Channel.EMAIL, Purpose.MARKETING, ["granted"], True),
        (Channel.SMS, Purpose.TRANSACTIONAL, [], False),
        (Channel.SMS, Purpose.TRANSACTIONAL, ["granted"], True),
        (Channel.SMS, Purpose.TRANSACTIONAL, ["granted", "withdrawn"], False),
        (Channel.SMS, Purpose.MARKETING, ["granted", "withdrawn", "granted"], True),
    ],
)
def test_allowed_by_the_newest_statement(
    channel: str, purpose: str, said: list[str], allowed: bool, now: datetime
) -> None:
    address = factories.address()
    for hours, status in enumerate(said):
        messages.consent(address, status, at=now + timedelta(hours=hours), channel=channel, purpose=purpose)

    assert permitted(address, channel, purpose) is allowed


def test_allowed_by_the_later_of_two_at_one_moment(now: datetime) -> None:
    address = factories.address()
    messages.consent(address, "granted", at=now)
    messages.consent(address, "withdrawn", at=now)

    assert permitted(address, "sms", "transactional") is False


@pytest.mark.parametrize(
    ("said", "permits"),
    [
        ([("tagged", "granted")], True),
        ([("plain", "granted"), ("tagged", "withdrawn")], False),
        ([("tagged", "withdrawn"), ("plain", "granted")], True),
        ([("tagged", "granted"), ("plain", "withdrawn")], False),
    ],
)
def test_the_newest_statement_binds_every_spelling_of_the_inbox(
    said: list[tuple[str, str]], permits: bool, now: datetime
) -> None:
    plain = factories.address("ann@example.com")
    tagged = factories.address("ann+spa@example.com", match_key="ann@example.com")
    factories.address("charlie@example.com")
    for hours, (spelling, status) in enumerate(said):
        address = tagged if spelling == "tagged" else plain
        messages.consent(
            address, status, at=now + timedelta(hours=hours), channel="email", purpose="marketing"
        )

    allowed = [permitted(address, "email", "marketing") for address in (plain, tagged)]

    assert allowed == [permits, permits]


def test_nobody_is_asked_about_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        allowed = consents.allowed_among([], channel="sms", purpose="transactional")

    assert allowed == set()


def test_consent_for_one_purpose_or_channel_or_address_opens_no_other(now: datetime) -> None:
    address, other = factories.address("a@example.com"), factories.address("b@example.com")
    messages.consent(address, at=now, channel="sms", purpose="transactional")

    assert permitted(address, "sms", "marketing") is False
    assert permitted(address, "email", "marketing") is False
    assert permitted(other, "sms", "transactional") is False


def test_suppress_stops_and_takes_back(now: datetime) -> None:
    to = messages.person()
    mine = messages.message(now=now, to=to)
    gone = messages.message(now=now, to=to, state=MessageState.SENT)
    charlie = messages.message(now=now)

    count = consents.suppress(address_ids=[to[1].pk], reason="They asked us to stop.", actor=PERSON, now=now)

    states = dict(Message.objects.values_list("pk", "state"))
    assert count == 1
    assert states == {mine.pk: "cancelled", gone.pk: "sent", charlie.pk: "queued"}
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 1


def test_suppress_twice_stands_once(now: datetime) -> None:
    address = factories.address()

    for _ in range(2):
        consents.suppress(address_ids=[address.pk], reason="Stop.", actor=PERSON, now=now)

    assert Suppression.objects.count() == 1


def test_suppress_stops_every_spelling_of_the_inbox(now: datetime) -> None:
    to = messages.person(value="ann@example.com")
    tagged = factories.address("ann+x@example.com", match_key="ann@example.com")
    message = messages.message(now=now, to=to)

    consents.suppress(address_ids=[tagged.pk], reason="Stop.", actor=PERSON, now=now)

    message.refresh_from_db()
    assert message.state == "cancelled"
    assert Suppression.objects.count() == 2


def test_lift_opens_the_inbox_again(now: datetime) -> None:
    address = factories.address()
    consents.suppress(address_ids=[address.pk], reason="Stop.", actor=PERSON, now=now)

    lifted = consents.lift(address_ids=[address.pk], actor=PERSON, now=now)

    row = Suppression.objects.get()
    assert (lifted, row.lifted_at, row.lifted_by) == (1, now, "the person")


@pytest.mark.parametrize("actor", [SYSTEM, Actor.integration("crm tool")])
def test_lift_by_a_program_is_refused(actor: Actor, now: datetime) -> None:
    with pytest.raises(DomainError):
        consents.lift(address_ids=[1], actor=actor, now=now)


def test_rows_of_grants_refuses_a_withdrawal(now: datetime) -> None:
    withdrawal = consents.Statement(
        address_id=1,
        channel="email",
        purpose="marketing",
        status="withdrawn",
        wording_version="",
        source="staff",
        evidence={},
        at=now,
        actor=SYSTEM,
    )

    with pytest.raises(ValueError, match="Only grants"):
        consents.rows_of_grants([withdrawal])


def test_what_is_said_under_one_spelling_decides_what_is_sent_to_another(now: datetime) -> None:
    factories.templates()
    to = messages.person(value="ann@example.com")
    tagged = factories.address("ann+spa@example.com", match_key="ann@example.com")
    messages.consent(to[1], at=now, channel="email", purpose="transactional")
    messages.consent(
        tagged, "withdrawn", at=now + timedelta(minutes=1), channel="email", purpose="transactional"
    )
    clock = Clock(now + timedelta(hours=2))
    first = messages.message(now=clock(), to=to)
    messages.send(clock=clock)
    messages.consent(to[1], at=clock(), channel="email", purpose="transactional")
    second = messages.message(now=clock(), to=to)
    messages.send(clock=clock)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.reason_code) == ("suppressed", "consent_withdrawn")
    assert (second.state, second.reason_code) == ("sent", "consent_given")
