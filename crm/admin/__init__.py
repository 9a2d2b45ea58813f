"""The pages of the clinic itself: sites, services, staff, tokens, and the audit trail."""

from __future__ import annotations

from crm.admin import audit, locations, services, sign_ins, staff, tokens

__all__ = ["audit", "locations", "services", "sign_ins", "staff", "tokens"]
