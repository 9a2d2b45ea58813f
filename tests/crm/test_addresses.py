from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm import addresses


@pytest.mark.parametrize(
    ("raw", "value", "match_key"),
    [
        ("  Maria.Lopez+IV@Example.COM ", "maria.lopez+iv@example.com", "maria.lopez@example.com"),
        ("maria@ivsuite.example", "maria@ivsuite.example", "maria@ivsuite.example"),
        ("maria@clinic.test", "maria@clinic.test", "maria@clinic.test"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("ana+@x.co", "ana+@x.co", "ana@x.co"),
        ("9-to-5@x.co", "9-to-5@x.co", "9-to-5@x.co"),
    ],
)
def test_email_plain_is_normalised(raw: str, value: str, match_key: str) -> None:
    result = addresses.normalise_email(raw)

    assert result == addresses.NormalAddress(kind="email", value=value, match_key=match_key)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "invalid"),
        ("maria", "invalid"),
        ("@x.co", "invalid"),
        ("maria@", "invalid"),
        ("=cmd@x.co", "local_part"),
        ("+tag@x.co", "local_part"),
        ("-cmd@x.co", "local_part"),
        ("|cmd@x.co", "local_part"),
        ("%cmd@x.co", "local_part"),
        ("@@x.co", "several_addresses"),
        ('"maria lopez"@x.co', "local_part"),
        ('"<script>alert(1)</script>"@x.co', "local_part"),
        ("Maria <maria@x.co>", "local_part"),
        ("maria lopez@x.co", "local_part"),
        ("maria..lopez@x.co", "local_part"),
        (".maria@x.co", "local_part"),
        ("maría@x.co", "local_part"),
        ("\u212aim@x.co", "local_part"),  # the Kelvin sign lower-cases to a plain k
        ("a" * 65 + "@x.co", "local_part"),
        ("maria@localhost", "domain"),
        ("maria@test", "domain"),
        ("maria@[192.0.2.1]", "domain"),
        ("maria@192.0.2.1", "domain"),
        ("maria@printer.local", "domain"),
        ("maria@crm.internal", "domain"),
        ("maria@x.c", "domain"),
        ("maria@x y.co", "domain"),
        ("maria@-x.co", "domain"),
        ("maria@x.co.", "domain"),
        ("maria@x.co,ana@x.co", "several_addresses"),
        ("maria@x.co; ana", "several_addresses"),
        ("maria@ana@x.co", "several_addresses"),
        ("maria@x.co\nBcc: ana@x.co", "invalid_characters"),
        ("maria@x.co\n", "invalid_characters"),
        ("mar\x00ia@x.co", "invalid_characters"),
        ("maria\u202e@x.co", "invalid_characters"),
        ("maria\ud800@x.co", "invalid_characters"),
        ("a@" + "b." * 130 + "co", "too_long"),
        ("a" * 60 + "@" + "ü." * 90 + "co", "domain"),
        ("a" * 60 + "@" + "ü." * 24 + "example", "too_long"),
    ],
)
def test_email_malformed_is_refused_in_one_sentence(raw: str, code: str) -> None:
    with pytest.raises(addresses.InvalidAddress) as caught:
        addresses.normalise_email(raw)

    assert caught.value.code == code
    assert caught.value.message.startswith("Please ")
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("512-555-0140", "+15125550140"),
        (" (512) 555-0140 ", "+15125550140"),
        ("512.555.0140", "+15125550140"),
        ("1 512 555 0140", "+15125550140"),
        ("+1 (512) 555-0140", "+15125550140"),
        ("tel:+15125550140", "+15125550140"),
        ("512\u2011555\u20110140", "+15125550140"),
        ("\u202a+1 512 555 0140\u202c", "+15125550140"),
        ("\u0665\u0661\u0662\u0665\u0665\u0665\u0660\u0661\u0664\u0660", "+15125550140"),
        ("512-555-0140 ext. 12", "+15125550140"),
        ("(512) 555-0140 x5", "+15125550140"),
        ("512-555-0140;ext=4", "+15125550140"),
        ("999-555-0140", "+19995550140"),  # fictional numbers hold in area codes that do not exist
        ("1-800-FLOWERS", "+18003569377"),
        ("+44 20 7946 0018", "+442079460018"),
        ("011 44 20 7946 0018", "+442079460018"),
    ],
)
def test_phone_common_format_is_normalised(raw: str, value: str) -> None:
    result = addresses.normalise_phone(raw)

    assert result == addresses.NormalAddress(kind="phone", value=value, match_key=value)


