"""What the admin is called, how it looks and what its menu offers: the settings of django-unfold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

HOME = "/admin/"


def _allowed(*permissions: str) -> Callable[[HttpRequest], bool]:
    """Show an entry to whoever has one of these permissions."""

    def permission(request: HttpRequest) -> bool:
        return any(request.user.has_perm(name) for name in permissions)

    return permission


def _is_here(path: str) -> Callable[[HttpRequest], bool]:
    """Mark an entry on its own pages only: unfold marks every address that merely contains the entry's."""

    def active(request: HttpRequest) -> bool:
        if path in {HOME, LEADS}:
            # The report's address lies under that of the leads.
            inside = path == LEADS and request.path.startswith(LEADS) and not request.path.startswith(REPORT)
            return request.path == path or inside
        return request.path.startswith(path)

    return active


def _entry(title: str, icon: str, path: str, *permissions: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"title": title, "icon": icon, "link": path, "active": _is_here(path)}
    return entry | {"permission": _allowed(*permissions)} if permissions else entry


LEADS = f"{HOME}leads/lead/"
REPORT = f"{HOME}leads/lead/report/"

NAVIGATION: list[dict[str, Any]] = [
    {
        "items": [
            _entry("Today", "today", HOME),
            _entry("Leads", "person_search", LEADS, "leads.view_lead"),
            _entry("Visits", "event", f"{HOME}crm/appointment/", "crm.view_appointment"),
            _entry("Messages", "mail", f"{HOME}notifications/message/", "notifications.view_message"),
            _entry("Report", "monitoring", REPORT, "leads.view_report"),
        ],
    },
    {
        "title": "Settings",
        "separator": True,
        "collapsible": True,
        "items": [
            _entry("Locations", "location_on", f"{HOME}crm/location/", "crm.view_location"),
            _entry("Services", "vaccines", f"{HOME}crm/service/", "crm.view_service"),
            _entry("Staff", "badge", f"{HOME}crm/staff/", "crm.view_staff"),
            _entry("Capture forms", "web", f"{HOME}leads/captureform/", "leads.view_captureform"),
            _entry("Templates", "edit_note", f"{HOME}notifications/template/", "notifications.view_template"),
            _entry(
                "Consents", "verified_user", f"{HOME}notifications/consent/", "notifications.view_consent"
            ),
            _entry("Stopped", "block", f"{HOME}notifications/suppression/", "notifications.view_suppression"),
            _entry("Outcomes", "call_end", f"{HOME}leads/calloutcome/", "leads.view_calloutcome"),
            _entry("Lost reasons", "label_off", f"{HOME}leads/lostreason/", "leads.view_lostreason"),
            _entry("API tokens", "key", f"{HOME}crm/apitoken/", "crm.view_apitoken"),
            _entry("Audit trail", "history", f"{HOME}crm/auditentry/", "crm.view_auditentry"),
        ],
    },
]


def _styles(_: HttpRequest) -> str:
    return static("leads/admin.css")


def _favicon(_: HttpRequest) -> str:
    return static("leads/favicon.svg")


def _scripts(_: HttpRequest) -> str:
    return static("leads/admin.js")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "IV-Suite",
    "SITE_HEADER": "IV-Suite",
    "SITE_SUBHEADER": "From question to visit",
    "SITE_SYMBOL": "water_drop",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _favicon}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "leads.admin.today.dashboard",
    "STYLES": [_styles],
    "SCRIPTS": [_scripts],
    "COLORS": {
        # One calm green, the one of the clinic's website.
        "primary": {
            "50": "oklch(97.6% .014 186)",
            "100": "oklch(94.4% .03 186)",
            "200": "oklch(88.8% .052 186)",
            "300": "oklch(81.4% .076 185)",
            "400": "oklch(72.2% .09 185)",
            "500": "oklch(60.5% .094 185)",
            "600": "oklch(47.5% .079 186)",
            "700": "oklch(42% .07 187)",
            "800": "oklch(36.2% .058 188)",
            "900": "oklch(31.5% .048 189)",
            "950": "oklch(21.8% .036 190)",
        },
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}
