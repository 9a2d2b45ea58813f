from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.addresses import NormalAddress
from leads.domain import enquiry
from leads.domain.body import read_body
from leads.domain.enquiry import CLICK_ID_FIELDS, UTM_FIELDS, Enquiry
from leads.errors import FieldProblem, InvalidEnquiry, UnreadableBody

ANA = NormalAddress(kind="email", value="ana@example.com", match_key="ana@example.com")
PHONE = NormalAddress(kind="phone", value="+15125550140", match_key="+15125550140")


def problems_of(fields: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(InvalidEnquiry) as refused:
        enquiry.clean(fields)
    return {name: [problem.code for problem in found] for name, found in refused.value.fields.items()}


def test_clean_everything_said_is_kept() -> None:
    utm = {name: f"{name} said" for name in UTM_FIELDS}
    clicks = {name: f"{name}-said" for name in CLICK_ID_FIELDS}
    first = {"page_url": "https://clinic.example/", "referrer": "https://search.example/", "utm_source": "ad"}

    found = enquiry.clean(
        {
            "name": "  Ana   María ",
            "email": "Ana@Example.com",
            "phone": "(512) 555-0140",
            "message": " Hello\r\nthere ",
            "kind": "billing",
            "service": ["Magnesium-IV-Push", "hydration", "hydration", ""],
            "location": "Downtown",
            "language": "es-MX",
            "preferred_contact": "sms",
            "preferred_time": "after 5 PM",
            "voicemail_ok": False,
            "consent_email": "on",
            "consent_sms": True,
            "consent_marketing_email": "true",
            "consent_marketing_sms": "1",
            "consent_text_version": "website-1",
            "page_url": "https://clinic.example/articles/magnesium/",
            "referrer": "android-app://search.example/",
            "article": "/Magnesium/",
            "cta": "article-end",
            "first_touch": {**first, "unknown": [1]},
            "timezone": "America/Phoenix",
            "locale": "es-MX",
            **utm,
            **clicks,
        }
    )

    assert found == Enquiry(
        name="Ana María",
        email=ANA,
        phone=PHONE,
        message="Hello\nthere",
        kind="billing",
        services=("magnesium-iv-push", "hydration"),
        location="downtown",
        language="es",
        preferred_contact="sms",
        preferred_time="after 5 PM",
        voicemail_ok=False,
        consent_email=True,
        consent_sms=True,
        consent_marketing_email=True,
        consent_marketing_sms=True,
        consent_text_version="website-1",
        page_url="https://clinic.example/articles/magnesium/",
        referrer="android-app://search.example/",
        article="magnesium",
        cta="article-end",
        utm=utm,
        click_ids=clicks,
        first_touch=first,
        timezone="America/Phoenix",
        locale="es-MX",
        unrecognised={},
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "ana@example.com"},
        {"email": "ana@example.com", "phone": "", "name": "  ", "message": None, "service": [], "kind": ""},
        {
            "email": "ana@example.com",
            "voicemail_ok": "",
            "consent_sms": None,
            "first_touch": "",
            "timezone": "",
        },
    ],
)
def test_clean_absent_null_and_blank_are_the_defaults(fields: dict[str, Any]) -> None:
    assert enquiry.clean(fields) == Enquiry(email=ANA)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"first_name": "Ana", "last_name": "Ruiz"}, "Ana Ruiz"),
        ({"first_name": "Ana"}, "Ana"),
        ({"last_name": " Ruiz "}, "Ruiz"),
        ({"name": "Dr. Ruiz", "first_name": "Ana"}, "Dr. Ruiz"),
        ({"name": " ", "first_name": "Ana"}, "Ana"),
    ],
)
def test_clean_name_is_whole_or_joined(fields: dict[str, Any], expected: str) -> None:
    assert enquiry.clean({"email": "ana@example.com", **fields}).name == expected


@pytest.mark.parametrize("fields", [{}, {"name": "Ana"}, {"email": "", "phone": None}, {"email": " "}])
def test_clean_without_contact_point_asks_for_one(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidEnquiry) as refused:
        enquiry.clean(fields)

    assert refused.value.fields == {
        "email": [
            FieldProblem(
                "contact_point_needed",
                "Please give us an e-mail address or a phone number, so that we can answer.",
            )
        ]
    }


