"""The audit trail: who did what to whose record. To look at, never to change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.admin.base import ReadOnlyModelAdmin, moment_column, page_of
from crm.models import AuditEntry
from crm.queries import database_now


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
    search_help_text = "An act (lead.viewed), a reference, or a name"
    ordering = ("-at", "-id")
    fields = ("at", "who", "actor_kind", "action", "about", "named_fields")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [moment_column(request, "at", "When"), "who", "what", "about", "named_fields"]

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_label

    @admin.display(description="Did")
    def what(self, entry: AuditEntry) -> str:
        return entry.action.replace(".", ": ").replace("_", " ")

    @admin.display(description="About")
    def about(self, entry: AuditEntry) -> SafeString | str:
        words = f"{entry.subject_kind.replace('_', ' ')} {entry.subject_ref[:12]}".strip() or "–"
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
        return ", ".join(map(str, entry.fields)) or "–"
