"""The clinic pack: all that a new clinic starts with, put into the database where it is missing.

Rows are keyed by a stable code; what the clinic edited is never overwritten, so every start can load it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from crm.actors import SYSTEM
from crm.domain import audit
from crm.domain import pack as clinic_pack
from leads.domain.roles import GRANTS
from leads.enums import LeadStatus
from leads.models import CallOutcome, LostReason
from notifications.domain import pack as message_pack

LATE_AFTERNOON = time(17, 40)  # when people who did not answer during the day are at home

LOST_REASONS: dict[str, str] = {
    "no_response": "Could not be reached",
    "price": "Price",
    "competitor": "Went elsewhere",
    "timing": "Not now",
    "distance": "Too far away",
    "not_a_candidate": "Not a candidate",
    "insurance": "Wanted insurance to pay",
    "service_not_offered": "We do not offer it",
    "changed_mind": "Changed their mind",
    "wrong_number": "Wrong number or address",
    "opted_out": "Wants no contact",
    "duplicate": "Same person twice",
    "spam": "Spam or a test",
    "other": "Something else",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultOutcome:
    """What a follow-up can end in, as a new clinic starts with it. `next_days` counts open days."""

    code: str
    label: str
    moves_to: str = ""
    lost_reason: str = ""
    stops_clock: bool = True
    reached: bool = False
    next_days: int | None = None
    next_time: time | None = None


_TRYING, _TALKING = LeadStatus.ATTEMPTING.value, LeadStatus.CONTACTED.value
_EAGER, _OVER = LeadStatus.QUALIFIED.value, LeadStatus.LOST.value

# In the order in which the buttons stand: what happens most comes first.
OUTCOMES: tuple[DefaultOutcome, ...] = (
    DefaultOutcome(
        code="no_answer", label="No answer", moves_to=_TRYING, next_days=1, next_time=LATE_AFTERNOON
    ),
    DefaultOutcome(code="voicemail", label="Left a voicemail", moves_to=_TRYING, next_days=1),
    DefaultOutcome(
        code="spoke_interested", label="Spoke: interested", moves_to=_EAGER, reached=True, next_days=1
    ),
    DefaultOutcome(code="booked", label="Spoke: booked", moves_to=_TALKING, reached=True),
    DefaultOutcome(
        code="spoke_thinking", label="Spoke: thinking it over", moves_to=_TALKING, reached=True, next_days=3
    ),
    DefaultOutcome(code="call_back", label="Call back at a time", moves_to=_TALKING, reached=True),
    DefaultOutcome(
        code="needs_nurse", label="Question for a nurse", moves_to=_TALKING, reached=True, next_days=0
    ),
    DefaultOutcome(code="busy", label="Busy", moves_to=_TRYING, next_days=0),
    DefaultOutcome(code="texted", label="Wrote a text", moves_to=_TRYING, next_days=1),
    DefaultOutcome(code="emailed", label="Wrote an e-mail", moves_to=_TRYING, next_days=1),
    DefaultOutcome(code="language_barrier", label="No common language", moves_to=_TRYING, next_days=1),
    DefaultOutcome(
        code="not_interested",
        label="Not interested",
        moves_to=_OVER,
        lost_reason="changed_mind",
        reached=True,
    ),
    DefaultOutcome(code="wrong_number", label="Wrong number", moves_to=_OVER, lost_reason="wrong_number"),
    DefaultOutcome(
        code="do_not_contact",
        label="Wants no contact",
        moves_to=_OVER,
        lost_reason="opted_out",
        reached=True,
    ),
    DefaultOutcome(code="came", label="The visit is settled", stops_clock=False),
    DefaultOutcome(code="no_longer_needed", label="No longer needed", stops_clock=False),
)


@transaction.atomic
def load(*, now: datetime) -> dict[str, int]:
    """Insert what is missing of the clinic pack, on every floor; count the new rows by kind.

    :raises DomainError: when the database was not migrated.
    """
    counts = {
        "services": clinic_pack.load_services(),
        "roles": clinic_pack.load_roles(GRANTS),
        "templates": message_pack.load(),
        "lost reasons": _load_lost_reasons(),
        "call outcomes": _load_outcomes(),
    }
    loaded = [kind for kind, count in counts.items() if count]
    if loaded:
        audit.record(actor=SYSTEM, action="pack.loaded", fields=loaded, now=now)
    return counts


def _load_lost_reasons() -> int:
    known = set(LostReason.objects.values_list("code", flat=True))
    missing = [
        LostReason(code=code, label=label, position=10 * place)
        for place, (code, label) in enumerate(LOST_REASONS.items(), start=1)
        if code not in known
    ]
    LostReason.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _load_outcomes() -> int:
    known = set(CallOutcome.objects.values_list("code", flat=True))
    reasons = {reason.code: reason for reason in LostReason.objects.filter(code__in=LOST_REASONS)}
    missing = [
        CallOutcome(
            code=each.code,
            label=each.label,
            moves_to=each.moves_to,
            lost_reason=reasons.get(each.lost_reason),
            stops_clock=each.stops_clock,
            reached=each.reached,
            next_days=each.next_days,
            next_time=each.next_time,
            position=10 * place,
        )
        for place, each in enumerate(OUTCOMES, start=1)
        if each.code not in known
    ]
    CallOutcome.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)