@pytest.mark.parametrize(
    "raw",
    [
        "=cmd@x.co",
        '"<script>alert(1)</script>"@b.co',
        "a@b.co, e@x.co",
        "a@localhost",
        "a@[127.0.0.1]",
        "nobody",
    ],
)
def test_clean_malformed_email_is_a_problem_beside_a_good_phone(raw: str) -> None:
    found = problems_of({"email": raw, "phone": "512-555-0140"})

    assert list(found) == ["email"]


@pytest.mark.parametrize("raw", ["12", "call me", "<b>512-555-0140</b>", 10**14])
def test_clean_malformed_phone_is_a_problem_beside_a_good_email(raw: str | int) -> None:
    assert problems_of({"email": "ana@example.com", "phone": raw}) == {"phone": ["invalid"]}


def test_clean_malformed_email_alone_is_its_only_problem() -> None:
    assert problems_of({"email": "nobody"}) == {"email": ["invalid"]}


def test_clean_phone_sent_as_a_number_is_read() -> None:
    assert enquiry.clean({"phone": 5125550140}).phone == PHONE


@pytest.mark.parametrize("raw", [10**15, 10**29, -5125550140, True, 5125550140.0, ["512-555-0140"], {}])
def test_clean_phone_of_a_wrong_type_is_a_problem(raw: object) -> None:
    assert problems_of({"phone": raw}) == {"phone": ["wrong_type"]}


def test_clean_phone_in_direction_marks_is_read() -> None:
    assert enquiry.clean({"phone": "\u202a512-555-0140\u202c"}).phone == PHONE


@pytest.mark.parametrize(
    "name",
    [
        *("name", "first_name", "last_name", "email", "message", "kind", "location", "language"),
        *("preferred_contact", "preferred_time", "consent_text_version", "page_url", "referrer", "article"),
        *("cta", "timezone", "locale", *UTM_FIELDS, *CLICK_ID_FIELDS),
    ],
)
@pytest.mark.parametrize("raw", [5, 10**29, 1.5, True, ["a"], {"a": "b"}])
def test_clean_text_of_a_wrong_type_is_a_problem(name: str, raw: object) -> None:
    assert problems_of({"phone": "512-555-0140", name: raw}) == {name: ["wrong_type"]}


@pytest.mark.parametrize("raw", [5, {"a": "b"}, ["a", 5], [["a"]], [None]])
def test_clean_service_of_a_wrong_type_is_a_problem(raw: object) -> None:
    assert problems_of({"phone": "512-555-0140", "service": raw}) == {"service": ["wrong_type"]}


def test_clean_too_many_services_are_a_problem() -> None:
    services = [f"service-{number}" for number in range(21)]

    assert problems_of({"phone": "512-555-0140", "service": services}) == {"service": ["too_many"]}


@pytest.mark.parametrize("raw", [5, "text", "[1]", '{"a": 1, "a": 2}', [], ["a"], True])
def test_clean_first_touch_of_a_wrong_type_is_a_problem(raw: object) -> None:
    assert problems_of({"phone": "512-555-0140", "first_touch": raw}) == {"first_touch": ["wrong_type"]}


def test_clean_first_touch_problem_names_the_field_inside() -> None:
    found = problems_of({"phone": "512-555-0140", "first_touch": {"utm_source": {}, "cta": "\0"}})

    assert found == {"first_touch.utm_source": ["wrong_type"], "first_touch.cta": ["invalid_characters"]}


def test_clean_first_touch_as_json_text_is_read() -> None:
    found = enquiry.clean({"phone": "512-555-0140", "first_touch": '{"utm_source": "ad", "cta": ""}'})

    assert found.first_touch == {"utm_source": "ad"}


TYPED = [
    *(("name", 200), ("message", 10_000), ("location", 100), ("preferred_time", 120)),
    *(("consent_text_version", 100), ("article", 100), ("service", 100)),
]
FACTS = [("cta", 100), *((name, 300) for name in UTM_FIELDS + CLICK_ID_FIELDS)]


@pytest.mark.parametrize(("name", "limit"), TYPED + FACTS)
def test_clean_text_at_its_limit_is_kept(name: str, limit: int) -> None:
    enquiry.clean({"phone": "512-555-0140", name: f" {'a' * limit} "})


