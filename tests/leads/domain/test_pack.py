"""The clinic pack: what a new clinic starts with, inserted where missing, never over an edit."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from django.contrib.auth.models import Group, Permission

from crm.domain import pack as clinic_pack
from crm.errors import DomainError
from crm.models import AuditEntry, Service
from leads.domain import pack
from leads.models import CallOutcome, LostReason
from notifications.models import Template

pytestmark = pytest.mark.django_db

SERVICES = {
    "magnesium-iv-push",
    "myers-cocktail",
    "hydration",
    "glutathione-push",
    "immunity-drip",
    "high-dose-vitamin-c",
    "nad-plus",
    "b12-injection",
    "recovery-drip",
    "athletic-drip",
    "iron-infusion",
    "consultation",
}
REASONS = (
    "no_response price competitor timing distance not_a_candidate insurance service_not_offered changed_mind "
    "wrong_number opted_out duplicate spam other"
).split()
# Where the lead goes, why it is lost, whether the clock stops, whether we spoke, and when to try again.
OUTCOMES: dict[str, tuple[str, str | None, bool, bool, int | None]] = {
    "no_answer": ("attempting", None, True, False, 1),
    "voicemail": ("attempting", None, True, False, 1),
    "busy": ("attempting", None, True, False, 0),
    "call_back": ("contacted", None, True, True, None),
    "spoke_interested": ("qualified", None, True, True, 1),
    "spoke_thinking": ("contacted", None, True, True, 3),
    "needs_nurse": ("contacted", None, True, True, 0),
    "booked": ("contacted", None, True, True, None),
    "not_interested": ("lost", "changed_mind", True, True, None),
    "wrong_number": ("lost", "wrong_number", True, False, None),
    "do_not_contact": ("lost", "opted_out", True, True, None),
    "language_barrier": ("attempting", None, True, False, 1),
    "emailed": ("attempting", None, True, False, 1),
    "texted": ("attempting", None, True, False, 1),
    "came": ("", None, False, False, None),
    "no_longer_needed": ("", None, False, False, None),
}


def test_load_inserts_the_pack_on_every_floor(now: datetime) -> None:
    counts = pack.load(now=now)

    assert set(Service.objects.values_list("slug", flat=True)) == SERVICES
    assert list(LostReason.objects.order_by("position").values_list("code", flat=True)) == REASONS
    assert {
        row.code: (
            row.moves_to,
            row.lost_reason.code if row.lost_reason else None,
            row.stops_clock,
            row.reached,
            row.next_days,
        )
        for row in CallOutcome.objects.select_related("lost_reason")
    } == OUTCOMES
    assert CallOutcome.objects.get(code="no_answer").next_time == time(17, 40)
    assert counts == {
        "services": 12,
        "roles": 5,
        "templates": Template.objects.count(),
        "lost reasons": 14,
        "call outcomes": 16,
    }
    assert Template.objects.filter(code="acknowledgement").count() == 4


def test_load_again_adds_nothing_and_says_nothing(now: datetime) -> None:
    pack.load(now=now)
    entries = AuditEntry.objects.count()

    counts = pack.load(now=now)

    assert set(counts.values()) == {0}
    assert AuditEntry.objects.count() == entries == 1


def test_load_keeps_what_the_clinic_edited(now: datetime) -> None:
    pack.load(now=now)
    Service.objects.filter(slug="hydration").update(price_minor=1, name="Our drip")
    CallOutcome.objects.filter(code="no_answer").update(label="Rang out", next_days=2)
    LostReason.objects.filter(code="price").update(label="Too dear")
    Template.objects.filter(code="acknowledgement").update(body="Ours {notice} STOP")
    desk = Group.objects.get(name="Front desk")
    desk.permissions.set(Permission.objects.filter(codename="view_lead"))

    pack.load(now=now)

    assert Service.objects.values_list("price_minor", "name").get(slug="hydration") == (1, "Our drip")
    assert CallOutcome.objects.values_list("label", "next_days").get(code="no_answer") == ("Rang out", 2)
    assert LostReason.objects.get(code="price").label == "Too dear"
    assert set(Template.objects.filter(code="acknowledgement").values_list("body", flat=True)) == {
        "Ours {notice} STOP"
    }
    assert list(desk.permissions.values_list("codename", flat=True)) == ["view_lead"]


def test_load_restores_what_is_missing(now: datetime) -> None:
    pack.load(now=now)
    CallOutcome.objects.filter(code="busy").delete()

    counts = pack.load(now=now)

    assert counts["call outcomes"] == 1
    assert CallOutcome.objects.get(code="busy").next_days == 0


def _may(role: str) -> set[str]:
    rows = Permission.objects.filter(group__name=role).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


def test_roles_marketing_sees_sums_and_nothing_else(now: datetime) -> None:
    pack.load(now=now)

    assert _may("Marketing") == {"leads.view_report"}


def test_roles_work_is_for_the_desk_and_settings_for_the_manager(now: datetime) -> None:
    pack.load(now=now)

    asked = {
        "leads.view_lead",
        "leads.change_lead",
        "crm.add_payment",
        "notifications.view_message",
        "leads.view_report",
        "crm.change_location",
        "crm.add_apitoken",
        "crm.add_staff",
        "crm.view_auditentry",
    }
    work = {"leads.view_lead", "leads.change_lead", "crm.add_payment", "notifications.view_message"}
    assert _may("Front desk") & asked == work
    assert _may("Nurse") & asked == work
    assert _may("Manager") & asked == asked - {"crm.add_staff"}
    assert _may("Owner") & asked == asked


def test_roles_nobody_deletes_records(now: datetime) -> None:
    pack.load(now=now)

    deletes = Permission.objects.filter(group__isnull=False, codename__startswith="delete_")
    assert set(deletes.values_list("codename", flat=True)) == {"delete_openinghours", "delete_closedday"}


def test_load_roles_of_an_unknown_permission_is_refused() -> None:
    with pytest.raises(DomainError) as refusal:
        clinic_pack.load_roles({"Front desk": ["leads.view_lead", "leads.no_such"]})

    assert refusal.value.code == "permissions_missing"
    assert "leads.no_such" in refusal.value.message
