"""What can be booked, for how long and for how much."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from crm.admin import words
from crm.admin.base import SLUG_HELP, SLUG_LABEL, ClinicModelAdmin
from crm.admin.fields import LinesField, MoneyField
from crm.models import Service


class ServiceForm(forms.ModelForm[Service]):
    """A service; its price is typed as money."""

    price_minor = MoneyField(label="Price", help_text="Such as 49.00; visits booked before keep their price.")
    prerequisites = LinesField(
        required=False,
        label="Needed before a visit",
        help_text="A line each, in the clinic's short names: exam, intake, consent",
    )

    class Meta:
        model = Service
        fields: ClassVar[tuple[str, ...]] = ()  # The page says which.
        labels: ClassVar = {
            **SLUG_LABEL,
            "public_label": "Name in messages",
            "duration_minutes": "Takes, in minutes",
            "recall_days": "Invite again after, in days",
        }
        help_texts: ClassVar = {
            **SLUG_HELP,
            "name": "For staff and reports; it is never in a message.",
            "public_label": "Neutral words: no treatment, no condition.",
            "currency": "Three letters, such as USD",
            "recall_days": "Empty: nobody is invited again",
        }


@admin.register(Service)
class ServiceAdmin(ClinicModelAdmin):
    form = ServiceForm
    list_display = ("name", "public_label", "takes", "price", "in_use")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    ordering = ("name",)
    fieldsets: ClassVar = (
        (None, {"fields": ("name", "slug", "public_label", "is_active")}),
        ("Booking", {"fields": ("duration_minutes", "price_minor", "currency")}),
        ("Before and after", {"fields": ("prerequisites", "recall_days")}),
    )

    @admin.display(description="Takes", ordering="duration_minutes")
    def takes(self, service: Service) -> str:
        return f"{service.duration_minutes} min"

    @admin.display(description="Price", ordering="price_minor")
    def price(self, service: Service) -> str:
        return words.money(service.price_minor, service.currency)

    def get_readonly_fields(self, request: HttpRequest, obj: Service | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # The website and the API name services by it.

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Service | None = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}
