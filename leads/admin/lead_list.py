"""What the list of leads is filtered by, searched for and counted with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from crm.enums import AddressKind
from crm.models import ContactPoint, Location
from leads.enums import OPEN, SCREEN_WORD
from leads.models import Lead, Submission
from leads.models.lead import NUMBER_OFFSET

SHORTEST_PHONE_PART = 4
MAX_NUMBER = 2**53
REFERENCE = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


class ShowFilter(admin.SimpleListFilter):
    """The ways staff look at the list."""

    title = "show"
    parameter_name = "show"
    template = "admin/leads/lead/no_filter.html"  # drawn above the list instead

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("open", "Open"),
            ("mine", "Mine"),
            ("unassigned", "Unassigned"),
            ("unanswered", "To answer"),
            ("overdue", "Overdue"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        open_leads = Q(status__in=OPEN)
        chosen = {
            "open": open_leads,
            "mine": open_leads & Q(owner=request.user.pk),
            "unassigned": open_leads & Q(owner__isnull=True),
            "unanswered": open_leads & Q(responded_at__isnull=True, respond_by__isnull=False),
        }
        if self.value() == "overdue":
            # The list carries the moment it was asked for, so that rule and page read one clock.
            return queryset.filter(open_leads, next_action_at__lte=queryset.query.annotations["seen_at"])
        condition = chosen.get(self.value() or "")
        return queryset.filter(condition) if condition is not None else queryset


class WordFilter(admin.SimpleListFilter):
    """The five words of the screens."""

    title = "status"
    parameter_name = "status"
    template = "admin/leads/lead/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word.replace(" ", "-"), word.capitalize()) for word in dict.fromkeys(SCREEN_WORD.values())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        word = (self.value() or "").replace("-", " ")
        statuses = [status for status, said in SCREEN_WORD.items() if said == word]
        return queryset.filter(status__in=statuses) if statuses else queryset


class LocationFilter(admin.SimpleListFilter):
    title = "location"
    parameter_name = "location"
    template = "admin/leads/lead/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Location.objects.filter(is_active=True).order_by("name").values_list("slug", "name")
        return list(rows)

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        return queryset.filter(location__slug=self.value()) if self.value() else queryset


def chips(changelist: Any) -> Iterator[dict[str, Any]]:
    """Give the filters as rows of links: one tap each, nothing to open."""
    for spec in changelist.filter_specs:
        if isinstance(spec, ShowFilter | WordFilter | LocationFilter):
            yield {"title": spec.title, "choices": list(spec.choices(changelist))}


def found_by(term: str) -> Q:
    """Say which leads a term means: `#1042`, `1042`, a name, an e-mail, or the end of a phone number.

    The long reference of a lead, or of anything that came in for it, finds it too: people paste it.
    """
    term = term.strip()
    if REFERENCE.fullmatch(term):
        return _by_reference(term.lower())
    digits = "".join(char for char in term if char.isdecimal())
    only_number = bool(digits) and not any(char.isalpha() or char == "@" for char in term)
    if term.startswith("#"):
        return _by_number(digits)
    if not only_number:
        return _by_words(term)
    found = _by_number(digits)
    if len(digits) >= SHORTEST_PHONE_PART:
        found |= Q(
            contact__in=ContactPoint.objects.filter(
                address__kind=AddressKind.PHONE, address__value__contains=digits
            ).values("contact")
        )
    return found


def _by_reference(reference: str) -> Q:
    arrived = Submission.objects.filter(reference=reference).values("lead")
    return Q(reference=reference) | Q(pk__in=arrived)


def _by_number(digits: str) -> Q:
    number = int(digits) if digits and len(digits) <= 16 else 0
    return Q(pk=number - NUMBER_OFFSET) if NUMBER_OFFSET < number <= MAX_NUMBER else Q(pk__in=[])


def _by_words(term: str) -> Q:
    named = Q()
    for word in term.split()[:6]:
        named &= Q(contact__full_name__icontains=word)
    addressed = ContactPoint.objects.filter(address__value__icontains=term.lower()).values("contact")
    return named | Q(contact__in=addressed)
