"""The words of the admin that are not ours by default: titles, empty lists, refusals, the sign-in page."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from crm.enums import Role
from crm.models import AuditEntry
from crm.queries import database_now
from leads.models.lead import NUMBER_OFFSET
from tests import factories
from tests.crm.admin.signed import signed_in
from tests.crm.admin.test_settings_pages import location_post

pytestmark = pytest.mark.django_db


def title_of(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("crm/location", "Locations"),
        ("crm/appointment", "Visits"),
        ("crm/auditentry", "Audit trail"),
        ("leads/lead", "Leads"),
        ("leads/calloutcome", "Outcomes"),
        ("notifications/suppression", "Stopped"),
    ],
)
def test_tab_says_what_the_list_is(path: str, title: str) -> None:
    client, _ = signed_in(Role.OWNER)

    assert title_of(client.get(f"/admin/{path}/").content.decode()) == f"{title} | IV-Suite"


@pytest.mark.parametrize(
    ("query", "words"),
    [("", (True, False)), ("?q=nobody", (False, True)), ("?state__exact=sent", (False, True))],
)
def test_empty_list_says_whether_anything_was_looked_for(query: str, words: tuple[bool, bool]) -> None:
    client, _ = signed_in(Role.MANAGER)

    page = client.get(f"/admin/notifications/message/{query}").content.decode()

    assert ("Nothing here yet." in page, "Nothing matches." in page) == words


def test_list_counts_its_rows_in_plain_words() -> None:
    client, _ = signed_in(Role.MANAGER)
    factories.location()

    page = client.get("/admin/crm/location/").content.decode()

    assert '<div class="py-4">1 in all</div>' in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": ""}, "One thing needs another look."),
        ({"name": "", "phone": "1"}, "Some things need another look."),
    ],
)
def test_refused_form_says_so_calmly(more: dict[str, str], sentence: str) -> None:
    client, _ = signed_in(Role.MANAGER)
    location = factories.location()

    page = client.post(
        f"/admin/crm/location/{location.pk}/change/", location_post(location, **more)
    ).content.decode()

    assert (sentence in page, "Please correct" in page) == (True, False)


def test_hours_are_shown_by_the_clock_of_the_browser() -> None:
    client, _ = signed_in(Role.MANAGER)
    location = factories.location()

    page = client.get(f"/admin/crm/location/{location.pk}/change/").content.decode()

    first = re.search(r'<input type="time" name="opening_hours-0-opens" value="([^"]*)"', page)
    assert first is not None
    assert first[1] == "09:00"
    assert "Add another stretch of hours" in page


def test_sign_in_page_says_once_what_was_wrong() -> None:
    factories.staff(email="dana@clinic.example")

    answer = Client().post("/admin/login/", {"username": "dana@clinic.example", "password": "wrong"})

    page = answer.content.decode()
    assert page.count('role="alert"') == 1
    assert "This e-mail and password do not go together." in page
    assert re.findall(r"<label[^>]*>([^<]*)</label>", page)[:2] == ["E-mail", "Password"]


def test_page_one_may_not_open_leads_back_to_today() -> None:
    client, _ = signed_in(Role.NURSE)

    answer = client.get("/admin/leads/lead/report/")

    assert answer.status_code == 403
    assert "You may not open this page." in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()


def test_address_with_nothing_says_so_and_shows_a_visitor_no_way_into_the_admin() -> None:
    client, _ = signed_in(Role.MANAGER)

    inside, outside = client.get("/admin/nothing/"), Client().get("/nothing/")

    assert (inside.status_code, outside.status_code) == (404, 404)
    pages = [answer.content.decode() for answer in (inside, outside)]
    assert [("nothing at this address" in page, 'href="/admin/"' in page) for page in pages] == [
        (True, True),
        (True, False),
    ]
    assert "<style" not in "".join(pages)
    assert "<script" not in "".join(pages)


def test_audit_trail_names_leads_by_number_and_says_what_was_done() -> None:
    client, staff = signed_in(Role.OWNER)
    lead = factories.lead()
    AuditEntry.objects.create(
        at=database_now(),
        action="lead.viewed",
        subject_kind="lead",
        subject_ref=lead.reference,
        **AuditEntry.by(staff.as_actor),
    )

    page = client.get("/admin/crm/auditentry/?about=lead").content.decode()

    assert f">lead #{NUMBER_OFFSET + lead.pk}</a>" in page
    assert ("looked at" in page, "lead: viewed" in page) == (True, False)
