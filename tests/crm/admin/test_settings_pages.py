"""The clinic's settings: what is saved, what is refused with a sentence, and what is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest

from crm.enums import Role
from crm.models import AuditEntry, ClosedDay, Location, OpeningHours, Service
from crm.queries import database_now
from tests import factories
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db
Counting = Callable[..., Any]


def location_post(location: Location, **more: Any) -> dict[str, Any]:
    """Fill the form of a location as the browser sends it."""
    hours = list(location.opening_hours.order_by("weekday", "opens"))
    fields: dict[str, Any] = {
        "name": location.name,
        "time_zone": location.time_zone,
        "chairs": 3,
        "currency": "USD",
        "is_active": "on",
        "sender_name": location.sender_name,
        "sender_phone": "",
        "phone": "+15125550140",
        "reply_email": location.reply_email,
        "postal_address": location.postal_address,
        "visits_kept": "here",
        "reminders_by": "us",
        "answer_minutes": 5,
        "answer_grace_minutes": 15,
        "opening_hours-TOTAL_FORMS": len(hours),
        "opening_hours-INITIAL_FORMS": len(hours),
        "closed_days-TOTAL_FORMS": 0,
        "closed_days-INITIAL_FORMS": 0,
    }
    for n, row in enumerate(hours):
        fields |= {
            f"opening_hours-{n}-id": row.pk,
            f"opening_hours-{n}-location": location.pk,
            f"opening_hours-{n}-weekday": row.weekday,
            f"opening_hours-{n}-opens": row.opens.isoformat(),
            f"opening_hours-{n}-closes": row.closes.isoformat(),
        }
    return fields | more


def test_location_saves_hours_and_closed_days_and_audits_names_only() -> None:
    client, staff = signed_in(Role.MANAGER)
    location = factories.location()
    saturday = location.opening_hours.get(weekday=5)
    christmas = f"{database_now().year + 1}-12-25"
    post = location_post(
        location,
        **{
            "name": "Uptown",
            "phone": "(512) 555-0141",
            "opening_hours-0-opens": "08:00",
            "opening_hours-5-DELETE": "on",
            "closed_days-TOTAL_FORMS": 1,
            "closed_days-0-date": christmas,
            "closed_days-0-location": location.pk,
        },
    )

    answer = client.post(f"/admin/crm/location/{location.pk}/change/", post)

    location.refresh_from_db()
    assert answer.status_code == 302
    assert (location.name, location.phone) == ("Uptown", "+15125550141")
    assert location.opening_hours.get(weekday=0).opens == time(8)
    assert not OpeningHours.objects.filter(pk=saturday.pk).exists()
    assert location.closed_days.get().date == date.fromisoformat(christmas)
    entry = AuditEntry.objects.get(action="location.changed")
    assert (entry.actor_staff, entry.subject_ref) == (staff, location.slug)
    assert "Uptown" not in str(entry.fields)
    assert entry.fields == [
        "name",
        "sender_phone",
        "phone",
        "openinghours.opens",
        "openinghours.removed",
        "closedday.added",
    ]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices"),
        ({"phone": "12"}, "phone"),
        ({"opening_hours-0-closes": "08:00"}, "Closing comes after opening"),
        ({"opening_hours-1-weekday": "0", "opening_hours-1-opens": "10:00"}, "two opening times overlap"),
    ],
)
def test_location_refuses_with_a_sentence(more: dict[str, Any], sentence: str) -> None:
    client, _ = signed_in(Role.MANAGER)
    location = factories.location()

    answer = client.post(
        f"/admin/crm/location/{location.pk}/change/", location_post(location, name="New", **more)
    )

    location.refresh_from_db()
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert location.name == "Downtown"
    assert not AuditEntry.objects.filter(action="location.changed").exists()


def test_location_hides_closed_days_long_past_and_keeps_them() -> None:
    client, _ = signed_in(Role.MANAGER)
    location = factories.location()
    today = database_now().date()
    for days, reason in ((400, "Long ago"), (-30, "Soon")):
        ClosedDay.objects.create(location=location, date=today - timedelta(days=days), reason=reason)

    page = client.get(f"/admin/crm/location/{location.pk}/change/").content.decode()

    assert ("Soon" in page, "Long ago" in page) == (True, False)
    assert location.closed_days.count() == 2


def test_save_without_change_writes_no_audit_row() -> None:
    client, _ = signed_in(Role.MANAGER)
    location = factories.location(phone="+15125550140", sender_phone="")

    answer = client.post(f"/admin/crm/location/{location.pk}/change/", location_post(location))

    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(action="location.changed").exists()


def test_service_price_is_typed_as_money() -> None:
    client, _ = signed_in(Role.MANAGER)
    service = factories.service(price_minor=4500)
    post = {
        "name": service.name,
        "public_label": "your visit",
        "is_active": "on",
        "duration_minutes": 30,
        "price_minor": "129.50",
        "currency": "USD",
        "prerequisites": "exam\r\n\r\nconsent \r\n",
    }

    shown = client.get(f"/admin/crm/service/{service.pk}/change/").content.decode()
    answer = client.post(f"/admin/crm/service/{service.pk}/change/", post)

    service = Service.objects.get(pk=service.pk)
    assert 'value="45.00"' in shown
    assert answer.status_code == 302
    assert (service.price_minor, service.prerequisites) == (12950, ["exam", "consent"])
    assert AuditEntry.objects.get(action="service.changed").fields == ["price_minor", "prerequisites"]


@pytest.mark.parametrize("typed", ["-1", "1.005", "NaN", "1e9", "a"])
def test_service_refuses_what_is_no_price(typed: str) -> None:
    client, _ = signed_in(Role.MANAGER)
    service = factories.service()
    post = {"name": "x", "public_label": "y", "duration_minutes": 30, "price_minor": typed, "currency": "USD"}

    answer = client.post(f"/admin/crm/service/{service.pk}/change/", post)

    service.refresh_from_db()
    assert answer.status_code == 200
    assert (service.name, service.price_minor) == ("Magnesium IV push", 4500)


def test_names_from_outside_are_escaped() -> None:
    client, _ = signed_in(Role.OWNER)
    factories.location(name="<script>alert(1)</script>")
    AuditEntry.objects.create(
        at=database_now(),
        action="lead.viewed",
        actor_kind="integration",
        actor_label="<img src=x onerror=alert(2)>",
        subject_kind="lead",
        subject_ref='"><script>alert(3)</script>',
        fields=["<b>x</b>"],
    )

    pages = [client.get(path).content.decode() for path in ("/admin/crm/location/", "/admin/crm/auditentry/")]

    assert "<script>alert" not in "".join(pages)
    assert "<img src=x" not in "".join(pages)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", ["location", "service", "staff", "apitoken", "auditentry"])
def test_lists_cost_the_same_at_any_length(
    page: str, rows: int, django_assert_max_num_queries: Counting
) -> None:
    client, staff = signed_in(Role.OWNER)
    for _ in range(rows - 1):
        factories.location()
        factories.service()
        factories.staff(at=Location.objects.first())
        AuditEntry.objects.create(at=database_now(), action="lead.viewed", **AuditEntry.by(staff.as_actor))

    with django_assert_max_num_queries(9):
        answer = client.get(f"/admin/crm/{page}/")

    assert answer.status_code == 200
