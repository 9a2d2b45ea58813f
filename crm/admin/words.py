"""How the screens say moments and money. Pure."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

MINOR_UNITS = 100
_SIGNS = {"USD": "$"}
# As people there call it; elsewhere the city says it.
_ZONES = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "UTC": "UTC",
}


def moment(at: datetime | None, zone: str) -> str:
    """Say a moment as a clock in `zone` shows it, such as `Tue, Mar 10, 2026, 11:05 AM`; a dash for none."""
    if at is None:
        return "–"
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a, %b} {local.day}, {local.year}, {clock(local)}"


def clock(local: datetime | time) -> str:
    """Say a local time as people there say it: `11:05 AM`."""
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def zone_name(zone: str) -> str:
    """Say a time zone: `Central time`, `Mexico City time`."""
    return _ZONES.get(zone) or f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def money(minor: int, currency: str) -> str:
    """Say an amount of the smallest coin: `$49.00`, `−$5.00`, `49.00 EUR`."""
    amount = f"{Decimal(abs(minor)) / MINOR_UNITS:,.2f}"
    sign = "−" if minor < 0 else ""
    return f"{sign}{_SIGNS[currency]}{amount}" if currency in _SIGNS else f"{sign}{amount} {currency}"
