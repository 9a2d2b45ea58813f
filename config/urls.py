"""Every address of the site. Who may do what behind it is the view's business."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import dev, health
from leads.admin.report import article_report

handler400 = "config.api.bad_request"
handler404 = "config.api.not_found"
handler500 = "config.api.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/admin/")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/leads/lead/report/", article_report, name="report"),  # before what the admin would make of it
    path("admin/", admin.site.urls),
    path("api/v1/", include("leads.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("leads.pages.urls")),
]
if settings.DEV:
    urlpatterns += [
        path("example/", dev.example, {"path": ""}),
        path("example/<path:path>", dev.example),
        path("dev/outbox/", dev.outbox),
    ]
