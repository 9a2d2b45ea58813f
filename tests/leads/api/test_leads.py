from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from crm.domain import tokens
from crm.enums import Scope
from crm.models import ApiToken, AuditEntry
from leads.enums import FollowUpKind, LeadStatus
from leads.models import CaptureForm, FollowUp, Lead, Note
from tests import factories
from tests.leads.api.support import URL, arrived_lead, bearer, get, queries_at_most, refusal, send

pytestmark = pytest.mark.django_db

READ, WRITE, HEALTH = Scope.LEADS_READ.value, Scope.LEADS_WRITE.value, Scope.LEADS_HEALTH.value
SECRETS = ("Charlie", "charlie@example.com", "5125550199", "headaches since May")
KEYS = [
    "reference",
    "number",
    "status",
    "kind",
    "name",
    "email",
    "phone",
    "services",
    "location",
    "owner",
    "article",
    "respond_by",
    "next_action_at",
    "created_at",
]
UNKNOWN = "0" * 32


@pytest.fixture
def form() -> CaptureForm:
    factories.templates()
    return factories.form()


@pytest.fixture
def charlie(form: CaptureForm) -> Lead:
    """A lead with everything that could leak."""
    service = factories.service()
    return arrived_lead(
        form,
        name="Charlie Doe",
        email="charlie@example.com",
        phone="+15125550199",
        message="headaches since May",
        service=[service.slug],
        article="magnesium",
    )[0]


def paths(lead: Lead) -> list[tuple[str, str, dict[str, Any]]]:
    own = f"{URL}{lead.reference}/"
    return [
        ("GET", URL, {}),
        ("GET", own, {}),
        ("GET", f"{own}timeline/", {}),
        ("POST", f"{own}transitions/", {"to": "lost", "reason": "price"}),
        ("POST", f"{own}follow-ups/", {"due_at": "2027-01-01T00:00:00Z"}),
        ("POST", f"{own}notes/", {"text": "x"}),
    ]


# ── Who may ──────────


def test_api_without_a_token_shows_nothing(charlie: Lead) -> None:
    for method, path, body in paths(charlie):
        if (method, path) == ("POST", URL):
            continue
        response = Client().generic(method, path, content_type="application/json")

        assert refusal(response)[:2] == (401, "not_authenticated"), (path, body)
        assert response["WWW-Authenticate"] == "Bearer"
        assert not any(secret in response.content.decode() for secret in SECRETS)


def test_api_with_every_scope_but_the_needed_one_shows_nothing(charlie: Lead) -> None:
    for method, path, body in paths(charlie):
        needed = READ if method == "GET" else WRITE
        others = [scope for scope in Scope.values if scope != needed]

        response = get(path, *others) if method == "GET" else send(path, body, *others)

        assert refusal(response)[:2] == (403, "scope_missing")
        assert not any(secret in response.content.decode() for secret in SECRETS)
    assert Lead.objects.get().status == LeadStatus.NEW


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Bearer \x00", "Bearer " + "x" * 5_000])
def test_api_wrong_token_is_refused(charlie: Lead, header: str) -> None:
    response = Client().get(URL, headers={"Authorization": header})

    assert refusal(response)[:2] == (401, "authentication_failed")


def test_api_revoked_token_is_refused(charlie: Lead) -> None:
    headers = bearer(READ)
    token = ApiToken.objects.get()
    before = Client().get(URL, headers=headers)

    tokens.revoke(token_id=token.pk, actor=token.as_actor, now=factories.NOON)

    assert (before.status_code, Client().get(URL, headers=headers).status_code) == (200, 401)


def test_api_session_of_staff_is_no_token(charlie: Lead) -> None:
    client = Client()
    client.force_login(factories.staff(is_superuser=True))

    response = client.get(URL)

    assert response.status_code == 401


def test_api_other_methods_are_refused_in_the_one_shape(charlie: Lead) -> None:
    response = Client().delete(f"{URL}{charlie.reference}/", headers=bearer(*Scope.values))

    assert refusal(response)[:2] == (405, "method_not_allowed")


def test_api_health_text_only_with_its_scope(charlie: Lead) -> None:
    Note.objects.create(
        lead=charlie, at=factories.NOON, text="takes lithium", **Note.by(factories.staff().as_actor)
    )
    own = f"{URL}{charlie.reference}/"

    without = [get(path, READ).content.decode() for path in (URL, own, f"{own}timeline/")]
    with_it = [get(path, READ, HEALTH) for path in (URL, own, f"{own}timeline/")]

    assert [("headaches" in page, "lithium" in page, '"text"' in page) for page in without] == [
        (False, False, False)
    ] * 3
    assert with_it[0].json()["results"][0]["message"] == "headaches since May"
    assert with_it[1].json()["message"] == "headaches since May"
    assert "takes lithium" in [entry["text"] for entry in with_it[2].json()["results"]]


