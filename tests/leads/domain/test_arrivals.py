"""From a stored submission to a lead."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from crm.models import Address, AuditEntry, Contact, SafetyHold
from leads.domain import acts, arrivals, closing
from leads.models import ClickId, FollowUp, Lead, LeadEvent, Submission, Touch
from notifications.models import Consent, Message
from tests import factories

pytestmark = pytest.mark.django_db


def take_in(submission: Submission, now: datetime) -> Lead:
    assert arrivals.process(submission_id=submission.pk, now=now)
    submission.refresh_from_db()
    assert submission.lead is not None
    return submission.lead


def test_newcomer_becomes_a_lead_with_all_that_belongs_to_it(now: datetime) -> None:
    location = factories.location()
    desk = factories.staff(at=location)
    asked = factories.service()
    form = factories.form(at=location)
    submission = factories.arrival(
        form,
        now=now,
        name="Ann Smith",
        email="Ann@Example.com",
        phone="(512) 555-0140",
        message="How long does it take?",
        service=[asked.slug],
        article="magnesium",
        consent_sms=True,
        consent_marketing_email=True,
        consent_text_version="website-1",
        utm_source="google",
        gclid="abc",
        first_touch={"utm_source": "newsletter"},
    )

    lead = take_in(submission, now)

    assert (lead.status, lead.article, lead.message) == ("new", "magnesium", "How long does it take?")
    assert lead.location == location
    assert lead.respond_by == lead.next_action_at == now + timedelta(minutes=5)
    assert list(lead.services.all()) == [asked]
    assert sorted(p.address.value for p in lead.contact.points.all()) == ["+15125550140", "ann@example.com"]
    assert sorted(Touch.objects.values_list("kind", "utm_source")) == [
        ("first", "newsletter"),
        ("last", "google"),
    ]
    assert list(ClickId.objects.values_list("kind", "value")) == [("gclid", "abc")]
    assert sorted(Consent.objects.values_list("address__kind", "channel", "purpose", "wording_version")) == [
        ("email", "email", "marketing", "website-1"),
        ("phone", "sms", "transactional", "website-1"),
    ]
    follow_up = FollowUp.objects.get()
    assert (follow_up.kind, follow_up.due_at) == ("call", lead.respond_by)
    assert sorted(Message.objects.values_list("template_code", "channel", "staff")) == [
        ("acknowledgement", "email", None),
        ("acknowledgement", "sms", None),
        ("new-lead-alert", "email", desk.pk),
    ]
    assert list(LeadEvent.objects.values_list("from_status", "to_status")) == [("", "new")]
    assert AuditEntry.objects.filter(action="lead.arrived", subject_ref=lead.reference).count() == 1


def test_processing_again_changes_nothing(now: datetime) -> None:
    submission = factories.arrival(factories.form(), now=now)
    take_in(submission, now)
    before = (Lead.objects.count(), Message.objects.count(), FollowUp.objects.count())

    again = arrivals.process(submission_id=submission.pk, now=now)

    assert again is False
    assert (Lead.objects.count(), Message.objects.count(), FollowUp.objects.count()) == before


def test_repeat_continues_the_open_lead_and_starts_the_clock_again(now: datetime) -> None:
    form = factories.form()
    lead = take_in(factories.arrival(form, now=now, email="ann@example.com"), now)
    acts.log_call(
        lead_id=lead.pk,
        outcome=factories.outcome(),
        note="",
        next_step=None,
        by=factories.staff(),
        now=now + timedelta(minutes=2),
    )
    later = now + timedelta(hours=1)

    again = take_in(factories.arrival(form, now=later, email="ann@example.com", message="Me again"), later)

    assert again == lead
    again.refresh_from_db()
    assert (again.message, again.responded_at, again.respond_by) == (
        "Me again",
        None,
        later + timedelta(minutes=5),
    )
    assert again.next_action_at == again.respond_by
    assert Submission.objects.filter(lead=lead).count() == 2
    assert Contact.objects.count() == 1


def test_repeat_does_not_push_back_an_answer_still_owed(now: datetime) -> None:
    form = factories.form()
    lead = take_in(factories.arrival(form, now=now, email="ann@example.com"), now)
    owed = lead.respond_by
    later = now + timedelta(minutes=3)

    again = take_in(factories.arrival(form, now=later, email="ann@example.com", message="Hello?"), later)

    assert again.respond_by == owed


def test_repeat_after_an_answer_is_overdue_promises_no_past(now: datetime) -> None:
    form = factories.form()
    take_in(factories.arrival(form, now=now, email="ann@example.com"), now)
    later = now + timedelta(days=2)

    again = take_in(factories.arrival(form, now=later, email="ann@example.com", message="Hello?"), later)

    assert again.respond_by == later + timedelta(minutes=5)


def test_every_field_at_its_limit_becomes_a_lead(now: datetime) -> None:
    longest = {
        "message": "m" * 10_000,
        "consent_text_version": "v" * 100,
        "article": "a" * 100,
        "cta": "c" * 100,
        "preferred_time": "p" * 120,
        "page_url": "https://a.example/" + "p" * 1_900,
        "referrer": "https://a.example/" + "r" * 1_900,
        **dict.fromkeys(("utm_source", "utm_medium", "utm_campaign", "utm_term", "gclid"), "u" * 300),
    }
    submission = factories.arrival(
        factories.form(), now=now, name="N" * 200, phone="512-555-0140", consent_sms=True, **longest
    )

    take_in(submission, now)

    assert Consent.objects.get().wording_version == "v" * 100


def test_a_closed_lead_is_followed_by_a_new_episode_of_the_same_contact(now: datetime) -> None:
    form = factories.form()
    lead = take_in(factories.arrival(form, now=now, email="ann@example.com"), now)
    closing.lose(
        lead_id=lead.pk, reason=factories.lost_reason(), note="", actor=factories.staff().as_actor, now=now
    )
    later = now + timedelta(days=30)

    again = take_in(factories.arrival(form, now=later, email="ann@example.com"), later)

    assert again != lead
    assert again.contact == lead.contact


@pytest.mark.parametrize(
    "spelling",
    [
        {"email": "ANN@example.com"},
        {"email": "ann+spa@example.com"},
        {"email": " ann@example.com "},
        {"email": "ann@example.com", "name": "Ann"},
        {"email": "ann@example.com", "name": "ann  SMITH"},
        {"email": "other@example.com", "phone": "512-555-0140"},
        {"email": "", "phone": "+1 (512) 555 0140"},
        {"email": "", "phone": "5125550140"},
        {"email": "", "phone": "1-512-555-0140", "name": ""},
    ],
)
def test_one_person_in_many_spellings_stays_one_contact(spelling: dict[str, str], now: datetime) -> None:
    form = factories.form()
    first = take_in(factories.arrival(form, now=now, email="ann@example.com", phone="512-555-0140"), now)
    given = {"name": "Ann Smith", **spelling}

    again = take_in(factories.arrival(form, now=now, message="again", **given), now)

    assert again == first
    assert Contact.objects.count() == 1


def test_another_name_on_the_same_phone_is_another_contact_to_verify(now: datetime) -> None:
    form = factories.form()
    first = take_in(factories.arrival(form, now=now, name="Ann Smith", email="", phone="512-555-0140"), now)

    second = take_in(factories.arrival(form, now=now, name="Bob Jones", email="", phone="512-555-0140"), now)

    assert second.contact != first.contact
    assert (first.contact.verify, second.contact.verify) == (False, True)
    assert Address.objects.count() == 1


def test_unknown_slugs_are_accepted(now: datetime) -> None:
    submission = factories.arrival(
        factories.form(), now=now, service=["no-such-service"], location="no-such-place", kind="new"
    )

    lead = take_in(submission, now)

    assert lead.location == submission.form.location
    assert lead.services.count() == 0


def test_no_text_is_queued_without_consent(now: datetime) -> None:
    take_in(factories.arrival(factories.form(), now=now, phone="512-555-0140"), now)

    assert list(Message.objects.filter(contact__isnull=False).values_list("channel", flat=True)) == ["email"]


def test_words_of_crisis_hold_everything_automatic_and_go_before_a_person(now: datetime) -> None:
    lead = take_in(factories.arrival(factories.form(), now=now, message="I want to end my life"), now)

    hold = SafetyHold.objects.get(contact=lead.contact)
    assert (hold.kind, hold.lifted_at) == ("crisis", None)
    assert "life" not in str(hold.phrase_codes)
    lead.refresh_from_db()
    assert lead.next_action_at == now
    assert FollowUp.objects.filter(lead=lead, kind="review", due_at=now).count() == 1
    assert Message.objects.filter(template_code="acknowledgement").count() == 1


def test_the_staff_alert_names_nobody(now: datetime) -> None:
    location = factories.location()
    factories.staff(at=location)
    take_in(
        factories.arrival(factories.form(at=location), now=now, name="Zelda Quist", message="my secret"), now
    )

    alert = Message.objects.get(template_code="new-lead-alert")

    assert "Zelda" not in alert.params
    assert "secret" not in alert.params


def spoil(submission: Submission) -> None:
    """Make an arrival that no processing can read, as a bug would."""
    Submission.objects.filter(pk=submission.pk).update(content_type="image/png")


def test_a_bad_arrival_waits_longer_each_time_and_is_parked_after_five_tries(now: datetime) -> None:
    submission = factories.arrival(factories.form(), now=now)
    spoil(submission)
    tries = []

    for step in range(8):
        moment = now + timedelta(minutes=step)
        tries.append(arrivals.look(lambda moment=moment: moment))  # type: ignore[misc]
        submission.refresh_from_db()

    assert tries == [0] * 8
    assert (submission.state, submission.attempts) == ("parked", 5)
    assert submission.reason == "Could not be processed (UnreadableBody)."


def test_a_bad_arrival_does_not_hold_up_the_next(now: datetime) -> None:
    form = factories.form()
    spoil(factories.arrival(form, now=now))
    good = factories.arrival(form, now=now)

    done = arrivals.look(lambda: now)

    good.refresh_from_db()
    assert (done, good.state) == (1, "processed")


def test_a_parked_arrival_can_be_tried_again(now: datetime) -> None:
    submission = factories.arrival(factories.form(), now=now)
    Submission.objects.filter(pk=submission.pk).update(state="parked", attempts=5)

    arrivals.retry(submission_id=submission.pk, actor=factories.staff().as_actor, now=now)
    done = arrivals.look(lambda: now)

    assert done == 1


@pytest.mark.parametrize("began", [False, True])
def test_an_arrival_whose_worker_died_is_taken_again_after_its_lease(now: datetime, *, began: bool) -> None:
    submission = factories.arrival(factories.form(), now=now)
    assert arrivals.claim(now=now, limit=10) == [submission.pk]
    if began:
        assert arrivals.begin(submission.pk, now=now)

    at_once = arrivals.claim(now=now, limit=10)
    later = arrivals.claim(now=now + arrivals.LEASE, limit=10)

    assert (at_once, later) == ([], [submission.pk])


def test_an_arrival_that_kills_every_worker_is_parked_by_its_count(now: datetime) -> None:
    submission = factories.arrival(factories.form(), now=now)

    neighbour = factories.arrival(submission.form, now=now)

    for step in range(7):
        for pk in arrivals.claim(now=now + step * arrivals.LEASE, limit=10):
            if pk == submission.pk:
                arrivals.begin(pk, now=now + step * arrivals.LEASE)

    submission.refresh_from_db()
    neighbour.refresh_from_db()
    assert (submission.state, submission.attempts) == ("parked", 5)
    assert (neighbour.state, neighbour.attempts) == ("waiting", 0)


def test_processing_takes_at_most_twenty_queries(now: datetime, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    location = factories.location()
    factories.staff(at=location)
    form = factories.form(at=location)
    take_in(factories.arrival(form, now=now), now)  # fills the configuration cache
    submission = factories.arrival(
        form, now=now, phone="512-555-0177", consent_sms=True, utm_source="x", gclid="1", message="hi"
    )

    with django_assert_max_num_queries(20):
        arrivals.process(submission_id=submission.pk, now=now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_newcomer_make_one_contact_and_one_lead(now: datetime) -> None:
    form = factories.form(flood_limit=1000)
    rounds = [
        [
            factories.arrival(form, now=now, email=f"twin{n}@example.com", message="one").pk,
            factories.arrival(form, now=now, email=f"twin{n}+tag@example.com", message="two").pk,
        ]
        for n in range(20)
    ]

    for pair in rounds:
        together(pair, now)

    assert Submission.objects.filter(state="processed").count() == 40
    assert (Contact.objects.count(), Lead.objects.count()) == (20, 20)


def together(pks: list[int], now: datetime) -> None:
    gate = threading.Barrier(len(pks))
    failures: list[BaseException] = []

    def work(pk: int) -> None:
        try:
            gate.wait(10)
            arrivals.process(submission_id=pk, now=now)
        except BaseException as error:  # noqa: BLE001  # shown by the test below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(pk,)) for pk in pks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
