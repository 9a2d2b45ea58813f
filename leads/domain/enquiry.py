"""What somebody asked, cleaned: from raw fields to one `Enquiry` that the floors below can trust.

Pure. Needs no form, no location and no clock; whether a slug means anything is for the processor to find out.
"""

from __future__ import annotations

import functools
import json
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import fields as fields_of

from crm.addresses import InvalidAddress, NormalAddress, normalise_email, normalise_phone
from leads.domain.body import read_object
from leads.domain.reading import TEXT, FieldReader
from leads.enums import LeadKind, PreferredContact
from leads.errors import FieldProblem, InvalidEnquiry, UnreadableBody

UTM_FIELDS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
CLICK_ID_FIELDS = ("gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid")

_NAME_LIMIT = 200
_NAME_PART_LIMIT = 99  # two of them and the space between fit into a name
_EMAIL_LIMIT = 320
_PHONE_LIMIT = 60
_MESSAGE_LIMIT = 10_000
_PREFERRED_TIME_LIMIT = 120
_TAG_LIMIT = 35  # as long as a well-formed language tag gets
_ZONE_LIMIT = 64
_LABEL_LIMIT = 100
_CAMPAIGN_LIMIT = 300

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_FORM_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
# In the zone data, but not places: a placeholder, whatever this machine is set to, and what browsers that
# hide where they are say instead.
_NO_PLACES = frozenset(
    {"Factory", "localtime", "UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Universal", "Zulu", "Greenwich"}
)

