"""Addresses of our own pages, for messages. Public references only."""

from __future__ import annotations

from django.conf import settings


def form_page(slug: str) -> str:
    """Give the address of a form's hosted page, for the person who wrote."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/forms/{slug}/"


def lead_page(reference: str) -> str:
    """Give the address of a lead's page in the admin."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/admin/leads/lead/by-reference/{reference}/"
