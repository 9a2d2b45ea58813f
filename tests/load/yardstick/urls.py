"""One address."""

from __future__ import annotations

from django.urls import path

from tests.load.yardstick.views import Leads

urlpatterns = [path("api/v1/leads/", Leads.as_view())]
