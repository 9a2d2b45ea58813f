"""How moments and spans are said on the screens of staff. Pure; moments are UTC, clocks a location's."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def clock(moment: datetime, *, zone: ZoneInfo, now: datetime) -> str:
    """Say a moment as briefly as is clear: `9:15 AM`, `tomorrow 9:15 AM`, `Wed, Mar 11, 9:15 AM`."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    time = local.strftime("%-I:%M %p")
    days = (local.date() - today).days
    if days == 0:
        return time
    if abs(days) == 1:
        return f"{'tomorrow' if days > 0 else 'yesterday'} {time}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.strftime('%a, %b %-d')}{year}, {time}"


def day(moment: datetime, *, zone: ZoneInfo) -> str:
    """Say the day of a moment: `Tuesday, March 10`."""
    return moment.astimezone(zone).strftime("%A, %B %-d")


def span(length: timedelta) -> str:
    """Say how long: `under a minute`, `4 min`, `2 h 10 min`, `3 days`."""
    length = abs(length)
    if length < _MINUTE:
        return "under a minute"
    minutes = int(length / _MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if length < _DAY:
        return f"{hours} h {rest} min" if rest and hours < 6 else f"{hours} h"
    days = round(length / _DAY)
    return "1 day" if days == 1 else f"{days} days"


def time_left(moment: datetime, *, now: datetime) -> str:
    """Say how much time is left until a moment, or how late it is."""
    return f"{span(moment - now)} left" if moment > now else f"late by {span(now - moment)}"


def due(moment: datetime, *, now: datetime) -> str:
    """Say when something falls due, or since when it is."""
    return f"due in {span(moment - now)}" if moment > now else f"due {span(now - moment)} ago"


def wall(moment: datetime, *, zone: ZoneInfo) -> str:
    """Write a moment the way a date-and-time field of a form holds it, in the location's clock."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
