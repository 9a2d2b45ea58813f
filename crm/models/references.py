"""Public references and the columns that say who did something."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from crm.actors import Actor
from crm.enums import ActorKind


def new_reference() -> str:
    """Make a random 128-bit reference, the only name of a row that leaves the house."""
    return secrets.token_hex(16)


if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField  # At run time Django's fields take no type arguments.


class ReferenceField(models.CharField[Any, Any]):
    """A row's public name: 32 hexadecimal digits, unique."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", new_reference)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        # Under its long name, so that Django makes no second index on PostgreSQL for LIKE 'abc%': a reference
        # is only ever asked for as a whole.
        return f"character varying({self.max_length})"


class ActedBy(models.Model):
    """Mixin of the three columns that name an actor."""

    actor_kind = models.CharField(max_length=12, choices=ActorKind.choices)
    actor_label = models.CharField(max_length=120)
    # No index: nobody asks for all that one person did, and every row written would pay for it.
    actor_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta:
        abstract = True

    @staticmethod
    def by(actor: Actor) -> dict[str, Any]:
        """Give the three column values for `actor`, to be spread into `create(...)`."""
        return {
            "actor_kind": actor.kind,
            "actor_label": actor.label[:120],
            "actor_staff_id": actor.staff_id,
        }
