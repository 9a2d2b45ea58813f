"""The addresses under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from leads.api import appointments, contacts, leads, reports

REFERENCE = "(?P<reference>[0-9a-f]{32})"

urlpatterns: list[URLPattern] = [
    path("leads/", leads.Leads.as_view(), name="leads"),
    re_path(rf"^leads/{REFERENCE}/$", leads.LeadDetail.as_view(), name="lead"),
    re_path(rf"^leads/{REFERENCE}/timeline/$", leads.LeadTimeline.as_view(), name="lead-timeline"),
    re_path(rf"^leads/{REFERENCE}/transitions/$", leads.LeadTransitions.as_view(), name="lead-transitions"),
    re_path(rf"^leads/{REFERENCE}/follow-ups/$", leads.LeadFollowUps.as_view(), name="lead-follow-ups"),
    re_path(rf"^leads/{REFERENCE}/notes/$", leads.LeadNotes.as_view(), name="lead-notes"),
    path("contacts/", contacts.Contacts.as_view(), name="contacts"),
    re_path(rf"^contacts/{REFERENCE}/$", contacts.ContactDetail.as_view(), name="contact"),
    path("reports/articles/", reports.Articles.as_view(), name="report-articles"),
    path("appointments/", appointments.Appointments.as_view(), name="appointments"),
    re_path(rf"^appointments/{REFERENCE}/attended/$", appointments.Attended.as_view(), name="visit-attended"),
    re_path(rf"^appointments/{REFERENCE}/no-show/$", appointments.NoShow.as_view(), name="visit-no-show"),
    re_path(rf"^appointments/{REFERENCE}/cancel/$", appointments.Cancel.as_view(), name="visit-cancel"),
    re_path(rf"^appointments/{REFERENCE}/move/$", appointments.Move.as_view(), name="visit-move"),
]
