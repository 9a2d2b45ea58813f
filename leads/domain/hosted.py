"""What the hosted form and its thank-you page show, and who may frame them. Knows no HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from crm.addresses import dialled_phone, readable_phone
from crm.domain import clinic, safety_phrases
from crm.models import Location, Service
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.domain import intake, page_words, response
from leads.errors import InvalidEnquiry, UnreadableBody
from leads.models import CaptureForm, Submission
from notifications.domain import moments, rendering

# The fields a visitor sees. Everything else that was posted is carried along, hidden.
SHOWN = frozenset(
    {
        "name",
        "email",
        "phone",
        "service",
        "message",
        "preferred_contact",
        "preferred_time",
        "language",
        "consent_sms",
        "consent_marketing_email",
    }
)
# An origin as a policy may name it. What a person typed into the form's settings could hold a semicolon and
# with it a directive of its own; and policies have no way to write an IPv6 address.
_FRAMING_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::(?:\d{1,5}|\*))?", re.IGNORECASE)


def framers_of(form: CaptureForm | None) -> list[str]:
    """List the origins that may show a form's pages inside theirs; empty means nobody."""
    return [origin for origin in (form.allowed_origins if form else []) if _FRAMING_ORIGIN.fullmatch(origin)]


def form_context(
    *,
    form: CaptureForm | None,
    fields: Mapping[str, object],
    accepted: str,
    problems: Mapping[str, list[dict[str, str]]] | None = None,
    refusal: str = "",
) -> dict[str, Any]:
    """Gather what the hosted form shows: what was said already, what is wrong with it, and the services.

    `form` is None when a post named no form we know: the words are still shown, so that nobody types twice.
    `refusal` is the code of what came of a post, `accepted` the languages their browser asks for. The page
    keeps its own language in the field `lang`, whatever they choose to be answered in.
    """
    said = {name: _text(value) for name, value in fields.items() if isinstance(value, str | int | dict)}
    language = page_words.language_of([said.get("lang", ""), said.get("language", "")], accepted=accepted)
    hidden = {name: value for name, value in said.items() if name not in SHOWN} | {"lang": language}
    if form is not None:
        hidden["form_key"] = form.key
    values: dict[str, object] = {name: value for name, value in said.items() if name in SHOWN}
    chosen = fields.get("service")
    if isinstance(chosen, list):
        values["service"] = [_text(slug) for slug in chosen if isinstance(slug, str)]
    message = page_words.REFUSALS[language].get(refusal, "")
    location = form.location if form else _some_location()
    return _common(location, phone=location.phone if location else "", language=language) | {
        "values": values,
        "hidden": hidden,
        "shown": SHOWN,
        "errors": _in_words(problems or {}, language=language),
        "message": message,
        "refused": "" if message else refusal,
        "services": Service.objects.filter(is_active=True).order_by("name"),
    }


def _in_words(
    problems: Mapping[str, list[dict[str, str]]], *, language: str
) -> dict[str, list[dict[str, str]]]:
    """Say what is wrong with each field in the page's language."""
    return {
        field: [
            each | {"message": page_words.problem(field=field, **each, language=language)} for each in them
        ]
        for field, them in problems.items()
    }


def _common(location: Location | None, *, phone: str, language: str) -> dict[str, Any]:
    """Give what every public page shows: whose it is, its words, the crisis notice and a number to call."""
    return {
        "clinic": (location.sender_name or location.name) if location else "",
        "phone": {"words": readable_phone(phone), "dialled": dialled_phone(phone)} if phone else None,
        "language": language,
        "words": page_words.WORDS[language],
        "notice": safety_phrases.notice(language),
    }


def _some_location() -> Location | None:
    """The clinic behind a post that named no form: its name and phone help whoever is stuck there."""
    return Location.objects.filter(is_active=True).order_by("id").first()


def _text(value: object) -> str:
    """Write a value as a form would send it, without half characters, which no page can be encoded with."""
    text = json.dumps(value) if isinstance(value, dict | bool) else str(value)
    return text.encode("utf-8", "replace").decode()


def thanks_context(
    *, form: CaptureForm, reference: str, lang: str, accepted: str, now: datetime
) -> dict[str, Any]:
    """Gather what the thank-you page shows: until when a person answers, and always the crisis notice.

    Says nothing about whether the reference is known. The promise is left out when its moment has passed: a
    page opened again tomorrow must not promise yesterday. `lang` is the language the page was asked for in.
    """
    arrived_at, location_id, preferred_time, wished, back = now, form.location_id, "", "", ""
    submission = Submission.objects.filter(form=form, reference=reference).first() if reference else None
    if submission is not None:
        arrived_at = submission.received_at
        try:
            enquiry = enquiries.clean(bodies.read_body(submission.body, submission.content_type))
        except (UnreadableBody, InvalidEnquiry):
            pass  # Blanked since by retention or erasure: only the moment of arrival is left.
        else:
            location_id = clinic.location_ids_by_slug().get(enquiry.location, location_id)
            preferred_time, wished = enquiry.preferred_time, enquiry.language
            back = _way_back(enquiry.page_url, form=form, origin=submission.origin)
    facts = clinic.location_facts(location_id)
    language = page_words.language_of([lang, wished], accepted=accepted)
    due = response.answer_by(facts, arrived_at=arrived_at, preferred_time=preferred_time)
    promise = moments.until(due, zone=facts.zone, now=now, language=language) if due > now else ""
    return _common(form.location, phone=facts.phone, language=language) | {
        "lede": _lede(reference, promise=promise, words=page_words.WORDS[language]),
        "promise": promise,
        "reference": reference,
        "back": back,
    }


def _lede(reference: str, *, promise: str, words: page_words.Words) -> str:
    if not reference:
        return words["nothing_came"]
    return rendering.fill(words["answer_promised"], {"promise": promise}) if promise else words["answer"]


def _way_back(page_url: str, *, form: CaptureForm, origin: str) -> str:
    """Give the address of the page somebody wrote from, "" unless it lies on a site of the form's.

    What a post says about its page is anybody's word: a link to a stranger's site must not come of it. A bare
    path is meant on the site that posted; without an origin, on ours.
    """
    # Browsers read a backslash as a slash and skip tabs, so what they open is not what we would judge.
    if not page_url or not page_url.isprintable() or "\\" in page_url or page_url.startswith("//"):
        return ""
    address = page_url if origin in {"", "null"} else urljoin(f"{origin}/", page_url)
    if address.startswith("/"):
        return "" if address.startswith("/forms/") else address  # our own form is no place to go back to
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    known = parts.scheme in {"http", "https"} and "@" not in parts.netloc
    return address if known and intake.origin_allowed(form, f"{parts.scheme}://{parts.netloc}") else ""
