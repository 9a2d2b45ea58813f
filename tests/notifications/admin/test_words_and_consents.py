"""Wording that could not be sent is refused; who allowed what is shown; a manager lifts a stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from crm.actors import SYSTEM
from crm.enums import AddressKind, Role
from crm.models import AuditEntry
from crm.queries import database_now
from notifications.domain import consents
from notifications.models import Consent, Suppression, Template
from tests import factories
from tests.crm.admin.signed import signed_in
from tests.notifications import messages

pytestmark = pytest.mark.django_db
Counting = Callable[..., Any]


def template(code: str, channel: str, language: str = "en") -> Template:
    factories.templates()
    return Template.objects.get(code=code, channel=channel, language=language)


def test_every_default_wording_can_be_opened_and_reads_well() -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.templates()

    pages = {
        row.pk: client.get(f"/admin/notifications/template/{row.pk}/change/")
        for row in Template.objects.all()
    }

    assert {page.status_code for page in pages.values()} == {200}
    assert not [pk for pk, page in pages.items() if "which is not known here" in page.content.decode()]


def test_example_reads_as_the_message_that_goes_out() -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.location(sender_name="The Suite Clinic", postal_address="1200 Sample Avenue")
    pages = {
        language: client.get(
            f"/admin/notifications/template/{template('acknowledgement', 'email', language).pk}/change/"
        ).content.decode()
        for language in ("en", "es")
    }

    assert "Dana Reyes will call you today by 11:05 AM." in pages["en"]
    assert "Dana Reyes le va a llamar hoy antes de las 11:05 a. m.\n" in pages["es"]
    assert "The Suite Clinic: we received your message" in pages["en"]
    assert "1200 Sample Avenue" in pages["en"]


def test_wording_is_saved_with_a_new_version() -> None:
    client, staff = signed_in(Role.MANAGER)
    row = template("visit-confirmation", "email")

    answer = client.post(
        f"/admin/notifications/template/{row.pk}/change/",
        {"subject": "{clinic}: see you", "body": "Hello {first_name},\r\n\r\n{when} at {place}.\r\n"},
    )

    row.refresh_from_db()
    assert answer.status_code == 302
    assert (row.subject, row.version) == ("{clinic}: see you", 2)
    assert row.body == "Hello {first_name},\n\n{when} at {place}."
    entry = AuditEntry.objects.get(action="template.changed")
    assert (entry.actor_staff, entry.fields) == (staff, ["subject", "body"])


@pytest.mark.parametrize(
    ("code", "channel", "wording", "sentence"),
    [
        (
            "visit-confirmation",
            "email",
            {"subject": "x", "body": "{service}"},
            "{service} does not exist here",
        ),
        (
            "visit-confirmation",
            "email",
            {"subject": "x", "body": "{{ settings }}"},
            "belongs to no placeholder",
        ),
        ("visit-confirmation", "email", {"subject": "", "body": "x"}, "needs a subject"),
        ("acknowledgement", "email", {"subject": "x", "body": "Hello"}, "must carry {notice}"),
        ("visit-reminder-2h", "sms", {"body": "See you. " * 80 + "Reply STOP to stop"}, "segments"),
        ("visit-reminder-2h", "sms", {"body": "See you 👋 Reply STOP to stop"}, "cannot carry"),
    ],
)
def test_wording_that_could_not_be_sent_is_refused(
    code: str, channel: str, wording: dict[str, str], sentence: str
) -> None:
    client, _ = signed_in(Role.MANAGER)
    row = template(code, channel)

    answer = client.post(f"/admin/notifications/template/{row.pk}/change/", wording)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert Template.objects.get(pk=row.pk).version == 1


def test_front_desk_reads_wording_and_changes_none() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    row = template("visit-confirmation", "email")
    path = f"/admin/notifications/template/{row.pk}/change/"

    answers = (client.get(path).status_code, client.post(path, {"subject": "x", "body": "y"}).status_code)

    assert answers == (200, 403)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", ["template", "consent", "suppression"])
def test_lists_cost_the_same_at_any_length(
    page: str, rows: int, django_assert_max_num_queries: Counting
) -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.templates()
    Template.objects.exclude(pk__in=list(Template.objects.values_list("pk", flat=True)[:rows])).delete()
    for _ in range(rows):
        address = messages.person()[1]
        messages.consent(address, at=database_now())
        with transaction.atomic():
            consents.suppress(address_ids=[address.pk], reason="STOP", actor=SYSTEM, now=database_now())

    with django_assert_max_num_queries(7):
        answer = client.get(f"/admin/notifications/{page}/")

    assert answer.status_code == 200


def test_consent_shows_its_evidence_escaped_and_cannot_be_changed() -> None:
    client, _ = signed_in(Role.FRONT_DESK)
    consents.record(
        address_id=messages.person(kind=AddressKind.PHONE, value="+15125550199")[1].pk,
        channel="sms",
        purpose="transactional",
        status="granted",
        wording_version="v1",
        source="form:website",
        evidence={"page": "<script>alert(1)</script>"},
        at=database_now(),
        actor=SYSTEM,
    )
    consent = Consent.objects.get()
    path = f"/admin/notifications/consent/{consent.pk}/change/"

    page = client.get(path).content.decode()
    changed = client.post(path, {"status": "withdrawn"})

    assert "page: &lt;script&gt;" in page
    assert ("+15125550199" in page, "•••• 0199" in page, "<script>alert" in page) == (False, True, False)
    assert (changed.status_code, Consent.objects.get().status) == (403, "granted")
    assert AuditEntry.objects.filter(action="consent.viewed").count() == 1


def suppression() -> Suppression:
    with transaction.atomic():
        address = messages.person()[1]
        consents.suppress(address_ids=[address.pk], reason="STOP", actor=SYSTEM, now=database_now())
    return Suppression.objects.get(address=address)


def test_manager_lifts_a_stop_once() -> None:
    client, manager = signed_in(Role.MANAGER)
    row = suppression()
    path = f"/admin/notifications/suppression/{row.pk}/lift/"

    first, again = client.post(path, follow=True), client.post(path, follow=True)

    row.refresh_from_db()
    assert (row.lifted_by, row.lifted_at is not None) == (str(manager), True)
    assert "Lifted. What they agreed to" in first.content.decode()
    assert "lifted already" in again.content.decode()
    assert AuditEntry.objects.filter(action="suppression.lifted").count() == 1


def test_stop_is_not_lifted_by_a_link_nor_by_the_front_desk() -> None:
    manager, _ = signed_in(Role.MANAGER)
    desk, _ = signed_in(Role.FRONT_DESK)
    row = suppression()
    path = f"/admin/notifications/suppression/{row.pk}/lift/"

    answers = (manager.get(path).status_code, desk.post(path).status_code)

    row.refresh_from_db()
    assert (answers, row.lifted_at) == ((404, 403), None)
