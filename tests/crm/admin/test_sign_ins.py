"""Every sign-in, refusal and sign-out is in the audit trail, and no password is."""

from __future__ import annotations

import pytest
from django.test import Client

from crm.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "actor_kind", "subject_ref"))


def test_signing_in_and_out_is_written_down() -> None:
    staff = factories.staff()
    client = Client()

    client.post("/admin/login/", {"username": staff.email, "password": "pw"})
    client.post("/admin/logout/")

    assert entries() == [
        ("staff.signed_in", "staff", staff.reference),
        ("staff.signed_out", "staff", staff.reference),
    ]


def test_wrong_password_is_written_down_under_the_member() -> None:
    staff = factories.staff()

    Client().post("/admin/login/", {"username": staff.email.upper(), "password": "wrong"})

    assert entries() == [("staff.sign_in_refused", "system", staff.reference)]


def test_name_nobody_has_is_not_kept() -> None:
    Client().post("/admin/login/", {"username": "my-password-typed-here", "password": "x"})

    assert entries() == [("staff.sign_in_refused", "system", "")]
    assert "my-password" not in str(list(AuditEntry.objects.values()))


def test_signing_out_without_being_in_is_nothing() -> None:
    Client().post("/admin/logout/")

    assert entries() == []
