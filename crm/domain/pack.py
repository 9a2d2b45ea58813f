"""The clinic's first catalogue and roles, put into the database where they are missing.

Rows of the clinic pack are keyed by a stable code. Once there, they are the clinic's own: loading again never
touches what was edited.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission

from crm.errors import DomainError
from crm.models import Service

# What a visit can need before it: a clinician's exam, a signed consent, a physician's order, blood tests.
EXAM, CONSENT, ORDER, LABS = "exam", "consent", "order", "labs"


@dataclass(frozen=True, slots=True)
class DefaultService:
    """One service as a new clinic starts with it; the price is in the default currency's smallest coin."""

    slug: str
    name: str
    minutes: int
    price_minor: int
    needs: tuple[str, ...] = (EXAM, CONSENT)
    recall_days: int | None = None


SERVICES: tuple[DefaultService, ...] = (
    DefaultService("magnesium-iv-push", "Magnesium IV push", 20, 4_500, recall_days=30),
    DefaultService("myers-cocktail", "Myers’ cocktail", 60, 17_900, recall_days=30),
    DefaultService("hydration", "Hydration drip", 60, 12_900, recall_days=30),
    DefaultService("glutathione-push", "Glutathione push", 15, 4_500, recall_days=14),
    DefaultService("immunity-drip", "Vitamin C drip", 60, 18_900, recall_days=30),
    DefaultService("high-dose-vitamin-c", "High-dose vitamin C", 120, 27_500, needs=(EXAM, LABS, CONSENT)),
    DefaultService("nad-plus", "NAD+ drip", 240, 55_000),
    DefaultService("b12-injection", "B12 injection", 10, 3_000, recall_days=30),
    DefaultService("recovery-drip", "Recovery drip", 45, 17_900),
    DefaultService("athletic-drip", "Athletic drip", 60, 19_900, recall_days=30),
    DefaultService("iron-infusion", "Iron infusion", 120, 65_000, needs=(ORDER, LABS, CONSENT)),
    # A wellness exam is good for a year in most states.
    DefaultService("consultation", "Consultation with a clinician", 15, 4_900, needs=(), recall_days=365),
)


def load_services() -> int:
    """Insert the default services that are missing; count them."""
    known = set(Service.objects.values_list("slug", flat=True))
    missing = [
        Service(
            slug=each.slug,
            name=each.name,
            duration_minutes=each.minutes,
            price_minor=each.price_minor,
            prerequisites=list(each.needs),
            recall_days=each.recall_days,
        )
        for each in SERVICES
        if each.slug not in known
    ]
    # Two who load at once write each row once.
    Service.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def load_roles(grants: Mapping[str, Collection[str]]) -> int:
    """Make the groups of these names that are missing, each with its permissions; count them.

    `grants` gives for each group what it may do, as `app.codename`. A group that has any permission already
    is the clinic's own and stays as it is.

    :raises DomainError: when a permission does not exist yet: the database was not migrated.
    """
    Group.objects.bulk_create([Group(name=name) for name in grants], ignore_conflicts=True)
    empty = list(Group.objects.filter(name__in=grants, permissions__isnull=True))
    for group in empty:
        group.permissions.add(*_permissions(grants[group.name]))
    return len(empty)


def _permissions(names: Collection[str]) -> list[Permission]:
    rows = Permission.objects.filter(codename__in={name.partition(".")[2] for name in names})
    found = {
        f"{row.content_type.app_label}.{row.codename}": row for row in rows.select_related("content_type")
    }
    unknown = sorted(set(names) - found.keys())
    if unknown:
        raise DomainError(
            f"There is no permission {', '.join(unknown)}: migrate the database first.",
            code="permissions_missing",
        )
    return [found[name] for name in names]
