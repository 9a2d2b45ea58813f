"""Everything that happened with a lead, from all floors, in one line of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from crm.models import Appointment, AppointmentEvent, Payment
from leads.enums import FollowUpState
from leads.models import FollowUp, Lead, LeadEvent, Note, Submission
from notifications.enums import AboutKind
from notifications.models import Message

# Of each kind. A lead with more than this has a story nobody reads to the end.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `at` is UTC.

    `title` and `detail` are safe for anybody who may see the lead; `text` can hold health text. `row` is the
    row itself, for a screen that wants to say more.
    """

    at: datetime
    kind: str
    title: str
    actor: str
    detail: str
    text: str
    reference: str
    row: models.Model


def of(lead: Lead) -> list[Entry]:
    """Read a lead's whole story, newest first, in seven queries."""
    entries = [
        *_arrivals(lead),
        *_events(lead),
        *_notes(lead),
        *_follow_ups(lead),
        *_messages(lead),
        *_visits(lead),
        *_payments(lead),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _arrivals(lead: Lead) -> Iterator[Entry]:
    rows = Submission.objects.filter(lead=lead).select_related("form").defer("body")
    for row in rows.order_by("-received_at")[:LIMIT]:
        yield Entry(
            at=row.received_at,
            kind="arrival",
            title="Wrote to us",
            actor="the person",
            detail=row.form.name,
            text="",
            reference=row.reference,
            row=row,
        )


def _events(lead: Lead) -> Iterator[Entry]:
    for row in LeadEvent.objects.filter(lead=lead).order_by("-at", "-id")[:LIMIT]:
        yield Entry(
            at=row.at,
            kind=row.kind,
            title=row.get_kind_display(),
            actor=row.actor_label,
            detail=f"{row.from_status} → {row.to_status}" if row.from_status else row.to_status,
            text=row.reason,
            reference="",
            row=row,
        )


def _notes(lead: Lead) -> Iterator[Entry]:
    for row in Note.objects.filter(lead=lead).order_by("-at", "-id")[:LIMIT]:
        yield Entry(
            at=row.at,
            kind="note",
            title="Note",
            actor=row.actor_label,
            detail="",
            text=row.text,
            reference="",
            row=row,
        )


def _follow_ups(lead: Lead) -> Iterator[Entry]:
    """A follow-up is told twice: when it was planned, and when it ended."""
    rows = FollowUp.objects.filter(lead=lead).select_related("outcome", "done_by", "assigned_to")
    for row in rows.order_by("-planned_at", "-id")[:LIMIT]:
        yield Entry(
            at=row.planned_at,
            kind="follow_up_planned",
            title=f"{row.get_kind_display()} planned",
            actor=row.actor_label,
            detail=row.due_at.isoformat(),
            text=row.what,
            reference=row.reference,
            row=row,
        )
        if row.done_at is not None:
            done = row.state == FollowUpState.DONE
            yield Entry(
                at=row.done_at,
                kind="follow_up_done" if done else "follow_up_cancelled",
                title=f"{row.get_kind_display()} {'done' if done else 'no longer needed'}",
                actor=str(row.done_by) if row.done_by else "system",
                detail=row.outcome.label if row.outcome else "",
                text=row.outcome_note,
                reference=row.reference,
                row=row,
            )


def _messages(lead: Lead) -> Iterator[Entry]:
    """What was said about the lead and about its visits, with why it went out or did not."""
    visits = Appointment.objects.filter(lead_visits__lead=lead).values("reference")
    about = Q(about_kind=AboutKind.LEAD, about_ref=lead.reference)
    about |= Q(about_kind=AboutKind.APPOINTMENT, about_ref__in=visits)
    rows = Message.objects.filter(about).defer("params", "rendered_subject", "rendered_body")
    for row in rows.order_by("-created_at", "-id")[:LIMIT]:
        yield Entry(
            at=row.settled_at or row.handed_at or row.created_at,
            kind="message",
            title=f"{row.get_channel_display()}: {row.template_code}",
            actor=row.actor_label,
            detail=f"{row.get_state_display()}. {row.reason}".strip(". "),
            text="",
            reference=row.delivery_id,
            row=row,
        )


def _visits(lead: Lead) -> Iterator[Entry]:
    rows = (
        AppointmentEvent.objects.filter(appointment__lead_visits__lead=lead)
        .select_related("appointment__service", "appointment__location")
        .order_by("-at", "-id")
    )
    for row in rows[:LIMIT]:
        yield Entry(
            at=row.at,
            kind="visit",
            title=f"Visit: {row.get_to_status_display()}",
            actor=row.actor_label,
            detail=f"{row.appointment.service.slug} {row.appointment.starts_at.isoformat()}",
            text=row.reason,
            reference=row.appointment.reference,
            row=row,
        )


def _payments(lead: Lead) -> Iterator[Entry]:
    rows = Payment.objects.filter(appointment__lead_visits__lead=lead).select_related("appointment")
    for row in rows.order_by("-at", "-id")[:LIMIT]:
        yield Entry(
            at=row.at,
            kind="payment",
            title=row.get_kind_display(),
            actor=row.actor_label,
            detail=f"{row.amount_minor} {row.currency}",
            text="",
            reference=row.appointment.reference,
            row=row,
        )
