"""The fast half of an arrival: is it fit to keep? Then keep it. Nothing else happens in the request."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import IntegrityError, transaction

from crm.domain import rows
from crm.domain.clinic import CONFIGURATION_SECONDS
from crm.fields import keyed_hash
from leads.domain import body as bodies
from leads.domain import enquiry as enquiries
from leads.domain import flood
from leads.errors import (
    FieldProblem,
    IdempotencyConflict,
    InvalidEnquiry,
    OriginNotAllowed,
    TooManySubmissions,
    UnknownFormKey,
)
from leads.models import CaptureForm, Submission

SAME_WITHIN = timedelta(minutes=10)
KEY_PATTERN = re.compile(r"^[\x21-\x7e]{1,64}$")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the visitor may know of an arrival: that it is kept, under this name."""

    reference: str
    form: CaptureForm
    language: str


def form_by_key(key: str) -> CaptureForm | None:
    """Give the active form with this (usable) publishable key, at most ten seconds old."""
    if not key:
        return None
    name = f"capture-form:{key}"
    form: CaptureForm | None = cache.get(name)
    if form is None:
        form = CaptureForm.objects.filter(key=key, is_active=True).first()
        if form is not None:
            cache.set(name, form, CONFIGURATION_SECONDS)
    return form


def form_by_id(form_id: int) -> CaptureForm:
    """Give a form with its owner, active or not, at most ten seconds old."""
    name = f"capture-form-id:{form_id}"
    form: CaptureForm | None = cache.get(name)
    if form is None:
        form = CaptureForm.objects.select_related("owner").get(pk=form_id)
        cache.set(name, form, CONFIGURATION_SECONDS)
    return form


def origin_allowed(form: CaptureForm, origin: str) -> bool:
    """Say whether a browser on `origin` may post to a form.

    No origin, or `null`, is no browser or one that hides it: accepted, since the key proves nothing anyway.
    A listed origin whose port is `*` allows any port of that host.
    """
    if origin in {"", "null"}:
        return True
    if origin in form.allowed_origins:
        return True
    try:
        parts = urlsplit(origin)
        _ = parts.port
    except ValueError:
        return False
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:*" in form.allowed_origins


def accept(
    *,
    raw: bytes,
    content_type: str,
    header_key: str,
    origin: str,
    idempotency_key: str | None,
    sender: str,
    now: datetime,
) -> Receipt:
    """Keep one arrival exactly as it came, if it is fit to keep, and name it.

    `sender` is the network prefix it came from; only a keyed hash of it is stored. When this returns, the
    submission is committed. The same arrival again (same key, or no key and same fields within ten minutes)
    gets the same answer.

    :raises UnknownFormKey, OriginNotAllowed: when the form or the page is not known.
    :raises UnreadableBody, InvalidEnquiry: when it cannot be read, or a field cannot be used.
    :raises IdempotencyConflict: when the key came before with other fields.
    :raises TooManySubmissions: when one network address floods the form.
    """
    fields: dict[str, object] | None = None
    if header_key:
        key = enquiries.usable_form_key(header_key)
    else:
        fields = bodies.read_body(raw, content_type)
        key = enquiries.form_key_of(fields)
    form = form_by_key(key)
    if form is None:
        raise UnknownFormKey("The form's key is missing or not known. Check form_key or X-Form-Key.")
    if not origin_allowed(form, origin):
        raise OriginNotAllowed("This page may not post to the form. Add its origin to the form's list.")
    if fields is None:
        fields = bodies.read_body(raw, content_type)
    enquiry = enquiries.clean(fields)
    _check_key(idempotency_key)
    arrival = Submission(
        form=form,
        received_at=now,
        content_type=content_type[:200],
        body=raw,
        origin=origin[:200],
        idempotency_key=idempotency_key,
        fields_hash=keyed_hash(enquiries.canonical_of(enquiry), purpose="submission-fields"),
        window=int(now.timestamp() // SAME_WITHIN.total_seconds()),
        sender_hash=keyed_hash(sender, purpose="sender"),
        look_at=now,
    )
    return Receipt(reference=_keep(arrival, now=now), form=form, language=enquiry.language)


def _check_key(key: str | None) -> None:
    if key is not None and not KEY_PATTERN.match(key):
        problem = FieldProblem(
            code="invalid_key", message="Use 1 to 64 visible ASCII characters as Idempotency-Key."
        )
        raise InvalidEnquiry({"Idempotency-Key": [problem]})


def _keep(arrival: Submission, *, now: datetime) -> str:
    """Commit an arrival once, whoever else is committing the same one at this moment."""
    try:
        with transaction.atomic():
            # A key is unique in the table, so the insert itself tells a repeat: no need to look before.
            known = _same_before(arrival, now=now) if arrival.idempotency_key is None else None
            if known is not None:
                return known
            _count(arrival, now=now)
            rows.insert([arrival])
    except (IntegrityError, TooManySubmissions):
        # The same arrival is committed already, perhaps a moment ago: it is the answer, in a flood too.
        known = _same_before(arrival, now=now)
        if known is None:
            raise
        return known
    return str(arrival.reference)


def _count(arrival: Submission, *, now: datetime) -> None:
    """Count one post from its network.

    :raises TooManySubmissions: when that was one too many for the form.
    """
    count = flood.count_one(form_id=arrival.form_id, sender_hash=arrival.sender_hash, now=now)
    if count > arrival.form.flood_limit:
        raise TooManySubmissions("Too many posts from your network. Wait a minute, then try again.")


def _same_before(arrival: Submission, *, now: datetime) -> str | None:
    kept = Submission.objects.filter(form_id=arrival.form_id)
    if arrival.idempotency_key is None:
        same = kept.filter(
            idempotency_key__isnull=True,
            fields_hash=arrival.fields_hash,
            received_at__gt=now - SAME_WITHIN,
        )
        return same.order_by("-received_at").values_list("reference", flat=True).first()
    found = (
        kept.filter(idempotency_key=arrival.idempotency_key).values_list("reference", "fields_hash").first()
    )
    if found is None:
        return None
    if not hmac.compare_digest(found[1], arrival.fields_hash):
        raise IdempotencyConflict("This Idempotency-Key came before with other fields. Use a new key.")
    return found[0]
