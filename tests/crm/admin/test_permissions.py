"""Who may see and do what in the clinic's settings; and that nothing there can be deleted."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory

from crm.enums import Role
from crm.models import AuditEntry, Staff
from crm.queries import database_now
from tests import factories
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db

PAGES = (
    "crm/location/",
    "crm/service/",
    "crm/staff/",
    "crm/apitoken/",
    "crm/auditentry/",
    "crm/appointment/",
    "leads/captureform/",
    "leads/calloutcome/",
    "leads/lostreason/",
    "leads/lead/report/",
    "notifications/message/",
    "notifications/template/",
    "notifications/consent/",
    "notifications/suppression/",
)
REPORT = {"leads/lead/report/"}
MANAGED = {"crm/apitoken/", "crm/auditentry/"} | REPORT
SEEN_BY = {
    Role.FRONT_DESK: set(PAGES) - MANAGED,
    Role.NURSE: set(PAGES) - MANAGED,
    Role.MANAGER: set(PAGES),
    Role.MARKETING: REPORT,
    Role.OWNER: set(PAGES),
}


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_to_the_roles_that_need_them(role: Role) -> None:
    client, _ = signed_in(role)

    seen = {page for page in PAGES if client.get(f"/admin/{page}").status_code == 200}

    assert seen == SEEN_BY[role]


def test_pages_ask_a_stranger_to_sign_in() -> None:
    client, _ = signed_in(Role.OWNER)
    client.logout()

    answers = {client.get(f"/admin/{page}")["Location"].partition("?")[0] for page in PAGES}

    assert answers == {"/admin/login/"}


@pytest.mark.parametrize("page", sorted(set(PAGES) - REPORT))
@pytest.mark.parametrize("name", ["0", "abc", "²", "9" * 40, "1 OR 1=1"])
def test_row_that_does_not_exist_leads_back(page: str, name: str) -> None:
    client, _ = signed_in(Role.OWNER)

    answer = client.get(f"/admin/{page}{name}/change/")

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize(
    "page", ["crm/location/add/", "crm/service/add/", "crm/apitoken/add/", "leads/captureform/add/"]
)
def test_front_desk_adds_no_settings(page: str) -> None:
    client, _ = signed_in(Role.FRONT_DESK)

    assert client.get(f"/admin/{page}").status_code == 403


def test_nothing_can_be_deleted() -> None:
    owner = factories.staff(role=None, is_superuser=True)
    request = RequestFactory().get("/admin/")
    request.user = owner
    ours = {
        model for model in apps.get_models() if model._meta.app_label in {"crm", "leads", "notifications"}
    }

    deletable = [
        model.__name__
        for model, page in admin.site._registry.items()
        if model in ours and page.has_delete_permission(request)
    ]
    offering = [
        model.__name__
        for model, page in admin.site._registry.items()
        if model in ours and page.get_actions(request)
    ]

    assert (deletable, offering) == ([], [])


def test_delete_addresses_refuse() -> None:
    client, staff = signed_in(Role.OWNER, is_superuser=True)
    location = factories.location()
    entry = AuditEntry.objects.create(at=database_now(), action="x", **AuditEntry.by(staff.as_actor))

    answers = [
        client.post(f"/admin/crm/{page}/delete/", {"post": "yes"}).status_code
        for page in (f"location/{location.pk}", f"staff/{staff.pk}", f"auditentry/{entry.pk}")
    ]

    assert answers == [403, 403, 403]


def test_audit_trail_cannot_be_written_by_hand() -> None:
    client, staff = signed_in(Role.OWNER, is_superuser=True)
    entry = AuditEntry.objects.create(
        at=database_now(), action="lead.viewed", **AuditEntry.by(staff.as_actor)
    )

    answers = (
        client.post(f"/admin/crm/auditentry/{entry.pk}/change/", {"action": "nothing"}).status_code,
        client.post("/admin/crm/auditentry/add/", {"action": "nothing"}).status_code,
    )

    entry.refresh_from_db()
    assert (answers, entry.action) == ((403, 403), "lead.viewed")


def test_groups_are_no_page() -> None:
    assert not admin.site.is_registered(Group)


def staff_post(staff: Staff, **more: object) -> dict[str, object]:
    fields = {
        "full_name": staff.full_name,
        "email": staff.email,
        "time_zone": staff.time_zone,
        "is_active": "on",
    }
    return fields | more


def test_manager_without_the_right_changes_no_staff() -> None:
    client, _ = signed_in(Role.MANAGER)
    nurse = factories.staff(role=Role.NURSE)

    answer = client.post(f"/admin/crm/staff/{nurse.pk}/change/", staff_post(nurse, full_name="Changed"))

    nurse.refresh_from_db()
    assert (answer.status_code, nurse.full_name) == (403, "Dana Desk")


def test_who_is_no_owner_cannot_reach_an_owner_even_with_the_right() -> None:
    """The clinic may let managers edit staff; that must not become a way to the owner's rights."""
    client, manager = signed_in(Role.MANAGER)
    Group.objects.get(name=Role.MANAGER).permissions.add(
        *Group.objects.get(name=Role.OWNER).permissions.all()
    )
    owner = factories.staff(role=Role.OWNER)
    owner_group = Group.objects.get(name=Role.OWNER)

    password = client.post(
        f"/admin/crm/staff/{owner.pk}/password/",
        {"password1": "quite-another-9", "password2": "quite-another-9"},
    )
    edited = client.post(f"/admin/crm/staff/{owner.pk}/change/", staff_post(owner, full_name="Mine"))
    promoted = client.post(
        f"/admin/crm/staff/{manager.pk}/change/", staff_post(manager, groups=[owner_group.pk])
    )

    owner.refresh_from_db()
    assert (password.status_code, edited.status_code, promoted.status_code) == (403, 403, 200)
    assert (owner.full_name, owner.check_password("pw")) == ("Dana Desk", True)
    assert [group.name for group in manager.groups.all()] == [Role.MANAGER]