_CONTACT_POINT_NEEDED = FieldProblem(
    "contact_point_needed", "Please give us an e-mail address or a phone number, so that we can answer."
)
_WRONG_OBJECT = FieldProblem("wrong_type", "Please send this as an object of the visit's first facts.")


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One enquiry as the capture contract names it; whatever was not said has its default.

    `utm`, `click_ids` and `first_touch` hold only keys that were said, under the contract's names.
    `unrecognised` holds what was said in a word we do not have (field name to what was said).
    """

    name: str = ""
    email: NormalAddress | None = None
    phone: NormalAddress | None = None
    message: str = ""
    kind: str = LeadKind.NEW.value
    services: tuple[str, ...] = ()
    location: str = ""
    language: str = ""
    preferred_contact: str = ""
    preferred_time: str = ""
    voicemail_ok: bool | None = None
    consent_email: bool = False
    consent_sms: bool = False
    consent_marketing_email: bool = False
    consent_marketing_sms: bool = False
    consent_text_version: str = ""
    page_url: str = ""
    referrer: str = ""
    article: str = ""
    cta: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    click_ids: dict[str, str] = field(default_factory=dict)
    first_touch: dict[str, str] = field(default_factory=dict)
    timezone: str = ""
    locale: str = ""
    unrecognised: dict[str, str] = field(default_factory=dict)


_FIELDS = tuple(each.name for each in fields_of(Enquiry))


def clean(fields: Mapping[str, object]) -> Enquiry:
    """Turn raw fields into an enquiry, or say everything that needs correcting at once.

    Unknown fields are not looked at: they stay in the raw submission. An unknown slug is kept, an unknown
    word of a closed vocabulary is left aside and listed in `unrecognised`: neither stops an enquiry.

    :raises InvalidEnquiry: a field has the wrong type, is too long or holds invalid characters, an address is
        malformed, or there is no way to answer.
    """
    reader = FieldReader(fields)
    touch = _touch(reader)
    enquiry = Enquiry(
        name=_name(reader),
        email=_address(reader, "email", reader.text("email", limit=_EMAIL_LIMIT), normalise_email),
        phone=_address(reader, "phone", reader.number_text("phone", limit=_PHONE_LIMIT), normalise_phone),
        message=reader.text("message", limit=_MESSAGE_LIMIT, forbidden=TEXT),
        kind=reader.choice("kind", LeadKind.values) or LeadKind.NEW.value,
        services=reader.slugs("service"),
        location=reader.slug("location"),
        language=re.split("[-_]", reader.matching("language", _LANGUAGE_TAG, limit=_TAG_LIMIT))[0].lower(),
        preferred_contact=reader.choice("preferred_contact", PreferredContact.values),
        preferred_time=reader.text("preferred_time", limit=_PREFERRED_TIME_LIMIT),
        voicemail_ok=reader.flag("voicemail_ok"),
        consent_email=bool(reader.flag("consent_email")),
        consent_sms=bool(reader.flag("consent_sms")),
        consent_marketing_email=bool(reader.flag("consent_marketing_email")),
        consent_marketing_sms=bool(reader.flag("consent_marketing_sms")),
        consent_text_version=reader.text("consent_text_version", limit=_LABEL_LIMIT),
        page_url=touch.get("page_url", ""),
        referrer=touch.get("referrer", ""),
        article=touch.get("article", ""),
        cta=touch.get("cta", ""),
        utm={name: touch[name] for name in UTM_FIELDS if name in touch},
        click_ids={name: touch[name] for name in CLICK_ID_FIELDS if name in touch},
        first_touch=_first_touch(reader),
        timezone=_timezone(reader),
        locale=reader.matching("locale", _LANGUAGE_TAG, limit=_TAG_LIMIT),
        unrecognised=reader.unrecognised,
    )
    if not (enquiry.email or enquiry.phone or reader.problems.keys() & {"email", "phone"}):
        reader.refuse("email", _CONTACT_POINT_NEEDED)
    if reader.problems:
        raise InvalidEnquiry(reader.problems)
    return enquiry


def canonical(fields: Mapping[str, object]) -> bytes:
    """Return the same bytes for the same meaning, however the fields were ordered, encoded or spelled.

    :raises InvalidEnquiry: as `clean` does.
    """
    return canonical_of(clean(fields))


def canonical_of(enquiry: Enquiry) -> bytes:
    """Return the bytes of an enquiry that was already cleaned, to be hashed when two posts are compared.

    The form key, the anti-bot fields and everything unknown are no part of them.
    """
    said = {name: getattr(enquiry, name) for name in _FIELDS}
    return json.dumps(said, default=asdict, sort_keys=True, separators=(",", ":")).encode("ascii")


def form_key_of(fields: Mapping[str, object]) -> str:
    """Return the publishable key the fields name, "" when there is none that could be looked up."""
    return usable_form_key(fields.get("form_key"))


def usable_form_key(raw: object) -> str:
    """Return a form key that is safe to look up, from a field or a header; "" for anything else."""
    said = raw.strip() if isinstance(raw, str) else ""
    return said if _FORM_KEY.fullmatch(said) else ""


def _name(reader: FieldReader) -> str:
    whole = reader.text("name", limit=_NAME_LIMIT)
    first = reader.text("first_name", limit=_NAME_PART_LIMIT)
    last = reader.text("last_name", limit=_NAME_PART_LIMIT)
    return " ".join((whole or f"{first} {last}").split())


def _address(
    reader: FieldReader, name: str, said: str, normalise: Callable[[str], NormalAddress]
) -> NormalAddress | None:
    """Return the address in its one spelling, None when nothing (usable) was said."""
    if not said:
        return None
    try:
        return normalise(said)
    except InvalidAddress as refusal:
        # Refused even when the other contact point is fine: a slip of the finger should be put right now.
        reader.refuse(name, FieldProblem(refusal.code, refusal.message))
        return None


def _touch(reader: FieldReader) -> dict[str, str]:
    """Return the attribution facts that were said, under the contract's names."""
    said = {
        "page_url": reader.page("page_url"),
        "referrer": reader.page("referrer"),
        "article": reader.slug("article").strip("/"),
        "cta": reader.fact("cta", limit=_LABEL_LIMIT),
    }
    for name in UTM_FIELDS + CLICK_ID_FIELDS:
        said[name] = reader.fact(name, limit=_CAMPAIGN_LIMIT)
    return {name: value for name, value in said.items() if value}


def _first_touch(reader: FieldReader) -> dict[str, str]:
    """Return the facts of the first visit: an object, or in a form the same object as JSON text."""
    raw = reader.fields.get("first_touch")
    if isinstance(raw, str):
        try:
            raw = read_object(raw) if raw.strip() else None
        except UnreadableBody:
            raw = ()
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        reader.refuse("first_touch", _WRONG_OBJECT)
        return {}
    return _touch(reader.within("first_touch", raw))


def _timezone(reader: FieldReader) -> str:
    said = reader.text("timezone", limit=_ZONE_LIMIT)
    if said and said not in _zones():
        reader.leave_aside("timezone", said)
        return ""
    return said


@functools.cache
def _zones() -> frozenset[str]:
    """List the zones this machine knows, once: it means reading a folder tree."""
    named = frozenset(zoneinfo.available_timezones()) - _NO_PLACES
    return frozenset(name for name in named if not name.startswith("Etc/"))
