"""Who allowed what, with evidence; and the addresses nothing is sent to, until a person lifts that."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from crm.addresses import mask
from crm.admin.audited import actor_of
from crm.admin.base import ReadOnlyModelAdmin, moment_column, row_id
from crm.queries import database_now
from notifications.domain import consents
from notifications.enums import ConsentStatus
from notifications.models import Consent, Suppression

_SEARCH_HELP = "A whole e-mail address or phone number"


class _AboutAnAddress(ReadOnlyModelAdmin):
    """Rows that hang on an address, which is shown masked; it is found by typing the whole of it."""

    search_fields = ("=address__value",)
    search_help_text = _SEARCH_HELP
    ordering = ("-at", "-id")

    @admin.display(description="By")
    def by_whom(self, row: Any) -> str:
        return str(row.actor_label)

    @admin.display(description="Address")
    def masked(self, row: Any) -> str:
        return mask(row.address.kind, row.address.value)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).select_related("address")
        return rows


@admin.register(Consent)
class ConsentAdmin(_AboutAnAddress):
    list_filter = ("status", "channel", "purpose")
    fields = ("masked", "channel", "purpose", "status", "wording_version", "source", "proof", "by_whom")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [
            "masked",
            "shown_status",
            "channel",
            "purpose",
            "source",
            moment_column(request, "at", "When"),
        ]

    @admin.display(description="Evidence")
    def proof(self, consent: Consent) -> SafeString:
        facts = json.loads(consent.evidence or "{}")
        lines = [(str(name).replace("_", " "), str(value)) for name, value in facts.items()]
        return format_html_join("", '<div style="overflow-wrap: anywhere">{}: {}</div>', lines)

    @display(
        description="Said",
        ordering="status",
        label={ConsentStatus.GRANTED.label: "success", ConsentStatus.WITHDRAWN.label: "danger"},
    )
    def shown_status(self, consent: Consent) -> str:
        return consent.get_status_display()

    def get_fields(self, request: HttpRequest, obj: Consent | None = None) -> tuple[Any, ...]:
        return (*self.fields, moment_column(request, "at", "When"))

    def get_readonly_fields(self, request: HttpRequest, obj: Consent | None = None) -> tuple[Any, ...]:
        return self.get_fields(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one statement with its evidence, and note that it was shown."""
        consent = Consent.objects.filter(pk=row_id(object_id)).first()
        with transaction.atomic():
            answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            if consent is not None:
                self.record(request, consent, "viewed", fields=["evidence"])
        return answer


class StandingFilter(admin.SimpleListFilter):
    """Those that stand, and those that were lifted."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("stands", "Stands"), ("lifted", "Lifted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> QuerySet[Suppression]:
        if self.value() not in {"stands", "lifted"}:
            return queryset
        return queryset.filter(lifted_at__isnull=self.value() == "stands")


@admin.register(Suppression)
class SuppressionAdmin(_AboutAnAddress):
    list_title = "Stopped"
    list_filter = (StandingFilter,)
    change_form_outer_before_template = "admin/notifications/suppression_lift.html"

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["masked", "standing", "reason", "by_whom", moment_column(request, "at", "Since")]

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> tuple[Any, ...]:
        since, lifted = moment_column(request, "at", "Since"), moment_column(request, "lifted_at", "Lifted")
        return ("masked", "reason", "by_whom", since, lifted, "lifted_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> tuple[Any, ...]:
        return self.get_fields(request, obj)

    @display(description="State", label={"Stands": "danger", "Lifted": "success"})
    def standing(self, suppression: Suppression) -> str:
        return "Stands" if suppression.lifted_at is None else "Lifted"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "can_lift": request.user.has_perm("notifications.change_suppression"),
            "lift_url": reverse("admin:notifications_suppression_lift", args=[row_id(object_id)]),
        }
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, (extra_context or {}) | context
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(self.lift)
        return [path("<int:pk>/lift/", lift, name="notifications_suppression_lift"), *super().get_urls()]

    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let messages go to this inbox again, because the person asked for it."""
        if request.method != "POST":
            raise Http404
        if not request.user.has_perm("notifications.change_suppression"):
            raise PermissionDenied
        suppression = Suppression.objects.filter(pk=pk).first()
        if suppression is None:
            raise Http404
        with transaction.atomic():
            lifted = consents.lift(
                address_ids=[suppression.address_id], actor=actor_of(request), now=database_now()
            )
            if lifted:
                self.record(request, suppression, "lifted")
        if lifted:
            messages.success(request, "Lifted. What they agreed to still decides what may be sent.")
        else:
            messages.info(request, "It was lifted already.")
        return redirect("admin:notifications_suppression_change", pk)