@pytest.mark.parametrize(("name", "limit"), [*TYPED, ("email", 320), ("timezone", 64)])
def test_clean_text_over_its_limit_is_a_problem(name: str, limit: int) -> None:
    assert problems_of({"phone": "512-555-0140", name: "a" * (limit + 1)}) == {name: ["too_long"]}


@pytest.mark.parametrize(("name", "limit"), FACTS)
def test_clean_fact_of_the_page_over_its_limit_is_cut(name: str, limit: int) -> None:
    found = enquiry.clean({"phone": "512-555-0140", name: "a" * (limit + 1)})

    assert "a" * limit in {found.cta, *found.utm.values(), *found.click_ids.values()}


def test_clean_page_over_its_limit_is_cut() -> None:
    found = enquiry.clean({"phone": "512-555-0140", "page_url": "https://a.example/?" + "a" * 3_000})

    assert len(found.page_url) == 2_000


def test_clean_message_counts_a_line_break_once() -> None:
    message = "\r\n".join(["a"] * 5_000) + "a"

    assert len(enquiry.clean({"phone": "512-555-0140", "message": message}).message) == 10_000


def test_clean_lower_case_longer_than_its_limit_is_a_problem() -> None:
    # "İ" becomes two characters in lower case, which a column of 100 would not take.
    assert problems_of({"phone": "512-555-0140", "article": "İ" * 100}) == {"article": ["too_long"]}


def test_clean_joined_name_never_exceeds_a_name() -> None:
    found = enquiry.clean({"phone": "512-555-0140", "first_name": "a" * 99, "last_name": "b" * 99})

    assert len(found.name) <= 200


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x1b", "\x7f", "\ud800", "\u202e", "\u2066"])
@pytest.mark.parametrize("name", ["name", "email", "message", "service", "article", "page_url", "utm_source"])
def test_clean_invalid_character_in_a_known_field_is_a_problem(name: str, bad: str) -> None:
    assert problems_of({"phone": "512-555-0140", name: f"a{bad}b"}) == {name: ["invalid_characters"]}


@pytest.mark.parametrize("bad", ["\n", "\r", "\t"])
def test_clean_line_break_is_fine_in_the_message_only(bad: str) -> None:
    assert problems_of({"email": f"ana@example.com{bad}", "name": f"Ana{bad}", "message": f"a{bad}b"}) == {
        "email": ["invalid_characters"],
        "name": ["invalid_characters"],
    }


def test_clean_unknown_field_may_hold_anything() -> None:
    odd = {"\0": "\ud800", "extra": {"a": ["\0", 10**29]}, "website": "\u202e", "consent": [[]]}

    assert enquiry.clean({"email": "ana@example.com", **odd}) == Enquiry(email=ANA)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        *((True, True), ("on", True), ("true", True), ("TRUE", True), (" 1 ", True)),
        *((False, False), ("off", False), ("false", False), ("0", False), ("", None), (None, None)),
    ],
)
def test_clean_flag_words(raw: object, expected: bool | None) -> None:
    found = enquiry.clean({"email": "ana@example.com", "voicemail_ok": raw, "consent_sms": raw})

    assert (found.voicemail_ok, found.consent_sms) == (expected, bool(expected))


@pytest.mark.parametrize("raw", ["yes", "2", 1, 0, 1.0, [], {}, ["on"]])
def test_clean_flag_of_a_wrong_type_is_a_problem(raw: object) -> None:
    assert problems_of({"email": "ana@example.com", "consent_sms": raw}) == {"consent_sms": ["wrong_type"]}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kind", "complaint"),
        ("preferred_contact", "fax"),
        ("language", "english"),
        ("locale", "en us"),
        ("timezone", "Mars/Phobos"),
        ("timezone", "../etc/passwd"),
        ("timezone", "America"),
        ("timezone", "localtime"),
        ("timezone", "UTC"),
        ("timezone", "Etc/GMT+6"),
        ("page_url", "javascript:alert(1)"),
        ("page_url", "//evil.example"),
        ("referrer", "search.example"),
    ],
)
def test_clean_unknown_word_is_left_aside(name: str, said: str) -> None:
    found = enquiry.clean({"email": "ana@example.com", name: said})

    assert found == Enquiry(email=ANA, unrecognised={name: said})


