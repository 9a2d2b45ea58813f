"""API tokens: the secret is in one answer and nowhere else in the clear; a revoked one opens nothing."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session

from crm.actors import SYSTEM
from crm.domain import tokens
from crm.enums import Role
from crm.models import ApiToken, AuditEntry
from crm.queries import database_now
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db


def test_token_is_shown_once_and_kept_nowhere() -> None:
    client, staff = signed_in(Role.MANAGER)

    made = client.post("/admin/crm/apitoken/add/", {"name": "Phone tool", "scopes": ["leads:read"]})
    waiting = [str(session.get_decoded()) for session in Session.objects.all()]
    answer = client.get(made["Location"])

    found = re.search(r'value="([\w-]{43})"', answer.content.decode())
    assert found is not None
    secret = found[1]
    token = tokens.find(secret)
    assert token is not None
    assert (token.name, token.scopes) == ("Phone tool", ["leads:read"])
    assert (made.status_code, "no-store" in answer["Cache-Control"]) == (302, True)
    assert [text for text in waiting if secret in text] == []
    later = [
        client.get(path).content.decode()
        for path in ("/admin/crm/apitoken/", f"/admin/crm/apitoken/{token.pk}/change/")
    ]
    assert secret not in "".join(later) + "".join(answer.cookies.output())
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())
    entry = AuditEntry.objects.get(subject_kind="api_token")
    assert (entry.action, entry.actor_staff, entry.subject_ref) == ("token.created", staff, str(token.pk))
    assert ApiToken.objects.count() == 1


def test_loading_the_page_of_the_secret_again_shows_and_makes_nothing() -> None:
    client, _ = signed_in(Role.MANAGER)
    other, _ = signed_in(Role.MANAGER)
    made = client.post("/admin/crm/apitoken/add/", {"name": "Phone tool", "scopes": ["leads:read"]})
    page = made["Location"]

    elsewhere, first, again = other.get(page, follow=True), client.get(page), client.get(page, follow=True)

    secret = re.search(r'value="([\w-]{43})"', first.content.decode())
    assert secret is not None
    assert secret[1] not in elsewhere.content.decode() + again.content.decode()
    assert "This token was shown already." in again.content.decode()
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    "post", [{"name": "x"}, {"scopes": ["leads:read"]}, {"name": "x", "scopes": ["all"]}]
)
def test_token_without_name_or_known_scope_is_refused(post: dict[str, object]) -> None:
    client, _ = signed_in(Role.MANAGER)

    answer = client.post("/admin/crm/apitoken/add/", post)

    assert (answer.status_code, ApiToken.objects.count()) == (200, 0)


def test_revoked_token_opens_nothing() -> None:
    client, _ = signed_in(Role.MANAGER)
    token, secret = tokens.create(name="Old", scopes=["leads:read"], actor=SYSTEM, now=database_now())

    answer = client.post(f"/admin/crm/apitoken/{token.pk}/revoke/")

    assert answer.status_code == 302
    assert tokens.find(secret) is None
    assert AuditEntry.objects.filter(action="token.revoked").count() == 1


def test_token_is_not_revoked_by_a_link_nor_by_the_front_desk() -> None:
    manager, _ = signed_in(Role.MANAGER)
    desk, _ = signed_in(Role.FRONT_DESK)
    token, secret = tokens.create(name="Old", scopes=["leads:read"], actor=SYSTEM, now=database_now())
    path = f"/admin/crm/apitoken/{token.pk}/revoke/"

    answers = (manager.get(path).status_code, desk.post(path).status_code)

    assert answers == (404, 403)
    assert tokens.find(secret) == token


def test_scopes_cannot_grow_afterwards() -> None:
    client, _ = signed_in(Role.OWNER)
    token, _ = tokens.create(name="Old", scopes=["leads:read"], actor=SYSTEM, now=database_now())

    answer = client.post(f"/admin/crm/apitoken/{token.pk}/change/", {"name": "x", "scopes": ["leads:health"]})

    token.refresh_from_db()
    assert (answer.status_code, token.scopes) == (403, ["leads:read"])
