"""The clinic's sites, each with its opening hours and closed days."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import pairwise
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet

from crm.admin import words
from crm.admin.base import SLUG_HELP, SLUG_LABEL, ClinicModelAdmin
from crm.admin.fields import ClockWidget, DayWidget, PhoneField, ZoneField
from crm.models import ClosedDay, Location, OpeningHours
from crm.queries import database_now

SHOW_PAST = timedelta(days=31)


class LocationForm(forms.ModelForm[Location]):
    """A site; its zone is chosen, not typed, and its numbers get their one spelling."""

    time_zone = ZoneField(initial="America/Chicago", help_text="Every time at this location is shown in it.")
    phone = PhoneField(help_text="The number people call")
    sender_phone = PhoneField(
        required=False, label="Number texts go out from", help_text="Empty: no texts go out from here"
    )

    class Meta:
        model = Location
        fields: ClassVar[tuple[str, ...]] = ()  # The page says which.
        labels: ClassVar = {
            **SLUG_LABEL,
            "sender_name": "Name messages go out under",
            "reply_email": "E-mail for replies",
            "visits_kept": "Where visits are kept",
            "reminders_by": "Who reminds of visits",
            "answer_minutes": "Answer within, in minutes",
            "answer_grace_minutes": "When closed: after opening, in minutes",
        }
        help_texts: ClassVar = {
            **SLUG_HELP,
            "currency": "Three letters, such as USD",
            "sender_name": "A neutral name: it should not tell what you treat.",
            "directions": "Parking, floor, door code",
            "booking_url": "Where people can book by themselves, if anywhere",
            "answer_minutes": "Counted while open. A new enquiry is late after that.",
            "answer_grace_minutes": "For what came while closed.",
        }


class OpeningHoursForm(forms.ModelForm[OpeningHours]):
    """One stretch of a weekday."""

    class Meta:
        model = OpeningHours
        fields = ("weekday", "opens", "closes")
        widgets: ClassVar = {"opens": ClockWidget, "closes": ClockWidget}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", "Closing comes after opening, on the same day: 9:00 AM to 6:00 PM.")
        return cleaned


class OpeningHoursFormSet(PaginationInlineFormSet):
    """The week of a location; two stretches of a day do not overlap."""

    def clean(self) -> None:
        super().clean()
        spans: dict[int, list[tuple[time, time]]] = {}
        for form in self.forms:
            row = getattr(form, "cleaned_data", {})
            if row and not row.get("DELETE") and row.get("opens") and row.get("closes"):
                spans.setdefault(row["weekday"], []).append((row["opens"], row["closes"]))
        for weekday, stretches in spans.items():
            stretches.sort()
            if any(after[0] < before[1] for before, after in pairwise(stretches)):
                raise ValidationError(f"{OpeningHours.Weekday(weekday).label}: two opening times overlap.")


class _OfALocation(TabularInline):
    """Rows that belong to a location: whoever may change it may add, change and remove them."""

    extra = 0
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("crm.view_location") or self.has_change_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("crm.change_location"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class OpeningHoursInline(_OfALocation):
    model = OpeningHours
    form = OpeningHoursForm
    formset = OpeningHoursFormSet
    ordering = ("weekday", "opens")
    verbose_name = "stretch of hours"
    verbose_name_plural = "opening hours"
    formfield_overrides: ClassVar = {models.TimeField: {"widget": ClockWidget}}


class ClosedDayInline(_OfALocation):
    model = ClosedDay
    ordering = ("date",)
    verbose_name_plural = "closed days"
    formfield_overrides: ClassVar = {models.DateField: {"widget": DayWidget}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClosedDay]:
        """Show those to come and those of the last month; older ones are kept, not shown."""
        rows: QuerySet[ClosedDay] = super().get_queryset(request)
        return rows.filter(date__gte=(database_now() - SHOW_PAST).date())


@admin.register(Location)
class LocationAdmin(ClinicModelAdmin):
    form = LocationForm
    list_display = ("name", "phone", "zone", "chairs", "answers_within", "in_use")
    ordering = ("name",)
    inlines = (OpeningHoursInline, ClosedDayInline)
    fieldsets: ClassVar = (
        (None, {"fields": ("name", "slug", "time_zone", "chairs", "currency", "is_active")}),
        (
            "How messages sound",
            {
                "fields": (
                    "sender_name",
                    "sender_phone",
                    "phone",
                    "reply_email",
                    "postal_address",
                    "directions",
                )
            },
        ),
        ("Visits", {"fields": ("visits_kept", "reminders_by", "booking_url")}),
        ("Answering", {"fields": ("answer_minutes", "answer_grace_minutes")}),
    )

    @admin.display(description="Time zone", ordering="time_zone")
    def zone(self, location: Location) -> str:
        return words.zone_name(location.time_zone)

    @admin.display(description="Answers within")
    def answers_within(self, location: Location) -> str:
        return (
            f"{location.answer_minutes} min; when closed, {location.answer_grace_minutes} min after opening"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Location | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # The website names locations by it.

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Location | None = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}
