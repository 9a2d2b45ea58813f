"""The report of the house: which article brought whom how far, and what it earned."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from crm.admin import words
from crm.models import Location
from crm.queries import database_now
from leads import reports
from leads.reports import ArticleReport, Funnel, Span

CHART_ROWS = 8
# One colour after another, each readable on white and on black.
STEPS = (
    ("Wrote", "leads", "#94a3b8"),
    ("Reached", "contacted", "#38bdf8"),
    ("Booked", "booked", "#f59e0b"),
    ("Came", "attended", "#14b8a6"),
)
_TICKS = {"color": "#9ca3af"}
CHART_OPTIONS: dict[str, Any] = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "indexAxis": "y",
    "plugins": {
        "legend": {
            "position": "top",
            "align": "start",
            "labels": {"color": "#9ca3af", "usePointStyle": True, "pointStyle": "circle", "boxHeight": 6},
        },
        "tooltip": {"enabled": True},
    },
    "scales": {
        "x": {"beginAtZero": True, "ticks": _TICKS | {"precision": 0}, "grid": {"display": True}},
        "y": {"ticks": _TICKS, "grid": {"display": False}},
    },
    "datasets": {"bar": {"maxBarThickness": 12, "borderRadius": 3, "categoryPercentage": 0.75}},
}


class ReportForm(forms.Form):
    """Which arrivals to look at."""

    span = forms.ChoiceField(
        label="Who wrote", choices=Span.choices, initial=Span.DAYS_90, widget=UnfoldAdminSelectWidget
    )
    location = forms.ModelChoiceField(
        Location.objects.order_by("name"),
        required=False,
        empty_label="All locations",
        widget=UnfoldAdminSelectWidget,
    )
    first = forms.DateField(
        label="From", required=False, widget=UnfoldAdminDateWidget(attrs={"type": "date"})
    )
    last = forms.DateField(label="To", required=False, widget=UnfoldAdminDateWidget(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        chosen = self.cleaned_data.get("span") == Span.CUSTOM and not self.errors
        if chosen and (refused := reports.days_refused(first, last)):
            self.add_error(*refused)
        return cleaned


@login_required
@permission_required("leads.view_report", raise_exception=True)
def article_report(request: HttpRequest) -> HttpResponse:
    """Show the report; what cannot be read in the choice is said beside it, and the default is shown."""
    now = database_now()
    chosen = {"span": Span.DAYS_90.value} | {name: value for name, value in request.GET.items() if value}
    form = ReportForm(chosen, label_suffix="")
    data: dict[str, Any] = form.cleaned_data if form.is_valid() else {"span": Span.DAYS_90}
    location: Location | None = data.get("location")
    # Whoever is signed in has a zone; the type of a request does not know it.
    zone = reports.zone_of(location, reader=getattr(request.user, "time_zone", "UTC"))
    period = reports.period_of(
        data["span"], zone=zone, now=now, first=data.get("first"), last=data.get("last")
    )
    report = reports.by_article(period=period, now=now, location_id=location.pk if location else None)
    context = admin.site.each_context(request) | _shown(report) | {"title": "Report", "form": form}
    return TemplateResponse(request, "admin/leads/report.html", context)


def _shown(report: ArticleReport) -> dict[str, Any]:
    """Put a report into the words and numbers of the page."""
    total, period = report.total, report.period
    return {
        "period": f"{_day(period.first)} – {_day(period.last)}",
        "zone": words.zone_name(period.zone.key),
        "tiles": [
            {"label": label, "count": getattr(total, name), "rate": total.share(getattr(total, name))}
            for label, name, _ in STEPS
        ],
        "kept": _money(total),
        "rows": [_row(article or "(no article)", funnel) for article, funnel in report.rows],
        "total": _row("All", total),
        "not_leads": report.not_leads,
        "too_early": total.too_early,
        "chart": json.dumps(_chart(report)),
        "chart_options": json.dumps(CHART_OPTIONS),
        "chart_height": 90 + 64 * min(len(report.rows), CHART_ROWS),
        "more_than_charted": max(0, len(report.rows) - CHART_ROWS),
    }


def _row(name: str, funnel: Funnel) -> dict[str, Any]:
    cells = [
        {"label": label, "count": getattr(funnel, step), "rate": funnel.share(getattr(funnel, step))}
        for label, step, _ in STEPS
    ]
    return {
        "name": name,
        "cells": cells,
        "kept": _money(funnel),
        "too_early": funnel.too_early,
        "all_too_early": funnel.leads > 0 and funnel.too_early == funnel.leads,
    }


def _chart(report: ArticleReport) -> dict[str, Any]:
    rows = report.rows[:CHART_ROWS]
    return {
        "labels": [article or "(no article)" for article, _ in rows],
        "datasets": [
            {"label": label, "backgroundColor": colour, "data": [getattr(funnel, name) for _, funnel in rows]}
            for label, name, colour in STEPS
        ],
    }


def _money(funnel: Funnel) -> str:
    sums = [words.money(minor, currency) for currency, minor in sorted(funnel.kept_minor.items())]
    return " + ".join(sums) or words.money(0, "USD")


def _day(day: Any) -> str:
    return f"{day:%b} {day.day}, {day.year}"
