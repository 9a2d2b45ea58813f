"""The screens of staff. Importing this package registers them with the admin."""

from __future__ import annotations

from leads.admin import forms, leads, report, settings, visits

__all__ = ["forms", "leads", "report", "settings", "visits"]
