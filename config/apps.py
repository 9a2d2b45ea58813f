"""Tells Django's admin which site is ours."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class ClinicAdminConfig(AdminConfig):
    """The admin, with the clinic's own site in the place of the default one."""

    default_site = "config.admin.ClinicAdminSite"
