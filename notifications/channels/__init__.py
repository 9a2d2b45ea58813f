"""Ways to get words to people. Only the dispatcher speaks to them."""

from __future__ import annotations

from django.conf import settings

from notifications.channels.base import Channel
from notifications.channels.email import SmtpChannel
from notifications.channels.files import MailFiles, TextFiles
from notifications.enums import Channel as ChannelName


def channel_for(name: str) -> Channel:
    """Give the channel that the settings choose: real SMTP when `EMAIL_URL` is set, files otherwise.

    :raises ValueError: for a name that is no channel.
    """
    if name == ChannelName.EMAIL:
        if settings.EMAIL_URL:
            return SmtpChannel.from_url(settings.EMAIL_URL)
        return MailFiles(settings.DATA_DIR / "mail")
    if name == ChannelName.SMS:
        return TextFiles(settings.DATA_DIR / "sms")
    raise ValueError(f"{name} is no channel")
