"""Who signed in, tried to, or left: each is written to the audit trail."""

from __future__ import annotations

from datetime import datetime

from crm.actors import Actor
from crm.domain import audit
from crm.models import AuditEntry, Staff

AT_THE_DOOR = Actor.system("sign-in page")


def signed_in(staff: Staff, *, now: datetime) -> AuditEntry:
    """Note that a member of staff signed in."""
    return _note(staff, "staff.signed_in", now=now)


def signed_out(staff: Staff, *, now: datetime) -> AuditEntry:
    """Note that a member of staff signed out."""
    return _note(staff, "staff.signed_out", now=now)


def refused(name: str, *, now: datetime) -> AuditEntry:
    """Note that somebody was not let in under a name.

    What was typed is kept only when it names a member of staff: people type passwords into the wrong field.
    """
    known = Staff.objects.filter(email=name.strip().lower()).values_list("reference", flat=True).first()
    return audit.record(
        actor=AT_THE_DOOR,
        action="staff.sign_in_refused",
        subject_kind="staff",
        subject_ref=known or "",
        now=now,
    )


def _note(staff: Staff, action: str, *, now: datetime) -> AuditEntry:
    return audit.record(
        actor=staff.as_actor, action=action, subject_kind="staff", subject_ref=staff.reference, now=now
    )
