"""What all pages of the admin have in common: nothing is deleted, long lists are not counted to their end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline

from crm.admin import words
from crm.admin.audited import AuditedAdmin

COUNT_AT_MOST = 5_000
SLUG_LABEL = {"slug": "Short name for addresses"}
SLUG_HELP = {"slug": "In links and in the website's code, so it stays as it is once saved."}
# Where staff find a record by its public reference. The pages are of the top floor.
# How staff know a record whose reference says nothing to them; the rooms above add theirs.
NAMES: dict[str, Callable[[Collection[str]], Mapping[str, str]]] = {}
PAGES = {"lead": "leads/lead/by-reference/", "appointment": "crm/appointment/by-reference/"}


def page_of(kind: str, reference: str) -> str | None:
    """Give the address of the page of a record, if records of this kind have one."""
    return f"{reverse('admin:index')}{PAGES[kind]}{reference}/" if kind in PAGES and reference else None


def moment_column(request: HttpRequest, name: str, description: str) -> Callable[[Any], str]:
    """Make a column that shows a moment as the clock of whoever is looking shows it."""
    zone = getattr(request.user, "time_zone", "UTC")

    @admin.display(description=description, ordering=name)
    def column(row: Any) -> str:
        return words.moment(getattr(row, name), zone)

    return column


def row_id(typed: str) -> int:
    """Read the number of a row out of an address; 0, which no row has, when it is none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0


class CappedPaginator(Paginator[Any]):
    """Counts no further than anybody pages, so that a list costs the same at any size."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNT_AT_MOST].count())

    @property
    def is_capped(self) -> bool:
        return self.count >= COUNT_AT_MOST


class ClinicModelAdmin(AuditedAdmin, ModelAdmin):
    """A page whose rows may be added and changed, never deleted."""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    list_filter_submit = False
    compressed_fields = True
    warn_unsaved_form = True
    actions = None
    sortable_by = ()
    list_title = ""  # As the menu says it, where that is not the plural of the row's name.
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    class Media:
        css: ClassVar = {"all": ("crm/lists.css",)}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"list_title": self.list_title} | (extra_context or {}))

    @admin.display(description="In use", boolean=True)
    def in_use(self, row: Any) -> bool:
        return bool(row.is_active)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say *in use* everywhere, and offer no detour to add or edit what a choice is made from."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if field is not None and db_field.name == "is_active":
            field.label = "In use"
        return field


class ReadOnlyModelAdmin(ClinicModelAdmin):
    """A page to look at: rows come and change through the acts of the domain only."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryInline(TabularInline):
    """The steps of a life, under the row they belong to: to look at, newest last."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # Whoever may see the row may see its steps.
