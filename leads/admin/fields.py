"""Form fields in the clinic's terms: a time on the wall, a choice among rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Model

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


class WallClockField(forms.Field):
    """A day and time as the clock on the location's wall shows it: naive, since only the form knows which."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError("Choose a day and a time.") from None
        if moment.tzinfo is not None or not EARLIEST_YEAR <= moment.year < LATEST_YEAR:
            raise forms.ValidationError("Choose a day and a time.")
        return moment


class RowField(forms.ChoiceField):
    """A choice among rows that were read already, so that several forms of one page share one query."""

    def __init__(self, *, blank: str | None = None, **kwargs: Any) -> None:
        self.blank = blank
        self.rows: dict[str, Model] = {}
        super().__init__(**kwargs)

    def offer(self, rows: Iterable[Model]) -> None:
        """Say what can be chosen."""
        self.rows = {str(row.pk): row for row in rows}
        blank = [("", self.blank)] if self.blank is not None else []
        self.choices = [*blank, *((pk, str(row)) for pk, row in self.rows.items())]

    def clean(self, value: Any) -> Model | None:
        chosen: str = super().clean(value)
        return self.rows[chosen] if chosen else None
