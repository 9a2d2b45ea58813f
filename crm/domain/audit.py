"""The record of who did what to whose record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm.actors import Actor
from crm.models import AuditEntry


def record(
    *,
    actor: Actor,
    action: str,
    subject_kind: str = "",
    subject_ref: str = "",
    fields: Sequence[str] = (),
    now: datetime,
) -> AuditEntry:
    """Append one entry, in the caller's transaction: the act and its record stand or fall together.

    `fields` are names of what was changed or shown, never values.
    """
    written = entry(
        actor=actor, action=action, subject_kind=subject_kind, subject_ref=subject_ref, fields=fields, now=now
    )
    written.save(force_insert=True)
    return written


def record_many(entries: Sequence[AuditEntry]) -> None:
    """Append several entries with one insert, in the caller's transaction or in one of their own."""
    AuditEntry.objects.bulk_create(entries)


def entry(
    *,
    actor: Actor,
    action: str,
    subject_kind: str = "",
    subject_ref: str = "",
    fields: Sequence[str] = (),
    now: datetime,
) -> AuditEntry:
    """Give the entry that `record` appends, for an act that writes all its rows in one go."""
    return AuditEntry(
        at=now,
        action=action,
        subject_kind=subject_kind,
        subject_ref=subject_ref,
        fields=list(fields),
        **AuditEntry.by(actor),
    )
