"""The audit trail: who did what to whose record. To look at, never to change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.admin.base import NAMES, ReadOnlyModelAdmin, moment_column, page_of
from crm.models import AuditEntry
from crm.queries import database_now

# What was done, as one would say it; other acts read well enough as they are stored.
VERBS = {
    "viewed": "looked at",
    "listed": "looked through",
    "sign_in_refused": "was not let in",
    "payment": "noted money",
    "arrived": "took in",
    "no_show": "noted a no-show",
    "attended": "noted that they came",
    "noted": "wrote a note",
    "outcome_logged": "logged an outcome",
    "kind_changed": "changed the kind",
    "owner_changed": "changed the owner",
    "answered_elsewhere": "answered elsewhere",
    "retried": "tried again",
    "learned": "told us more",
    "raised": "raised the alarm",
}
KINDS = {
    "appointment": "visit",
    "api_token": "token",
    "calloutcome": "outcome",
    "lostreason": "lost reason",
    "captureform": "capture form",
}


class SinceFilter(admin.SimpleListFilter):
    """How far back to look."""

    title = "when"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        if self.value() not in {"1", "7", "30"}:
            return queryset
        return queryset.filter(at__gte=database_now() - timedelta(days=int(self.value() or 0)))


class AboutFilter(admin.SimpleListFilter):
    """Whose record."""

    title = "about"
    parameter_name = "about"
    KINDS = (
        ("lead", "Leads"),
        ("contact", "Contacts"),
        ("appointment", "Visits"),
        ("message", "Messages"),
        ("staff", "Staff"),
        ("api_token", "API tokens"),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return self.KINDS

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(subject_kind=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyModelAdmin):
    list_filter = (SinceFilter, AboutFilter, "actor_kind")
    search_fields = ("=subject_ref", "=action", "actor_label__istartswith")
    search_help_text = "A reference, how a name begins, or an act as it is stored: lead.viewed"
    ordering = ("-at", "-id")
    fields = ("at", "who", "actor_kind", "action", "about", "named_fields")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [moment_column(request, "at", "When"), "who", "what", "about", "named_fields"]

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_label

    @admin.display(description="Did")
    def what(self, entry: AuditEntry) -> str:
        verb = entry.action.rpartition(".")[2]
        return VERBS.get(verb, verb.replace("_", " "))

    @admin.display(description="About")
    def about(self, entry: AuditEntry) -> SafeString | str:
        kind = KINDS.get(entry.subject_kind, entry.subject_kind.replace("_", " "))
        name = getattr(entry, "name", "") or _names([entry]).get(entry.pk, "")
        words = f"{kind} {name}".strip() or "–"
        page = page_of(entry.subject_kind, entry.subject_ref)
        if page is None:
            return words
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 whitespace-nowrap" href="{}">{}</a>',
            page,
            words,
        )

    @admin.display(description="Fields")
    def named_fields(self, entry: AuditEntry) -> str:
        return ", ".join(str(name).replace("_", " ") for name in entry.fields) or "–"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Give each row the name staff know its record by, one query for each kind of record."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = list(changelist.result_list)
        names = _names(changelist.result_list)
        for entry in changelist.result_list:
            entry.name = names[entry.pk]
        return changelist


def _names(entries: Iterable[AuditEntry]) -> dict[int, str]:
    """Name the records of some entries; where no name is known, by the start of the reference."""
    wanted: dict[str, set[str]] = defaultdict(set)
    entries = list(entries)
    for entry in entries:
        wanted[entry.subject_kind].add(entry.subject_ref)
    known = {kind: NAMES[kind](refs) for kind, refs in wanted.items() if kind in NAMES}
    return {
        entry.pk: known.get(entry.subject_kind, {}).get(entry.subject_ref) or entry.subject_ref[:12]
        for entry in entries
    }
