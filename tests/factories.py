"""Rows that tests stand on. Each function makes the least that is true, and can be told more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from crm.enums import Role, ZoneSource
from crm.fields import keyed_hash
from crm.models import Address, Contact, ContactPoint, Location, OpeningHours, Service, Staff
from leads.domain import intake
from leads.enums import LeadStatus
from leads.models import CallOutcome, CaptureForm, Lead, LostReason, Submission
from notifications.domain import pack as message_pack

_serial = count(1)

# A Tuesday, 11:00 in Chicago: the clinic is open.
NOON = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


def location(**more: Any) -> Location:
    """Make a location in Chicago that is open Monday to Saturday, 9 to 18."""
    n = next(_serial)
    row = Location.objects.create(
        **{
            "slug": f"downtown-{n}",
            "name": "Downtown",
            "time_zone": "America/Chicago",
            "chairs": 3,
            "sender_name": "IV-Suite",
            "sender_phone": "+15125550140",
            "phone": "512-555-0140",
            "reply_email": "desk@ivsuite.example",
            "postal_address": "1 Main Street, Austin, TX 78701",
            **more,
        }
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(location=row, weekday=day, opens=time(9), closes=time(18)) for day in range(6)
    )
    return row


def service(**more: Any) -> Service:
    n = next(_serial)
    return Service.objects.create(
        **{
            "slug": f"magnesium-{n}",
            "name": "Magnesium IV push",
            "duration_minutes": 30,
            "price_minor": 4500,
            **more,
        }
    )


def staff(*, role: str | None = Role.FRONT_DESK, at: Location | None = None, **more: Any) -> Staff:
    """Make a member of staff in a role (its group is made when missing), at a location."""
    n = next(_serial)
    row = Staff.objects.create_user(
        **{"email": f"desk{n}@ivsuite.example", "full_name": "Dana Desk", "password": "pw", **more}
    )
    if role is not None:
        row.groups.add(Group.objects.get_or_create(name=role)[0])
    if at is not None:
        row.locations.add(at)
    return row


def form(*, at: Location | None = None, **more: Any) -> CaptureForm:
    n = next(_serial)
    return CaptureForm.objects.create(
        **{
            "slug": f"website-{n}",
            "name": "Website",
            "key": f"key-{n}",
            "location": at or location(),
            "allowed_origins": ["https://clinic.example"],
            **more,
        }
    )


def arrival(form: CaptureForm, *, now: datetime = NOON, key: str | None = None, **fields: Any) -> Submission:
    """Store one arrival through the front door's own rule, as JSON."""
    given = {"name": "Ann Smith", "email": f"ann{next(_serial)}@example.com", **fields}
    receipt = intake.accept(
        raw=json.dumps(given).encode(),
        content_type="application/json",
        header_key=form.key,
        origin="",
        idempotency_key=key,
        sender="192.0.2.7",
        now=now,
    )
    return Submission.objects.get(reference=receipt.reference)


def address(
    value: str = "ann@example.com", *, kind: str = "email", match_key: str = "", now: datetime = NOON
) -> Address:
    return Address.objects.create(
        kind=kind,
        value=value,
        match_key=match_key or value,
        value_hash=keyed_hash(value, purpose=f"address:{kind}"),
        created_at=now,
    )


def contact(*, name: str = "Ann Smith", email: str | None = None, phone: str | None = None) -> Contact:
    row = Contact.objects.create(
        full_name=name,
        time_zone="America/Chicago",
        time_zone_source=ZoneSource.LOCATION,
        created_at=NOON,
    )
    for kind, value in (("email", email), ("phone", phone)):
        if value is not None:
            ContactPoint.objects.create(contact=row, address=address(value, kind=kind), created_at=NOON)
    return row


def lead(*, at: Location | None = None, person: Contact | None = None, **more: Any) -> Lead:
    """Make an open lead in any state, without its history."""
    return Lead.objects.create(
        **{
            "contact": person or contact(),
            "location": at or location(),
            "status": LeadStatus.NEW,
            "status_before": LeadStatus.NEW if more.get("status") == LeadStatus.LOST else "",
            "arrived_at": NOON,
            "last_arrival_at": NOON,
            "respond_by": NOON + timedelta(minutes=5),
            "next_action_at": NOON + timedelta(minutes=5),
            **more,
        }
    )


def lost_reason(code: str = "price") -> LostReason:
    return LostReason.objects.get_or_create(code=code, defaults={"label": code.title()})[0]


def outcome(code: str = "no_answer", **more: Any) -> CallOutcome:
    facts = {
        "label": code.replace("_", " ").title(),
        "moves_to": LeadStatus.ATTEMPTING,
        "next_days": 1,
        **more,
    }
    return CallOutcome.objects.get_or_create(code=code, defaults=facts)[0]


def templates() -> None:
    """Load the wordings that messages need."""
    message_pack.load()
