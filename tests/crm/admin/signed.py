"""Somebody signed in to the admin, in a role with the permissions the clinic pack gives it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from crm.domain import pack
from crm.models import Staff
from leads.domain.roles import GRANTS
from tests import factories


def signed_in(role: str, **more: Any) -> tuple[Client, Staff]:
    """Make a member of staff of this role and a browser in which they are signed in."""
    pack.load_roles(GRANTS)
    staff = factories.staff(role=role, **more)
    client = Client()
    client.force_login(staff)
    return client, staff
