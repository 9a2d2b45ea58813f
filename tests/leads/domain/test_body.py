from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.domain import body
from leads.errors import UnreadableBody

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"


def part(name: str, value: bytes, *, extra: str = "") -> bytes:
    return (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"
    )


def refusal_of(raw: bytes, content_type: str = JSON) -> str:
    with pytest.raises(UnreadableBody) as refused:
        body.read_body(raw, content_type)
    return refused.value.code


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", "json"),
        ("Application/JSON; Charset=UTF-8", "json"),
        ('application/json; charset="utf8"', "json"),
        (FORM, "form"),
        (f"{FORM};charset=utf-8", "form"),
        (MULTIPART, "multipart"),
        ("", None),
        ("text/plain", None),
        ("application/jsonp", None),
        ("application/json; charset=utf-16", None),
        ("application/json; charset=latin-1", None),
        ("application/json; charset*=nowhere'en'utf-8", None),
    ],
)
def test_media_type_of_content_type(content_type: str, expected: str | None) -> None:
    assert body.media_type(content_type) == expected


def test_json_object_is_read_as_it_is() -> None:
    fields = {"name": "Zoë", "service": ["a"], "consent_sms": True, "n": 5.5, "deep": {"x": [None]}}

    assert body.read_body(json.dumps(fields).encode(), JSON) == fields


def test_json_byte_order_mark_is_ignored() -> None:
    assert body.read_body(b'\xef\xbb\xbf{"name": "Ana"}', JSON) == {"name": "Ana"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"5",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1,}',
        b'{"a": "\n"}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'\xff\xfe{\x00"\x00',
        b'{"a": "unfinished',
    ],
)
def test_json_malformed_is_refused(raw: bytes) -> None:
    assert refusal_of(raw) == "malformed_body"


@pytest.mark.parametrize("raw", [b'{"a": 1, "a": 1}', b'{"a": {"b": 1, "b": 2}}', b'{"a": 1, "\\u0061": 2}'])
def test_json_duplicate_key_is_refused(raw: bytes) -> None:
    assert refusal_of(raw) == "duplicate_key"


def test_json_depth_at_the_limit_is_read() -> None:
    raw = b'{"a":' * body.MAX_DEPTH + b"1" + b"}" * body.MAX_DEPTH

    fields: Any = body.read_body(raw, JSON)

    for _ in range(body.MAX_DEPTH):
        fields = fields["a"]
    assert fields == 1


@pytest.mark.parametrize("depth", [body.MAX_DEPTH + 1, 3_000, 60_000])
def test_json_deeper_than_the_limit_is_refused(depth: int) -> None:
    assert refusal_of(b'{"a":' + b"[" * (depth - 1)) == "too_deep"


def test_json_object_deeper_than_the_stack_is_refused() -> None:
    with pytest.raises(UnreadableBody) as refused:
        body.read_object('{"a":' * 100_000 + "1" + "}" * 100_000)

    assert refused.value.code == "too_deep"


@pytest.mark.parametrize("message", ["[[[[[[[[[[", '"[[[[[[[[[[', '\\"{{{{{{{{{{', '\\\\"[[[[[[[[[[', "[]\\"])
def test_json_brackets_inside_text_are_no_depth(message: str) -> None:
    fields = {"message": message, "more": "]]"}

    assert body.read_body(json.dumps(fields).encode(), JSON) == fields


def test_json_of_only_quotes_is_refused_quickly() -> None:
    raw = b'{"a": ' + b'\\"' * 32_000
    started = time.perf_counter()

    code = refusal_of(raw)

    assert code == "malformed_body"
    assert time.perf_counter() - started < 0.5


def test_json_thirty_digit_integer_is_read() -> None:
    assert body.read_body(b'{"n": ' + b"9" * 30 + b"}", JSON) == {"n": 10**30 - 1}


