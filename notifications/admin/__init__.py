"""The pages about what is said: messages, their wording, and who allowed what."""

from __future__ import annotations

from notifications.admin import consents, messages, templates

__all__ = ["consents", "messages", "templates"]
