"""What the enquiry of every journey says, and what one journey comes to, however it is walked."""

from __future__ import annotations

from typing import Any

ORIGIN = "https://clinic.example"
ARTICLE = "magnesium"
SERVICE = "magnesium-iv-push"

ACK, ALERT, DUE = "acknowledgement", "new-lead-alert", "follow-up-due"
CONFIRMED, H48, H24, H2 = (
    "visit-confirmation",
    "visit-reminder-48h",
    "visit-reminder-24h",
    "visit-reminder-2h",
)
ALL_SENT = {
    (ACK, "email"): "sent",
    (ACK, "sms"): "sent",
    (ALERT, "email"): "sent",
    (DUE, "email"): "sent",
    **{(code, channel): "sent" for code in (CONFIRMED, H48, H24, H2) for channel in ("email", "sms")},
}

STATUSES = ["new", "qualified", "booked", "attended"]
ACTS = ["lead.arrived", "lead.outcome_logged", "visit.booked", "visit.attended"]


def enquiry(*, zone: str) -> dict[str, Any]:
    """Give what the form below the magnesium article holds, filled in by somebody whose clock is `zone`."""
    return {
        "name": "Mara Okafor",
        "email": "mara.okafor@example.com",
        # A satellite phone has no time zone: hers is the clinic's, at whatever hour this is run.
        "phone": "+882 34 5123 4567",
        "message": "How long does a push take?",
        "service": [SERVICE],
        "preferred_contact": "phone",
        "consent_sms": True,
        "article": ARTICLE,
        "cta": "article-end",
        "page_url": f"{ORIGIN}/articles/magnesium/",
        "utm_source": "newsletter",
        "timezone": zone,
    }
