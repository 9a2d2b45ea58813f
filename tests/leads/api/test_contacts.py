"""Contacts for staff tools: who is listed and found, what is told of one, and what never is."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from crm.actors import SYSTEM
from crm.enums import AppointmentStatus, Scope
from crm.models import Address, Appointment, AuditEntry, Contact, ContactPoint
from leads.domain import acts, closing, visits
from leads.enums import LeadStatus
from leads.models import Lead
from notifications.domain import consents
from tests import factories
from tests.leads.api.support import arrived_lead, bearer, get, queries_at_most, refusal

pytestmark = pytest.mark.django_db

URL = "/api/v1/contacts/"
READ = Scope.CONTACTS_READ.value
OTHERS = tuple(scope for scope in Scope.values if scope != READ)
SECRETS = ("Charlie", "charlie@example.com", "5125550199")
CANARY = "canarykidney"
UNKNOWN = "0" * 32
KEYS = ["reference", "name", "email", "phone", "language", "time_zone", "verify", "open_lead", "created_at"]


def charlie() -> Contact:
    return factories.contact(name="Charlie Doe", email="charlie@example.com", phone="+15125550199")


def merged(gone: Contact, into: Contact) -> Contact:
    Contact.objects.filter(pk=gone.pk).update(merged_into=into)
    return gone


def reaches(contact: Contact, address: Address) -> None:
    ContactPoint.objects.create(contact=contact, address=address, created_at=factories.NOON)


def visit(contact: Contact, **more: Any) -> Appointment:
    starts_at = more.pop("starts_at", factories.NOON)
    return Appointment.objects.create(
        contact=contact,
        service=factories.service(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        price_minor=4500,
        currency="USD",
        created_at=factories.NOON,
        **{"location": factories.location(), **more},
    )


def found(query: str) -> list[str]:
    """Give the references of the contacts that a question finds."""
    return [item["reference"] for item in get(f"{URL}?{query}", READ).json()["results"]]


# ── Who may ──────────


def test_contacts_without_a_token_show_nothing() -> None:
    contact = charlie()

    for path in (URL, f"{URL}{contact.reference}/", f"{URL}{UNKNOWN}/"):
        response = Client().get(path)

        assert refusal(response)[:2] == (401, "not_authenticated")
        assert not any(secret in response.content.decode() for secret in SECRETS)


def test_contacts_with_every_scope_but_the_needed_one_show_nothing() -> None:
    contact = charlie()

    for path in (URL, f"{URL}{contact.reference}/", f"{URL}{UNKNOWN}/"):
        response = get(path, *OTHERS)

        assert refusal(response)[:2] == (403, "scope_missing")
        assert not any(secret in response.content.decode() for secret in SECRETS)
    assert AuditEntry.objects.count() == 0


def test_contacts_cannot_be_written() -> None:
    contact = charlie()

    for path in (URL, f"{URL}{contact.reference}/"):
        response = Client().post(path, {}, content_type="application/json", headers=bearer(*Scope.values))

        assert refusal(response)[:2] == (405, "method_not_allowed")


# ── The list ──────────


def test_list_item_says_what_the_contract_names() -> None:
    contact = charlie()
    lead = factories.lead(person=contact)

    answer = get(URL, READ).json()

    assert (list(answer), list(answer["results"][0])) == (["next", "previous", "results"], KEYS)
    assert answer["results"] == [
        {
            "reference": contact.reference,
            "name": "Charlie Doe",
            "email": "charlie@example.com",
            "phone": "+15125550199",
            "language": "en",
            "time_zone": "America/Chicago",
            "verify": False,
            "open_lead": lead.reference,
            "created_at": "2026-03-10T16:00:00Z",
        }
    ]


def test_list_item_of_somebody_with_little_says_null() -> None:
    contact = factories.contact(name="")
    factories.lead(person=contact, status=LeadStatus.ATTENDED, next_action_at=None)

    item = get(URL, READ).json()["results"][0]

    assert [item[name] for name in ("name", "email", "phone", "open_lead")] == ["", None, None, None]


def test_list_pages_newest_first_there_and_back() -> None:
    expected = [factories.contact().reference for _ in range(120)][::-1]

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


def test_list_page_is_found_again_when_its_edge_was_merged() -> None:
    people = [factories.contact() for _ in range(52)]
    following = get(URL, READ).json()["next"]
    merged(people[2], into=people[51])

    page = get(following, READ).json()

    assert [item["reference"] for item in page["results"]] == [people[1].reference, people[0].reference]


def test_list_cursor_tells_no_number_that_counts_rows() -> None:
    edge = [factories.contact() for _ in range(51)][1]

    cursor = get(URL, READ).json()["next"].partition("cursor=")[2]

    assert base64.urlsafe_b64decode(cursor.replace("%3D", "=")).decode() == f"older:{edge.reference}"


def test_list_leaves_out_who_was_merged() -> None:
    kept = factories.contact()
    merged(factories.contact(), into=kept)

    assert found("") == [kept.reference]


# ── Who is it on the line? ──────────


@pytest.mark.parametrize(
    "query",
    [
        "email=Charlie@Example.com",
        "email=%20charlie%40example.com%20",
        "phone=512-555-0199",
        "phone=%2B15125550199",
        "phone=+15125550199",  # the + unescaped, as programs send it
        "phone=(512)%20555-0199",
        "email=charlie@example.com&phone=5125550199",
    ],
)
def test_address_finds_whom_it_reaches_however_it_is_written(query: str) -> None:
    contact = charlie()
    factories.contact(email="ann@example.com", phone="+15125550177")

    assert found(query) == [contact.reference]


def test_number_from_abroad_is_found_though_its_plus_was_not_escaped() -> None:
    contact = factories.contact(phone="+442079460018")

    assert found("phone=+442079460018") == [contact.reference]


@pytest.mark.parametrize(
    "query",
    [
        "email=nobody@example.com",
        "email=charlie%2Bspa@example.com",
        "phone=512-555-0100",
        "email=charlie@example.com&phone=512-555-0177",
    ],
)
def test_address_that_reaches_nobody_finds_nobody(query: str) -> None:
    charlie()
    factories.contact(phone="+15125550177")

    answer = get(f"{URL}?{query}", READ)

    assert answer.json() == {"next": None, "previous": None, "results": []}


def test_shared_address_finds_both() -> None:
    one, other = charlie(), factories.contact(name="Dana Doe")
    reaches(other, Address.objects.get(value="+15125550199"))

    assert found("phone=512-555-0199") == [other.reference, one.reference]
    assert found("phone=512-555-0199&email=charlie@example.com") == [one.reference]


def test_address_of_who_was_merged_finds_who_stands_for_them() -> None:
    kept = factories.contact(name="Charlie D. Doe")
    between = merged(factories.contact(), into=kept)
    merged(charlie(), into=between)

    assert found("email=charlie@example.com") == [kept.reference]


def test_address_stays_asked_for_over_pages() -> None:
    shared = factories.address("desk@example.com")
    for _ in range(51):
        reaches(factories.contact(), shared)
    factories.contact()

    first = get(f"{URL}?email=desk@example.com", READ).json()
    second = get(first["next"], READ).json()

    assert (len(first["results"]), len(second["results"]), second["next"]) == (50, 1, None)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("email=charlie", {"email": ["invalid"]}),
        ("email=a@example.com,b@example.com", {"email": ["several_addresses"]}),
        ("email=charlie+spa@example.com", {"email": ["local_part"]}),  # an unescaped + is a space
        ("email=", {"email": ["invalid"]}),  # an address that got lost is not everybody's
        ("email=%00@example.com", {"email": ["null_characters_not_allowed"]}),
        ("phone=12", {"phone": ["invalid"]}),
        ("phone=", {"phone": ["invalid"]}),
        ("phone=%20", {"phone": ["invalid"]}),
        ("phone=%ff", {"phone": ["invalid"]}),
        ("email=x&phone=y", {"email": ["invalid"], "phone": ["invalid"]}),
        ("cursor=x", {"cursor": ["invalid_cursor"]}),
        ("cursor=%00", {"cursor": ["null_characters_not_allowed"]}),
        ("cursor=" + "9" * 300, {"cursor": ["max_length"]}),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_name(query: str, fields: dict[str, list[str]]) -> None:
    charlie()

    response = get(f"{URL}?{query}", READ)

    assert refusal(response) == (400, "invalid", fields)
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    "place", [f"older:{UNKNOWN}", "older:\x00", "sideways:{0}", "older:{0}:1", "{0}", ""]
)
def test_cursor_that_is_none_of_ours_is_refused(place: str) -> None:
    told = place.format(charlie().reference)
    cursor = base64.urlsafe_b64encode(told.encode()).decode() or "===="

    response = get(f"{URL}?cursor={cursor}", READ)

    assert refusal(response) == (400, "invalid", {"cursor": ["invalid_cursor"]})


# ── One contact ──────────


def test_detail_tells_addresses_leads_and_visits_newest_first() -> None:
    contact = charlie()
    closed = factories.lead(
        person=contact, status=LeadStatus.LOST, lost_reason=factories.lost_reason(), next_action_at=None
    )
    lead = factories.lead(person=contact, arrived_at=factories.NOON + timedelta(days=2))
    moved = visit(contact, status=AppointmentStatus.RESCHEDULED)
    booked = visit(contact, starts_at=factories.NOON + timedelta(days=5))
    somebody = factories.contact(email="ann@example.com")
    factories.lead(person=somebody)
    visit(somebody)

    answer = get(f"{URL}{contact.reference}/", READ).json()

    assert list(answer) == [*KEYS, "addresses", "leads", "visits"]
    assert (answer["reference"], answer["open_lead"]) == (contact.reference, lead.reference)
    assert answer["addresses"] == [
        {"kind": "email", "value": "charlie@example.com", "stopped_at": None},
        {"kind": "phone", "value": "+15125550199", "stopped_at": None},
    ]
    assert answer["leads"] == [
        {
            "reference": lead.reference,
            "number": lead.number,
            "status": "new",
            "kind": "new",
            "created_at": "2026-03-12T16:00:00Z",
        },
        {
            "reference": closed.reference,
            "number": closed.number,
            "status": "lost",
            "kind": "new",
            "created_at": "2026-03-10T16:00:00Z",
        },
    ]
    assert answer["visits"] == [
        {
            "reference": booked.reference,
            "service": booked.service.slug,
            "location": booked.location.slug,
            "starts_at": "2026-03-15T16:00:00Z",
            "status": "scheduled",
        },
        {
            "reference": moved.reference,
            "service": moved.service.slug,
            "location": moved.location.slug,
            "starts_at": "2026-03-10T16:00:00Z",
            "status": "rescheduled",
        },
    ]


def test_detail_says_since_when_an_address_is_stopped_in_any_spelling() -> None:
    contact = charlie()
    untagged = "charlie@example.com"
    stopped = Address.objects.get(value=untagged).pk
    consents.suppress(address_ids=[stopped], reason="Said stop.", actor=SYSTEM, now=factories.NOON)
    reaches(contact, factories.address("charlie+spa@example.com", match_key=untagged))

    addresses = get(f"{URL}{contact.reference}/", READ).json()["addresses"]

    assert [(each["value"], each["stopped_at"]) for each in addresses] == [
        (untagged, "2026-03-10T16:00:00Z"),
        ("+15125550199", None),
        ("charlie+spa@example.com", "2026-03-10T16:00:00Z"),
    ]


def test_detail_of_who_was_merged_is_that_of_who_stands_for_them() -> None:
    kept = charlie()
    between = merged(factories.contact(name="Between"), into=kept)
    gone = merged(factories.contact(name="Gone"), into=between)

    answers = [get(f"{URL}{each.reference}/", READ).json() for each in (gone, between, kept)]

    assert [(answer["reference"], answer["name"]) for answer in answers] == [
        (kept.reference, "Charlie Doe")
    ] * 3


def test_detail_of_nobody_is_a_404_in_the_one_shape() -> None:
    lead = factories.lead()

    answers = [refusal(get(f"{URL}{r}/", READ))[:2] for r in (UNKNOWN, lead.reference, "nonsense")]

    assert answers == [(404, "not_found")] * 3


# ── What is noted, what it costs, what is never told ──────────


def test_looks_are_noted_with_the_program_as_actor() -> None:
    kept = charlie()
    gone = merged(factories.contact(), into=kept)
    factories.contact()

    get(URL, READ)
    get(f"{URL}?email=charlie@example.com", READ)
    get(f"{URL}?email=nobody@example.com", READ)
    get(f"{URL}{kept.reference}/", READ)
    get(f"{URL}{gone.reference}/", READ)
    get(f"{URL}{UNKNOWN}/", READ)

    rows = AuditEntry.objects.order_by("id")
    assert list(rows.values_list("action", "subject_kind", "subject_ref", "fields")) == [
        ("contacts.listed", "contact", "", ["count_2"]),
        ("contacts.listed", "contact", "", ["count_1"]),
        ("contacts.listed", "contact", "", ["count_0"]),
        ("contact.viewed", "contact", kept.reference, []),
        ("contact.viewed", "contact", kept.reference, []),
    ]
    assert set(rows.values_list("actor_kind", "actor_label")) == {("integration", "Tool")}


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("", 5),  # token, clock; contacts, their addresses; the record of the look
        ("?email=desk@example.com", 6),  # and whom the address reaches
        ("{reference}/", 9),  # found, read with addresses, leads and visits; what is stopped
    ],
)
def test_reads_cost_the_same_at_any_number(many: int, path: str, limit: int) -> None:
    shared = factories.address("desk@example.com")
    for person in range(many):
        contact = factories.contact(email=f"c{person}@example.com", phone=f"+1512555010{person}")
        reaches(contact, shared)
        factories.lead(person=contact)
        for n in range(many):
            reaches(contact, factories.address(f"c{person}-{n}@example.com"))
            visit(contact)
            factories.lead(person=contact, status=LeadStatus.ATTENDED, next_action_at=None)
    headers = bearer(READ)
    Client().get(URL, headers=headers)  # The first use of a day is noted on the token.

    with queries_at_most(limit):
        response = Client().get(URL + path.format(reference=contact.reference), headers=headers)

    assert response.status_code == 200
    told = response.json()
    assert len(told["results"] if "results" in told else told["visits"]) == many


def test_nothing_that_anybody_wrote_is_told() -> None:
    factories.templates()
    lead, _ = arrived_lead(
        factories.form(),
        email="charlie@example.com",
        message=f"{CANARY} message",
        preferred_time=f"after my {CANARY}",
    )
    desk = factories.staff()
    acts.add_note(lead_id=lead.pk, text=f"{CANARY} note", actor=desk.as_actor, now=factories.NOON)
    booked = visits.book(
        lead_id=lead.pk,
        service=factories.service(),
        location=lead.location,
        starts_at=factories.NOON + timedelta(days=3),
        actor=desk.as_actor,
        now=factories.NOON,
    )
    visits.cancel(
        appointment_id=booked.pk, by_client=True, reason=f"{CANARY} why", actor=SYSTEM, now=factories.NOON
    )
    reason = factories.lost_reason()
    closing.lose(lead_id=lead.pk, reason=reason, note=f"{CANARY} lost", actor=SYSTEM, now=factories.NOON)

    pages = [get(path, *Scope.values) for path in (URL, f"{URL}{lead.contact.reference}/")]

    assert [page.status_code for page in pages] == [200, 200]
    assert [CANARY in page.content.decode() for page in pages] == [False, False]


def test_nothing_that_anybody_wrote_is_opened() -> None:
    lead = factories.lead(person=charlie())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET message = 'v1:gone:AAAA', preferred_time = 'v1:gone:AAAA'")

    told = get(f"{URL}{lead.contact.reference}/", READ).json()

    assert [each["number"] for each in told["leads"]] == [Lead.objects.only("id").get().number]
