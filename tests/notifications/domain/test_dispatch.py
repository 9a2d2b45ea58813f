"""The dispatcher: one hand, one rendering, an honest end for every message."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus
from crm.models import Appointment
from notifications.channels.base import Accepted, Channel, NotTaken
from notifications.channels.email import SmtpChannel
from notifications.channels.memory import Answer, MemoryChannel
from notifications.domain import dispatch, outbox, reconcile
from notifications.domain.dispatch import Summary
from notifications.enums import AboutKind, MessageState
from notifications.models import Message, Template
from tests import factories
from tests.channels.server import MailServer, Orders
from tests.notifications import messages
from tests.notifications.messages import Clock

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 3, 11, 3, 0, tzinfo=UTC)  # 22:00 in Chicago


@pytest.fixture
def clock(now: datetime) -> Clock:
    factories.templates()
    return Clock(now)


def _channel(*answers: Answer) -> MemoryChannel:
    return MemoryChannel(answers=deque(answers))


def test_send_due_sends_and_tells_why(clock: Clock) -> None:
    message = messages.message(now=clock())
    channel = _channel()

    summary, _ = messages.send(channel, clock=clock)

    message.refresh_from_db()
    assert summary == Summary(claimed=1, sent=1)
    assert [each.delivery_id for each in channel.ledger] == [message.delivery_id]
    assert (message.state, message.attempts, message.token) == ("sent", 1, "")
    assert (message.reason_code, message.reason) == (
        "own_request",
        "About their own request, by e-mail: this needs no consent.",
    )
    assert messages.story(message) == [("queued", "claimed"), ("claimed", "handed"), ("handed", "sent")]


def test_send_due_twice_sends_once(clock: Clock) -> None:
    messages.message(now=clock())
    channel = _channel()

    messages.send(channel, clock=clock)
    again, _ = messages.send(channel, clock=clock)

    assert again == Summary()
    assert len(channel.ledger) == 1


def test_send_due_leaves_what_is_not_due_held_or_over(clock: Clock) -> None:
    messages.message(now=clock(), due_at=clock() + timedelta(seconds=1))
    messages.message(now=clock(), held_reason="A person looks first.")
    messages.message(now=clock(), state=MessageState.CANCELLED)

    assert messages.send(clock=clock)[0] == Summary()


def test_send_due_takes_the_oldest_first_and_no_more_than_a_batch(clock: Clock) -> None:
    late = messages.message(now=clock(), due_at=clock() - timedelta(minutes=1))
    early = messages.message(now=clock(), due_at=clock() - timedelta(minutes=2))
    messages.message(now=clock())
    channel = _channel()

    messages.send(channel, clock=clock, batch=2)

    assert [each.delivery_id for each in channel.ledger] == [early.delivery_id, late.delivery_id]


def test_send_due_uses_one_session_for_a_whole_channel(clock: Clock) -> None:
    for _ in range(4):
        messages.message(now=clock())
    channel = _channel()

    messages.send(channel, clock=clock)

    assert (channel.sessions, len(channel.ledger)) == (1, 4)


def test_envelope_carries_the_locations_name_and_one_recipient(clock: Clock, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Someone <mail@ivsuite.example>"
    to = messages.person()
    messages.message(now=clock(), to=to)
    channel = _channel()

    messages.send(channel, clock=clock)

    envelope = channel.ledger[0]
    assert (envelope.to, envelope.from_name, envelope.from_address, envelope.reply_to) == (
        to[1].value,
        "IV-Suite",
        "mail@ivsuite.example",
        "desk@ivsuite.example",
    )
    assert envelope.subject == "IV-Suite: we received your message"


def test_text_goes_out_from_the_locations_number(clock: Clock) -> None:
    to = messages.person(kind="phone")
    messages.consent(to[1], at=clock())
    messages.message(now=clock(), to=to)
    channel = _channel()

    messages.send(channel, clock=clock)

    envelope = channel.ledger[0]
    assert (envelope.channel, envelope.to, envelope.from_address) == ("sms", to[1].value, "+15125550140")
    assert (envelope.subject, "988" in envelope.body) == ("", True)


def test_alert_to_staff_names_the_lead_by_number_only(clock: Clock) -> None:
    staff = factories.staff()
    messages.to_staff(staff, now=clock())
    channel = _channel()

    messages.send(channel, clock=clock)

    envelope = channel.ledger[0]
    assert (envelope.to, envelope.reply_to) == (staff.email, "")
    assert "#1007" in envelope.subject
    assert "Ann" not in envelope.subject + envelope.body


@pytest.mark.parametrize(
    ("answer", "state", "code", "taken"),
    [
        ("accept", "sent", "own_request", 1),
        ("refuse", "failed", "refused", 0),
        ("busy", "queued", "busy", 0),
        ("busy_after_hand", "queued", "busy", 0),
        ("unreachable", "queued", "unreachable", 0),
        ("lost_answer", "unknown", "no_answer", 1),
        ("lost_message", "unknown", "no_answer", 0),
        ("crash", "unknown", "our_error", 0),
    ],
)
def test_result_decides_where_a_message_ends(
    answer: Answer, state: str, code: str, taken: int, clock: Clock
) -> None:
    message = messages.message(now=clock())
    channel = _channel(answer)

    messages.send(channel, clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason_code, len(channel.ledger)) == (state, code, taken)


def test_unknown_is_never_sent_again_blindly(clock: Clock) -> None:
    message = messages.message(now=clock())
    channel = _channel("lost_answer")

    messages.send(channel, clock=clock)
    for _ in range(5):
        clock.pass_by(hours=1)
        messages.send(channel, clock=clock)
        reconcile.look(now=clock())

    message.refresh_from_db()
    assert (message.state, len(channel.ledger)) == ("unknown", 1)


def test_unknown_sent_again_on_purpose_says_the_same(clock: Clock) -> None:
    message = messages.message(now=clock())
    channel = _channel("lost_answer")
    messages.send(channel, clock=clock)

    outbox.settle_unknown(
        message.pk, to="queued", words="They say nothing came.", actor=SYSTEM, now=clock.pass_by(minutes=1)
    )
    Template.objects.all().update(body="Something else. {notice}")
    messages.send(channel, clock=clock)

    first, second = channel.ledger
    assert first == second


def test_retry_says_the_same_words_with_the_same_date(clock: Clock) -> None:
    message = messages.message(now=clock())
    channel = _channel("busy_after_hand")
    messages.send(channel, clock=clock)
    message.refresh_from_db()
    said = (message.rendered_subject, message.rendered_body, message.rendered_at)

    Template.objects.all().update(subject="Changed", body="Changed {notice}", version=2)
    clock.pass_by(minutes=5)
    messages.send(channel, clock=clock)

    envelope = channel.ledger[0]
    message.refresh_from_db()
    assert (envelope.subject, envelope.body, envelope.dated) == said
    assert message.template_version == 1


def test_words_are_stored_encrypted_before_a_provider_can_have_them(clock: Clock) -> None:
    message = messages.message(now=clock())

    messages.send(_channel("lost_answer"), clock=clock)

    raw = (
        Message.objects.filter(pk=message.pk).extra(select={"raw": "rendered_body"}).values_list("raw")[0][0]
    )
    message.refresh_from_db()
    assert raw.startswith("v1:")
    assert "received your message" in message.rendered_subject


def test_message_that_is_never_taken_is_parked_after_five_attempts(clock: Clock) -> None:
    message = messages.message(now=clock(), expires_at=clock() + timedelta(days=30))
    channel = MemoryChannel(answers=deque(["busy_after_hand"] * 9))

    for _ in range(9):
        messages.send(channel, clock=clock)
        clock.pass_by(hours=2)

    message.refresh_from_db()
    assert (message.state, message.reason_code, message.attempts) == ("failed", "poison", 5)
    assert len(channel.answers) == 4


def test_message_waits_longer_after_each_attempt(clock: Clock) -> None:
    message = messages.message(now=clock(), expires_at=clock() + timedelta(days=30))
    channel = _channel("busy", "busy")
    waits = []

    for _ in range(2):
        messages.send(channel, clock=clock)
        message.refresh_from_db()
        waits.append(message.due_at - clock())
        clock.at = message.due_at

    assert timedelta(0) < waits[0] < waits[1]


def test_provider_that_is_away_costs_no_attempt_and_is_asked_once(clock: Clock) -> None:
    rows = [messages.message(now=clock()) for _ in range(3)]
    channel = _channel("unreachable", "unreachable")

    summary, _ = messages.send(channel, clock=clock)

    states = Message.objects.values_list("state", "attempts", "reason_code")
    assert summary == Summary(claimed=3, retried=3)
    assert list(states) == [("queued", 0, "unreachable")] * len(rows)
    assert len(channel.answers) == 1


def test_one_bad_message_never_stops_the_others(clock: Clock) -> None:
    bad = [
        messages.message(now=clock(), template_code="no-such-wording"),
        messages.message(now=clock(), params="not json"),
        messages.message(now=clock(), params="{}"),
    ]
    good = [messages.message(now=clock()) for _ in range(2)]
    channel = _channel()

    messages.send(channel, clock=clock)

    assert {each.delivery_id for each in channel.ledger} == {each.delivery_id for each in good}
    codes = Message.objects.filter(pk__in=[each.pk for each in bad]).order_by("pk")
    assert list(codes.values_list("state", "reason_code")) == [
        ("failed", "template_not_usable"),
        ("queued", "our_error"),
        ("failed", "template_not_usable"),
    ]


def test_message_that_cannot_be_decrypted_fails_alone(clock: Clock) -> None:
    bad, good = messages.message(now=clock()), messages.message(now=clock())
    with connection.cursor() as cursor:  # as a lost key leaves it
        cursor.execute("UPDATE notifications_message SET params = 'v1:gone:AAAA' WHERE id = %s", [bad.pk])
    channel = _channel()

    messages.send(channel, clock=clock)

    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {bad.pk: "failed", good.pk: "sent"}


def test_header_that_cannot_be_written_fails_for_good(clock: Clock, settings: Settings) -> None:
    settings.EMAIL_URL = None
    to = messages.person(value="two@example.com, three@example.com")
    message = messages.message(now=clock(), to=to)

    dispatch.look(clock)

    message.refresh_from_db()
    assert (message.state, message.reason_code) == ("failed", "unwritable")


def test_gate_speaks_before_anything_is_rendered(clock: Clock) -> None:
    to = messages.person(kind="phone")
    message = messages.message(now=clock(), to=to, template_code="no-such-wording")

    summary, _ = messages.send(clock=clock)

    message.refresh_from_db()
    assert summary == Summary(claimed=1, put_off=1)
    assert (message.state, message.reason_code, message.attempts) == ("suppressed", "no_consent", 0)


def test_text_at_night_waits_for_the_morning_and_costs_no_attempt(clock: Clock) -> None:
    clock.at = NIGHT
    to = messages.person(kind="phone")
    messages.consent(to[1], at=clock())
    message = messages.message(now=clock(), to=to)
    channel = _channel()

    messages.send(channel, clock=clock)
    message.refresh_from_db()
    waited = (message.state, message.due_at, message.attempts, message.reason_code)
    clock.at = message.due_at
    messages.send(channel, clock=clock)

    assert waited == ("queued", datetime(2026, 3, 11, 14, 0, tzinfo=UTC), 0, "quiet_hours")
    assert len(channel.ledger) == 1


def test_held_message_waits_for_a_person(clock: Clock) -> None:
    to = messages.person()
    hold = messages.hold(to[0], now=clock())
    visit = messages.message(now=clock(), to=to, template_code="follow-up-due")
    channel = _channel()

    messages.send(channel, clock=clock)
    visit.refresh_from_db()
    held = (visit.state, visit.held_reason)
    messages.send(channel, clock=clock)
    hold.delete()
    released = outbox.release_held(contact_id=to[0].pk, actor=SYSTEM, now=clock())

    visit.refresh_from_db()
    assert held == ("queued", "Something they wrote may mean danger: a person looks first.")
    assert (released, visit.held_reason, channel.ledger) == (1, "", [])


def test_acknowledgement_under_a_hold_goes_and_says_the_notice_first(clock: Clock) -> None:
    to = messages.person()
    messages.hold(to[0], now=clock())
    messages.message(now=clock(), to=to)
    channel = _channel()

    messages.send(channel, clock=clock)

    first_paragraph = channel.ledger[0].body.split("\n\n")[0]
    assert "911" in first_paragraph
    assert "988" in first_paragraph


def test_second_acknowledgement_in_the_hour_is_not_sent(clock: Clock) -> None:
    to = messages.person()
    messages.message(now=clock(), to=to)
    channel = _channel()
    messages.send(channel, clock=clock)

    clock.pass_by(minutes=59)
    second = messages.message(now=clock(), to=to)
    messages.send(channel, clock=clock)
    clock.pass_by(minutes=2)
    third = messages.message(now=clock(), to=to)
    messages.send(channel, clock=clock)

    second.refresh_from_db()
    assert (second.state, second.reason_code) == ("suppressed", "already_acknowledged")
    assert [each.delivery_id for each in channel.ledger][1:] == [third.delivery_id]


def test_two_acknowledgements_in_one_batch_send_one(clock: Clock) -> None:
    to = messages.person()
    for _ in range(2):
        messages.message(now=clock(), to=to)
    channel = _channel()

    summary, _ = messages.send(channel, clock=clock)

    # Both passed the first look; the second was stopped at the hand.
    assert (summary.sent, summary.put_off, len(channel.ledger)) == (1, 1, 1)
    stopped = Message.objects.get(state=MessageState.SUPPRESSED)
    assert (stopped.reason_code, stopped.attempts) == ("already_acknowledged", 0)


def test_acknowledgement_cap_counts_every_spelling_of_an_inbox(clock: Clock) -> None:
    for tag in ("", "+one"):
        to = messages.person(value=f"flood{tag}@example.com")
        to[1].match_key = "flood@example.com"
        to[1].save(update_fields=["match_key"])
        messages.message(now=clock(), to=to)
    channel = _channel()

    messages.send(channel, clock=clock)

    assert len(channel.ledger) == 1


def test_claim_whose_lease_ran_out_hands_nothing(clock: Clock) -> None:
    message = messages.message(now=clock())
    channel = _channel()

    class Slow(MemoryChannel):
        """A provider that lets three minutes pass before the hand."""

        def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
            clock.pass_by(minutes=3)
            return channel.send(envelope, mark_handed=mark_handed)

    messages.send(Slow(), clock=clock)

    message.refresh_from_db()
    assert (message.state, channel.ledger) == ("claimed", [])


def test_wish_that_ended_meanwhile_hands_nothing(clock: Clock) -> None:
    message = messages.message(now=clock())
    channel = _channel()

    class Meanwhile(MemoryChannel):
        """The wish ends while the provider is being reached."""

        def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
            outbox.cancel_about("lead", message.about_ref, reason="Answered.", actor=SYSTEM, now=clock())
            return channel.send(envelope, mark_handed=mark_handed)

    summary, _ = messages.send(Meanwhile(), clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason, channel.ledger) == ("cancelled", "Answered.", [])
    assert summary == Summary(claimed=1)


def test_answer_that_comes_after_the_lease_still_counts(clock: Clock) -> None:
    message = messages.message(now=clock())

    class Late(MemoryChannel):
        """The worker freezes after the hand until the lease is over, and then reads the answer."""

        def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
            mark_handed()
            reconcile.look(now=clock.pass_by(minutes=10))
            return Accepted("late")

    messages.send(Late(), clock=clock)

    message.refresh_from_db()
    assert (message.state, message.provider_id) == ("sent", "late")
    assert messages.story(message)[-2:] == [("handed", "unknown"), ("unknown", "sent")]


def test_answer_of_a_zombie_changes_nothing_that_was_settled(clock: Clock) -> None:
    message = messages.message(now=clock())

    class Zombie(MemoryChannel):
        """Meanwhile the lease ran out and a person said that it did not go."""

        def send(self, envelope, *, mark_handed):  # type: ignore[no-untyped-def]
            mark_handed()
            reconcile.look(now=clock.pass_by(minutes=10))
            outbox.settle_unknown(message.pk, to="failed", words="It bounced.", actor=SYSTEM, now=clock())
            return NotTaken("busy")

    messages.send(Zombie(), clock=clock)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", outbox.SETTLED["failed"])


def test_visit_words_come_from_the_visit_in_its_own_zone(clock: Clock) -> None:
    contact, address = messages.person()
    location = factories.location(name="Magnesium Lounge")
    visit = Appointment.objects.create(
        contact=contact,
        location=location,
        service=factories.service(),
        status=AppointmentStatus.SCHEDULED,
        starts_at=datetime(2026, 3, 17, 21, 30, tzinfo=UTC),
        ends_at=datetime(2026, 3, 17, 22, 0, tzinfo=UTC),
        price_minor=1,
        currency="USD",
        created_at=clock(),
    )
    messages.message(
        now=clock(),
        to=(contact, address),
        at=location,
        template_code="visit-reminder-24h",
        about_kind=AboutKind.APPOINTMENT,
        about_ref=visit.reference,
        params="{}",
    )
    channel = _channel()

    messages.send(channel, clock=clock)

    envelope = channel.ledger[0]
    assert envelope.subject == "IV-Suite: your visit is Tue, Mar 17 at 4:30 PM"
    assert "Where: 1 Main Street, Austin, TX 78701" in envelope.body
    assert "agnesium" not in envelope.subject + envelope.body


def test_look_goes_on_until_nothing_is_due(clock: Clock) -> None:
    for _ in range(dispatch.BATCH + 5):
        messages.message(now=clock())
    channel = _channel()

    total = dispatch.look(clock, channel_for=lambda _name: channel)

    assert total == Summary(claimed=dispatch.BATCH + 5, sent=dispatch.BATCH + 5)


def test_look_stops_after_twenty_seconds(clock: Clock) -> None:
    for _ in range(60):
        messages.message(now=clock())
    channel = _channel()

    def slow() -> datetime:
        return clock.pass_by(seconds=1)

    total = dispatch.look(slow, channel_for=lambda _name: channel)

    assert total.claimed == 50


def test_journey_over_a_real_mail_server_that_hangs_up_after_the_dot(clock: Clock) -> None:
    lost, sent = messages.message(now=clock()), messages.message(now=clock())
    with MailServer(Orders(after_dot=["drop"])) as server:
        channel: Channel = SmtpChannel(host="127.0.0.1", port=server.port, timeout=5, answer=5)
        messages.send(channel, clock=clock)

    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {lost.pk: "unknown", sent.pk: "sent"}
    assert [mail["Message-ID"][1:33] for mail in server.ledger] == [lost.delivery_id, sent.delivery_id]


def test_send_due_asks_a_fixed_number_of_times_for_each_message(clock: Clock) -> None:
    location = factories.location()
    counts = []
    for size in (2, 6):
        for _ in range(size):
            messages.message(now=clock(), at=location)
        with CaptureQueriesContext(connection) as asked:
            messages.send(clock=clock)
        plain = [each for each in asked.captured_queries if "SAVEPOINT" not in each["sql"]]
        counts.append(len(plain))

    # Each: begin; lock, look, mark and event; result and event. The rest is shared by the batch.
    assert (counts[1] - counts[0]) / 4 == 7
