"""Every change through the admin leaves one audit row, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from crm.actors import Actor
from crm.domain import audit
from crm.models import Staff
from crm.queries import database_now

# The columns that name a row outside the database, best first.
_NAMES = ("reference", "delivery_id", "slug", "code")


def actor_of(request: HttpRequest) -> Actor:
    """Name the member of staff who is signed in."""
    staff = request.user
    if not isinstance(staff, Staff):
        raise TypeError("Only a signed-in member of staff acts through the admin.")
    return staff.as_actor


def subject_ref(row: Model) -> str:
    """Give the name under which the audit trail knows a row: its public reference where it has one."""
    return next((str(getattr(row, name)) for name in _NAMES if getattr(row, name, None)), str(row.pk))


class AuditedAdmin:
    """Mixin, before `ModelAdmin`: writes to the audit trail what Django would write to its own log.

    Django calls `log_addition` and `log_change` inside the transaction of the change, so the change and its
    record stand or fall together. Fields are recorded by name, never by value.
    """

    audit_kind = ""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Sequence[Any] | None, add: bool = False
    ) -> list[str]:
        """Give the names of the fields that changed; rows inside the form count as `rows.field`."""
        names = list(form.changed_data)
        for formset in formsets or ():
            prefix = formset.model._meta.model_name
            changed = {name for _, fields in getattr(formset, "changed_objects", ()) for name in fields}
            names += [f"{prefix}.{name}" for name in sorted(changed)]
            names += [f"{prefix}.added"] if getattr(formset, "new_objects", ()) else []
            names += [f"{prefix}.removed"] if getattr(formset, "deleted_objects", ()) else []
        return names

    def log_addition(self, request: HttpRequest, obj: Model, message: Sequence[str]) -> None:
        self.record(request, obj, "added", fields=message)

    def log_change(self, request: HttpRequest, obj: Model, message: Sequence[str]) -> None:
        if message:  # Pressing save without a change is no change.
            self.record(request, obj, "changed", fields=message)

    def record(self, request: HttpRequest, obj: Model, verb: str, *, fields: Sequence[str] = ()) -> None:
        """Append one entry about `obj`, in the caller's transaction."""
        kind = self.audit_kind or str(obj._meta.model_name)
        audit.record(
            actor=actor_of(request),
            action=f"{kind}.{verb}",
            subject_kind=kind,
            subject_ref=subject_ref(obj),
            fields=fields,
            now=database_now(),
        )
