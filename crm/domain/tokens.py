"""Bearer tokens of outside programs: made once, kept only as a keyed hash, looked up, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from crm.actors import Actor
from crm.domain import audit
from crm.enums import Scope
from crm.errors import DomainError
from crm.fields import keyed_hash
from crm.models import ApiToken

PURPOSE = "api-token"
LONGEST = 200


def hash_of(raw: str) -> str:
    """Give what is stored of a token."""
    return keyed_hash(raw.encode("utf-8", "surrogatepass"), purpose=PURPOSE)


@transaction.atomic
def create(*, name: str, scopes: Collection[str], actor: Actor, now: datetime) -> tuple[ApiToken, str]:
    """Make a token and give it with its secret, which nobody can read again afterwards.

    :raises DomainError: when it has no name, may do nothing, or a scope is not known.
    """
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        raise DomainError(f"There is no scope {', '.join(unknown)}.", code="unknown_choice")
    if not name.strip() or not scopes:
        raise DomainError("A token needs a name and at least one scope.", code="token_incomplete")
    raw = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name.strip(), token_hash=hash_of(raw), scopes=sorted(set(scopes)), created_at=now
    )
    audit.record(
        actor=actor, action="token.created", subject_kind="api_token", subject_ref=str(token.pk), now=now
    )
    return token, raw


def find(raw: str) -> ApiToken | None:
    """Find the standing token with this secret."""
    if not raw or len(raw) > LONGEST:
        return None
    return ApiToken.objects.filter(token_hash=hash_of(raw), revoked_at__isnull=True).first()


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Note the day (UTC) a token was last used, once a day, so that a forgotten one shows."""
    if token.last_used_date != now.date():
        token.last_used_date = now.date()
        token.save(update_fields=["last_used_date"])


@transaction.atomic
def revoke(*, token_id: int, actor: Actor, now: datetime) -> None:
    """End a token from this moment on; revoking it again changes nothing."""
    if ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=now):
        audit.record(
            actor=actor, action="token.revoked", subject_kind="api_token", subject_ref=str(token_id), now=now
        )
