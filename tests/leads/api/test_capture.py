from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client, RequestFactory

from crm.domain import safety_phrases
from leads.api.capture import capture
from leads.enums import SubmissionState
from leads.models import CaptureForm, Submission
from tests import factories
from tests.leads.api.support import FORM, JSON, URL, arrived_lead, post, queries_at_most, refusal

pytestmark = pytest.mark.django_db

ANN = {"name": "Ann Smith", "email": "ann@example.com", "message": "Do you have time on Friday?"}
MULTIPART = "multipart/form-data; boundary=edge"


@pytest.fixture
def form() -> CaptureForm:
    return factories.form()


def test_capture_answers_with_the_submission_and_the_notice(form: CaptureForm) -> None:
    response = post(form, ANN)

    stored = Submission.objects.get()
    assert response.status_code == 201
    assert response.json() == {"reference": stored.reference, "notice": safety_phrases.notice("en")}
    assert (bytes(stored.body), stored.content_type) == (json.dumps(ANN).encode(), JSON)
    assert (stored.state, stored.form_id) == (SubmissionState.WAITING, form.pk)


def test_capture_notice_is_in_their_language(form: CaptureForm) -> None:
    response = post(form, {**ANN, "language": "es-MX"})

    assert response.json()["notice"] == safety_phrases.notice("es")


def test_capture_takes_the_key_from_a_field(form: CaptureForm) -> None:
    response = Client().post(URL, data=json.dumps({**ANN, "form_key": form.key}), content_type=JSON)

    assert response.status_code == 201


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        (JSON, json.dumps(ANN).encode()),
        (JSON + "; charset=utf-8", json.dumps(ANN).encode()),
        (FORM, urlencode(ANN).encode()),
        (
            MULTIPART,
            b"".join(
                f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                for name, value in ANN.items()
            )
            + b"--edge--\r\n",
        ),
    ],
)
def test_capture_takes_every_way_of_writing(form: CaptureForm, content_type: str, raw: bytes) -> None:
    response = post(form, raw, content_type=content_type)

    assert response.status_code == 201
    assert bytes(Submission.objects.get().body) == raw


def test_capture_stays_within_five_queries(form: CaptureForm) -> None:
    with queries_at_most(5):
        response = post(form, ANN)

    assert response.status_code == 201


def test_capture_keeps_only_a_keyed_hash_of_the_sender(form: CaptureForm) -> None:
    post(form, ANN)

    assert re.fullmatch("[0-9a-f]{64}", Submission.objects.get().sender_hash)


# ── Refusals, one clear answer each ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email": None}, {"email": ["contact_point_needed"]}),
        ({"email": "   "}, {"email": ["contact_point_needed"]}),
        ({"email": "=cmd@x.co"}, None),
        ({"email": '"<script>alert(1)</script>"@example.com'}, None),
        ({"email": "ann@example.com, bob@example.com"}, None),
        ({"email": "ann@example.com\nBcc: bob@example.com"}, None),
        ({"email": "not an address"}, None),
        ({"email": "a\x00nn@example.com"}, None),
        ({"email": ["ann@example.com"]}, {"email": ["wrong_type"]}),
        ({"email": 12}, {"email": ["wrong_type"]}),
    ],
)
def test_capture_refuses_an_unusable_email(
    form: CaptureForm, fields: dict[str, Any], expected: dict[str, list[str]] | None
) -> None:
    response = post(form, ANN | fields)

    status, code, problems = refusal(response)
    assert (status, code, list(problems)) == (400, "invalid", ["email"])
    assert expected is None or problems == expected
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    "phone", ["123", "abc", "+1 512 555 0140 0140 0140", "900-555-0140\x00", 10**30, True, {}]
)
def test_capture_refuses_an_unusable_phone(form: CaptureForm, phone: Any) -> None:
    response = post(form, {"name": "Ann", "phone": phone})

    status, code, problems = refusal(response)
    assert (status, code, list(problems)) == (400, "invalid", ["phone"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"message": "x\ud800"}, {"message": ["invalid_characters"]}),
        ({"message": "x\x00"}, {"message": ["invalid_characters"]}),
        ({"message": 10**29}, {"message": ["wrong_type"]}),
        ({"message": "x" * 10_001}, {"message": ["too_long"]}),
        ({"consent_sms": "maybe"}, {"consent_sms": ["wrong_type"]}),
        ({"service": [1]}, {"service": ["wrong_type"]}),
        (
            {"name": {"first": "Ann"}, "utm_source": []},
            {"name": ["wrong_type"], "utm_source": ["wrong_type"]},
        ),
        ({"first_touch": "no object"}, {"first_touch": ["wrong_type"]}),
    ],
)
def test_capture_says_what_is_wrong_with_which_field(
    form: CaptureForm, fields: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    response = post(form, ANN | fields)

    assert refusal(response) == (400, "invalid", expected)


@pytest.mark.parametrize("odd", ["x\ud800", "x\x00", 10**29, {"a": [1]}, None, "é" * 3000])
def test_capture_keeps_unknown_fields_as_they_came(form: CaptureForm, odd: Any) -> None:
    raw = json.dumps(ANN | {"not_ours": odd}).encode()

    response = post(form, raw)

    assert response.status_code == 201
    assert bytes(Submission.objects.get().body) == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b" ", "malformed_body"),
        (b"{", "malformed_body"),
        (b"[]", "malformed_body"),
        (b"null", "malformed_body"),
        (b'{"a": NaN}', "malformed_body"),
        (b'{"name": "\xff"}', "malformed_body"),
        (b"[" * 3000, "too_deep"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, "too_deep"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number_too_long"),
        (b'{"a": 1e999}', "number_too_long"),
    ],
)
def test_capture_refuses_a_body_that_cannot_be_read(form: CaptureForm, raw: bytes, code: str) -> None:
    response = post(form, raw)

    assert refusal(response) == (400, code, {})
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/json; charset=latin-1",
        "",
        "nonsense",
        JSON + ";x=" + "y" * 300,
    ],
)
def test_capture_refuses_another_content_type(form: CaptureForm, content_type: str) -> None:
    request = RequestFactory().generic(
        "POST", URL, json.dumps(ANN), content_type=content_type, headers={"X-Form-Key": form.key}
    )

    response = capture(request)

    assert refusal(response) == (415, "unsupported_media_type", {})


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1_000_000, 4_000_000])
def test_capture_refuses_a_large_body(form: CaptureForm, size: int) -> None:
    response = post(form, b'{"name": "' + b"x" * size + b'"}')

    assert refusal(response) == (413, "too_large", {})


