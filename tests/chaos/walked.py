"""What a walk came to: the ledger that is checked at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.outages import Scene
from tests.journeys.expected import ACTS, ALL_SENT, STATUSES

REPORTED = [1, 1, 1, 1]  # wrote, reached, booked, came
ONE = {
    "submissions": "SELECT COUNT(*) FROM leads_submission",
    "leads": "SELECT COUNT(*) FROM leads_lead",
    "contacts": "SELECT COUNT(*) FROM crm_contact",
    "visits": "SELECT COUNT(*) FROM crm_appointment",
    "visits linked": "SELECT COUNT(*) FROM leads_leadvisit",
    "conversions": "SELECT COUNT(*) FROM leads_leadvisit WHERE converted_at IS NOT NULL",
    "calls": "SELECT COUNT(*) FROM leads_followup WHERE state = 'done'",
}
STATUS_MOVES = "SELECT to_status FROM leads_leadevent WHERE kind = 'status' ORDER BY id"
AUDITED = "SELECT action FROM crm_auditentry ORDER BY id"
SAID = "SELECT template_code, channel, state, delivery_id FROM notifications_message"
HANDED = "SELECT COUNT(*) FROM notifications_messageevent WHERE to_state = 'handed'"
LEFT_OPEN = "SELECT COUNT(*) FROM leads_followup WHERE state = 'open'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """The ledger. Everything in `wrong` is a number that must be 0."""

    stops: int
    kills: int
    met: Mapping[str, int]
    settled: Mapping[str, int]
    messages: int
    wrong: Mapping[str, int]

    def show(self, title: str) -> None:
        """Print it."""
        met = ", ".join(f"{count} {name}" for name, count in sorted(self.met.items()))
        settled = ", ".join(f"{count} {to}" for to, count in sorted(self.settled.items()))
        print(f"\n── {title} ──")
        print(f"  stops {self.stops} · kills {self.kills} · struck: {met or 'between'}")
        print(f"  messages {self.messages} · in doubt and settled by a person: {settled or 'none'}")
        print("  " + " · ".join(f"{name} {count}" for name, count in self.wrong.items()))


def walked(scene: Scene) -> Walked:
    """Draw up the ledger of a walk that has come to its end."""
    said = scene.clinic.books.rows(SAID)
    return Walked(
        stops=scene.stops,
        kills=scene.clinic.kills,
        met=scene.met,
        settled=Counter(scene.walk.settled),
        messages=len(said),
        wrong={**scene.wrong, **_of_the_records(scene), **_of_the_messages(scene, said)},
    )


def _of_the_records(scene: Scene) -> dict[str, int]:
    books = scene.clinic.books
    moves = [status for (status,) in books.rows(STATUS_MOVES)]
    acts = [act for (act,) in books.rows(AUDITED) if act in ACTS]
    return {
        **{f"{name} lost or doubled": abs(books.count(statement) - 1) for name, statement in ONE.items()},
        "moves not as walked": int(moves != STATUSES),
        "acts not as walked": int(acts != ACTS),
        "follow-ups left open": books.count(LEFT_OPEN),
        "report not as walked": int(scene.walk.row != REPORTED),
    }


def _of_the_messages(scene: Scene, said: Sequence[tuple[str, str, str, str]]) -> dict[str, int]:
    books, texts = scene.clinic.books, scene.walk.texts
    taken = scene.provider.taken() + Counter(texts.taken())
    ours = [delivery_id for *_, delivery_id in said]
    words = Counter((code, channel) for code, channel, *_ in said)
    # A person had these sent again, who was told by the provider that they had not gone.
    on_purpose = scene.walk.settled.count("queued")
    return {
        "words lost or doubled": sum(abs(words[each] - 1) for each in {*words, *ALL_SENT}),
        "not sent": sum(state != "sent" for *_, state, _ in said),
        "taken twice": sum(count > 1 for count in taken.values()) + len(texts.rewritten),
        "sent, not taken": sum(taken[each] == 0 for each in ours),
        "taken, not ours": len(set(taken) - set(ours)),
        "handed again": books.count(HANDED) - len(said) - on_purpose,
        "unfinished": books.unfinished(),
    }