# ── The list ──────────


def test_list_item_says_what_the_contract_names(charlie: Lead) -> None:
    answer = get(URL, READ).json()

    item = answer["results"][0]
    assert (list(answer), list(item)) == (["next", "previous", "results"], KEYS)
    assert item == {
        "reference": charlie.reference,
        "number": charlie.number,
        "status": "new",
        "kind": "new",
        "name": "Charlie Doe",
        "email": "charlie@example.com",
        "phone": "+15125550199",
        "services": [charlie.services.get().slug],
        "location": charlie.location.slug,
        "owner": None,
        "article": "magnesium",
        "respond_by": "2026-03-10T16:05:00Z",
        "next_action_at": "2026-03-10T16:05:00Z",
        "created_at": "2026-03-10T16:00:00Z",
    }


def test_list_owner_is_who_signs_in(form: CaptureForm) -> None:
    owner = factories.staff()
    factories.lead(owner=owner)

    assert get(URL, READ).json()["results"][0]["owner"] == owner.email


def test_list_pages_newest_first_there_and_back(form: CaptureForm) -> None:
    at = factories.location()
    # Several arrive in the same moment, across the edge of a page.
    leads = [factories.lead(at=at, arrived_at=factories.NOON + timedelta(minutes=n // 4)) for n in range(120)]
    expected = [lead.reference for lead in reversed(leads)]

    first = get(URL, READ).json()
    second = get(first["next"], READ).json()
    third = get(second["next"], READ).json()
    back = get(third["previous"], READ).json()
    start = get(back["previous"], READ).json()

    seen = [[item["reference"] for item in page["results"]] for page in (first, second, third)]
    assert seen == [expected[:50], expected[50:100], expected[100:]]
    assert (first["previous"], third["next"]) == (None, None)
    assert [item["reference"] for item in back["results"]] == expected[50:100]
    assert [item["reference"] for item in start["results"]] == expected[:50]
    assert start["previous"] is None


def test_list_narrowed_keeps_its_narrowing_over_pages(form: CaptureForm) -> None:
    at, other = factories.location(), factories.location()
    for n in range(51):
        factories.lead(at=at, arrived_at=factories.NOON + timedelta(minutes=n))
    factories.lead(at=other)
    factories.lead(at=at, status=LeadStatus.ATTENDED, next_action_at=None)

    first = get(f"{URL}?status=new&location={at.slug}", READ).json()
    second = get(first["next"], READ).json()

    assert (len(first["results"]), len(second["results"]), second["next"]) == (50, 1, None)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=%00",
        "cursor=b2xkZXI6MTox",
        "cursor=" + "9" * 300,
        "status=gone",
        "location=%00",
        "location=a b",
    ],
)
def test_list_odd_questions_get_one_clear_answer(charlie: Lead, query: str) -> None:
    response = get(f"{URL}?{query}", READ)

    if query.endswith("MTox"):  # well formed, before all leads
        assert response.json()["results"] == []
    else:
        assert refusal(response)[:2] == (400, "invalid")


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("path", ["", "{reference}/", "{reference}/timeline/", "{submission}/timeline/"])
def test_reads_stay_within_twelve_queries(form: CaptureForm, many: int, path: str) -> None:
    for n in range(many):
        lead, submission = arrived_lead(form, email=f"p{n}@example.com", service=[factories.service().slug])
        actor = factories.staff().as_actor
        for _ in range(many):
            Note.objects.create(lead=lead, at=factories.NOON, text="Note", **Note.by(actor))
    filled = path.format(reference=lead.reference, submission=submission.reference)
    headers = bearer(READ, HEALTH)
    Client().get(URL, headers=headers)  # The first use of a day is noted on the token.

    with queries_at_most(12):
        response = Client().get(URL + filled, headers=headers)

    assert response.status_code == 200


# ── One lead ──────────


def test_detail_goes_by_the_leads_or_a_submissions_reference(form: CaptureForm) -> None:
    lead, first = arrived_lead(form, email="ann@example.com", message="One")
    _, second = arrived_lead(form, email="ann@example.com", message="Two")

    seen = [get(f"{URL}{r}/", READ).json() for r in (lead.reference, first.reference, second.reference)]

    assert [list(item) for item in seen] == [KEYS] * 3
    assert [item["reference"] for item in seen] == [lead.reference] * 3


def test_detail_of_nothing_is_a_404_in_the_one_shape(form: CaptureForm) -> None:
    waiting = factories.arrival(form)

    answers = [refusal(get(f"{URL}{r}/", READ))[:2] for r in (UNKNOWN, waiting.reference, "nonsense")]

    assert answers == [(404, "not_found")] * 3


def test_views_are_noted_with_the_program_as_actor(charlie: Lead) -> None:
    AuditEntry.objects.all().delete()

    get(URL, READ)
    get(f"{URL}{charlie.reference}/", READ)
    get(f"{URL}{charlie.reference}/timeline/", READ)
    get(f"{URL}{UNKNOWN}/", READ)

    rows = AuditEntry.objects.order_by("id").values_list("action", "subject_ref", "actor_kind", "actor_label")
    assert list(rows) == [
        ("lead.listed", "", "integration", "Tool"),
        ("lead.viewed", charlie.reference, "integration", "Tool"),
        ("lead.viewed", charlie.reference, "integration", "Tool"),
    ]


def test_list_with_what_people_wrote_is_a_view_of_each_record(form: CaptureForm) -> None:
    leads = [arrived_lead(form, email=f"p{n}@example.com", message="tired")[0] for n in range(3)]
    AuditEntry.objects.all().delete()
    headers = bearer(READ, HEALTH)
    Client().get(URL + "?status=lost", headers=headers)  # The first use of a day is noted on the token.

    with queries_at_most(6):
        Client().get(URL, headers=headers)

    rows = list(AuditEntry.objects.order_by("id").values_list("action", "subject_ref", "fields"))
    assert rows == [
        ("lead.listed", "", []),
        ("lead.listed", "", []),
        *[("lead.viewed", lead.reference, ["message"]) for lead in reversed(leads)],
    ]


def test_full_list_with_what_people_wrote_is_written_down_in_one_statement(form: CaptureForm) -> None:
    at = factories.location()
    for _ in range(50):
        factories.lead(at=at, message="tired")
    headers = bearer(READ, HEALTH)
    Client().get(URL, headers=headers)

    with queries_at_most(6):
        Client().get(URL, headers=headers)

    assert AuditEntry.objects.filter(action="lead.viewed").count() == 100


def test_list_without_the_right_opens_nothing_that_people_wrote(charlie: Lead) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET message = 'v1:gone:AAAA', preferred_time = 'v1:gone:AAAA'")

    seen = [get(path, READ).status_code for path in (URL, f"{URL}{charlie.reference}/")]

    assert seen == [200, 200]


def test_timeline_tells_the_story_newest_first(charlie: Lead) -> None:
    send(f"{URL}{charlie.reference}/notes/", {"text": "Asked for a call"}, WRITE)

    answer = get(f"{URL}{charlie.reference}/timeline/", READ, HEALTH).json()

    assert (list(answer), answer["next"], answer["previous"]) == (["next", "previous", "results"], None, None)
    moments = [entry["at"] for entry in answer["results"]]
    assert moments == sorted(moments, reverse=True)
    assert (answer["results"][0]["kind"], answer["results"][0]["text"]) == ("note", "Asked for a call")
    assert {entry["kind"] for entry in answer["results"]} == {
        "arrival",
        "status",
        "follow_up_planned",
        "message",
        "note",
    }


# ── What may be done ──────────


def test_transition_lost_needs_a_known_reason(charlie: Lead) -> None:
    factories.lost_reason("price")
    path = f"{URL}{charlie.reference}/transitions/"

    refused = [refusal(send(path, {"to": "lost", **more}, WRITE)) for more in ({}, {"reason": "nonsense"})]
    done = send(path, {"to": "lost", "reason": "price", "note": "Too dear"}, WRITE)

    assert refused == [(400, "invalid", {"reason": ["unknown"]})] * 2
    assert done.json() == {
        "reference": charlie.reference,
        "number": charlie.number,
        "status": "lost",
        "next_action_at": None,
    }
    assert refusal(send(path, {"to": "lost", "reason": "price"}, WRITE))[:2] == (409, "lead_closed")


def test_transition_nurturing_and_reopen(charlie: Lead) -> None:
    factories.lost_reason("price")
    path = f"{URL}{charlie.reference}/transitions/"

    aside = send(path, {"to": "nurturing", "until": "2090-05-01T10:00:00-05:00"}, WRITE)
    send(path, {"to": "lost", "reason": "price"}, WRITE)
    again = send(path, {"to": "reopen"}, WRITE)

    assert (aside.json()["status"], aside.json()["next_action_at"]) == ("nurturing", "2090-05-01T15:00:00Z")
    assert again.json()["status"] == "nurturing"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid", {"to": ["required"]})),
        ({"to": "booked"}, (400, "invalid", {"to": ["invalid_choice"]})),
        ({"to": "nurturing"}, (400, "invalid", {"until": ["unknown"]})),
        ({"to": "nurturing", "until": "2090-05-01T10:00:00"}, (400, "invalid", {"until": ["offset_needed"]})),
        (
            {"to": "nurturing", "until": "9999-12-31T23:59:59-14:00"},
            (400, "invalid", {"until": ["out_of_range"]}),
        ),
        ({"to": "nurturing", "until": 5}, (400, "invalid", {"until": ["wrong_type"]})),
        ({"to": "nurturing", "until": "2001-05-01T10:00:00Z"}, (400, "not_in_the_future", {})),
        ({"to": "reopen"}, (409, "transition_not_allowed", {})),
    ],
)
def test_transition_refusals(charlie: Lead, body: Any, expected: Any) -> None:
    response = send(f"{URL}{charlie.reference}/transitions/", body, WRITE)

    assert refusal(response) == expected


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b"[" * 5_000, b'{"a": ' + b"9" * 6_000 + b"}", b"\xff", b"x" * 70_000]
)
def test_writes_refuse_what_cannot_be_read(charlie: Lead, raw: bytes) -> None:
    response = Client().post(
        f"{URL}{charlie.reference}/notes/", data=raw, content_type="application/json", headers=bearer(WRITE)
    )

    assert refusal(response)[0] == (413 if len(raw) > 65_536 else 400)


