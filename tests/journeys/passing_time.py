"""Time passes for a journey: the doors read the database's clock, which cannot be set, so the world ages.

Every stored moment moves back by the same span. To every rule, which only compares stored moments with now,
that is the same as waiting; nothing of ours is replaced, and every door reads its real clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models, transaction
from django.db.models import F

OURS = ("crm", "notifications", "leads")


@transaction.atomic
def let_pass(span: timedelta) -> None:
    """Make everything in the database older by `span`."""
    for model, fields in moments():
        model._base_manager.update(**{field.name: F(field.name) - span for field in fields})


def moments() -> Iterator[tuple[type[models.Model], list[models.DateTimeField[Any, Any]]]]:
    """Give each of our models that holds moments, and the fields that do."""
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            fields = [field for field in model._meta.concrete_fields if type(field) is models.DateTimeField]
            if fields:
                yield model, fields


def zone_where_it_is_midday(now: datetime) -> ZoneInfo:
    """Give a zone where it is between 12 and 13 o'clock: no test may depend on when it is run.

    Its clock never changes for the summer, so a day of the journey always has 24 hours.
    """
    ahead = 12 - now.astimezone(UTC).hour
    return ZoneInfo(f"Etc/GMT{-ahead:+d}")  # the sign of these names is turned round
