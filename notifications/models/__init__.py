"""The tables of what is said."""

from notifications.models.consent import Consent, Suppression
from notifications.models.message import Message, MessageEvent
from notifications.models.template import Template

__all__ = ["Consent", "Message", "MessageEvent", "Suppression", "Template"]