def test_writes_refuse_another_content_type(charlie: Lead) -> None:
    response = Client().post(
        f"{URL}{charlie.reference}/notes/", data="text=x", content_type="text/plain", headers=bearer(WRITE)
    )

    assert refusal(response)[:2] == (415, "unsupported_media_type")


def test_follow_up_is_planned(charlie: Lead) -> None:
    colleague = factories.staff()
    path = f"{URL}{charlie.reference}/follow-ups/"
    body = {"kind": "review", "due_at": "2090-01-01T00:00:00Z", "what": "Ask the nurse"}

    response = send(path, {**body, "assigned_to": colleague.email.upper()}, WRITE)

    planned = FollowUp.objects.get(kind=FollowUpKind.REVIEW)
    assert response.status_code == 201
    assert response.json() == {
        "reference": planned.reference,
        "kind": "review",
        "state": "open",
        "due_at": "2090-01-01T00:00:00Z",
    }
    assert (planned.what, planned.assigned_to, planned.actor_kind) == (
        "Ask the nurse",
        colleague,
        "integration",
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"assigned_to": "nobody@example.com"}, (400, "invalid", {"assigned_to": ["unknown"]})),
        ({"due_at": "2001-01-01T00:00:00Z"}, (400, "not_in_the_future", {})),
        ({"kind": "dance"}, (400, "invalid", {"kind": ["invalid_choice"]})),
    ],
)
def test_follow_up_refusals(charlie: Lead, more: Any, expected: Any) -> None:
    body = {"due_at": "2090-01-01T00:00:00Z", **more}

    assert refusal(send(f"{URL}{charlie.reference}/follow-ups/", body, WRITE)) == expected


def test_note_is_kept_with_its_actor(charlie: Lead) -> None:
    response = send(f"{URL}{charlie.reference}/notes/", {"text": " Called back "}, WRITE)

    note = Note.objects.get()
    assert (response.status_code, response.json()["actor"]) == (201, "Tool")
    assert (note.text, note.actor_kind) == ("Called back", "integration")


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x\ud800", "x" * 10_001, 5.5, None, []])
def test_note_refuses_what_is_no_text(charlie: Lead, text: Any) -> None:
    response = send(f"{URL}{charlie.reference}/notes/", {"text": text}, WRITE)

    assert (response.status_code == 400) is (text != 5.5)


def test_token_use_is_noted_once_a_day(charlie: Lead) -> None:
    get(URL, READ)

    assert ApiToken.objects.get().last_used_date is not None
