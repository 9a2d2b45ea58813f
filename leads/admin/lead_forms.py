"""The forms of the lead page: shape only. What may be done is judged by the act behind each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from crm.domain import opening_hours
from crm.models import Location
from leads.admin.fields import RowField, WallClockField
from leads.domain import desk, visits
from leads.domain.acts import NextStep
from leads.domain.desk import Booking
from leads.enums import FollowUpKind, LeadKind
from leads.models import CallOutcome, FollowUp, Lead
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

# The outcome that says a visit was agreed on; pack rows keep their code whatever they are called.
BOOKED = "booked"
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

    def __init__(self, *args: Any, lead: Lead, words: Vocabulary, now: datetime, **kwargs: Any) -> None:
        self.lead, self.now = lead, now
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


class TimedForm(ActForm):
    """A form with the time of a visit. A time that looks like a slip is refused once, then taken."""

    button: ClassVar[str]
    goes_on: ClassVar[str] = "book it anyway"

    # The place and time that was doubted: pressing the button again means just that one.
    anyway = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    doubted = ""

    @property
    def means(self) -> str:
        """The doubtful time that the button, pressed again, will mean."""
        return self.doubted or (self.cleaned_data.get("anyway", "") if self.is_bound else "")

    def doubt(self, *, location: Location, starts_at: datetime) -> None:
        """Refuse a doubtful time (UTC) with a reason, unless it was refused before."""
        sentence = desk.doubt_about(location=location, starts_at=starts_at, now=self.now)
        this = f"{location.pk} {starts_at.isoformat()}"
        if sentence and self.cleaned_data.get("anyway") != this:
            self.doubted = this
            self.add_error("starts_at", f"{sentence} Press {self.button} again to {self.goes_on}.")


class CallForm(TimedForm):
    """How a call ended, what was said, what is next, and perhaps the visit that was agreed on."""

    button = "Save"
    vocabulary: ClassVar = {"outcome": "outcomes", "service": "services"}

    outcome = RowField(label="How did it end?", widget=forms.RadioSelect)
    note = _note("Note")
    follow_up = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    next_at = WallClockField(label="Next step", required=False)
    next_kind = forms.ChoiceField(label="as a", choices=PLANNED, required=False)
    next_what = forms.CharField(label="What", required=False, max_length=200)
    service = RowField(label="Service", required=False, blank="–")
    starts_at = WallClockField(label="When", required=False)
    chair = forms.IntegerField(label="Chair", required=False, min_value=1, max_value=999)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors.keys() & {"service", "starts_at"}:
            return data
        booking = self.booking
        if booking is not None:
            self.doubt(location=booking.location, starts_at=booking.starts_at)
        elif data.get("service") or data.get("starts_at"):
            missing = "starts_at" if data.get("service") else "service"
            self.add_error(missing, "A visit needs a service and a time.")
        elif self._says_booked and not visits.visit_stands(self.lead):
            self.add_error("service", "Choose the service and time, or another outcome.")
        return data

    @property
    def _says_booked(self) -> bool:
        outcome: CallOutcome | None = self.cleaned_data.get("outcome")
        return outcome is not None and outcome.code == BOOKED

    @property
    def next_step(self) -> NextStep | None:
        due_at = self.moment("next_at")
        if due_at is None:
            return None
        kind = self.cleaned_data["next_kind"] or FollowUpKind.CALL
        return NextStep(kind=kind, due_at=due_at, what=self.cleaned_data["next_what"])

    @property
    def booking(self) -> Booking | None:
        starts_at, service = self.moment("starts_at"), self.cleaned_data.get("service")
        if starts_at is None or service is None:
            return None
        return Booking(
            service=service,
            location=self.lead.location,
            starts_at=starts_at,
            chair=self.cleaned_data.get("chair"),
        )


class AnsweredForm(ActForm):
    how = forms.ChoiceField(
        label="How?", choices=[(way, way) for way in ANSWERED_BY], widget=forms.RadioSelect
    )


class NoteForm(ActForm):
    text = _note("Note", required=True, rows=3)


class PlanForm(ActForm):
    vocabulary: ClassVar = {"assigned_to": "staff"}

    kind = forms.ChoiceField(label="Kind", choices=PLANNED)
    due_at = WallClockField(label="Due")
    what = forms.CharField(label="What", required=False, max_length=200)
    assigned_to = RowField(label="Who", required=False, blank="Whoever owns the lead")


class SnoozeForm(ActForm):
    follow_up = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)
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
