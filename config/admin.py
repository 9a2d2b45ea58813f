"""The admin site of the clinic."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from crm.domain import audit
from crm.models import Staff
from crm.queries import database_now


class ClinicAdminSite(UnfoldAdminSite):
    """Where staff work. The menu, the look and *Today* are named in `config.menu`."""

    site_title = "IV-Suite"
    site_header = "IV-Suite"
    index_title = "Today"
    # Not `admin/index.html`: unfold has one of that name, and comes first.
    index_template = "admin/leads/today/page.html"

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Let staff change their own password; that they did is written down in the same transaction."""
        with transaction.atomic():
            answer: HttpResponse = super().password_change(request, extra_context)
            staff = request.user
            if isinstance(staff, Staff) and answer.status_code == HTTPStatus.FOUND:
                audit.record(
                    actor=staff.as_actor,
                    action="staff.changed",
                    subject_kind="staff",
                    subject_ref=staff.reference,
                    fields=["password"],
                    now=database_now(),
                )
        return answer
