"""Who looks after a lead, and who must be told."""

from __future__ import annotations

from collections.abc import Collection

from django.core.cache import cache

from crm.domain.clinic import CONFIGURATION_SECONDS
from crm.enums import Role
from crm.models import Staff


def recipients(*, location_id: int, staff_ids: Collection[int | None]) -> list[int]:
    """Give the staff to tell: those named who are active, else the location's front desk, else the owners.

    Nobody left is no answer: with neither front desk nor owner the superusers are told.
    """
    named = [staff_id for staff_id in staff_ids if staff_id is not None]
    if named:
        active = list(Staff.objects.filter(pk__in=named, is_active=True).values_list("pk", flat=True))
        if active:
            return active
    return front_desk(location_id)


def front_desk(location_id: int) -> list[int]:
    """Give the active front desk of a location (at most ten seconds old), or who stands in for it."""
    key = f"front-desk:{location_id}"
    found: list[int] | None = cache.get(key)
    if found is None:
        active = Staff.objects.filter(is_active=True)
        desk = active.filter(groups__name=Role.FRONT_DESK, locations=location_id)
        owners = active.filter(groups__name__in=[Role.OWNER, Role.MANAGER])
        for choice in (desk, owners, active.filter(is_superuser=True)):
            found = sorted(set(choice.values_list("pk", flat=True)))
            if found:
                break
        cache.set(key, found, CONFIGURATION_SECONDS)
    return found or []
