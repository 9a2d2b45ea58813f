"""The leads in the admin: the list, the page, and one address for each button of the page."""

from __future__ import annotations

from typing import Any, Never
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from crm.admin.base import CappedPaginator
from crm.errors import DomainError
from crm.models import Staff
from crm.queries import database_now
from leads.admin import lead_page, wording
from leads.admin.lead_acts import BUTTONS, Pressed
from leads.admin.lead_list import LocationFilter, ShowFilter, WordFilter, chips, found_by
from leads.domain import acts, arrivals
from leads.enums import SCREEN_WORD
from leads.models import Lead
from leads.queries import lead_page as queries
from leads.queries import listing
from leads.queries.lead_page import Vocabulary


@admin.register(Lead)
class LeadAdmin(ModelAdmin):
    """Leads are worked by acts: nothing here is typed into a row, added by hand or deleted."""

    list_display = ("who", "next_step", "looked_after", "site", "read_article", "arrived")
    list_display_links = ("who",)
    list_filter = (ShowFilter, WordFilter, LocationFilter)
    list_select_related = ("contact", "location", "owner")
    list_per_page = 50
    ordering = ("-arrived_at", "-id")
    sortable_by = ()
    search_fields = ("id",)
    search_help_text = "Name, e-mail, phone, #number or reference"
    show_full_result_count = False
    paginator = CappedPaginator
    actions = None
    list_fullwidth = True
    list_before_template = "admin/leads/lead/chips.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Lead | None = None) -> bool:
        return False

    # ── The list ────────────────────────────────────────────────────────────────────────────────────────────

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Give the leads, each with the moment the page was asked for: the columns say times left."""
        rows: QuerySet[Lead] = super().get_queryset(request)
        return rows.defer("message", "preferred_time").annotate(
            seen_at=Value(database_now(), output_field=DateTimeField())
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        return (queryset.filter(found_by(search_term)) if search_term.strip() else queryset), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        response: TemplateResponse = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context["chips"] = list(chips(context["cl"]))
        return response

    @admin.display(description="Lead")
    def who(self, lead: Lead) -> str:
        word = SCREEN_WORD[lead.status]
        return format_html(
            '<span class="ivs-who"><span class="ivs-name">{}</span> <span class="ivs-number">#{}</span> '
            '<span class="ivs-word ivs-word-{}">{}</span></span>',
            lead.contact,
            lead.number,
            word.replace(" ", "-"),
            word,
        )

    @admin.display(description="Next")
    def next_step(self, lead: Any) -> str:
        zone, now = ZoneInfo(lead.location.time_zone), lead.seen_at
        if not lead.is_open:
            return "–"
        if lead.respond_by and not lead.responded_at:
            tone = "late" if lead.respond_by <= now else "soon"
            return format_html(
                '<span class="ivs-tone-{}">answer by {} · <b>{}</b></span>',
                tone,
                wording.clock(lead.respond_by, zone=zone, now=now),
                wording.time_left(lead.respond_by, now=now),
            )
        tone = "late" if lead.next_action_at <= now else "calm"
        return format_html(
            '<span class="ivs-tone-{}">{}</span>',
            tone,
            wording.clock(lead.next_action_at, zone=zone, now=now),
        )

    @admin.display(description="Owner")
    def looked_after(self, lead: Lead) -> str:
        return str(lead.owner) if lead.owner else "Front desk"

    @admin.display(description="Location")
    def site(self, lead: Lead) -> str:
        return lead.location.name

    @admin.display(description="Article", empty_value="–")
    def read_article(self, lead: Lead) -> str | None:
        return lead.article or None

    @admin.display(description="Arrived")
    def arrived(self, lead: Any) -> str:
        return wording.clock(lead.arrived_at, zone=ZoneInfo(lead.location.time_zone), now=lead.seen_at)

    # ── The page ────────────────────────────────────────────────────────────────────────────────────────────

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("by-reference/<str:reference>/", own(self.by_reference), name="leads_lead_by_reference"),
            path("arrivals/<int:pk>/retry/", own(self.retry_arrival), name="leads_arrival_retry"),
            path("<int:pk>/act/<slug:name>/", own(require_POST(self.act)), name="leads_lead_act"),
            *super().get_urls(),
        ]

    def by_reference(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Lead to the page of the lead that a message to staff names."""
        _must(request, "leads.view_lead")
        lead = listing.by_reference(reference)
        return HttpResponseRedirect(_page(lead.pk)) if lead is not None else _not_found()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one lead, and note that it was looked at."""
        staff = _must(request, "leads.view_lead")
        lead = queries.find(int(object_id)) if object_id.isdecimal() and len(object_id) < 19 else None
        if lead is None or request.method not in {"GET", "HEAD"}:
            return _not_found()
        return self._show(request, lead, staff=staff)

    def _show(
        self,
        request: HttpRequest,
        lead: Lead,
        *,
        staff: Staff,
        pressed: lead_page.Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now = database_now()
        acts.view(lead=lead, actor=staff.as_actor, now=now)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": f"{lead.contact} #{lead.number}",
            "page": lead_page.read(
                lead,
                staff=staff,
                now=now,
                may_act=request.user.has_perm("leads.change_lead"),
                refused=pressed,
            ),
            "is_fullwidth": "1",
        }
        return TemplateResponse(request, "admin/leads/lead/page.html", context, status=status)

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Do what a button says; what is refused is said on the page, with everything still filled in."""
        staff = _must(request, "leads.view_lead", "leads.change_lead")
        lead, button = queries.find(pk), BUTTONS.get(name)
        if lead is None or button is None:
            return _not_found()
        now = database_now()
        form = button.form(request.POST, lead=lead, words=Vocabulary(), now=now)
        back = _back(request, lead)
        status = 422
        if form.is_valid():
            try:
                done = button.press(Pressed(lead=lead, form=form, by=staff, now=now))
            except DomainError as refusal:
                form.add_error(None, refusal.message)
                status = 409
            else:
                messages.success(request, done.sentence)
                return HttpResponseRedirect(back if done.lead_id == lead.pk else _page(done.lead_id))
        if back != _page(lead.pk):
            messages.error(request, lead_page.in_one_sentence(form))
            return HttpResponseRedirect(back)
        refused = lead_page.Refused(name=name, panel=button.panel, form=form)
        fresh = queries.find(pk)
        return self._show(request, fresh or lead, staff=staff, pressed=refused, status=status)

    def retry_arrival(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a parked arrival back into the queue."""
        staff = _must(request, "leads.view_lead", "leads.change_lead")
        if request.method != "POST":
            return _not_found()
        arrivals.retry(submission_id=pk, actor=staff.as_actor, now=database_now())
        messages.success(request, "It is tried again now.")
        return HttpResponseRedirect(reverse("admin:index"))


def _must(request: HttpRequest, *permissions: str) -> Staff:
    """Give the member of staff who asks, or refuse."""
    if not isinstance(request.user, Staff) or not request.user.has_perms(permissions):
        raise PermissionDenied
    return request.user


def _page(pk: int) -> str:
    return reverse("admin:leads_lead_change", args=[pk])


def _back(request: HttpRequest, lead: Lead) -> str:
    """Give where a button leads afterwards: the page it stood on, if that is one of ours."""
    wanted = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/admin/")
    return wanted if ours else _page(lead.pk)


def _not_found() -> Never:
    raise Http404("There is no such page.")
