"""The words staff choose from: how a call ended, why a lead was closed. Labels change, codes do not."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from crm.admin.base import ClinicModelAdmin
from leads.enums import LeadStatus
from leads.models import CallOutcome, LostReason


class _PackRowAdmin(ClinicModelAdmin):
    """Rows that rules and reports know by their code."""

    ordering = ("position", "label")

    def get_readonly_fields(
        self, request: HttpRequest, obj: CallOutcome | LostReason | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: CallOutcome | LostReason | None = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"code": ("label",)}


# Where talking alone can take a lead. Booked, came and set aside each need more than a word: a visit, a date.
_REACHABLE = (LeadStatus.ATTEMPTING, LeadStatus.CONTACTED, LeadStatus.QUALIFIED, LeadStatus.LOST)


class CallOutcomeForm(forms.ModelForm[CallOutcome]):
    """How a follow-up can end."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        closes = self.cleaned_data.get("moves_to") == LeadStatus.LOST
        if closes != bool(self.cleaned_data.get("lost_reason")):
            self.add_error(
                "lost_reason", "A reason belongs to an outcome that closes the lead, and only there."
            )
        return cleaned


@admin.register(CallOutcome)
class CallOutcomeAdmin(_PackRowAdmin):
    form = CallOutcomeForm
    list_display = ("label", "code", "moves_to", "next_step", "stops_clock", "position", "in_use")
    fieldsets: ClassVar = (
        (None, {"fields": ("label", "code", "position", "is_active")}),
        ("What it does", {"fields": ("moves_to", "lost_reason", "stops_clock", "reached")}),
        ("The next step it suggests", {"fields": ("next_days", "next_time")}),
    )

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "moves_to":
            kwargs["choices"] = [("", "Stays where it is"), *((to.value, to.label) for to in _REACHABLE)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description="Next step")
    def next_step(self, outcome: CallOutcome) -> str:
        if outcome.next_days is None:
            return "–"
        days = (
            "later today"
            if outcome.next_days == 0
            else f"in {outcome.next_days} open day{'s' if outcome.next_days > 1 else ''}"
        )
        return f"{days}, {outcome.next_time:%H:%M}" if outcome.next_time else days


@admin.register(LostReason)
class LostReasonAdmin(_PackRowAdmin):
    list_display = ("label", "code", "position", "in_use")
    fieldsets: ClassVar = ((None, {"fields": ("label", "code", "position", "is_active")}),)
