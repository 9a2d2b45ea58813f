"""The list of visits, to look at. What is done with a visit is done on the page of its lead."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from crm.admin import words
from crm.admin.base import HistoryInline, ReadOnlyModelAdmin, row_id
from crm.domain.opening_hours import local_moment
from crm.enums import AppointmentStatus
from crm.models import Appointment, AppointmentEvent, Location
from crm.queries import database_now
from leads.models import LeadVisit
from leads.models.lead import NUMBER_OFFSET

LABELS = {
    AppointmentStatus.SCHEDULED.label: "info",
    AppointmentStatus.CONFIRMED.label: "info",
    AppointmentStatus.CHECKED_IN.label: "warning",
    AppointmentStatus.COMPLETED.label: "success",
    AppointmentStatus.NO_SHOW.label: "danger",
}


class WhenFilter(admin.SimpleListFilter):
    """Which days, each location by its own calendar. Without a choice: from today on."""

    title = "when"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today"), ("upcoming", "After today"), ("past", "Before today"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "From today on"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        if self.value() == "all":
            return queryset
        now, wanted = database_now(), Q(pk__in=[])
        for location_id, zone in Location.objects.values_list("id", "time_zone"):
            starts, ends = _day(now, ZoneInfo(zone))
            wanted |= Q(location_id=location_id) & _span(self.value(), starts, ends)
        return queryset.filter(wanted)


def _day(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    today = now.astimezone(zone).date()
    return local_moment(zone, today, time.min), local_moment(zone, today + timedelta(days=1), time.min)


def _span(when: str | None, starts: datetime, ends: datetime) -> Q:
    if when == "today":
        return Q(starts_at__gte=starts, starts_at__lt=ends)
    if when == "upcoming":
        return Q(starts_at__gte=ends)
    return Q(starts_at__lt=starts) if when == "past" else Q(starts_at__gte=starts)


class EventInline(HistoryInline):
    model = AppointmentEvent
    verbose_name_plural = "what happened to it"
    ordering = ("at", "id")
    fields = ("moment", "to_status", "reason", "by_whom")
    readonly_fields = fields

    @admin.display(description="By")
    def by_whom(self, event: AppointmentEvent) -> str:
        return event.actor_label

    @admin.display(description="When")
    def moment(self, event: AppointmentEvent) -> str:
        return words.moment(event.at, event.appointment.location.time_zone)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AppointmentEvent]:
        rows: QuerySet[AppointmentEvent] = super().get_queryset(request)
        return rows.select_related("appointment__location")


@admin.register(Appointment)
class VisitAdmin(ReadOnlyModelAdmin):
    list_display = ("when", "who", "state", "service", "location", "lead")
    list_filter = (WhenFilter, "location", "status")
    search_fields = ("contact__full_name__istartswith", "=reference")
    search_help_text = "How the name begins"
    fields = ("when", "who", "state", "service", "location", "chair", "price", "source")
    inlines = (EventInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        lead = LeadVisit.objects.filter(appointment=OuterRef("pk"))
        rows: QuerySet[Appointment] = super().get_queryset(request)
        return rows.select_related("contact", "service", "location").annotate(
            lead_id=Subquery(_standing_first(lead).values("lead_id")[:1])
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Show what comes soonest first; of the past and of everything, what was last."""
        return ("-starts_at", "-id") if request.GET.get("when") in {"past", "all"} else ("starts_at", "id")

    @admin.display(description="When", ordering="starts_at")
    def when(self, visit: Appointment) -> str:
        return words.moment(visit.starts_at, visit.location.time_zone)

    @admin.display(description="Who", ordering="contact__full_name")
    def who(self, visit: Appointment) -> str:
        return str(visit.contact)

    @display(description="State", ordering="status", label=LABELS)
    def state(self, visit: Appointment) -> str:
        return visit.get_status_display()

    @admin.display(description="Price")
    def price(self, visit: Appointment) -> str:
        return words.money(visit.price_minor, visit.currency)

    @admin.display(description="Lead")
    def lead(self, visit: Any) -> SafeString | str:
        if visit.lead_id is None:
            return "–"
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">#{}</a>',
            _lead_page(visit.lead_id),
            NUMBER_OFFSET + visit.lead_id,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead on to the page of the lead; a visit without one is shown here, and that it was is noted."""
        visit = self.get_queryset(request).filter(pk=row_id(object_id)).first()
        lead_id = getattr(visit, "lead_id", None)
        if lead_id is not None and request.user.has_perm("leads.view_lead"):
            return redirect(_lead_page(lead_id))
        with transaction.atomic():
            answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            if visit is not None:
                self.record(request, visit, "viewed")
        return answer

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.by_reference)
        own = path("by-reference/<str:reference>/", view, name="crm_appointment_by_reference")
        return [own, *super().get_urls()]

    def by_reference(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Find a visit by its public reference."""
        visit = Appointment.objects.filter(reference=reference).first()
        if visit is None:
            raise Http404
        return redirect("admin:crm_appointment_change", visit.pk)


def _standing_first(links: QuerySet[LeadVisit]) -> QuerySet[LeadVisit]:
    """Put the link that stands before those that were revoked: of a moved visit only such a one is left."""
    return links.alias(is_revoked=Q(revoked_at__isnull=False)).order_by("is_revoked", "-id")


def _lead_page(lead_id: int) -> str:
    return reverse("admin:leads_lead_change", args=[lead_id])