@pytest.mark.parametrize("number", [b"9" * 5_000, b"-" + b"9" * 301, b"1e999", b"-1e999"])
def test_json_number_no_store_could_hold_is_refused(number: bytes) -> None:
    assert refusal_of(b'{"n": ' + number + b"}") == "number_too_long"


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_body_larger_than_the_limit_is_refused(content_type: str) -> None:
    assert refusal_of(b"a" * (body.MAX_BODY + 1), content_type) == "too_large"


def test_body_of_another_type_is_refused() -> None:
    assert refusal_of(b"<a/>", "application/xml") == "unsupported_media_type"


def test_form_last_value_counts_and_services_are_all_kept() -> None:
    raw = b"name=Ana+M%C3%BCller&consent_sms=0&consent_sms=on&service=a&service=b&message="

    assert body.read_body(raw, FORM) == {
        "name": "Ana Müller",
        "consent_sms": "on",
        "service": ["a", "b"],
        "message": "",
    }


@pytest.mark.parametrize("raw", [b"name=%FF", b"name=\xff", b"%ED%A0%80=a"])
def test_form_not_utf8_is_refused(raw: bytes) -> None:
    assert refusal_of(raw, FORM) == "malformed_body"


def test_form_fields_up_to_the_limit_are_read() -> None:
    raw = "&".join(f"f{number}={number}" for number in range(body.MAX_FIELDS))

    assert len(body.read_body(raw.encode(), FORM)) == body.MAX_FIELDS


def test_form_with_too_many_fields_is_refused() -> None:
    assert refusal_of(b"&".join([b"a=1"] * (body.MAX_FIELDS + 1)), FORM) == "too_many_fields"


def test_multipart_is_read_like_a_form() -> None:
    raw = part("name", "Zoë".encode()) + part("service", b"a") + part("service", b"b") + b"--edge--\r\n"

    assert body.read_body(raw, MULTIPART) == {"name": "Zoë", "service": ["a", "b"]}


def test_multipart_type_in_capitals_is_read() -> None:
    raw = part("name", b"Ana") + b"--edge--\r\n"

    assert body.read_body(raw, "Multipart/Form-Data; boundary=edge") == {"name": "Ana"}


def test_multipart_file_is_passed_over() -> None:
    raw = (
        part("name", b"Ana") + part("photo", b"\xff\xd8\xff", extra='; filename="arm.jpg"') + b"--edge--\r\n"
    )

    assert body.read_body(raw, MULTIPART) == {"name": "Ana"}


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (part("name", b"\xff") + b"--edge--\r\n", MULTIPART),
        (part("name", b"Ana") + b"--edge--\r\n", "multipart/form-data"),
        (part("name", b"Ana") + b"--edge--\r\n", "multipart/form-data; boundary=\u00e9"),
        (
            part("f", b"!", extra='; filename="a"\r\nContent-Transfer-Encoding: base64') + b"--edge--",
            MULTIPART,
        ),
    ],
)
def test_multipart_malformed_is_refused(raw: bytes, content_type: str) -> None:
    assert refusal_of(raw, content_type) == "malformed_body"


def test_multipart_with_too_many_fields_is_refused() -> None:
    assert (
        refusal_of(part("a", b"1") * (body.MAX_FIELDS + 1) + b"--edge--\r\n", MULTIPART) == "too_many_fields"
    )


@settings(max_examples=150, deadline=None)
@given(
    raw=st.binary(max_size=300), content_type=st.sampled_from([JSON, FORM, MULTIPART]) | st.text(max_size=60)
)
def test_any_bytes_are_read_or_refused(raw: bytes, content_type: str) -> None:
    try:
        fields = body.read_body(raw, content_type)
    except UnreadableBody:
        return

    assert json.loads(json.dumps(fields)) == fields


@settings(max_examples=100, deadline=None)
@given(
    names=st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=8), max_size=6),
    value=st.binary(max_size=60),
)
def test_any_multipart_is_read_or_refused(names: list[str], value: bytes) -> None:
    raw = b"".join(part(name, value) for name in names) + b"--edge--\r\n"

    try:
        fields = body.read_body(raw, MULTIPART)
    except UnreadableBody:
        return

    assert len(fields) <= len(names)
