"""Form fields that say things as people do: money with a point, lists a line each, zones by name."""

from __future__ import annotations

import zoneinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from crm.addresses import InvalidAddress, normalise_phone
from crm.admin.words import MINOR_UNITS

MOST_MONEY = Decimal(1_000_000)
_NO_MONEY = "Write the amount like 49.00."


class ClockWidget(forms.TimeInput):
    """A time of day, which the browser shows as people there do: `9:00 AM`."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%H:%M")


class DayWidget(forms.DateInput):
    """A day, chosen from the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")


class MoneyField(forms.Field):
    """An amount as people write it, `49.00` or `$1,249`, kept in the smallest coin."""

    widget = UnfoldAdminTextInputWidget

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "placeholder": "49.00", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / MINOR_UNITS:.2f}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip().removeprefix("$").replace(",", "").strip()
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValidationError(_NO_MONEY, code="invalid") from None
        if not amount.is_finite() or not 0 <= amount <= MOST_MONEY or amount != round(amount, 2):
            raise ValidationError(_NO_MONEY, code="invalid")
        return int(amount * MINOR_UNITS)


class LinesField(forms.CharField):
    """A list of short texts, a line each."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return [line for line in dict.fromkeys(lines) if line]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != [line.strip() for line in (data or "").splitlines() if line.strip()]


class ZoneField(forms.ChoiceField):
    """A time zone of the world, by its IANA name."""

    widget = UnfoldAdminSelect2Widget

    def __init__(self, **kwargs: Any) -> None:
        names = sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
        super().__init__(choices=[(name, name.replace("_", " ")) for name in names], **kwargs)


class PhoneField(forms.CharField):
    """A phone number in its one spelling."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return ""
        try:
            return normalise_phone(typed).value
        except InvalidAddress as refused:
            raise ValidationError(refused.message, code=refused.code) from refused