def test_capture_takes_a_body_of_the_largest_size(form: CaptureForm) -> None:
    raw = json.dumps(ANN).encode()

    response = post(form, raw + b" " * (64 * 1024 - len(raw)))

    assert response.status_code == 201


def test_capture_reads_a_body_without_a_length(form: CaptureForm) -> None:
    request = RequestFactory().generic("POST", URL, headers={"X-Form-Key": form.key, "Content-Type": JSON})
    request.META |= {"wsgi.input": io.BytesIO(json.dumps(ANN).encode()), "wsgi.input_terminated": True}
    request.META["CONTENT_LENGTH"] = ""

    response = capture(request)

    assert response.status_code == 201


def test_capture_refuses_a_body_that_ends_early(form: CaptureForm) -> None:
    raw = urlencode(ANN).encode()
    request = RequestFactory().generic("POST", URL, raw, content_type=FORM, headers={"X-Form-Key": form.key})
    request.META["CONTENT_LENGTH"] = str(len(raw) + 10)

    response = capture(request)

    assert refusal(response) == (400, "malformed_body", {})
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("key", ["", "unknown", "x" * 65, "ключ", "two words"])
def test_capture_refuses_an_unknown_key(key: str) -> None:
    response = Client().post(URL, data=json.dumps({**ANN, "form_key": key}), content_type=JSON)

    assert refusal(response) == (403, "unknown_form_key", {})


def test_capture_refuses_a_form_that_was_switched_off() -> None:
    response = post(factories.form(is_active=False), ANN)

    assert refusal(response) == (403, "unknown_form_key", {})


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        ("null", 201),
        ("https://clinic.example", 201),
        ("http://testserver", 201),
        ("http://localhost:5173", 201),
        ("http://[::1]:5173", 201),
        ("https://clinic.example.evil.example", 403),
        ("http://clinic.example", 403),
        ("https://clinic.example:8443", 403),
        ("https://localhost:99999999", 403),
        ("https://[::1", 403),
        ("\x00", 403),
    ],
)
def test_capture_judges_the_origin(origin: str | None, status: int) -> None:
    form = factories.form(allowed_origins=["https://clinic.example", "http://localhost:*", "http://[::1]:*"])

    response = post(form, ANN, **({} if origin is None else {"Origin": origin}))

    assert response.status_code == status
    assert status == 201 or refusal(response) == (403, "origin_not_allowed", {})


def test_capture_judges_in_order(form: CaptureForm) -> None:
    big, far = b"x" * 70_000, {"Origin": "https://evil.example"}
    post(form, ANN, key="used")

    seen = [
        refusal(post(form, big, content_type="text/plain", **far))[0],
        refusal(post(form, big, **far))[0],
        refusal(post(form, b"{", **far))[0],
        refusal(post(form, b"{", key="used"))[0],
        refusal(post(form, ANN | {"name": "Bob"}, key="used"))[0],
    ]

    assert seen == [415, 413, 403, 400, 409]


# ── The same thing twice ───────────────────────────────────────────────────────────────────────────────────


