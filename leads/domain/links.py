"""Addresses of our own pages, for messages. Public references only."""

from __future__ import annotations

from django.conf import settings


def form_page(slug: str, *, language: str) -> str:
    """Give the address of a form's hosted page, in the language of the person who wrote."""
    page = f"{settings.PUBLIC_URL.rstrip('/')}/forms/{slug}/"
    return page if language == "en" else f"{page}?lang={language}"


def lead_page(reference: str) -> str:
    """Give the address of a lead's page in the admin."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/admin/leads/lead/by-reference/{reference}/"
