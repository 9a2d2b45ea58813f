"""What the messaging floor refuses."""

from __future__ import annotations

from crm.errors import DomainError


class TemplateNotUsable(DomainError):
    """A template is missing, or names a placeholder that does not exist."""

    code = "template_not_usable"


class MessageNotMovable(DomainError):
    """A message was asked to move where its life has no way."""

    code = "message_not_movable"


class NotHanded(Exception):  # a signal between the hand step and a channel, not a refusal to a person
    """The last look before the hand said no: nothing may leave the house now."""