def test_clean_unknown_slug_is_kept() -> None:
    found = enquiry.clean({"email": "ana@example.com", "service": "moon-dust", "location": "atlantis"})

    assert found == Enquiry(email=ANA, services=("moon-dust",), location="atlantis")


def test_clean_page_may_be_a_path_on_the_site() -> None:
    found = enquiry.clean({"email": "ana@example.com", "page_url": "/example/articles/magnesium/"})

    assert found.page_url == "/example/articles/magnesium/"


def test_clean_says_every_problem_at_once() -> None:
    found = problems_of(
        {"email": "nobody", "phone": {}, "name": [], "consent_sms": "perhaps", "location": "a" * 101}
    )

    assert found == {
        "location": ["too_long"],
        "name": ["wrong_type"],
        "email": ["invalid"],
        "phone": ["wrong_type"],
        "consent_sms": ["wrong_type"],
    }


def test_canonical_is_the_same_for_json_and_a_form() -> None:
    as_json = json.dumps(
        {
            "form_key": "demo-website",
            "message": "Hello\nthere",
            "email": "ana@example.com",
            "service": "hydration",
            "phone": 5125550140,
            "consent_sms": True,
            "website": "",
        }
    )
    as_form = urlencode(
        {
            "consent_sms": "on",
            "consent_email": "",
            "phone": "+1 512 555 0140",
            "email": " ANA@example.com",
            "service": "hydration",
            "message": "Hello\r\nthere\r\n",
        }
    )

    first = enquiry.canonical(read_body(as_json.encode(), "application/json"))
    second = enquiry.canonical(read_body(as_form.encode(), "application/x-www-form-urlencoded"))

    assert first == second


@pytest.mark.parametrize(
    "other",
    [
        *({"message": "Hello!"}, {"phone": "512-555-0140"}, {"consent_sms": True}, {"voicemail_ok": False}),
        *({"utm_source": "ad"}, {"kind": "other"}, {"service": ["a"]}, {"first_touch": {"cta": "top"}}),
    ],
)
def test_canonical_differs_when_the_meaning_does(other: dict[str, Any]) -> None:
    fields = {"email": "ana@example.com", "message": "Hello"}

    assert enquiry.canonical(fields) != enquiry.canonical({**fields, **other})


def test_canonical_of_a_changed_enquiry_differs() -> None:
    found = Enquiry(email=ANA, name="Ana")

    assert enquiry.canonical_of(found) != enquiry.canonical_of(replace(found, name="Eva"))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("demo-website", "demo-website"),
        (" demo-website ", "demo-website"),
        *(
            (None, ""),
            ("", ""),
            (5, ""),
            (["demo-website"], ""),
            ("a\0b", ""),
            ("\ud800", ""),
            ("a" * 65, ""),
        ),
    ],
)
def test_form_key_of_fields(raw: object, expected: str) -> None:
    assert enquiry.form_key_of({"form_key": raw}) == expected


NAMES = st.sampled_from(
    (
        *("name", "first_name", "email", "phone", "message", "kind", "service", "location", "language"),
        *("preferred_contact", "preferred_time", "voicemail_ok", "consent_sms", "page_url", "referrer"),
        *("article", "cta", "utm_source", "gclid", "first_touch", "timezone", "locale", "form_key", "x"),
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=8)


@settings(max_examples=200, deadline=None)
@given(fields=FIELDS, good_phone=st.booleans())
def test_any_fields_are_cleaned_or_refused(fields: dict[str, Any], good_phone: bool) -> None:
    said = {**fields, "phone": "512-555-0140"} if good_phone else fields

    try:
        found = enquiry.clean(said)
    except InvalidEnquiry:
        return

    assert found.email or found.phone
    assert enquiry.canonical(said) == enquiry.canonical_of(found)


@settings(max_examples=100, deadline=None)
@given(fields=FIELDS)
def test_any_json_means_what_its_fields_mean(fields: dict[str, Any]) -> None:
    raw = json.dumps({**fields, "phone": "512-555-0140"}).encode()

    try:
        found = enquiry.clean(read_body(raw, "application/json"))
    except (UnreadableBody, InvalidEnquiry):
        return

    assert found == enquiry.clean({**fields, "phone": "512-555-0140"})
