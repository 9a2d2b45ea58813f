"""Visits for outside calendars: book one for a lead, and say what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db import IntegrityError
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import Scope
from crm.models import Appointment, Location, Service
from leads.api import inputs, outputs, schema
from leads.api.authentication import StaffToolView
from leads.api.leads import checked, known
from leads.domain import visits
from leads.queries import listing

SCOPES: Mapping[str, str] = {"POST": Scope.APPOINTMENTS_WRITE}


def found_visit(reference: str) -> Appointment:
    """Find a visit by its reference.

    :raises NotFound: when there is none.
    """
    visit = Appointment.objects.select_related("service", "location").filter(reference=reference).first()
    if visit is None:
        raise NotFound("No visit goes by this reference.")
    return visit


class Appointments(StaffToolView):
    """Where an outside calendar reports a booking."""

    scopes: ClassVar[Mapping[str, str]] = SCOPES

    @extend_schema(
        summary="Book a visit for a lead",
        description="The same `source` and `external_ref` again gives the visit that stands, with 200. For a "
        "lead that came, the visit belongs to the person's open lead, or to a new one.",
        request=inputs.BookingInput,
        responses={200: outputs.Visit, 201: outputs.Visit, **schema.refusals(400, 401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        """Book a visit; its lead moves to booked and the reminders are planned."""
        wish = checked(inputs.BookingInput, request.data)
        try:
            visit = self._book(wish)
        except IntegrityError:
            # Another lead got the same outside booking at this very moment: judge again, now that it stands.
            visit = self._book(wish)
        new = visit.created_at == self.now
        answer = outputs.Visit(found_visit(visit.reference)).data
        return Response(answer, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)

    def _book(self, wish: Mapping[str, Any]) -> Appointment:
        lead = known(
            "lead", listing.by_reference(wish["lead"]), "No lead goes by this reference, or not yet."
        )
        service = Service.objects.filter(slug=wish["service"], is_active=True).first()
        location: Location | None = lead.location
        if wish["location"]:
            location = Location.objects.filter(slug=wish["location"], is_active=True).first()
        return visits.book(
            lead_id=lead.pk,
            service=known("service", service, "No service goes by this slug."),
            location=known("location", location, "No location goes by this slug."),
            starts_at=wish["starts_at"],
            ends_at=wish["ends_at"],
            chair=wish["chair"],
            source=wish["source"],
            external_ref=wish["external_ref"],
            actor=self.caller.actor,
            now=self.now,
            by_click=False,
        )


class _VisitAct(StaffToolView):
    """One act on one visit."""

    scopes: ClassVar[Mapping[str, str]] = SCOPES

    def answer(self, visit: Appointment) -> Response:
        return Response(outputs.Visit(found_visit(visit.reference)).data)


def _act(summary: str, request: Any = None) -> Callable[[Any], Any]:
    described: Callable[[Any], Any] = extend_schema(
        summary=summary,
        parameters=[schema.REFERENCE],
        request=request,
        responses={200: outputs.Visit, **schema.refusals(400, 401, 403, 404, 409)},
    )
    return described


class Attended(_VisitAct):
    """They came."""

    @_act("Mark that they came")
    def post(self, request: Request, reference: str) -> Response:
        """Mark a visit as attended; its lead converts. Again changes nothing."""
        visit = found_visit(reference)
        return self.answer(visits.attend(appointment_id=visit.pk, actor=self.caller.actor, now=self.now))


class NoShow(_VisitAct):
    """They did not come."""

    @_act("Mark that they did not come")
    def post(self, request: Request, reference: str) -> Response:
        """Mark a visit as not attended; somebody calls. Again changes nothing."""
        visit = found_visit(reference)
        return self.answer(visits.no_show(appointment_id=visit.pk, actor=self.caller.actor, now=self.now))


class Cancel(_VisitAct):
    """It was cancelled."""

    @_act("Cancel a visit", inputs.CancelInput)
    def post(self, request: Request, reference: str) -> Response:
        """Cancel a visit; its reminders end and somebody follows up."""
        wish = checked(inputs.CancelInput, request.data)
        visit = found_visit(reference)
        cancelled = visits.cancel(
            appointment_id=visit.pk,
            by_client=wish["by_client"],
            reason=wish["reason"],
            actor=self.caller.actor,
            now=self.now,
        )
        return self.answer(cancelled)


class Move(_VisitAct):
    """It takes place at another time."""

    @_act("Move a visit", inputs.MoveInput)
    def post(self, request: Request, reference: str) -> Response:
        """Move a visit: the answer is a new one with its own reference; the old one is `rescheduled`."""
        wish = checked(inputs.MoveInput, request.data)
        visit = found_visit(reference)
        moved = visits.move(
            appointment_id=visit.pk,
            starts_at=wish["starts_at"],
            chair=wish["chair"],
            actor=self.caller.actor,
            now=self.now,
            by_click=False,
        )
        return self.answer(moved)
