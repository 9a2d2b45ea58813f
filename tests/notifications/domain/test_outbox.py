"""Into the outbox once, out of it when the wish ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from crm.actors import SYSTEM, Actor
from notifications.domain import outbox
from notifications.domain.outbox import Wish
from notifications.enums import MessageState
from notifications.errors import MessageNotMovable
from notifications.models import Message, MessageEvent
from tests import factories
from tests.notifications import messages

pytestmark = pytest.mark.django_db


def _wish(now: datetime, key: str = "one") -> Wish:
    contact, address = messages.person()
    return Wish(
        template_code="acknowledgement",
        channel="email",
        purpose="transactional",
        dedupe_key=key,
        about_kind="lead",
        about_ref="ref",
        location_id=factories.location().pk,
        language="en",
        params={"who": "Dana", "promise": "mañana"},
        due_at=now,
        expires_at=now + timedelta(hours=1),
        contact_id=contact.pk,
        address_id=address.pk,
    )


def test_queue_writes_one_row_and_no_event(now: datetime) -> None:
    made = outbox.queue([_wish(now)], actor=Actor.system("arrivals"), now=now)

    row = Message.objects.get()
    assert [each.pk for each in made] == [row.pk]
    assert (row.state, row.dedupe_key, row.actor_label, row.created_at) == ("queued", "one", "arrivals", now)
    assert row.params == '{"who": "Dana", "promise": "mañana"}'
    assert MessageEvent.objects.count() == 0


def test_queue_of_a_key_that_exists_leaves_it_out(now: datetime) -> None:
    outbox.queue([_wish(now)], actor=SYSTEM, now=now)

    made = outbox.queue([_wish(now), _wish(now, "two")], actor=SYSTEM, now=now)

    assert [each.dedupe_key for each in made] == ["two"]
    assert Message.objects.count() == 2


def test_queue_of_the_same_key_twice_keeps_the_first(now: datetime) -> None:
    first = _wish(now)

    made = outbox.queue([first, replace(first, language="es")], actor=SYSTEM, now=now)

    assert [each.language for each in made] == ["en"]


def test_queue_reads_once_and_writes_once(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    wishes = [_wish(now, str(n)) for n in range(3)]

    with django_assert_num_queries(2):
        outbox.queue(wishes, actor=SYSTEM, now=now)
    with django_assert_num_queries(0):
        outbox.queue([], actor=SYSTEM, now=now)


def test_dedupe_key_is_unique_in_the_database(now: datetime) -> None:
    messages.message(now=now, dedupe_key="same")

    with pytest.raises(IntegrityError):
        messages.message(now=now, dedupe_key="same")


@pytest.mark.parametrize("state", MessageState.values)
def test_cancel_about_takes_back_what_is_still_in_the_house(state: str, now: datetime) -> None:
    message = messages.message(now=now, state=state)

    count = outbox.cancel_about("lead", message.about_ref, reason="Answered.", actor=SYSTEM, now=now)

    message.refresh_from_db()
    in_the_house = state in {"queued", "claimed"}
    assert count == (1 if in_the_house else 0)
    assert message.state == ("cancelled" if in_the_house else state)
    assert messages.story(message) == ([(state, "cancelled")] if in_the_house else [])


def test_cancel_about_leaves_other_wishes(now: datetime) -> None:
    about: dict[str, Any] = {"about_kind": "appointment", "about_ref": "v1"}
    keep = [
        messages.message(now=now),
        messages.message(now=now, **{**about, "about_ref": "v2"}),
        messages.message(now=now, **about, template_code="visit-confirmation"),
        messages.message(now=now, **about, template_code="visit-reminder-2h", channel="sms"),
    ]
    goes = messages.message(now=now, **about, template_code="visit-reminder-2h")

    count = outbox.cancel_about(
        "appointment",
        "v1",
        reason="Moved.",
        actor=SYSTEM,
        now=now,
        template_codes={"visit-reminder-2h"},
        channel="email",
    )

    left = set(Message.objects.filter(state="queued").values_list("pk", flat=True))
    assert count == 1
    assert left == {each.pk for each in keep}
    assert goes.pk not in left


def test_cancel_about_says_why_and_who(now: datetime) -> None:
    message = messages.message(now=now)
    staff = factories.staff()

    outbox.cancel_about("lead", message.about_ref, reason="Answered.", actor=staff.as_actor, now=now)

    event = MessageEvent.objects.get()
    assert (event.reason, event.actor_kind, event.actor_staff_id, event.at) == (
        "Answered.",
        "staff",
        staff.pk,
        now,
    )


@pytest.mark.parametrize("to", ["sent", "queued", "failed"])
def test_settle_unknown(to: Literal["sent", "queued", "failed"], now: datetime) -> None:
    message = messages.message(now=now, state=MessageState.UNKNOWN, attempts=5)

    outbox.settle_unknown(message.pk, to=to, words="The person says so.", actor=SYSTEM, now=now)

    message.refresh_from_db()
    event = MessageEvent.objects.get()
    assert (message.state, event.words) == (to, "The person says so.")
    assert message.reason == event.reason == outbox.SETTLED[to]
    assert message.attempts == (0 if to == "queued" else 5)


@pytest.mark.parametrize("state", sorted(set(MessageState.values) - {"unknown"}))
def test_settle_unknown_of_another_state_is_refused(state: str, now: datetime) -> None:
    message = messages.message(now=now, state=state)

    with pytest.raises(MessageNotMovable):
        outbox.settle_unknown(message.pk, to="sent", words="So.", actor=SYSTEM, now=now)


def test_settle_unknown_to_send_again_too_late_is_refused(now: datetime) -> None:
    message = messages.message(now=now, state=MessageState.UNKNOWN, expires_at=now)

    with pytest.raises(MessageNotMovable) as refusal:
        outbox.settle_unknown(message.pk, to="queued", words="Again.", actor=SYSTEM, now=now)

    assert refusal.value.code == "too_late"


def test_release_held_leaves_the_others(now: datetime) -> None:
    to = messages.person()
    held = messages.message(now=now, to=to, held_reason="Look.")
    other = messages.message(now=now, held_reason="Look.")

    count = outbox.release_held(contact_id=to[0].pk, actor=SYSTEM, now=now)

    reasons = dict(Message.objects.values_list("pk", "held_reason"))
    assert (count, reasons) == (1, {held.pk: "", other.pk: "Look."})
    assert messages.story(held) == [("queued", "queued")]