def test_capture_same_key_and_fields_is_one(form: CaptureForm) -> None:
    first = post(form, ANN, key="k-1")

    again = post(form, dict(reversed(ANN.items())), key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Submission.objects.count() == 1


def test_capture_same_key_and_other_fields_is_a_conflict(form: CaptureForm) -> None:
    post(form, ANN, key="k-1")

    again = post(form, ANN | {"message": "Something else"}, key="k-1")

    assert refusal(again) == (409, "idempotency_key_reused", {})
    assert Submission.objects.count() == 1


def test_capture_same_key_of_another_form_is_another(form: CaptureForm) -> None:
    first = post(form, ANN, key="k-1")

    other = post(factories.form(), ANN, key="k-1")

    assert first.json()["reference"] != other.json()["reference"]


def test_capture_a_refusal_does_not_burn_the_key(form: CaptureForm) -> None:
    refused = post(form, {"name": "Ann"}, key="k-1")

    mended = post(form, ANN, key="k-1")

    assert (refused.status_code, mended.status_code) == (400, 201)


@pytest.mark.parametrize("key", ["", "x" * 65, "two words", "ключ"])
def test_capture_refuses_an_odd_key(form: CaptureForm, key: str) -> None:
    response = post(form, ANN, key=key)

    assert refusal(response) == (400, "invalid", {"Idempotency-Key": ["invalid_key"]})


def test_capture_without_a_key_is_one_across_encodings(form: CaptureForm) -> None:
    first = post(form, ANN | {"consent_sms": True, "email": "Ann@Example.com"})

    again = post(form, urlencode(ANN | {"consent_sms": "on"}), content_type=FORM)

    assert first.json() == again.json()
    assert Submission.objects.count() == 1


def test_capture_without_a_key_after_ten_minutes_is_another(form: CaptureForm) -> None:
    first = post(form, ANN)
    Submission.objects.update(
        received_at=Submission.objects.get().received_at - timedelta(minutes=11), window=1
    )

    later = post(form, ANN)

    assert first.json()["reference"] != later.json()["reference"]


def test_capture_flood_from_one_address_is_refused() -> None:
    form = factories.form(flood_limit=2)
    with time_machine.travel(factories.NOON, tick=False):
        answers = [post(form, ANN | {"message": f"word {n}"}) for n in range(4)]

    assert [answer.status_code for answer in answers] in ([201, 201, 429, 429], [201, 201, 201, 429])
    assert refusal(answers[-1]) == (429, "too_many_requests", {})
    assert answers[-1]["Retry-After"] == "60"


def test_capture_flood_of_another_address_is_its_own() -> None:
    form = factories.form(flood_limit=1)
    post(form, ANN)
    client = Client(REMOTE_ADDR="198.51.100.9")

    response = client.post(
        URL, data=json.dumps(ANN | {"name": "Bo"}), content_type=JSON, headers={"X-Form-Key": form.key}
    )

    assert response.status_code == 201


# ── What a stranger can learn: nothing ─────────────────────────────────────────────────────────────────────


def test_capture_answers_new_repeat_and_quarantined_alike(form: CaptureForm) -> None:
    arrived_lead(form, name="Charlie Known", email="charlie@example.com")
    quarantined = Submission.objects.get(reference=post(form, ANN, key="q").json()["reference"])
    Submission.objects.filter(pk=quarantined.pk).update(state=SubmissionState.QUARANTINED)

    answers = [
        post(form, {"name": "New Person", "email": "new@example.com"}),
        post(form, {"name": "Charlie Known", "email": "charlie@example.com", "message": "Again"}),
        post(form, ANN, key="q"),
    ]

    shapes = {
        (
            answer.status_code,
            tuple(answer.json()),
            answer.json()["notice"],
            tuple(sorted(dict(answer.headers))),
        )
        for answer in answers
    }
    assert len(shapes) == 1
    fixed = [{k: v for k, v in answer.headers.items() if k != "X-Request-Id"} for answer in answers]
    assert fixed[0] == fixed[1] == fixed[2]


def test_capture_get_lets_nobody_in_without_a_token(form: CaptureForm) -> None:
    arrived_lead(form, name="Charlie Secret", email="charlie@example.com")

    response = Client().get(URL, headers={"X-Form-Key": form.key})

    assert refusal(response)[:2] == (401, "not_authenticated")
    assert b"Charlie" not in response.content


# ── Other sites ────────────────────────────────────────────────────────────────────────────────────────────


def test_capture_preflight_names_what_may_be_sent() -> None:
    response = Client().options(URL, headers={"Origin": "https://anywhere.example"})

    assert response.status_code == 204
    assert {name: value for name, value in response.headers.items() if name.startswith("Access-Control")} == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type, X-Form-Key, Idempotency-Key",
        "Access-Control-Max-Age": "86400",
    }


@pytest.mark.parametrize(
    ("body", "content_type", "origin", "status"),
    [
        (ANN, JSON, "https://clinic.example", 201),
        (ANN, JSON, "https://evil.example", 403),
        (ANN, "text/plain", "https://clinic.example", 415),
        (b"x" * 70_000, JSON, "https://clinic.example", 413),
        ({}, JSON, "https://clinic.example", 400),
    ],
)
def test_capture_every_answer_is_readable_by_the_page(
    form: CaptureForm, body: Any, content_type: str, origin: str, status: int
) -> None:
    response = post(form, body, content_type=content_type, Origin=origin)

    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Credentials" not in response


def test_capture_sets_no_cookie_and_asks_for_no_csrf_token(form: CaptureForm) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post(URL, data=json.dumps(ANN), content_type=JSON, headers={"X-Form-Key": form.key})

    assert response.status_code == 201
    assert dict(client.cookies) == {}
