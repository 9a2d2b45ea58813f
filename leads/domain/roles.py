"""What each role may do, over all three floors: the one table, read when the clinic pack is loaded."""

from __future__ import annotations

from crm.enums import Role


def _may(app: str, models: str, *acts: str) -> frozenset[str]:
    """Name the permissions for these acts on these models (separated by blanks), as `app.codename`."""
    return frozenset(f"{app}.{act}_{model}" for model in models.split() for act in acts)


_SEEN = (
    _may("leads", "leadevent leadvisit touch calloutcome lostreason captureform", "view")
    | _may(
        "crm", "contactpoint address appointmentevent location openinghours closedday service staff", "view"
    )
    | _may("notifications", "message messageevent consent suppression template", "view")
)
_WORK = (
    _SEEN
    | _may("leads", "lead submission", "view", "change")
    | _may("leads", "followup note", "view", "add", "change")
    | _may("crm", "contact safetyhold", "view", "change")
    | _may("crm", "appointment payment", "view", "add", "change")
    # Whoever is at the desk settles what nobody knows of: did it go?
    | _may("notifications", "message", "change")
)
_REPORT = frozenset({"leads.view_report"})
_SETTINGS = (
    _may("crm", "location service", "view", "add", "change")
    | _may("crm", "openinghours closedday", "view", "add", "change", "delete")
    | _may("crm", "apitoken", "view", "add", "change")
    | _may("crm", "auditentry heartbeat", "view")
    | _may("leads", "captureform calloutcome lostreason", "view", "add", "change")
    | _may("notifications", "template", "view", "add", "change")
    | _may("notifications", "suppression", "view", "change")
)
_OWN = _may("crm", "staff", "view", "add", "change") | _may("auth", "group", "view", "change")

GRANTS: dict[str, frozenset[str]] = {
    Role.FRONT_DESK: _WORK,
    Role.NURSE: _WORK,
    Role.MANAGER: _WORK | _SETTINGS | _REPORT,
    # Sums only: no person's record.
    Role.MARKETING: _REPORT,
    Role.OWNER: _WORK | _SETTINGS | _REPORT | _OWN,
}
