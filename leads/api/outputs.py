"""What callers get. Keys are a contract: they may grow, never change."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import Appointment
from leads.models import FollowUp, Lead
from leads.queries.timeline import Entry


class LeadItem(serializers.Serializer[Lead]):
    """One lead. Times are UTC. `message` is there only with the scope leads:health."""

    reference = serializers.CharField()
    number = serializers.IntegerField()
    status = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField(source="contact.full_name")
    email = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    services = serializers.SerializerMethodField()
    location = serializers.CharField(source="location.slug")
    owner = serializers.SerializerMethodField()
    article = serializers.CharField()
    respond_by = serializers.DateTimeField(allow_null=True)
    next_action_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(source="arrived_at")
    message = serializers.CharField(required=False)

    def __init__(self, *args: Any, health: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not health:
            del self.fields["message"]

    def get_email(self, lead: Lead) -> str | None:
        return _first_address(lead, "email")

    def get_phone(self, lead: Lead) -> str | None:
        return _first_address(lead, "phone")

    def get_services(self, lead: Lead) -> list[str]:
        return sorted(service.slug for service in lead.services.all())

    def get_owner(self, lead: Lead) -> str | None:
        """E-mail of who looks after it; null is the location's front desk."""
        return lead.owner.email if lead.owner else None


def _first_address(lead: Lead, kind: str) -> str | None:
    return next((p.address.value for p in lead.contact.points.all() if p.address.kind == kind), None)


class LeadPage(serializers.Serializer[Any]):
    """Fifty leads, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = LeadItem(many=True)


class TimelineEntry(serializers.Serializer[Entry]):
    """One thing that happened. `text` is there only with the scope leads:health."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    title = serializers.CharField()
    actor = serializers.CharField()
    detail = serializers.CharField()
    reference = serializers.CharField()
    text = serializers.CharField(required=False)

    def __init__(self, *args: Any, health: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not health:
            del self.fields["text"]


class TimelinePage(serializers.Serializer[Any]):
    """A lead's whole story, newest first, in one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = TimelineEntry(many=True)


class LeadState(serializers.Serializer[Lead]):
    """Where a lead stands after an act; names nobody, so that writing needs no right to read."""

    reference = serializers.CharField()
    number = serializers.IntegerField()
    status = serializers.CharField()
    next_action_at = serializers.DateTimeField(allow_null=True)


class FollowUpState(serializers.Serializer[FollowUp]):
    """A follow-up as it was planned."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    due_at = serializers.DateTimeField()


class NoteState(serializers.Serializer[Any]):
    """That a note was kept."""

    at = serializers.DateTimeField()
    actor = serializers.CharField(source="actor_label")


class Visit(serializers.Serializer[Appointment]):
    """A visit. Names nobody."""

    reference = serializers.CharField()
    status = serializers.CharField()
    service = serializers.CharField(source="service.slug")
    location = serializers.CharField(source="location.slug")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    chair = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # the attribute is no field
    external_ref = serializers.CharField(allow_null=True)


class Receipt(serializers.Serializer[Any]):
    """That an enquiry is kept, the same for everybody."""

    reference = serializers.CharField(help_text="The submission's")
    notice = serializers.CharField(help_text="Where help is in a crisis; always show it")


class FieldProblem(serializers.Serializer[Any]):
    """One thing wrong with one field."""

    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """The one shape of every error."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=FieldProblem(many=True))  # type: ignore[assignment]
