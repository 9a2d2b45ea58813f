"""The places leads come from, each with a public key and the pages that may post with it."""

from __future__ import annotations

import re
import secrets
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.admin.base import SLUG_HELP, SLUG_LABEL, ClinicModelAdmin
from crm.admin.fields import LinesField
from crm.models import Staff
from leads.models import CaptureForm

_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::(?:\d{1,5}|\*))?", re.IGNORECASE)


class CaptureFormForm(forms.ModelForm[CaptureForm]):
    """One capture form."""

    allowed_origins = LinesField(
        required=False,
        label="Pages that may post",
        help_text="The websites that carry this form, a line each: https://www.your-clinic.com. "
        "With and without www. are two.",
    )

    class Meta:
        model = CaptureForm
        fields: ClassVar[tuple[str, ...]] = ()  # The page says which.
        labels: ClassVar = {
            **SLUG_LABEL,
            "key": "Public key",
            "owner": "Who answers first",
            "missing_proof": "When proof is missing",
            "flood_limit": "Posts a minute from one network",
        }
        help_texts: ClassVar = {
            **SLUG_HELP,
            "key": "Stands in the website's code. It names this form; it opens nothing.",
            "location": "Whose front desk sees what comes in",
            "owner": "Empty: the location's front desk",
            "missing_proof": "What to do with a post that does not show that it came from a browser",
            "flood_limit": "More than that is asked to wait a minute.",
        }

    def clean_allowed_origins(self) -> list[str]:
        origins: list[str] = self.cleaned_data["allowed_origins"]
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                parts = urlsplit(origin)
                better = f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else "https://…"
                raise ValidationError(f"Write only scheme and host, without a path: {better}")
        return [origin.lower() for origin in origins]


@admin.register(CaptureForm)
class CaptureFormAdmin(ClinicModelAdmin):
    form = CaptureFormForm
    list_display = ("name", "slug", "location", "owner", "in_use")
    list_select_related = ("location", "owner")
    ordering = ("name",)

    def get_fieldsets(self, request: HttpRequest, obj: CaptureForm | None = None) -> list[tuple[Any, Any]]:
        return [
            (None, {"fields": ("name", "slug", *(("key", "page") if obj else ()), "is_active")}),
            ("Who answers", {"fields": ("location", "owner")}),
            ("Against misuse", {"fields": ("allowed_origins", "missing_proof", "flood_limit")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: CaptureForm | None = None) -> tuple[str, ...]:
        return ("slug", "key", "page") if obj else ()  # Both stand in the website's code.

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: CaptureForm | None = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = Staff.objects.filter(is_active=True).order_by("full_name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="Page of its own")
    def page(self, form: CaptureForm) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="/forms/{0}/">/forms/{0}/</a>', form.slug
        )

    def save_model(self, request: HttpRequest, obj: CaptureForm, form: Any, change: bool) -> None:
        """Give a new form its public key."""
        if not change:
            obj.key = f"{obj.slug[:40]}-{secrets.token_hex(8)}"
        super().save_model(request, obj, form, change)
