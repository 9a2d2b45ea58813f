"""What came in for a visit, and what went back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from crm.actors import Actor
from crm.domain import appointments
from crm.models import Appointment, Payment
from leads.domain.visits import linking


@transaction.atomic
def record_payment(
    *,
    appointment_id: int,
    kind: str,
    amount_minor: int,
    reference: str = "",
    actor: Actor,
    now: datetime,
) -> Payment:
    """Note money that came in for a visit, or went back, in the smallest coin. It does not un-attend.

    The same `reference` (32 hexadecimal digits, made for one showing of the form) again changes nothing.

    :raises DomainError: when the visit was moved: the money belongs at its new time.
    """
    appointment = appointments.lock(appointment_id)
    payment = appointments.record_payment(
        appointment, kind=kind, amount_minor=amount_minor, reference=reference, actor=actor, now=now
    )
    linking.audit_visit("visit.payment", appointment, actor=actor, now=now, fields=[kind])
    return payment


def money_kept(appointment: Appointment) -> int:
    """Give what was paid for a visit less what went back, in the smallest coin."""
    return appointments.kept(appointment)
