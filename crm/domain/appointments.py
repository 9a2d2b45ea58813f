"""A visit's life. Only `leads.domain.visits` comes in here: a visit never changes behind its lead's back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Sum

from crm.actors import Actor
from crm.enums import OCCUPYING, AppointmentStatus, PaymentKind
from crm.errors import AppointmentConflict, DomainError, TransitionNotAllowed
from crm.models import Appointment, AppointmentEvent, Location, Payment, Service
from crm.models.references import new_reference

S = AppointmentStatus

_ENDS = frozenset({S.CANCELLED_BY_CLIENT, S.CANCELLED_BY_CLINIC, S.LATE_CANCELLED, S.NO_SHOW, S.RESCHEDULED})
# From each status, where a visit may go. `completed ↔ no_show` is a correction of what was marked.
TRANSITIONS: dict[str, frozenset[str]] = {
    S.SCHEDULED: frozenset({S.CONFIRMED, S.CHECKED_IN}) | _ENDS,
    S.CONFIRMED: frozenset({S.CHECKED_IN}) | _ENDS,
    S.CHECKED_IN: frozenset({S.COMPLETED, S.CANCELLED_BY_CLIENT, S.CANCELLED_BY_CLINIC}),
    S.COMPLETED: frozenset({S.NO_SHOW}),
    S.NO_SHOW: frozenset({S.COMPLETED}),
    S.CANCELLED_BY_CLIENT: frozenset(),
    S.CANCELLED_BY_CLINIC: frozenset(),
    S.LATE_CANCELLED: frozenset(),
    S.RESCHEDULED: frozenset(),
}

# How a refusal begins and ends: one of each makes a sentence.
_WHICH: dict[str, str] = {
    S.SCHEDULED: "is booked",
    S.CONFIRMED: "is confirmed",
    S.CHECKED_IN: "has begun",
    S.COMPLETED: "took place",
    S.NO_SHOW: "was missed",
    S.RESCHEDULED: "was moved",
    **dict.fromkeys((S.CANCELLED_BY_CLIENT, S.CANCELLED_BY_CLINIC, S.LATE_CANCELLED), "was cancelled"),
}
_WHAT: dict[str, str] = {
    S.SCHEDULED: "booked again",
    S.CONFIRMED: "confirmed",
    S.CHECKED_IN: "begun",
    S.COMPLETED: "marked as come",
    S.NO_SHOW: "marked as missed",
    S.RESCHEDULED: "moved",
    **dict.fromkeys((S.CANCELLED_BY_CLIENT, S.CANCELLED_BY_CLINIC, S.LATE_CANCELLED), "cancelled"),
}


def book(
    *,
    contact_id: int,
    location: Location,
    service: Service,
    starts_at: datetime,
    ends_at: datetime | None = None,
    chair: int | None = None,
    source: str = "clinic",
    external_ref: str | None = None,
    moved_from: Appointment | None = None,
    actor: Actor,
    now: datetime,
) -> Appointment:
    """Book a visit; its length and price are the service's unless `ends_at` (UTC) is given.

    :raises AppointmentConflict: when the chair is taken at that time.
    """
    ends_at = ends_at or starts_at + timedelta(minutes=service.duration_minutes)
    if ends_at <= starts_at:
        raise DomainError("A visit must end after it starts.", code="ends_before_start")
    if chair is not None:
        _check_chair_free(location=location, chair=chair, starts_at=starts_at, ends_at=ends_at)
    appointment = Appointment.objects.create(
        contact_id=contact_id,
        location=location,
        service=service,
        starts_at=starts_at,
        ends_at=ends_at,
        chair=chair,
        price_minor=moved_from.price_minor if moved_from else service.price_minor,
        currency=moved_from.currency if moved_from else service.currency,
        source=source,
        external_ref=external_ref,
        moved_from=moved_from,
        created_at=now,
    )
    _note_event(appointment, from_status="", actor=actor, reason="", now=now)
    return appointment


def _check_chair_free(*, location: Location, chair: int, starts_at: datetime, ends_at: datetime) -> None:
    if not 1 <= chair <= location.chairs:
        raise AppointmentConflict(f"{location.name} has chairs 1 to {location.chairs}.", code="no_such_chair")
    # The location's row is the queue in which bookings stand: without it two desks could see one free chair.
    # No key lock: rows that merely name the location, such as an arriving lead, need not wait.
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    taken = Appointment.objects.filter(
        location=location,
        chair=chair,
        status__in=OCCUPYING,
        starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )
    if taken.exists():
        raise AppointmentConflict(f"Chair {chair} is taken then. Choose another chair or time.")


def lock(appointment_id: int) -> Appointment:
    """Read a visit and keep others from changing it until the transaction ends."""
    return Appointment.objects.select_for_update().get(pk=appointment_id)


def move(appointment: Appointment, *, to: str, actor: Actor, now: datetime, reason: str = "") -> Appointment:
    """Take a locked visit to another status, with its event. The one writer of `status`.

    :raises TransitionNotAllowed: when the table has no such way.
    """
    if to not in TRANSITIONS[appointment.status]:
        raise TransitionNotAllowed(f"A visit that {_WHICH[appointment.status]} cannot be {_WHAT[to]}.")
    before, appointment.status = appointment.status, to
    appointment.save(update_fields=["status"])
    _note_event(appointment, from_status=before, actor=actor, reason=reason, now=now)
    return appointment


def _note_event(
    appointment: Appointment, *, from_status: str, actor: Actor, reason: str, now: datetime
) -> None:
    AppointmentEvent.objects.create(
        appointment=appointment,
        at=now,
        from_status=from_status,
        to_status=appointment.status,
        reason=reason,
        **AppointmentEvent.by(actor),
    )


def carry_payments(*, moved: Appointment, to: Appointment) -> int:
    """Put what came in for a visit that was moved on its new row: there is one visit. Returns how many."""
    return Payment.objects.filter(appointment=moved).update(appointment=to)


def record_payment(
    appointment: Appointment,
    *,
    kind: str,
    amount_minor: int,
    reference: str = "",
    actor: Actor,
    now: datetime,
) -> Payment:
    """Note money that came in for a locked visit, or went back. `amount_minor` is in the smallest coin.

    The same `reference` again gives the payment noted before, also when the visit was moved meanwhile: a
    button pressed twice is one payment.

    :raises DomainError: when the visit was moved, nothing is left to refund, or an amount is missing.
    """
    noted = Payment.objects.filter(reference=reference).first() if reference else None
    if noted is not None:
        return noted
    if appointment.status == S.RESCHEDULED:
        raise DomainError("This visit was moved. Note the money at its new time.", code="visit_moved")
    if kind in {PaymentKind.PAID, PaymentKind.REFUNDED} and amount_minor <= 0:
        raise DomainError("Say how much, in money.", code="amount_needed")
    if kind == PaymentKind.REFUNDED and amount_minor > kept(appointment):
        raise DomainError("More cannot go back than came in.", code="refund_too_large")
    return Payment.objects.create(
        appointment=appointment,
        kind=kind,
        amount_minor=amount_minor,
        currency=appointment.currency,
        at=now,
        reference=reference or new_reference(),
        **Payment.by(actor),
    )


def kept(appointment: Appointment) -> int:
    """Add up what was paid for a visit less what went back, in the smallest coin."""
    sums = {
        row["kind"]: row["total"] or 0
        for row in appointment.payments.values("kind").annotate(total=Sum("amount_minor")).order_by()
    }
    return int(sums.get(PaymentKind.PAID, 0)) - int(sums.get(PaymentKind.REFUNDED, 0))
