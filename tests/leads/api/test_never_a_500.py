"""Whatever is posted, the answer is one of ours, in the one shape."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import CaptureForm
from tests import factories
from tests.leads.api.support import BROWSER, FORM, JSON, URL

pytestmark = pytest.mark.django_db

MULTIPART = "multipart/form-data; boundary=edge"
OURS = {201, 400, 403, 409, 413, 415, 429}
EMAIL = {"email": "ann@example.com"}
ODD: list[Any] = [
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\u202eexe.cod",
    "",
    " ",
    "\n",
    "%",
    "%%00",
    "'; DROP TABLE leads_lead; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "${jndi:ldap://x}",
    "😀" * 500,
    "é" * 9_999,
    0,
    -1,
    10**29,
    1.5,
    True,
    None,
    [],
    {},
    [[]],
    {"a": {"b": 1}},
    ["\x00"],
    "9999-99-99",
    "../../etc/passwd",
    "javascript:alert(1)",
    "NaN",
]
NAMES = [
    "name",
    "email",
    "phone",
    "message",
    "service",
    "first_touch",
    "page_url",
    "timezone",
    "language",
    "other",
]
RAW: list[tuple[str, bytes]] = [
    (JSON, b""),
    (JSON, b"\x00"),
    (JSON, b"\xef\xbb\xbf{}"),
    (JSON, b"\xff\xfe{\x00}\x00"),
    (JSON, b"[" * 60_000),
    (JSON, b'{"a":' * 10_000),
    (JSON, b'"' + b"\\" * 1001),
    (JSON, b'{"name": "\\ud800", "email": "ann@example.com"}'),
    (JSON, b'{"email": "ann@example.com", "message": "\\u0000"}'),
    (JSON, b'{"email": "ann@example.com", "x": "\\udc00"}'),
    (JSON, b"9" * 60_000),
    (JSON, b"-"),
    (JSON, b"1e400"),
    (JSON, b'{"email": "ann@example.com", "phone": 1' + b"0" * 30 + b"}"),
    (FORM, b""),
    (FORM, b"&" * 60_000),
    (FORM, b"=" * 60_000),
    (FORM, b"%"),
    (FORM, b"email=%00"),
    (FORM, b"email=%ff"),
    (FORM, b"email=%ed%a0%80"),
    (FORM, b"\xff=\xff"),
    (FORM, b"email=ann%40example.com&service=" + b"&service=".join([b"a"] * 150)),
    (FORM, b"email=ann%40example.com&first_touch=" + b"%5B" * 3_000),
    (FORM, b"email=ann%40example.com&message=" + quote_from_bytes(b"\x07").encode()),
    (MULTIPART, b""),
    (MULTIPART, b"--edge--"),
    (MULTIPART, b"--edge\r\n\r\n"),
    (MULTIPART, b'--edge\r\nContent-Disposition: form-data; name="email"\r\n\r\n\xff\r\n--edge--\r\n'),
    (MULTIPART, b'--edge\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nx\r\n--edge--\r\n'),
    (
        MULTIPART,
        b"--edge\r\nContent-Disposition: form-data\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--edge--",
    ),
    (MULTIPART, b"--edge\r\n" + b"A: b\r\n" * 5_000 + b"\r\n--edge--"),
    ("multipart/form-data", b"--edge--"),
    ("multipart/form-data; boundary=", b"----"),
    ("multipart/form-data; boundary=" + "b" * 150, b"x"),
    ("application/json; charset=nonsense", b"{}"),
    ("application/json;;;;", b"{}"),
    ("; charset=utf-8", b"{}"),
    ("text/html", b"<p>"),
]


@pytest.fixture
def form() -> CaptureForm:
    return factories.form(flood_limit=1_000_000)


def answered(form_key: str, raw: bytes, content_type: str, accept: str) -> None:
    headers = {"X-Form-Key": form_key} if form_key else {}
    response = Client().generic(
        "POST", URL, raw, content_type=content_type, headers={**headers, "Accept": accept}
    )

    assert response.status_code in (OURS | {303} if accept == BROWSER else OURS)
    if accept != BROWSER and response.status_code != 201:
        assert set(json.loads(response.content)) == {"code", "message", "fields"}


@pytest.mark.parametrize("accept", ["application/json", BROWSER])
@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("which", range(len(RAW)))
def test_never_a_500_for_raw_bytes(form: CaptureForm, which: int, with_key: bool, accept: str) -> None:
    content_type, raw = RAW[which]

    answered(form.key if with_key else "", raw, content_type, accept)


@pytest.mark.parametrize("accept", ["application/json", BROWSER])
@pytest.mark.parametrize("name", NAMES)
def test_never_a_500_for_odd_fields(form: CaptureForm, name: str, accept: str) -> None:
    for value in ODD:
        answered(form.key, json.dumps({**EMAIL, name: value}).encode(), JSON, accept)
        answered("", json.dumps({**EMAIL, name: value, "form_key": value}).encode(), JSON, accept)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
SHORT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SHORT
@given(fields=st.dictionaries(st.sampled_from([*NAMES, "form_key", "consent_sms", "utm_source"]), anything))
def test_never_a_500_for_fuzzed_fields(form: CaptureForm, fields: dict[str, Any]) -> None:
    answered(form.key, json.dumps(fields).encode(), JSON, BROWSER)


@SHORT
@given(raw=st.binary(max_size=200), content_type=st.sampled_from([JSON, FORM, MULTIPART]))
def test_never_a_500_for_fuzzed_bytes(form: CaptureForm, raw: bytes, content_type: str) -> None:
    answered(form.key, raw, content_type, BROWSER)
