"""The forms about a visit on the lead page: shape only, and a question when a time looks like a slip."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from crm.admin.fields import MoneyField
from crm.enums import PaymentKind
from crm.models import Appointment, Location
from leads.admin.fields import RowField, WallClockField
from leads.admin.lead_forms import ActForm, TimedForm
from leads.models import LeadVisit


class BookForm(TimedForm):
    button = "Book"
    vocabulary: ClassVar = {"service": "services", "location": "locations"}

    service = RowField(label="Service", blank="Choose …")
    location = RowField(label="Location")
    starts_at = WallClockField(label="Day and time")
    chair = forms.IntegerField(label="Chair (may stay open)", required=False, min_value=1, max_value=999)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("location") and data.get("starts_at"):
            self.doubt(location=self.at_location, starts_at=self.starts)
        return data

    @property
    def at_location(self) -> Location:
        chosen = self.cleaned_data["location"]
        if not isinstance(chosen, Location):
            raise TypeError("The form was not judged valid.")
        return chosen

    @property
    def starts(self) -> datetime:
        """The start (UTC), read on the clock of the location where the visit is."""
        moment = self.moment("starts_at", zone=ZoneInfo(self.at_location.time_zone))
        if moment is None:
            raise TypeError("The form was not judged valid.")
        return moment


class VisitForm(ActForm):
    """Something about one of the lead's visits."""

    visit = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def clean_visit(self) -> Appointment:
        link = (
            LeadVisit.objects.filter(
                lead=self.lead, appointment=self.cleaned_data["visit"], revoked_at__isnull=True
            )
            .select_related("appointment__location")
            .first()
        )
        if link is None:
            raise forms.ValidationError("That visit was moved, or belongs to another lead. Look again.")
        return link.appointment

    @property
    def visit_id(self) -> int:
        return int(self.cleaned_data["visit"].pk)


class MoveForm(VisitForm, TimedForm):
    button = "Move"
    goes_on = "move it anyway"

    starts_at = WallClockField(label="New day and time")
    chair = forms.IntegerField(label="Chair", required=False, min_value=1, max_value=999)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("visit") and data.get("starts_at"):
            self.doubt(location=data["visit"].location, starts_at=self.starts)
        return data

    @property
    def starts(self) -> datetime:
        visit: Appointment = self.cleaned_data["visit"]
        moment = self.moment("starts_at", zone=ZoneInfo(visit.location.time_zone))
        if moment is None:
            raise TypeError("The form was not judged valid.")
        return moment


class CancelForm(VisitForm):
    by = forms.ChoiceField(label="Who cancels?", choices=[("client", "The person"), ("clinic", "We do")])
    reason = forms.CharField(label="Reason", required=False, max_length=400)


class CorrectForm(VisitForm):
    came = forms.ChoiceField(choices=[("yes", "Came after all"), ("no", "Did not come")])


class PaymentForm(VisitForm):
    kind = forms.ChoiceField(label="Payment", choices=PaymentKind.choices)
    amount = MoneyField(label="Amount", required=False, widget=forms.TextInput)
    # Made anew for each showing of the form, so that pressing the button twice is one payment.
    once = forms.RegexField(r"^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)
