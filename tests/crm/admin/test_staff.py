"""Staff: made by e-mail, given roles, a password that is never shown, deactivated and never deleted."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from crm.enums import Role
from crm.models import AuditEntry, Staff
from tests import factories
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db

SECRET = "drip-and-drop-2026"


def test_new_member_signs_in_by_email_in_any_case() -> None:
    client, owner = signed_in(Role.OWNER)
    nurse = Group.objects.get(name=Role.NURSE)
    post = {
        "email": "Nora@IVSuite.example",
        "full_name": "Nora Nurse",
        "time_zone": "America/Chicago",
        "password1": SECRET,
        "password2": SECRET,
        "groups": [nurse.pk],
    }

    answer = client.post("/admin/crm/staff/add/", post)

    nora = Staff.objects.get(email="nora@ivsuite.example")
    assert answer.status_code == 302
    assert [group.name for group in nora.groups.all()] == [Role.NURSE]
    assert nora.is_superuser is False
    assert Client().login(username="NORA@ivsuite.example".lower(), password=SECRET)
    entry = AuditEntry.objects.get(action="staff.added")
    assert (entry.actor_staff, entry.subject_ref) == (owner, nora.reference)
    assert SECRET not in str(entry.fields)


def test_second_member_with_the_same_email_is_refused() -> None:
    client, owner = signed_in(Role.OWNER)
    post = {
        "email": owner.email.upper(),
        "full_name": "Twin",
        "time_zone": "America/Chicago",
        "password1": SECRET,
        "password2": SECRET,
    }

    answer = client.post("/admin/crm/staff/add/", post)

    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()


def test_password_is_set_and_never_shown() -> None:
    client, _ = signed_in(Role.OWNER)
    nurse = factories.staff(role=Role.NURSE)

    answer = client.post(f"/admin/crm/staff/{nurse.pk}/password/", {"password1": SECRET, "password2": SECRET})

    nurse.refresh_from_db()
    page = client.get(f"/admin/crm/staff/{nurse.pk}/change/").content.decode()
    assert answer.status_code == 302
    assert nurse.check_password(SECRET)
    assert nurse.password not in page
    entry = AuditEntry.objects.get(action="staff.changed")
    assert (entry.subject_ref, entry.fields) == (nurse.reference, ["password"])


def test_deactivated_member_cannot_sign_in() -> None:
    client, _ = signed_in(Role.OWNER)
    nurse = factories.staff(role=Role.NURSE)
    post = {"email": nurse.email, "full_name": nurse.full_name, "time_zone": nurse.time_zone}

    answer = client.post(f"/admin/crm/staff/{nurse.pk}/change/", post)

    nurse.refresh_from_db()
    assert (answer.status_code, nurse.is_active) == (302, False)
    assert not Client().login(username=nurse.email, password="pw")


def test_nobody_deactivates_themselves() -> None:
    client, owner = signed_in(Role.OWNER)
    post = {
        "email": owner.email,
        "full_name": owner.full_name,
        "time_zone": owner.time_zone,
        "groups": [Group.objects.get(name=Role.OWNER).pk],
    }

    answer = client.post(f"/admin/crm/staff/{owner.pk}/change/", post)

    owner.refresh_from_db()
    assert (answer.status_code, owner.is_active) == (200, True)
    assert "You cannot deactivate yourself" in answer.content.decode()


@pytest.mark.parametrize(("old", "changed"), [("pw", True), ("wrong", False)])
def test_own_password_is_changed_with_the_old_one_and_written_down(old: str, changed: bool) -> None:
    client, nurse = signed_in(Role.NURSE)
    post = {"old_password": old, "new_password1": SECRET, "new_password2": SECRET}

    client.post("/admin/password_change/", post)

    nurse.refresh_from_db()
    assert nurse.check_password(SECRET) is changed
    entries = AuditEntry.objects.filter(
        action="staff.changed", subject_ref=nurse.reference, actor_staff=nurse
    )
    assert [entry.fields for entry in entries] == ([["password"]] if changed else [])
