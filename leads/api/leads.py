"""Leads for staff tools: the list, one lead, its story, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.domain import audit
from crm.enums import Scope
from crm.models import AuditEntry, Staff
from leads.api import inputs, outputs, schema
from leads.api.authentication import StaffToolView
from leads.api.capture import capture
from leads.api.pagination import OLDER, SIZE, links, position_of
from leads.domain import acts, closing
from leads.models import Lead, LostReason
from leads.queries import listing, timeline

T = TypeVar("T")


def checked(kind: type[serializers.Serializer[Any]], data: Any) -> Any:
    """Give the data in the shape that `kind` asks for.

    :raises ValidationError: when it has another shape.
    """
    given = kind(data=data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def known(field: str, value: T | None, message: str) -> T:
    """Give what a field named.

    :raises ValidationError: when nothing goes by that name.
    """
    if value is None:
        raise ValidationError({field: [ErrorDetail(message, code="unknown")]})
    return value


def found(lead: Lead | None) -> Lead:
    """Give the lead that was looked for.

    :raises NotFound: when there is none (yet: an arrival may not have become a lead so far).
    """
    if lead is None:
        raise NotFound("No lead goes by this reference, or not yet.")
    return lead


class Leads(StaffToolView):
    """The website posts here, staff tools read here."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.LEADS_READ}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A stranger's post wants none of the framework: no negotiation, no parsing, no question of who it is.
        if request.method in {"POST", "OPTIONS"}:
            return capture(request)
        return super().dispatch(request, *args, **kwargs)

    @schema.CAPTURE
    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Take one enquiry from a website. Public: the form's key names the form, and proves nothing."""
        return capture(request)

    @extend_schema(
        operation_id="leads_list",
        summary="Leads, newest first",
        parameters=[inputs.Query],
        responses={200: outputs.LeadPage, **schema.refusals(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """List leads, fifty a page."""
        query = checked(inputs.Query, request.query_params)
        place: dict[str, listing.Position] = {}
        if query["cursor"]:
            way, position = position_of(query["cursor"])
            place = {"older_than" if way == OLDER else "newer_than": position}
        health = self.caller.may(Scope.LEADS_HEALTH)
        page = listing.page(
            limit=SIZE, words=health, statuses=query["status"], location=query["location"], **place
        )
        audit.record_many([*self._looked_through(), *(self._looked_at(page.leads) if health else [])])
        items = [outputs.LeadItem(lead, health=health).data for lead in page.leads]
        return Response({**links(request, page), "results": items})

    def _looked_through(self) -> list[AuditEntry]:
        """A list of names is one look at the list."""
        return [audit.entry(actor=self.caller.actor, action="lead.listed", subject_kind="lead", now=self.now)]

    def _looked_at(self, leads: Sequence[Lead]) -> list[AuditEntry]:
        """With what they wrote beside it, each name is a look at that person's record."""
        return [
            audit.entry(
                actor=self.caller.actor,
                action="lead.viewed",
                subject_kind="lead",
                subject_ref=lead.reference,
                fields=["message"],
                now=self.now,
            )
            for lead in leads
        ]


class LeadDetail(StaffToolView):
    """One lead."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.LEADS_READ}

    @extend_schema(
        summary="One lead",
        parameters=[schema.REFERENCE],
        responses={200: outputs.LeadItem, **schema.refusals(401, 403, 404)},
    )
    def get(self, request: Request, reference: str) -> Response:
        """Show one lead; that it was looked at is noted."""
        health = self.caller.may(Scope.LEADS_HEALTH)
        lead = found(listing.item_by_reference(reference, words=health))
        acts.view(lead=lead, actor=self.caller.actor, now=self.now)
        return Response(outputs.LeadItem(lead, health=health).data)


class LeadTimeline(StaffToolView):
    """A lead's story."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.LEADS_READ}

    @extend_schema(
        summary="A lead's story, newest first",
        parameters=[schema.REFERENCE],
        responses={200: outputs.TimelinePage, **schema.refusals(401, 403, 404)},
    )
    def get(self, request: Request, reference: str) -> Response:
        """Show everything that happened with a lead; that it was looked at is noted."""
        lead = found(listing.by_reference(reference))
        acts.view(lead=lead, actor=self.caller.actor, now=self.now)
        health = self.caller.may(Scope.LEADS_HEALTH)
        entries = [outputs.TimelineEntry(entry, health=health).data for entry in timeline.of(lead)]
        return Response({"next": None, "previous": None, "results": entries})


class LeadTransitions(StaffToolView):
    """What becomes of a lead."""

    scopes: ClassVar[Mapping[str, str]] = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        summary="Close, set aside or reopen a lead",
        parameters=[schema.REFERENCE],
        request=inputs.Transition,
        responses={200: outputs.LeadState, **schema.refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Do one of the acts that move a lead without a call."""
        wish = checked(inputs.Transition, request.data)
        lead = self._act(found(listing.by_reference(reference)), wish)
        return Response(outputs.LeadState(lead).data)

    def _act(self, lead: Lead, wish: dict[str, Any]) -> Lead:
        actor, now = self.caller.actor, self.now
        if wish["to"] == "reopen":
            return closing.reopen(lead_id=lead.pk, actor=actor, now=now)
        if wish["to"] == "nurturing":
            until = known("until", wish["until"], "Say until when.")
            return acts.nurture(lead_id=lead.pk, until=until, actor=actor, now=now)
        reason = LostReason.objects.filter(code=wish["reason"], is_active=True).first()
        reason = known("reason", reason, "Give the code of a lost reason.")
        return closing.lose(lead_id=lead.pk, reason=reason, note=wish["note"], actor=actor, now=now)


class LeadFollowUps(StaffToolView):
    """What staff must do for a lead."""

    scopes: ClassVar[Mapping[str, str]] = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        summary="Plan a follow-up",
        parameters=[schema.REFERENCE],
        request=inputs.FollowUpInput,
        responses={201: outputs.FollowUpState, **schema.refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Add a follow-up to an open lead."""
        wish = checked(inputs.FollowUpInput, request.data)
        lead = found(listing.by_reference(reference))
        assigned_to = None
        if email := wish["assigned_to"].lower():
            staff = Staff.objects.filter(email=email, is_active=True).first()
            assigned_to = known("assigned_to", staff, "Nobody active signs in with this e-mail.")
        step = acts.NextStep(
            kind=wish["kind"],
            due_at=wish["due_at"],
            what=wish["what"],
            assigned_to_id=assigned_to.pk if assigned_to else None,
        )
        planned = acts.plan_follow_up(lead_id=lead.pk, step=step, actor=self.caller.actor, now=self.now)
        return Response(outputs.FollowUpState(planned).data, status=status.HTTP_201_CREATED)


class LeadNotes(StaffToolView):
    """What was written down about a lead."""

    scopes: ClassVar[Mapping[str, str]] = {"POST": Scope.LEADS_WRITE}

    @extend_schema(
        summary="Write a note",
        parameters=[schema.REFERENCE],
        request=inputs.NoteInput,
        responses={201: outputs.NoteState, **schema.refusals(400, 401, 403, 404)},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Add a note to a lead, open or closed."""
        wish = checked(inputs.NoteInput, request.data)
        lead = found(listing.by_reference(reference))
        note = acts.add_note(lead_id=lead.pk, text=wish["text"], actor=self.caller.actor, now=self.now)
        return Response(outputs.NoteState(note).data, status=status.HTTP_201_CREATED)
