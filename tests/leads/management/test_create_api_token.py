from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crm.enums import Scope
from crm.models import ApiToken, AuditEntry
from tests.leads.api.support import URL

pytestmark = pytest.mark.django_db


def created(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_create_api_token_opens_the_api() -> None:
    raw = created("Dashboard", "--scope", "leads:read")

    token = ApiToken.objects.get()
    response = Client().get(URL, headers={"Authorization": f"Bearer {raw}"})
    assert (response.status_code, token.name, token.scopes) == (200, "Dashboard", ["leads:read"])
    assert raw not in token.token_hash
    assert AuditEntry.objects.filter(action="token.created", actor_label="command line").count() == 1


def test_create_api_token_with_all_scopes() -> None:
    created("Everything", "--scope", "all")

    assert ApiToken.objects.get().scopes == sorted(Scope.values)


@pytest.mark.parametrize("arguments", [("Dashboard",), (" ", "--scope", "all"), ("D", "--scope", "no:such")])
def test_create_api_token_refuses_half_a_token(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        created(*arguments)

    assert ApiToken.objects.count() == 0
