"""What callers send. These check shape only; whether an act is allowed is for the rules to say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from leads.enums import FollowUpKind, LeadStatus

SLUG = RegexValidator(r"^[-a-zA-Z0-9_]{1,60}\Z", "Use a slug.")
REFERENCE = RegexValidator(r"^[0-9a-f]{32}\Z", "Use a reference: 32 hexadecimal digits.")
# Far enough for any clinic, and no arithmetic on such a time can leave the calendar.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class MomentField(serializers.DateTimeField):
    """A moment with its offset. Without one nobody knows which clock was meant, so it is refused."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            raise serializers.ValidationError("Write a moment as ISO 8601 text.", code="wrong_type")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise serializers.ValidationError("Write a moment as ISO 8601 text.", code="invalid") from None
        if moment.tzinfo is None:
            raise serializers.ValidationError("Add the offset, such as Z or -05:00.", code="offset_needed")
        if not FIRST_YEAR < moment.year < LAST_YEAR:
            raise serializers.ValidationError("Check the year.", code="out_of_range")
        return moment.astimezone(UTC)


class Query(serializers.Serializer[Any]):
    """What a list of leads can be narrowed to."""

    status = serializers.MultipleChoiceField(choices=LeadStatus.choices, required=False, default=set)
    location = serializers.CharField(
        required=False, default="", validators=[SLUG], help_text="A location's slug"
    )
    cursor = serializers.CharField(
        required=False, default="", max_length=200, help_text="From `next` or `previous`"
    )


class Transition(serializers.Serializer[Any]):
    """What becomes of a lead. Statuses move by acts, so only these can be asked for by name."""

    to = serializers.ChoiceField(choices=["lost", "nurturing", "reopen"])
    reason = serializers.SlugField(
        required=False, default="", max_length=40, help_text="Code of a lost reason; needed for `lost`"
    )
    until = MomentField(required=False, default=None, help_text="Needed for `nurturing`")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2_000)


class FollowUpInput(serializers.Serializer[Any]):
    """Something to be done for a lead."""

    kind = serializers.ChoiceField(choices=FollowUpKind.choices, default=FollowUpKind.CALL.value)
    due_at = MomentField()
    what = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)
    assigned_to = serializers.EmailField(
        required=False, default="", help_text="E-mail of a member of staff; left out: the lead's owner"
    )


class NoteInput(serializers.Serializer[Any]):
    """Something to be written down about a lead."""

    text = serializers.CharField(max_length=10_000)


class BookingInput(serializers.Serializer[Any]):
    """A visit booked elsewhere, for a lead. The same source and external_ref again books nothing more."""

    lead = serializers.CharField(validators=[REFERENCE], help_text="The lead's reference, or a submission's")
    service = serializers.CharField(validators=[SLUG])
    location = serializers.CharField(
        required=False, default="", validators=[SLUG], help_text="Left out: the lead's"
    )
    starts_at = MomentField()
    ends_at = MomentField(required=False, default=None, help_text="Left out: as long as the service takes")
    chair = serializers.IntegerField(required=False, default=None, min_value=1, max_value=1_000)
    source = serializers.CharField(max_length=40)  # type: ignore[assignment]  # the attribute is no field
    external_ref = serializers.CharField(max_length=120)


class CancelInput(serializers.Serializer[Any]):
    """Who cancelled a visit, and why."""

    by_client = serializers.BooleanField()
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class MoveInput(serializers.Serializer[Any]):
    """When a visit takes place instead."""

    starts_at = MomentField()
    chair = serializers.IntegerField(required=False, default=None, min_value=1, max_value=1_000)
