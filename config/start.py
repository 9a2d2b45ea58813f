"""What a long-lived process looks at before it serves."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from crm.queries import demo_rows_exist


def refuse_demo_rows() -> None:
    """Refuse to serve outside `DEV=1` while demo people and tokens, whose passwords are public, exist.

    A database that does not answer or is not migrated yet is not this function's to report.

    :raises ImproperlyConfigured: when there are any.
    """
    if settings.DEV:
        return
    try:
        found = demo_rows_exist()
    except DatabaseError:
        return
    if found:
        raise ImproperlyConfigured(
            "This database holds demo staff or a demo token, whose passwords are public. "
            "Use another DATABASE_URL, or start with DEV=1."
        )
