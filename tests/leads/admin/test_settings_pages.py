"""Capture forms and the words staff choose from: labels change, codes and keys do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm.enums import Role
from crm.models import AuditEntry
from leads.models import CallOutcome, CaptureForm, LostReason
from tests import factories
from tests.crm.admin.signed import signed_in

pytestmark = pytest.mark.django_db
Counting = Callable[..., Any]


def form_post(form: CaptureForm, **more: Any) -> dict[str, Any]:
    fields = {
        "name": form.name,
        "is_active": "on",
        "location": form.location_id,
        "allowed_origins": "https://clinic.example",
        "missing_proof": "accept",
        "flood_limit": 30,
    }
    return fields | more


def test_new_form_gets_a_key_of_its_own() -> None:
    client, _ = signed_in(Role.MANAGER)
    location = factories.location()
    posts = [
        {"name": "Web", "slug": slug, "location": location.pk, "missing_proof": "accept", "flood_limit": 30}
        for slug in ("web", "web-2")
    ]

    answers = [client.post("/admin/leads/captureform/add/", post).status_code for post in posts]

    keys = list(CaptureForm.objects.order_by("id").values_list("key", flat=True))
    assert answers == [302, 302]
    assert [key.rpartition("-")[0] for key in keys] == ["web", "web-2"]
    assert len(set(keys)) == 2


def test_key_and_slug_stay_as_the_website_has_them() -> None:
    client, _ = signed_in(Role.MANAGER)
    form = factories.form()

    client.post(
        f"/admin/leads/captureform/{form.pk}/change/", form_post(form, key="mine", slug="mine", name="New")
    )

    after = CaptureForm.objects.get(pk=form.pk)
    assert (after.name, after.key, after.slug) == ("New", form.key, form.slug)
    assert AuditEntry.objects.get(action="captureform.changed").fields == ["name"]


def test_origins_are_kept_a_line_each() -> None:
    client, _ = signed_in(Role.MANAGER)
    form = factories.form()
    typed = "https://www.Clinic.example\r\nhttp://localhost:*\r\n\r\nhttp://[::1]:*\r\nhttp://localhost:*\r\n"

    client.post(f"/admin/leads/captureform/{form.pk}/change/", form_post(form, allowed_origins=typed))

    form.refresh_from_db()
    assert form.allowed_origins == ["https://www.clinic.example", "http://localhost:*", "http://[::1]:*"]


@pytest.mark.parametrize(
    "typed", ["clinic.example", "https://clinic.example/page", "*", "javascript:alert(1)"]
)
def test_what_is_no_origin_is_refused(typed: str) -> None:
    client, _ = signed_in(Role.MANAGER)
    form = factories.form()

    answer = client.post(
        f"/admin/leads/captureform/{form.pk}/change/", form_post(form, allowed_origins=typed)
    )

    form.refresh_from_db()
    assert "Write only scheme and host" in answer.content.decode()
    assert form.allowed_origins == ["https://clinic.example"]


def test_label_of_an_outcome_changes_and_its_code_does_not() -> None:
    client, _ = signed_in(Role.MANAGER)
    outcome = factories.outcome("no_answer")
    post = {
        "label": "Nobody there",
        "code": "hacked",
        "moves_to": "attempting",
        "next_days": 2,
        "position": 5,
    }

    answer = client.post(f"/admin/leads/calloutcome/{outcome.pk}/change/", post)

    outcome.refresh_from_db()
    assert answer.status_code == 302
    assert (outcome.label, outcome.code, outcome.next_days) == ("Nobody there", "no_answer", 2)


@pytest.mark.parametrize(
    ("post", "field"),
    [
        ({"moves_to": "lost"}, "lost_reason"),
        ({"moves_to": "attempting", "lost_reason": "price"}, "lost_reason"),
        ({"moves_to": "booked"}, "moves_to"),
        ({"moves_to": "attended"}, "moves_to"),
        ({"moves_to": "nurturing"}, "moves_to"),
    ],
)
def test_outcome_that_no_talk_can_bring_is_refused(post: dict[str, str], field: str) -> None:
    client, _ = signed_in(Role.MANAGER)
    outcome = factories.outcome("no_answer")
    reason = factories.lost_reason("price")
    if "lost_reason" in post:
        post = {**post, "lost_reason": str(reason.pk)}

    answer = client.post(
        f"/admin/leads/calloutcome/{outcome.pk}/change/", {"label": "Changed", "position": 5, **post}
    )

    outcome.refresh_from_db()
    assert list(answer.context["adminform"].form.errors) == [field]
    assert outcome.label == "No Answer"


def test_label_of_a_lost_reason_changes_and_its_code_does_not() -> None:
    client, staff = signed_in(Role.MANAGER)
    reason = factories.lost_reason("price")

    client.post(
        f"/admin/leads/lostreason/{reason.pk}/change/", {"label": "Too dear", "code": "x", "position": 1}
    )

    reason.refresh_from_db()
    assert (reason.label, reason.code) == ("Too dear", "price")
    entry = AuditEntry.objects.get(action="lostreason.changed")
    assert (entry.actor_staff, entry.subject_ref) == (staff, "price")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", ["captureform", "calloutcome", "lostreason"])
def test_lists_cost_the_same_at_any_length(
    page: str, rows: int, django_assert_max_num_queries: Counting
) -> None:
    client, _ = signed_in(Role.MANAGER)
    for n in range(rows):
        factories.form()
        LostReason.objects.create(code=f"r{n}", label="x")
        CallOutcome.objects.create(code=f"o{n}", label="x")

    with django_assert_max_num_queries(6):
        answer = client.get(f"/admin/leads/{page}/")

    assert answer.status_code == 200
