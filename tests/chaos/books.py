"""The books: what the database says, read past our own code, laid beside what visitors and provider say."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.chaos.provider import Provider
from tests.chaos.visitors import Heard

LEASES_RUN_OUT = (
    "UPDATE notifications_message SET lease_until = '2000-01-01 00:00:00' "
    "WHERE state IN ('claimed', 'handed')",
    "UPDATE leads_submission SET look_at = '2000-01-01 00:00:00' WHERE state = 'waiting'",
)
# Where a message may rest for good. `unknown` rests until a person or a receipt settles it.
AT_REST = frozenset({"sent", "unknown"})


@dataclass(frozen=True, slots=True)
class Books:
    """A database of the run, by its `DATABASE_URL`."""

    url: str

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows."""
        if self.url.startswith("sqlite:"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20)) as file:
                found = file.execute(statement).fetchall()
                file.commit()
                return found
        with psycopg.connect(self.url) as server:
            cursor = server.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def count(self, statement: str) -> int:
        return int(self.rows(statement)[0][0])

    def messages(self) -> dict[str, str]:
        """Give the state of each message by its delivery id."""
        return dict(self.rows("SELECT delivery_id, state FROM notifications_message"))

    def unfinished(self) -> int:
        """Count the arrivals that wait and the messages that are on their way."""
        return self.count(
            "SELECT (SELECT COUNT(*) FROM leads_submission WHERE state = 'waiting') "
            "+ (SELECT COUNT(*) FROM notifications_message WHERE state IN ('queued', 'claimed', 'handed'))"
        )

    def let_leases_run_out(self) -> None:
        """Do what minutes of waiting would do. Only when no worker is alive who holds one."""
        for statement in LEASES_RUN_OUT:
            self.rows(statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What a run came to. Everything in `wrong` is a number that must be 0."""

    accepted: int
    leads: int
    messages: Mapping[str, int]
    provider_took: int
    kills: int
    unknown: int
    slowest: float
    wrong: Mapping[str, int]

    def show(self, title: str) -> None:
        """Print it."""
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.messages.items()))
        print(f"\n── {title} ──")
        print(f"  kills {self.kills} · accepted {self.accepted} · leads {self.leads} · messages: {states}")
        print(f"  provider took {self.provider_took} · unknown {self.unknown} · slowest {self.slowest:.2f} s")
        print("  " + " · ".join(f"{name} {count}" for name, count in self.wrong.items()))


def ledger(books: Books, heard: Heard, provider: Provider, *, kills: int) -> Ledger:
    """Draw up the ledger of a run that has come to rest."""
    submissions = dict(books.rows("SELECT reference, lead_id FROM leads_submission"))
    keys = Counter(key for (key,) in books.rows("SELECT idempotency_key FROM leads_submission"))
    states, taken = books.messages(), provider.taken()
    per_lead = books.rows(
        "SELECT l.id, (SELECT COUNT(*) FROM notifications_message m WHERE m.about_ref = l.reference) "
        "FROM leads_lead l"
    )
    handed_again = books.count(
        "SELECT COUNT(*) FROM (SELECT message_id FROM notifications_messageevent "
        "WHERE to_state = 'handed' GROUP BY message_id HAVING COUNT(*) > 1) AS twice"
    )
    leads = [lead for lead in submissions.values() if lead is not None]
    return Ledger(
        accepted=len(heard.kept),
        leads=len(per_lead),
        messages=Counter(states.values()),
        provider_took=taken.total(),
        kills=kills,
        unknown=Counter(states.values())["unknown"],
        slowest=max(heard.seconds, default=0.0),
        wrong={
            "lost": sum(submissions.get(reference) is None for reference in heard.kept.values()),
            "given up": heard.given_up,
            "answered otherwise": heard.refused.total() + heard.told_otherwise,
            "doubled": keys.total() - len(keys) + len(leads) - len(set(leads)),
            # Each enquiry has one acknowledgement and one alert to the front desk.
            "words missing or doubled": sum(count != 2 for _lead, count in per_lead),
            "taken twice": sum(count > 1 for count in taken.values()),
            "handed twice": handed_again,
            "said sent but not taken": sum(taken[each] == 0 for each, at in states.items() if at == "sent"),
            "taken behind our back": sum(states.get(each) not in AT_REST for each in taken),
            "not at rest": sum(state not in AT_REST for state in states.values()),
        },
    )
