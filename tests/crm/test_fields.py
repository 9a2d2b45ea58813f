"""Encrypted columns fail closed, and keyed hashes stay apart."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from pytest_django.fixtures import Settings

from crm.actors import SYSTEM
from crm.fields import UnreadableValue, keyed_hash, seal, unseal
from leads.models import Note, Submission
from tests import factories

PLACE = "leads.note.text"


def test_what_was_sealed_opens_in_its_place() -> None:
    assert unseal(seal(b"hello", place=PLACE), place=PLACE) == b"hello"


def test_the_same_text_is_stored_differently_each_time() -> None:
    assert seal(b"hello", place=PLACE) != seal(b"hello", place=PLACE)


def test_another_column_does_not_open_it() -> None:
    token = seal(b"hello", place=PLACE)

    with pytest.raises(UnreadableValue):
        unseal(token, place="leads.lead.message")


def test_a_changed_bit_is_refused() -> None:
    version, key_id, body = seal(b"hello", place=PLACE).split(":")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1

    with pytest.raises(UnreadableValue):
        unseal(f"{version}:{key_id}:{base64.b64encode(bytes(raw)).decode()}", place=PLACE)


@pytest.mark.parametrize("token", ["", "plain text", "v1:nokey:AAAA", "v2:%s:AAAA", "v1:%s:not base64!"])
def test_what_was_never_sealed_is_refused_and_not_handed_back(token: str, settings: Settings) -> None:
    current = next(iter(settings.FIELD_KEYS))

    with pytest.raises(UnreadableValue) as refusal:
        unseal(token.replace("%s", current), place=PLACE)

    assert "AAAA" not in str(refusal.value)


def test_an_older_key_of_the_ring_still_opens(settings: Settings) -> None:
    old = seal(b"hello", place=PLACE)

    settings.FIELD_KEYS = {"new": secrets.token_bytes(32), **settings.FIELD_KEYS}

    assert unseal(old, place=PLACE) == b"hello"
    assert seal(b"x", place=PLACE).startswith("v1:new:")


def test_a_lost_key_is_an_error_not_a_blank(settings: Settings) -> None:
    token = seal(b"hello", place=PLACE)
    settings.FIELD_KEYS = {"other": secrets.token_bytes(32)}

    with pytest.raises(UnreadableValue):
        unseal(token, place=PLACE)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "hello", "línea\nnueva 🙂", "\x00 and \ud800"])
def test_text_comes_back_as_it_went(text: str, now: datetime) -> None:
    note = Note.objects.create(lead=factories.lead(), at=now, text=text, **Note.by(SYSTEM))

    assert Note.objects.get(pk=note.pk).text == text


@pytest.mark.django_db
def test_the_column_on_disk_holds_no_plain_text(now: datetime) -> None:
    factories.arrival(factories.form(), now=now, message="canary-health-words")

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM leads_submission")
        stored = cursor.fetchone()[0]

    assert stored.startswith("v1:")
    assert "canary" not in stored
    assert b"canary-health-words" in Submission.objects.get().body


@pytest.mark.django_db
def test_an_encrypted_column_cannot_be_searched() -> None:
    with pytest.raises(FieldError):
        Note.objects.filter(text="hello").exists()


def test_keyed_hashes_differ_by_purpose_and_by_key(settings: Settings) -> None:
    first = keyed_hash("ann@example.com", purpose="address:email")

    other_purpose = keyed_hash("ann@example.com", purpose="sender")
    settings.HASH_KEY = secrets.token_bytes(32)
    other_key = keyed_hash("ann@example.com", purpose="address:email")

    assert len({first, other_purpose, other_key}) == 3
