"""The addresses of the public pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from leads.pages import hosted

urlpatterns: list[URLPattern] = [
    path("forms/<slug:slug>/", hosted.hosted_form, name="hosted-form"),
    path("forms/<slug:slug>/thanks/", hosted.thanks, name="thanks"),
]
