"""The audit row of an act on a lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm.actors import Actor
from crm.domain import audit
from leads.models import Lead


def record(action: str, lead: Lead, *, actor: Actor, now: datetime, fields: Sequence[str] = ()) -> None:
    """Append that somebody did this to a lead, in the caller's transaction; `fields` are names, no values."""
    audit.record(
        actor=actor,
        action=action,
        subject_kind="lead",
        subject_ref=lead.reference,
        fields=fields,
        now=now,
    )
