"""The forms of the lead page: shape only. What may be done is judged by the act behind each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from crm.domain import opening_hours
from crm.enums import PaymentKind
from crm.models import Appointment, Location
from leads.admin.fields import MoneyField, RowField, WallClockField
from leads.domain.acts import NextStep
from leads.domain.desk import Booking
from leads.enums import FollowUpKind, LeadKind
from leads.models import FollowUp, Lead, LeadVisit
from leads.queries.lead_page import Vocabulary

NOTE_LENGTH = 4_000
# What staff plan by hand; the other kinds come about by themselves.
PLANNED = [
    (kind.value, kind.label)
    for kind in (
        FollowUpKind.CALL,
        FollowUpKind.TEXT,
        FollowUpKind.EMAIL,
        FollowUpKind.REVIEW,
        FollowUpKind.OTHER,
    )
]

ANSWERED_BY = ("Phone", "E-mail", "Text", "Instagram", "In person")


def _note(label: str, *, required: bool = False, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ActForm(forms.Form):
    """A form about one lead, whose times are those of the lead's location."""

    required_css_class = "ivs-required"
    # Which rows each choice offers, by the name of the vocabulary's list.
    vocabulary: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, lead: Lead, words: Vocabulary, **kwargs: Any) -> None:
        self.lead = lead
        super().__init__(*args, **kwargs)
        for name, rows in self.vocabulary.items():
            field = self.fields[name]
            if isinstance(field, RowField):
                field.offer(getattr(words, rows))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.lead.location.time_zone)

    def moment(self, name: str, *, zone: ZoneInfo | None = None) -> datetime | None:
        """Give the moment (UTC) that a time on the wall means; None when none was given."""
        wall: datetime | None = self.cleaned_data.get(name)
        if wall is None:
            return None
        return opening_hours.local_moment(zone or self.zone, wall.date(), wall.time()).astimezone(UTC)

    def follow_up_id(self) -> int | None:
        """Give the follow-up this is about; None lets the act find the one that was done."""
        found: FollowUp | None = self.cleaned_data.get("follow_up")
        return found.pk if found else None

    def clean_follow_up(self) -> FollowUp | None:
        """Any follow-up of this lead, also one a colleague ended a moment ago: the act says so kindly."""
        pk = self.cleaned_data.get("follow_up")
        if pk is None:
            return None
        found = FollowUp.objects.filter(pk=pk, lead=self.lead).first()
        if found is None:
            raise forms.ValidationError("That follow-up belongs to another lead.")
        return found


class EmptyForm(ActForm):
    """Nothing to fill in."""


class CallForm(ActForm):
    """How a call ended, what was said, what is next, and perhaps the visit that was agreed on."""

    vocabulary: ClassVar = {"outcome": "outcomes", "service": "services"}

    outcome = RowField(label="How did it end?", widget=forms.RadioSelect)
    note = _note("Note")
    follow_up = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    next_at = WallClockField(label="Next step", required=False)
    next_kind = forms.ChoiceField(label="as a", choices=PLANNED, required=False)
    next_what = forms.CharField(label="What", required=False, max_length=200)
    service = RowField(label="Service", required=False, blank="–")
    starts_at = WallClockField(label="When", required=False)
    chair = forms.IntegerField(label="Chair", required=False, min_value=1, max_value=999)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if bool(data.get("service")) != bool(data.get("starts_at")):
            missing = "starts_at" if data.get("service") else "service"
            if missing not in self.errors:
                self.add_error(missing, "A visit needs a service and a time.")
        return data

    @property
    def next_step(self) -> NextStep | None:
        due_at = self.moment("next_at")
        if due_at is None:
            return None
        kind = self.cleaned_data["next_kind"] or FollowUpKind.CALL
        return NextStep(kind=kind, due_at=due_at, what=self.cleaned_data["next_what"])

    @property
    def booking(self) -> Booking | None:
        starts_at = self.moment("starts_at")
        if starts_at is None:
            return None
        return Booking(
            service=self.cleaned_data["service"],
            location=self.lead.location,
            starts_at=starts_at,
            chair=self.cleaned_data["chair"],
        )


class AnsweredForm(ActForm):
    how = forms.ChoiceField(
        label="How?", choices=[(way, way) for way in ANSWERED_BY], widget=forms.RadioSelect
    )


class NoteForm(ActForm):
    text = _note("Note", required=True, rows=3)


class BookForm(ActForm):
    vocabulary: ClassVar = {"service": "services", "location": "locations"}

    service = RowField(label="Service", blank="Choose …")
    location = RowField(label="Location")
    starts_at = WallClockField(label="Day and time")
    chair = forms.IntegerField(label="Chair (may stay open)", required=False, min_value=1, max_value=999)

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


class PlanForm(ActForm):
    vocabulary: ClassVar = {"assigned_to": "staff"}

    kind = forms.ChoiceField(label="Kind", choices=PLANNED)
    due_at = WallClockField(label="Due")
    what = forms.CharField(label="What", required=False, max_length=200)
    assigned_to = RowField(label="Who", required=False, blank="Whoever owns the lead")


class SnoozeForm(ActForm):
    follow_up = forms.IntegerField(min_value=1, max_value=2**62)
    until = WallClockField(label="Until")


class AsideForm(ActForm):
    until = WallClockField(label="Ask again on")


class CloseForm(ActForm):
    vocabulary: ClassVar = {"reason": "reasons"}

    reason = RowField(label="Why?", blank="Choose …")
    note = _note("Note")


class TakeForm(ActForm):
    vocabulary: ClassVar = {"owner": "staff"}

    owner = RowField(label="Who looks after it", required=False, blank="Front desk")


class KindForm(ActForm):
    kind = forms.ChoiceField(label="Kind of enquiry", choices=LeadKind.choices)


class VisitForm(ActForm):
    """Something about one of the lead's visits."""

    visit = forms.IntegerField(min_value=1, max_value=2**62)

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


class MoveForm(VisitForm):
    starts_at = WallClockField(label="New day and time")
    chair = forms.IntegerField(label="Chair", required=False, min_value=1, max_value=999)

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
    amount = MoneyField(label="Amount", required=False)
    # Made anew for each showing of the form, so that pressing the button twice is one payment.
    once = forms.RegexField(r"^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)
