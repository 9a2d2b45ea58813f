"""Hears of signing in and out, which Django tells by signals only, and has it written down.

Imported with the admin, hence in every process that can sign anybody in.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from crm.domain import sign_ins
from crm.models import Staff
from crm.queries import database_now


def _signed_in(user: Staff, **_: Any) -> None:
    sign_ins.signed_in(user, now=database_now())


def _signed_out(user: Staff | None, **_: Any) -> None:
    if user is not None:  # Signing out without having been in is nothing.
        sign_ins.signed_out(user, now=database_now())


def _refused(credentials: dict[str, Any], **_: Any) -> None:
    sign_ins.refused(str(credentials.get("username", "")), now=database_now())


user_logged_in.connect(_signed_in, dispatch_uid="crm.signed_in")
user_logged_out.connect(_signed_out, dispatch_uid="crm.signed_out")
user_login_failed.connect(_refused, dispatch_uid="crm.refused")
