"""Leads by reference and page by page, newest first, with everything a list shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from crm.models import ContactPoint
from leads.models import Lead, Submission
from leads.models.lead import LeadQuerySet


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list of all leads by arrival. `arrived_at` is UTC."""

    arrived_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some leads in a row, newest first, and whether there are others on either side."""

    leads: list[Lead]
    has_newer: bool
    has_older: bool


def with_facts(leads: LeadQuerySet, *, words: bool) -> LeadQuerySet:
    """Read along what a list shows of each lead, in three queries however many leads there are.

    What people wrote is opened only for whom `words` are meant.
    """
    points = ContactPoint.objects.select_related("address").order_by("id")
    unopened = ("preferred_time",) if words else ("preferred_time", "message")
    return (
        leads.defer(*unopened)
        .select_related("contact", "location", "owner")
        .prefetch_related("services", Prefetch("contact__points", queryset=points))
    )


def by_reference(reference: str) -> Lead | None:
    """Find a lead by its own reference, or by that of any submission that belongs to it."""
    return _by_reference(Lead.objects.all(), reference)


def item_by_reference(reference: str, *, words: bool) -> Lead | None:
    """Find a lead as `by_reference` does, with everything that a list shows of it."""
    return _by_reference(with_facts(Lead.objects.all(), words=words), reference)


def _by_reference(leads: LeadQuerySet, reference: str) -> Lead | None:
    lead = leads.filter(reference=reference).first()
    if lead is not None:
        return lead
    of_submission = Submission.objects.filter(reference=reference).values("lead_id")
    return leads.filter(pk__in=of_submission).first()


def page(
    *,
    limit: int,
    words: bool,
    older_than: Position | None = None,
    newer_than: Position | None = None,
    statuses: Collection[str] = (),
    location: str = "",
) -> Page:
    """Read one page of leads from a position on, either way; its cost does not grow with how deep it lies."""
    leads = with_facts(Lead.objects.all(), words=words)
    if statuses:
        leads = leads.filter(status__in=statuses)
    if location:
        leads = leads.filter(location__slug=location)
    if newer_than is not None:
        rows = list(leads.filter(_newer(newer_than)).order_by("arrived_at", "id")[: limit + 1])
        return Page(leads=rows[:limit][::-1], has_newer=len(rows) > limit, has_older=True)
    if older_than is not None:
        leads = leads.filter(_older(older_than))
    rows = list(leads.order_by("-arrived_at", "-id")[: limit + 1])
    return Page(leads=rows[:limit], has_newer=older_than is not None, has_older=len(rows) > limit)


# The first condition alone says less than the second; it is there for the index on (arrived_at, id).
def _older(than: Position) -> Q:
    tie = Q(arrived_at=than.arrived_at, id__lt=than.id)
    return Q(arrived_at__lte=than.arrived_at) & (Q(arrived_at__lt=than.arrived_at) | tie)


def _newer(than: Position) -> Q:
    tie = Q(arrived_at=than.arrived_at, id__gt=than.id)
    return Q(arrived_at__gte=than.arrived_at) & (Q(arrived_at__gt=than.arrived_at) | tie)
