"""One spelling for every address: what people type becomes the value that consent and matching hang on.

Pure: no database, no settings, no network. A refusal says in one sentence what to do about it, because the
sentence is shown beside the field.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import timezone as phone_timezone

Kind = Literal["email", "phone", "handle"]


class InvalidAddress(ValueError):
    """An address that cannot be used. `code` is stable; `message` says in one sentence what to do."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class NormalAddress:
    """An address in its one spelling. `match_key` finds the same mailbox behind another `+tag`."""

    kind: Kind
    value: str
    match_key: str


# RFC 5321: a path of 256 octets, less its two angle brackets.
_EMAIL_MAX = 254
_LOCAL_MAX = 64
# RFC 5322's dot-atom: words without quotes, joined by single dots.
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# A spreadsheet runs a cell that starts with one of these; `%` and `|` also steer old mail relays and shells.
_FORMULA_STARTS = frozenset("=+-@|%")
# Names that resolve only inside somebody's network: mail to them is never delivered.
_PRIVATE_TOP_LEVELS = frozenset({"corp", "home", "internal", "intranet", "lan", "localdomain"})

_EMAIL_INVALID = "Please write one e-mail address, like name@example.com."
_EMAIL_SEVERAL = "Please write only one e-mail address."
_EMAIL_CHARACTERS = "Please type the e-mail address again: it holds a line break or an invisible character."
_EMAIL_LOCAL = (
    "Please check the part before the @: no spaces, quotes or accents, and a letter or digit first."
)
_EMAIL_DOMAIN = "Please check the part after the @: it must be a public domain, like example.com."
_EMAIL_TOO_LONG = f"Please use a shorter e-mail address: at most {_EMAIL_MAX} characters."


def normalise_email(raw: str) -> NormalAddress:
    """Lower-case one plain mailbox address and write its domain in ASCII, as it travels on the wire.

    Stricter than the mail standards on purpose: no quoted part, no address literal, no domain without a dot,
    nothing a spreadsheet would run, nothing invisible. Dots before the @ stay: few providers ignore them.

    :raises InvalidAddress: codes `invalid`, `several_addresses`, `invalid_characters`, `local_part`,
        `domain`, `too_long`.
    """
    text = raw.strip(" \t\u00a0")
    if len(text) > _EMAIL_MAX:
        raise InvalidAddress(_EMAIL_TOO_LONG, code="too_long")
    if any(unicodedata.category(char)[0] == "C" for char in text):
        raise InvalidAddress(_EMAIL_CHARACTERS, code="invalid_characters")
    if text.count("@") > 1 or any(char in text for char in ",;"):
        raise InvalidAddress(_EMAIL_SEVERAL, code="several_addresses")
    local, at, domain = text.partition("@")
    if not (local and at and domain):
        raise InvalidAddress(_EMAIL_INVALID, code="invalid")
    if local[0] in _FORMULA_STARTS or len(local) > _LOCAL_MAX or not _DOT_ATOM.fullmatch(local):
        raise InvalidAddress(_EMAIL_LOCAL, code="local_part")
    mailbox, host = local.lower(), _public_domain(domain)
    value = f"{mailbox}@{host}"
    if len(value) > _EMAIL_MAX:
        raise InvalidAddress(_EMAIL_TOO_LONG, code="too_long")
    return NormalAddress(kind="email", value=value, match_key=f"{mailbox.partition('+')[0]}@{host}")


