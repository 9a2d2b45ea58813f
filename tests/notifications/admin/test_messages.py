"""The page of messages: what staff see of one, and the three things a person may say of an unknown one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from crm.enums import Role
from crm.models import AuditEntry
from crm.queries import database_now
from notifications.domain import outbox
from notifications.enums import MessageState
from notifications.models import Message, MessageEvent
from tests.crm.admin.signed import signed_in
from tests.notifications import messages

pytestmark = pytest.mark.django_db
Counting = Callable[..., Any]


def unknown(**more: Any) -> Message:
    return messages.message(now=database_now(), state=MessageState.UNKNOWN, **more)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_at_any_length(rows: int, django_assert_max_num_queries: Counting) -> None:
    client, staff = signed_in(Role.FRONT_DESK)
    for _ in range(rows):
        messages.message(now=database_now())
        messages.to_staff(staff, now=database_now())

    with django_assert_max_num_queries(8):
        answer = client.get("/admin/notifications/message/")

    assert answer.status_code == 200


def test_list_masks_the_address_and_says_why() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    to = messages.person(value="secretive@example.com")
    to[0].full_name = "<script>alert(1)</script>"
    to[0].save(update_fields=["full_name"])
    messages.message(
        now=database_now(), to=to, state=MessageState.SUPPRESSED, reason="They asked us to stop."
    )

    page = client.get("/admin/notifications/message/").content.decode()

    assert ("s•••@example.com" in page, "secretive@example.com" in page) == (True, False)
    assert ("They asked us to stop." in page, "<script>alert" in page) == (True, False)


def test_message_is_found_by_the_whole_address() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    messages.message(now=database_now(), to=messages.person(value="ann@example.com"), reason="wanted")
    messages.message(now=database_now(), to=messages.person(value="bob@example.com"), reason="other")

    page = client.get("/admin/notifications/message/?q=ann@example.com").content.decode()

    assert ("wanted" in page, "other" in page) == (True, False)


@pytest.mark.parametrize(("role", "reads"), [(Role.FRONT_DESK, True), ("Bookkeeper", False)])
def test_text_is_shown_to_those_who_may_see_leads_and_the_view_is_noted(role: str, reads: bool) -> None:
    client, staff = signed_in(role)
    if role == "Bookkeeper":
        staff.user_permissions.add(Permission.objects.get(codename="view_message"))
    message = messages.message(
        now=database_now(),
        state=MessageState.SENT,
        rendered_subject="Hello",
        rendered_body="Words <b>for</b> Ann",
    )

    answer = client.get(f"/admin/notifications/message/{message.pk}/change/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert ("Words &lt;b&gt;for&lt;/b&gt; Ann" in page) is reads
    assert "Words <b>" not in page
    viewed = AuditEntry.objects.filter(action="message.viewed", subject_ref=message.delivery_id)
    assert viewed.count() == int(reads)


@pytest.mark.parametrize(
    ("to", "state"),
    [("sent", MessageState.SENT), ("queued", MessageState.QUEUED), ("failed", MessageState.FAILED)],
)
def test_person_settles_what_nobody_knows(to: str, state: str) -> None:
    client, staff = signed_in(Role.MANAGER)
    message = unknown()

    page = client.get(f"/admin/notifications/message/{message.pk}/change/").content.decode()
    answer = client.post(
        f"/admin/notifications/message/{message.pk}/settle/", {"to": to, "reason": "Seen in the mail account"}
    )

    message.refresh_from_db()
    assert all(f'name="to" value="{choice}"' in page for choice in ("sent", "queued", "failed"))
    assert (answer.status_code, message.state) == (302, state)
    event = MessageEvent.objects.get(message=message)
    assert (event.actor_staff, event.words) == (staff, "Seen in the mail account")
    assert "Seen" not in event.reason + message.reason
    entry = AuditEntry.objects.get(action="message.settled")
    assert (entry.subject_ref, entry.fields) == (message.delivery_id, [to])


@pytest.mark.parametrize(("role", "shown"), [(Role.FRONT_DESK, ["words"]), ("Bookkeeper", None)])
def test_what_a_person_typed_is_shown_to_those_who_may_see_leads_and_the_view_is_noted(
    role: str, shown: list[str] | None
) -> None:
    client, staff = signed_in(role)
    if role == "Bookkeeper":
        staff.user_permissions.add(Permission.objects.get(codename="view_message"))
    message = unknown()
    words = "She said <b>it came</b>"
    outbox.settle_unknown(message.pk, to="sent", words=words, actor=staff.as_actor, now=database_now())

    page = client.get(f"/admin/notifications/message/{message.pk}/change/").content.decode()

    assert ("She said &lt;b&gt;it came&lt;/b&gt;" in page) is (shown is not None)
    assert ("She said <b>" in page, "A person found that it went." in page) == (False, True)
    viewed = AuditEntry.objects.filter(action="message.viewed", subject_ref=message.delivery_id)
    assert list(viewed.values_list("fields", flat=True)) == ([shown] if shown else [])


def test_typed_words_that_no_key_opens_leave_the_page_readable() -> None:
    client, staff = signed_in(Role.FRONT_DESK)
    message = unknown()
    outbox.settle_unknown(message.pk, to="sent", words="Seen", actor=staff.as_actor, now=database_now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_messageevent SET words = 'v1:gone:AAAA'")

    answer = client.get(f"/admin/notifications/message/{message.pk}/change/")

    assert (answer.status_code, "A person found that it went." in answer.content.decode()) == (200, True)


def test_message_settled_by_somebody_else_meanwhile_is_said_kindly() -> None:
    client, _ = signed_in(Role.MANAGER)
    message = messages.message(now=database_now(), state=MessageState.SENT)

    answer = client.post(f"/admin/notifications/message/{message.pk}/settle/", {"to": "queued"}, follow=True)

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert "Somebody settled this message already." in answer.content.decode()
    assert not AuditEntry.objects.filter(action="message.settled").exists()


def test_message_too_late_is_not_sent_again() -> None:
    client, _ = signed_in(Role.MANAGER)
    message = unknown(expires_at=database_now() - timedelta(minutes=1))

    answer = client.post(f"/admin/notifications/message/{message.pk}/settle/", {"to": "queued"}, follow=True)

    message.refresh_from_db()
    assert message.state == MessageState.UNKNOWN
    assert "too late" in answer.content.decode()


@pytest.mark.parametrize("act", ["settle", "release"])
def test_who_may_not_change_messages_acts_on_none(act: str) -> None:
    manager, _ = signed_in(Role.MANAGER)
    marketing, _ = signed_in(Role.MARKETING)
    message = unknown()
    path = f"/admin/notifications/message/{message.pk}/{act}/"

    answers = (marketing.post(path, {"to": "failed"}).status_code, manager.get(path).status_code)

    message.refresh_from_db()
    assert answers == (403, 404)
    assert message.state == MessageState.UNKNOWN


def test_settling_to_a_made_up_state_is_refused() -> None:
    client, _ = signed_in(Role.MANAGER)
    message = unknown()

    answer = client.post(f"/admin/notifications/message/{message.pk}/settle/", {"to": "delivered"})

    message.refresh_from_db()
    assert (answer.status_code, message.state) == (404, MessageState.UNKNOWN)


def test_person_lets_go_what_was_held() -> None:
    client, _ = signed_in(Role.MANAGER)
    to = messages.person()
    held = [
        messages.message(now=database_now(), to=to, held_reason="A person looks first.") for _ in range(2)
    ]

    page = client.get(f"/admin/notifications/message/{held[0].pk}/change/").content.decode()
    client.post(f"/admin/notifications/message/{held[0].pk}/release/")

    assert "Let it go" in page
    assert set(Message.objects.values_list("state", "held_reason")) == {("queued", "")}
    assert AuditEntry.objects.filter(action="message.released").count() == 1


def test_history_of_a_message_cannot_be_written() -> None:
    client, staff = signed_in(Role.OWNER, is_superuser=True)
    message = messages.message(now=database_now(), state=MessageState.SENT)
    MessageEvent.objects.create(
        message=message, at=database_now(), to_state="sent", **MessageEvent.by(staff.as_actor)
    )

    answer = client.post(
        f"/admin/notifications/message/{message.pk}/change/",
        {
            "state": "failed",
            "events-TOTAL_FORMS": 1,
            "events-INITIAL_FORMS": 0,
            "events-0-to_state": "failed",
        },
    )

    message.refresh_from_db()
    assert (answer.status_code, message.state, message.events.count()) == (403, MessageState.SENT, 1)
