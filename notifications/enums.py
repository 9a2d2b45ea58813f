"""How words travel: channels, purposes, the message's life. Stored values: changing one needs a migration."""

from __future__ import annotations

from django.db import models


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    SMS = "sms", "Text message"


class Purpose(models.TextChoices):
    """Why something is said. Internal mail goes to staff: no consent, no caps."""

    TRANSACTIONAL = "transactional", "About a request or visit"
    MARKETING = "marketing", "Offers"
    INTERNAL = "internal", "To staff"


class MessageState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    CLAIMED = "claimed", "Being prepared"
    HANDED = "handed", "Being handed over"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    BOUNCED = "bounced", "Bounced"
    UNKNOWN = "unknown", "Not known if it went"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Too late"
    SUPPRESSED = "suppressed", "Not allowed"


# States from which a message may still be withdrawn: nothing has left the house.
WITHDRAWABLE = frozenset({MessageState.QUEUED, MessageState.CLAIMED})
# States in which the provider has, or may have, the message.
GONE_OUT = frozenset(
    {
        MessageState.HANDED,
        MessageState.SENT,
        MessageState.DELIVERED,
        MessageState.BOUNCED,
        MessageState.UNKNOWN,
    }
)


class AboutKind(models.TextChoices):
    """What a message is about, by public reference; never a relation upward."""

    LEAD = "lead", "Lead"
    APPOINTMENT = "appointment", "Visit"
    FOLLOW_UP = "follow_up", "Follow-up"


class ConsentStatus(models.TextChoices):
    GRANTED = "granted", "Granted"
    WITHDRAWN = "withdrawn", "Withdrawn"