def test_phone_without_country_code_is_read_in_the_region() -> None:
    result = addresses.normalise_phone("020 7946 0018", region="GB")

    assert result.value == "+442079460018"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "invalid"),
        ("+", "invalid"),
        ("call me", "invalid"),
        ("911", "invalid"),
        ("555-0140", "invalid"),
        ("123-555-0140", "invalid"),
        ("999-555-0240", "invalid"),
        ("512-555-0140 mornings", "invalid"),
        ("512-555-CALL", "invalid"),
        ("512-555-0140 or 512-555-0141", "invalid"),
        ("+1 512 555 0140, +1 512 555 0141", "invalid"),
        ("<script>512-555-0140", "invalid"),
        ("=5125550140", "invalid"),
        ("512\n555-0140", "invalid"),
        ("512\x00555-0140", "invalid"),
        ("\ud800512-555-0140", "invalid"),
        ("5" * 30, "invalid"),
        ("5" * 5000, "invalid"),
        (" " * 70 + "512-555-0140", "invalid"),
        ("+1 900 234 5678", "premium_rate"),
    ],
)
def test_phone_malformed_is_refused_in_one_sentence(raw: str, code: str) -> None:
    with pytest.raises(addresses.InvalidAddress) as caught:
        addresses.normalise_phone(raw)

    assert caught.value.code == code
    assert caught.value.message.startswith("Please ")
    assert caught.value.message.endswith(".")


def test_phone_that_no_country_has_is_refused() -> None:
    with pytest.raises(addresses.InvalidAddress) as caught:
        addresses.normalise_phone("+999 512 555 0140")

    assert caught.value.code == "invalid"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("instagram:@Maria.Lopez", "instagram:maria.lopez"),
        (" Instagram: maria_lopez ", "instagram:maria_lopez"),
        ("facebook:m", "facebook:m"),
    ],
)
def test_handle_is_normalised(raw: str, value: str) -> None:
    result = addresses.normalise_handle(raw)

    assert result == addresses.NormalAddress(kind="handle", value=value, match_key=value)


@pytest.mark.parametrize(
    "raw", ["", "@maria", "instagram:", "instagram:@", "instagram:a b", "instagram:a\nb", "instagram:\u212a"]
)
def test_handle_malformed_is_refused(raw: str) -> None:
    with pytest.raises(addresses.InvalidAddress) as caught:
        addresses.normalise_handle(raw)

    assert caught.value.code == "invalid"


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("email", "maria@example.com", "m•••@example.com"),
        ("phone", "+15125550140", "•••• 0140"),
        ("handle", "instagram:maria", "instagram:m•••"),
        ("handle", "maria", "m•••"),
    ],
)
def test_mask_shows_what_its_owner_recognises(kind: str, value: str, masked: str) -> None:
    result = addresses.mask(kind, value)

    assert result == masked


@pytest.mark.parametrize(
    ("e164", "zones"),
    [
        ("+15125550140", ("America/Chicago",)),
        ("+19075550140", ("America/Adak", "America/Anchorage")),
        ("+442079460018", ("Europe/London",)),
        ("+19995550140", ()),
        ("512-555-0140", ()),
        ("", ()),
    ],
)
def test_phone_time_zones_lists_every_candidate(e164: str, zones: tuple[str, ...]) -> None:
    result = addresses.phone_time_zones(e164)

    assert result == zones


def test_phone_time_zones_toll_free_number_may_be_anywhere() -> None:
    result = addresses.phone_time_zones("+18003569377")

    assert {"Pacific/Honolulu", "America/New_York", "Pacific/Guam"} <= set(result)


ANY_TEXT = st.text(max_size=80) | st.text(alphabet="a1@.+-()x \t\n\x00\ud800\u202e", max_size=40)


@settings(max_examples=150, deadline=None)
@given(raw=ANY_TEXT)
@example(raw="+1 512 555 0140")
@example(raw="A+b@X.co")
def test_address_any_text_is_normalised_once_or_refused(raw: str) -> None:
    for normalise in (addresses.normalise_email, addresses.normalise_phone, addresses.normalise_handle):
        try:
            first = normalise(raw)
        except addresses.InvalidAddress:
            continue

        again = normalise(first.value)

        assert again == first


@pytest.mark.parametrize(
    ("raw", "words", "dialled"),
    [
        ("+15125550140", "(512) 555-0140", "+15125550140"),
        ("512-555-0140", "(512) 555-0140", "+15125550140"),
        ("+14165550140", "(416) 555-0140", "+14165550140"),
        ("+18005551234", "(800) 555-1234", "+18005551234"),
        ("+442079460018", "+44 20 7946 0018", "+442079460018"),
        ("+525512345678", "+52 55 1234 5678", "+525512345678"),
        ("512-555-DRIP", "512-555-DRIP", ""),
        ("", "", ""),
    ],
)
def test_phone_is_written_to_be_read_and_to_be_dialled(raw: str, words: str, dialled: str) -> None:
    assert (addresses.readable_phone(raw), addresses.dialled_phone(raw)) == (words, dialled)
