"""What the page of one lead shows beside its timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from crm.enums import STANDING, AppointmentStatus, PaymentKind, Role
from crm.models import Appointment, Location, SafetyHold, Service, Staff
from leads.enums import FollowUpState
from leads.models import CallOutcome, FollowUp, Lead, LeadVisit, LostReason, Submission


def find(lead_id: int) -> Lead | None:
    """Give a lead with all that its header names."""
    return (
        Lead.objects.filter(pk=lead_id)
        .select_related("contact", "location", "owner", "form", "lost_reason")
        .first()
    )


def arrivals_as_they_came(lead: Lead) -> dict[int, tuple[bytes, str]]:
    """Give the bytes and content type of a lead's arrivals, by row."""
    rows = Submission.objects.filter(lead=lead).order_by("-received_at")
    return {
        pk: (bytes(body), kind) for pk, body, kind in rows.values_list("pk", "body", "content_type")[:500]
    }


def open_follow_ups(lead: Lead) -> list[FollowUp]:
    """Give what is still to be done for a lead, the earliest first."""
    return list(
        FollowUp.objects.filter(lead=lead).open().select_related("assigned_to").order_by("due_at", "id")
    )


def standing_holds(lead: Lead) -> list[SafetyHold]:
    return list(
        SafetyHold.objects.filter(contact_id=lead.contact_id, lifted_at__isnull=True).order_by("raised_at")
    )


def other_leads(lead: Lead, *, limit: int = 5) -> list[Lead]:
    """Give the newest other episodes of the same contact."""
    others = (
        Lead.objects.filter(contact_id=lead.contact_id).exclude(pk=lead.pk).defer("message", "preferred_time")
    )
    return list(others.order_by("-arrived_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class VisitOfLead:
    """A visit, what was kept of the money for it (smallest coin), and how it was paid, in order."""

    appointment: Appointment
    kept_minor: int
    paid_by: list[str] = field(default_factory=list)


def visits(lead: Lead) -> list[VisitOfLead]:
    """Give a lead's visits that were not moved away, those that stand or happened first; two queries."""
    links = (
        LeadVisit.objects.filter(lead=lead, revoked_at__isnull=True)
        .select_related("appointment__service", "appointment__location")
        .prefetch_related("appointment__payments")
        .order_by("-appointment__starts_at", "-id")
    )
    found = [_with_money(link.appointment) for link in links]
    return sorted(found, key=lambda row: _rank(row.appointment.status))


def _rank(status: str) -> int:
    """Say how far down a visit belongs: what stands or happened, then the missed, then the cancelled."""
    if status in STANDING or status == AppointmentStatus.COMPLETED:
        return 0
    return 1 if status == AppointmentStatus.NO_SHOW else 2


def was_reached(lead: Lead) -> bool:
    """Say whether anybody has spoken with the person, and not only tried to."""
    if lead.first_contacted_at is not None:
        return True
    done = FollowUp.objects.filter(lead=lead, state=FollowUpState.DONE, outcome__reached=True)
    return lead.responded_at is not None and done.exists()


def _with_money(appointment: Appointment) -> VisitOfLead:
    kept, words = 0, []
    for payment in sorted(appointment.payments.all(), key=lambda row: row.pk):
        if payment.kind == PaymentKind.PAID:
            kept += payment.amount_minor
        elif payment.kind == PaymentKind.REFUNDED:
            kept -= payment.amount_minor
        words.append(payment.get_kind_display())
    return VisitOfLead(appointment, kept, words)


class Vocabulary:
    """The rows a lead's forms choose from, each read once however many fields offer it."""

    @cached_property
    def outcomes(self) -> list[CallOutcome]:
        rows = CallOutcome.objects.filter(is_active=True).select_related("lost_reason")
        return list(rows.order_by("position", "label"))

    @cached_property
    def reasons(self) -> list[LostReason]:
        return list(LostReason.objects.filter(is_active=True).order_by("position", "label"))

    @cached_property
    def services(self) -> list[Service]:
        return list(Service.objects.filter(is_active=True).order_by("name"))

    @cached_property
    def locations(self) -> list[Location]:
        return list(Location.objects.filter(is_active=True).order_by("name"))

    @cached_property
    def staff(self) -> list[Staff]:
        """Those who work leads: everybody active whose role is not marketing alone."""
        rows = Staff.objects.filter(is_active=True).exclude(groups__name=Role.MARKETING)
        return list(rows.order_by("full_name", "email").distinct())
