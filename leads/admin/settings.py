"""The words staff choose from: how a call ended, why a lead was closed. Labels change, codes do not."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from crm.admin import words
from crm.admin.base import NAMES, ClinicModelAdmin
from crm.admin.fields import ClockWidget
from leads.enums import MOVES_OF_CALLS, LeadStatus
from leads.models import CallOutcome, Lead, LostReason
from leads.models.lead import NUMBER_OFFSET

_LABELS = {"label": "What staff read", "code": "Name for reports", "position": "Place in the list"}
_HELP = {"code": "Rules and reports know it by this, so it stays.", "position": "Smaller comes first."}


def lead_numbers(references: Collection[str]) -> dict[str, str]:
    """Say leads by the number staff know them by: `#1231`."""
    rows = Lead.objects.filter(reference__in=references).values_list("reference", "pk")
    return {reference: f"#{NUMBER_OFFSET + pk}" for reference, pk in rows}


NAMES["lead"] = lead_numbers  # The audit trail, one floor down, knows no leads.


class _PackRowAdmin(ClinicModelAdmin):
    """Rows that rules and reports know by their code."""

    ordering = ("position", "label")

    @admin.display(description="What staff read")
    def name(self, row: CallOutcome | LostReason) -> str:
        return row.label

    def get_readonly_fields(
        self, request: HttpRequest, obj: CallOutcome | LostReason | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: CallOutcome | LostReason | None = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"code": ("label",)}


class CallOutcomeForm(forms.ModelForm[CallOutcome]):
    """How a follow-up can end."""

    class Meta:
        model = CallOutcome
        fields: ClassVar[tuple[str, ...]] = ()  # The page says which.
        widgets: ClassVar = {"next_time": ClockWidget}
        labels: ClassVar = {
            **_LABELS,
            "moves_to": "The lead becomes",
            "lost_reason": "Closed because",
            "stops_clock": "Stops the response clock",
            "reached": "We spoke with the person",
            "next_days": "Next step in days",
            "next_time": "At about",
        }
        help_texts: ClassVar = {
            **_HELP,
            "moves_to": "",
            "lost_reason": "Only for an outcome that closes the lead",
            "stops_clock": "It counts as an attempt to answer.",
            "reached": "",
            "next_days": "Counted in open days; 0 is later today, empty suggests none.",
            "next_time": "By the location's clock",
        }

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
    list_title = "Outcomes"
    form = CallOutcomeForm
    list_display = ("name", "becomes", "next_step", "clock", "in_use")
    fieldsets: ClassVar = (
        (None, {"fields": ("label", "code", "position", "is_active")}),
        ("What it does", {"fields": ("moves_to", "lost_reason", "stops_clock", "reached")}),
        ("The next step it suggests", {"fields": ("next_days", "next_time")}),
    )

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "moves_to":
            kwargs["choices"] = [("", "Stays where it is"), *((to.value, to.label) for to in MOVES_OF_CALLS)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description="The lead becomes")
    def becomes(self, outcome: CallOutcome) -> str:
        return outcome.get_moves_to_display() if outcome.moves_to else "Stays where it is"

    @admin.display(description="Stops the response clock", boolean=True)
    def clock(self, outcome: CallOutcome) -> bool:
        return outcome.stops_clock

    @admin.display(description="Next step")
    def next_step(self, outcome: CallOutcome) -> str:
        if outcome.next_days is None:
            return "–"
        days = (
            "later today"
            if outcome.next_days == 0
            else f"in {outcome.next_days} open day{'s' if outcome.next_days > 1 else ''}"
        )
        return f"{days}, {words.clock(outcome.next_time)}" if outcome.next_time else days


class LostReasonForm(forms.ModelForm[LostReason]):
    """Why a lead can be closed."""

    class Meta:
        model = LostReason
        fields: ClassVar[tuple[str, ...]] = ()  # The page says which.
        labels: ClassVar = _LABELS
        help_texts: ClassVar = _HELP


@admin.register(LostReason)
class LostReasonAdmin(_PackRowAdmin):
    form = LostReasonForm
    list_display = ("name", "in_use")
    fieldsets: ClassVar = ((None, {"fields": ("label", "code", "position", "is_active")}),)
