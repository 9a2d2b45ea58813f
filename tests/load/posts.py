"""Enquiries to measure with: each from somebody new, all of the same size, none of anybody real."""

from __future__ import annotations

import json
import secrets
from itertools import count

from tests.load.client import Post

# Each process begins somewhere else, so that none repeats what another said.
_serial = count(secrets.randbelow(4_000_000))

MESSAGE = (
    "Hello, I read your article about magnesium and would like to know whether a push would suit me. "
    "I train four times a week, sleep badly, and have had one drip before, in another town. "
    "Could you tell me what it costs and when you have time next week? Thank you!"
)


def enquiries(how_many: int, *, location: str, key: str) -> list[Post]:
    """Make posts that both servers take: the 23 fields of the yardstick are fields of the contract."""
    return [_enquiry(next(_serial), location=location, key=key) for _ in range(how_many)]


def _enquiry(n: int, *, location: str, key: str) -> Post:
    fields = {
        "name": f"{_word(n)} {_word(n // 17 + 5)}",
        "email": f"{_word(n).lower()}.{n}@example.com",
        "phone": f"+1512{2_000_000 + n % 7_999_999:07d}",
        "message": MESSAGE,
        "kind": "new",
        "service": "magnesium-iv-push",
        "location": location,
        "language": "en",
        "preferred_contact": "phone",
        "preferred_time": "afternoon",
        "voicemail_ok": True,
        "consent_email": True,
        "consent_sms": True,
        "consent_marketing_email": n % 3 == 0,
        "page_url": "https://clinic.example/articles/magnesium/?utm_source=google&utm_medium=cpc",
        "referrer": "https://www.google.com/",
        "article": "magnesium",
        "utm_source": "google",
        "utm_medium": "cpc",
        "utm_campaign": "spring-energy",
        "utm_term": "magnesium push near me",
        "gclid": f"Cj0KCQjw{n:012d}",
        "timezone": "America/Chicago",
    }
    headers = {
        "Content-Type": "application/json",
        "X-Form-Key": key,
        "Origin": "https://clinic.example",
        "Idempotency-Key": f"bench-{n:020d}",
        # As the proxy in front of the clinic writes them. Few people share a network address.
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": f"198.{18 + n // 65536 % 2}.{n // 256 % 256}.{n % 256}",
    }
    return json.dumps(fields).encode(), headers


def _word(n: int) -> str:
    """Make a name of six letters of a number."""
    letters = []
    for position in range(6):
        n, rest = divmod(n * 7 + position, 13)
        letters.append("bdfgklmnprstv"[rest] if position % 2 == 0 else "aeiouaeiouaei"[rest])
    return "".join(letters).capitalize()
