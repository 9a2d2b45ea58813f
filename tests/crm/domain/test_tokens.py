from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.actors import SYSTEM
from crm.domain import tokens
from crm.enums import Scope
from crm.errors import DomainError
from crm.models import ApiToken, AuditEntry

pytestmark = pytest.mark.django_db


def test_find_goes_by_the_secret_alone(now: datetime) -> None:
    token, raw = tokens.create(name="Tool", scopes=[Scope.LEADS_READ], actor=SYSTEM, now=now)

    assert [tokens.find(said) for said in (raw, raw + "x", token.token_hash, "", "\ud800", "x" * 9_999)] == [
        token,
        None,
        None,
        None,
        None,
        None,
    ]


def test_create_refuses_an_unknown_scope(now: datetime) -> None:
    with pytest.raises(DomainError) as refused:
        tokens.create(name="Tool", scopes=["leads:eat"], actor=SYSTEM, now=now)

    assert refused.value.code == "unknown_choice"


def test_revoke_ends_it_once(now: datetime) -> None:
    token, raw = tokens.create(name="Tool", scopes=[Scope.LEADS_READ], actor=SYSTEM, now=now)

    for minutes in (1, 2):
        tokens.revoke(token_id=token.pk, actor=SYSTEM, now=now + timedelta(minutes=minutes))

    assert tokens.find(raw) is None
    assert ApiToken.objects.get().revoked_at == now + timedelta(minutes=1)
    assert AuditEntry.objects.filter(action="token.revoked").count() == 1


def test_note_use_writes_once_a_day(now: datetime) -> None:
    token, _ = tokens.create(name="Tool", scopes=[Scope.LEADS_READ], actor=SYSTEM, now=now)
    tokens.note_use(token, now=now)
    ApiToken.objects.update(last_used_date=None)

    tokens.note_use(token, now=now + timedelta(hours=1))
    same_day = ApiToken.objects.get().last_used_date
    tokens.note_use(token, now=now + timedelta(days=1))

    assert (same_day, ApiToken.objects.get().last_used_date) == (None, (now + timedelta(days=1)).date())