def _public_domain(domain: str) -> str:
    """Return the ASCII form of a domain that can receive mail from outside.

    :raises InvalidAddress: code `domain`.
    """
    try:
        # The test environment is on so that the reserved `.test` may be used as freely as `.example`.
        checked = validate_email(f"x@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError as refusal:
        raise InvalidAddress(_EMAIL_DOMAIN, code="domain") from refusal
    ascii_domain = checked.ascii_domain.lower()
    top_level = ascii_domain.rpartition(".")[2]
    # No top-level domain has a single letter; one in an address is a slip of the finger.
    if "." not in ascii_domain or len(top_level) < 2 or top_level in _PRIVATE_TOP_LEVELS:
        raise InvalidAddress(_EMAIL_DOMAIN, code="domain")
    return ascii_domain


_PHONE_MAX = 60
_PHONE_INVALID = (
    "Please write one phone number with its area code, like 512-555-0140, or +44 20 7946 0018 from abroad."
)
_PHONE_PREMIUM = "Please give another phone number: this one charges whoever calls it."

# The whole text must read as one number. The library would pick a number out of any text around it, and
# then "<script>512…" or half of two numbers would pass as an address.
_PLAIN_NUMBER = re.compile(
    r"""
    (?:tel:)?
    \+?[ ]?\(?\d[\d \u00a0\u2009\u202f().\-/‐‑‒–—−·]*                          # the number itself
    (?:[,;]?[ ]*(?:extension|extn?\.?|x|\#|ext=)[ ]*[:.]?[ ]*\d{1,7})?   # and an extension
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Letters stand for digits only in toll-free numbers (1-800-FLOWERS); elsewhere they are a remark or a slip.
_TOLL_FREE_IN_LETTERS = re.compile(
    r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]?[A-Z0-9][A-Z0-9 .-]{5,9}[A-Z0-9]", re.IGNORECASE
)
# 555-0100 to 555-0199 are kept free for fiction in every area code, also in those the library does not know.
_FICTIONAL = re.compile(r"\+1[2-9]\d{2}55501\d{2}")
_NORTH_AMERICA = 1


def normalise_phone(raw: str, region: str = "US") -> NormalAddress:
    """Write a phone number in E.164, reading one without a country code as a number of `region`.

    An extension is understood and left out: it can be dialled by a person, but is not part of an address.

    :raises InvalidAddress: codes `invalid`, `premium_rate`.
    """
    # Contact apps wrap copied numbers in invisible direction marks, which say nothing.
    text = "".join(char for char in raw[: _PHONE_MAX + 1] if unicodedata.category(char) != "Cf").strip(
        " \t\u00a0"
    )
    readable = _PLAIN_NUMBER.fullmatch(text) or _TOLL_FREE_IN_LETTERS.fullmatch(text)
    if not readable or len(raw) > _PHONE_MAX or any(unicodedata.category(char)[0] == "C" for char in text):
        raise InvalidAddress(_PHONE_INVALID, code="invalid")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as refusal:
        raise InvalidAddress(_PHONE_INVALID, code="invalid") from refusal
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    real = phonenumbers.is_possible_number(number) and phonenumbers.is_valid_number(number)
    if not real and not _FICTIONAL.fullmatch(value):
        raise InvalidAddress(_PHONE_INVALID, code="invalid")
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        raise InvalidAddress(_PHONE_PREMIUM, code="premium_rate")
    return NormalAddress(kind="phone", value=value, match_key=value)


def readable_phone(raw: str) -> str:
    """Write a number as people there do: `(512) 555-0140` in North America, `+44 20 7946 0018` elsewhere.

    What was typed as no number (`512-555-DRIP`, a remark) stays as it is.
    """
    try:
        number = phonenumbers.parse(normalise_phone(raw).value, None)
    except InvalidAddress:
        return raw
    style = phonenumbers.PhoneNumberFormat
    at_home = number.country_code == _NORTH_AMERICA
    return phonenumbers.format_number(number, style.NATIONAL if at_home else style.INTERNATIONAL)


def dialled_phone(raw: str) -> str:
    """Give what a telephone dials for a number (E.164), "" for what is none: half of one rings a stranger."""
    try:
        return normalise_phone(raw).value
    except InvalidAddress:
        return ""


_HANDLE = re.compile(r"([a-z][a-z0-9]{1,19}):\s*@?([a-z0-9_](?:[a-z0-9._-]{0,62}[a-z0-9_])?)")


def normalise_handle(raw: str) -> NormalAddress:
    """Write a name on a network as `network:name`, in lower case and without the @.

    :raises InvalidAddress: code `invalid`.
    """
    found = _HANDLE.fullmatch(raw.strip(" \t\u00a0").lower()) if raw.isascii() else None
    if found is None:
        raise InvalidAddress("Please write the network and the name, like instagram:@name.", code="invalid")
    value = f"{found[1]}:{found[2]}"
    return NormalAddress(kind="handle", value=value, match_key=value)


def mask(kind: str, value: str) -> str:
    """Show as much of an address as a person needs to recognise their own, and no more.

    `m•••@example.com`, `•••• 0140`, `instagram:m•••`.
    """
    if kind == "email":
        local, _, domain = value.partition("@")
        return f"{local[:1]}•••@{domain}"
    if kind == "phone":
        return f"•••• {value[-4:]}"
    network, _, name = value.rpartition(":")
    return f"{network}:{name[:1]}•••" if network else f"{name[:1]}•••"


def phone_time_zones(e164: str) -> tuple[str, ...]:
    """List every time zone the number may be in, by its area code; none when the number tells nothing.

    A mobile number may live anywhere, so whoever sends must be inside the hours of all of them.
    """
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return ()
    zones = phone_timezone.time_zones_for_number(number)
    return tuple(zone for zone in zones if zone != phone_timezone.UNKNOWN_TIMEZONE)
