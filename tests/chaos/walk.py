"""One person's way through the clinic in steps, each through the door that is really used for it.

A step can be made again by whoever got no answer, and says for itself whether it is done.
"""

from __future__ import annotations

import http
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.chaos import doors, tampering
from tests.chaos.clinic import Clinic
from tests.chaos.doors import Answer, Colleague
from tests.chaos.prepare import DESK, OWNER
from tests.chaos.provider import Provider
from tests.chaos.texts import Texts
from tests.journeys.expected import ACK, ALERT, ARTICLE, CONFIRMED, DUE, H2, H24, H48, SERVICE

NO_TIME = timedelta(0)
A_MOMENT = timedelta(seconds=1)
EARLY = timedelta(minutes=10)
VISIT_IN = timedelta(days=4)
ONCE = "one-filled-form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`act` is what somebody does; without one the clinic acts by itself, once the moment has come.

    `writes` are tables whose rows end the transactions of the step: the last that is written in each.
    """

    name: str
    done: Callable[[], bool]
    act: Callable[[], None] | None = None
    moment: Callable[[], timedelta] = lambda: NO_TIME
    writes: tuple[str, ...] = ()
    sends: bool = False
    by_itself: bool = False

    def needs(self, clinic: Clinic) -> list[str]:
        """Name the processes that do it."""
        web = ["web"] if self.act is not None else []
        return web + (clinic.workers if self.by_itself else [])


@dataclass(slots=True)
class Walk:
    """The clinic, the one enquiry that goes through it, and what its people know."""

    clinic: Clinic
    provider: Provider
    texts: Texts
    visit_at: datetime = field(default_factory=lambda: datetime.now(UTC) + VISIT_IN)
    reference: str = ""
    row: list[int] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    desk: Colleague = field(init=False)
    owner: Colleague = field(init=False)

    def __post_init__(self) -> None:
        self.desk, self.owner = Colleague(self.clinic.port, DESK), Colleague(self.clinic.port, OWNER)

    def steps(self) -> list[Step]:
        """Give the whole way, from the article's form to the report."""
        audit, lead = ("crm_auditentry",), self._lead_is
        return [
            Step(
                name="wrote",
                act=self.write,
                done=lambda: bool(self.reference) and lead("new"),
                writes=("leads_submission", *audit),
                by_itself=True,
            ),
            Step(
                name="acknowledged", done=lambda: self._said(ACK, ALERT, count=3), sends=True, by_itself=True
            ),
            Step(
                name="staff reminded",
                moment=lambda: _until(self._one("SELECT MIN(due_at) FROM leads_followup")),
                done=lambda: self._said(DUE, count=1),
                writes=("notifications_message",),
                by_itself=True,
            ),
            Step(name="call logged", act=self.call, done=lambda: lead("qualified"), writes=audit),
            Step(name="booked", act=self.book, done=lambda: lead("booked"), writes=audit),
            self._sent(CONFIRMED),
            self._sent(H48),
            self._sent(H24),
            self._sent(H2),
            Step(
                name="attended",
                moment=lambda: self.visit_at - EARLY - datetime.now(UTC),
                act=self.attend,
                done=lambda: lead("attended"),
                writes=audit,
            ),
            Step(name="reported", act=self.report, done=lambda: bool(self.row)),
        ]

    def let_pass(self, span: timedelta) -> None:
        """Let time pass, for the clinic and for what people have agreed with it."""
        tampering.let_pass(self.clinic.books.url, span)
        self.visit_at -= span

    def sign_in(self) -> None:
        """Let the staff sign in, as they do in the morning."""
        self.desk.sign_in()
        self.owner.sign_in()

    # ── What people do ─────────────────────────────────────────────────────────────────────────────────────

    def write(self) -> None:
        """Post the form, and keep the reference; a second answer is the same as the first."""
        zone = str(self._one("SELECT time_zone FROM crm_location ORDER BY id DESC LIMIT 1"))
        answer = _in(doors.write(self.clinic.port, zone=zone, key=ONCE), http.HTTPStatus.CREATED)
        assert self.reference in {"", answer.json["reference"]}
        self.reference = answer.json["reference"]

    def call(self) -> None:
        """Say how the first call ended. Whoever says it again is told that it was said."""
        self._press(
            "call",
            outcome=self._one("SELECT id FROM leads_calloutcome WHERE code = 'spoke_interested'"),
            follow_up=self._one("SELECT MIN(id) FROM leads_followup"),
            note="Free on mornings",
        )

    def book(self) -> None:
        """Book in the outside calendar; the same booking again is the same visit."""
        answer = doors.tool(
            self.clinic.port,
            "POST",
            "appointments/",
            lead=self.reference,
            service=SERVICE,
            starts_at=self.visit_at.isoformat(),
            source="calendar",
            external_ref="visit-1",
        )
        _in(answer, http.HTTPStatus.CREATED, http.HTTPStatus.OK)

    def attend(self) -> None:
        """Say that they came."""
        visit = self._one("SELECT reference FROM crm_appointment")
        _in(doors.tool(self.clinic.port, "POST", f"appointments/{visit}/attended/"), http.HTTPStatus.OK)

    def report(self) -> None:
        """Read the article's line of the report: wrote, reached, booked, came."""
        page = _in(self.owner.get("/admin/leads/lead/report/"), http.HTTPStatus.OK).text
        rows = re.findall(r'<th scope="row"[^>]*>(\w+)(.*?)</tr>', page, re.DOTALL)
        self.row = [int(count) for count in re.findall(r'<td data-label="\w+">(\d+)', dict(rows)[ARTICLE])]

    def in_doubt(self) -> list[tuple[int, str]]:
        """Give the messages of which nobody knows whether they went: id and delivery id."""
        rows = self.clinic.books.rows(
            "SELECT id, delivery_id FROM notifications_message WHERE state = 'unknown'"
        )
        return [(int(pk), str(delivery_id)) for pk, delivery_id in rows]

    def settle_doubts(self) -> None:
        """Settle them, as a person does who asked the provider: it went, or send it again."""
        for pk, delivery_id in self.in_doubt():
            went = self.provider.taken()[delivery_id] or delivery_id in self.texts.taken()
            to = "sent" if went else "queued"
            answer = self.desk.press(f"/admin/notifications/message/{pk}/settle/", to=to, reason="I asked")
            _in(answer, http.HTTPStatus.FOUND)
            self.settled.append(to)

    # ── What there is ──────────────────────────────────────────────────────────────────────────────────────

    def _sent(self, code: str) -> Step:
        return Step(
            name=code,
            moment=lambda: max(_until(due) for due in self._dues(code)),
            done=lambda: self._said(code, count=2),
            sends=True,
            by_itself=True,
        )

    def _press(self, name: str, **fields: object) -> None:
        lead = self._one("SELECT id FROM leads_lead")
        answer = self.desk.press(f"/admin/leads/lead/{lead}/act/{name}/", **fields)
        _in(answer, http.HTTPStatus.FOUND, http.HTTPStatus.CONFLICT)

    def _said(self, *codes: str, count: int) -> bool:
        rows = self.clinic.books.rows("SELECT template_code, state FROM notifications_message")
        return [state for code, state in rows if code in codes] == ["sent"] * count

    def _dues(self, template_code: str) -> list[object]:
        rows = self.clinic.books.rows("SELECT template_code, due_at FROM notifications_message")
        dues = [due_at for code, due_at in rows if code == template_code]
        assert dues, f"{template_code}: nobody planned it"
        return dues

    def _lead_is(self, status: str) -> bool:
        return self.clinic.books.rows("SELECT status FROM leads_lead") == [(status,)]

    def _one(self, statement: str) -> object:
        return self.clinic.books.rows(statement)[0][0]


def _until(stored: object) -> timedelta:
    """Give how long it takes until a moment, as a database gives it, has passed."""
    moment = datetime.fromisoformat(stored).replace(tzinfo=UTC) if isinstance(stored, str) else stored
    assert isinstance(moment, datetime)
    return max(moment - datetime.now(UTC) + A_MOMENT, NO_TIME)


def _in(answer: Answer, *statuses: int) -> Answer:
    assert answer.status in statuses, f"{answer.status}: {answer.text}"
    return answer
