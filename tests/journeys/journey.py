"""One person's way through the clinic, step by step, each through the door that is really used for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db import connection
from django.test import Client

from crm.enums import Role
from crm.models import Appointment, Location, OpeningHours, Service, Staff
from crm.queries import database_now
from leads.domain import pack
from leads.management.commands.sweep import sweep_once
from leads.models import CallOutcome, CaptureForm, FollowUp, Lead
from notifications.models import Message
from tests import factories
from tests.journeys import expected
from tests.journeys.passing_time import let_pass, zone_where_it_is_midday
from tests.leads.api.support import bearer

PASSWORD = "a-long-enough-word"
NOTICE_WORDS = "call or text 988"
JUST_BEFORE = timedelta(seconds=30)


class Journey:
    """A clinic, and the one enquiry that goes through it."""

    def __init__(self, data_dir: Path) -> None:
        now = database_now()
        pack.load(now=now)
        self.data_dir = data_dir
        self.zone: ZoneInfo = zone_where_it_is_midday(now)
        self.place: Location = factories.location(time_zone=self.zone.key)
        OpeningHours.objects.create(location=self.place, weekday=6, opens=time(9), closes=time(18))
        # Half past eight is a time at which they are open, and two hours before it is not one to text at.
        OpeningHours.objects.filter(location=self.place).update(opens=time(8))
        self.desk = self._staff(Role.FRONT_DESK)
        self.owner = self._staff(Role.OWNER)
        self.form: CaptureForm = factories.form(at=self.place)
        self.reference = ""

    def _staff(self, role: str) -> Staff:
        return factories.staff(role=role, at=self.place, time_zone=self.zone.key, password=PASSWORD)

    # ── Doors ──────────────────────────────────────────────────────────────────────────────────────────────

    def post(self) -> Any:
        """Post what the form below the magnesium article holds."""
        answer = Client().post(
            "/api/v1/leads/",
            data=json.dumps(expected.enquiry(zone=self.zone.key)),
            content_type="application/json",
            headers={
                "Origin": expected.ORIGIN,
                "X-Form-Key": self.form.key,
                "Idempotency-Key": "one-filled-form",
            },
        )
        if answer.status_code == 201:
            self.reference = answer.json()["reference"]
        return answer

    def ask(self, path: str, *scopes: str) -> Any:
        return Client().get(f"/api/v1/{path}", headers=bearer(*scopes))

    def tell(self, path: str, *scopes: str) -> Any:
        return Client().post(
            f"/api/v1/{path}", data={}, content_type="application/json", headers=bearer(*scopes)
        )

    def browser(self, who: Staff) -> Client:
        """Sign somebody in at the page where people sign in."""
        browser = Client()
        answer = browser.post(
            "/admin/login/?next=/admin/", {"username": who.email, "password": PASSWORD, "next": "/admin/"}
        )
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
        return browser

    def press(self, name: str, **fields: object) -> Any:
        """Press a button of the lead's page, as the front desk."""
        return self.browser(self.desk).post(f"/admin/leads/lead/{self.lead.pk}/act/{name}/", fields)

    # ── Acts ───────────────────────────────────────────────────────────────────────────────────────────────

    def call(self) -> Any:
        """Say how the first call ended."""
        first = FollowUp.objects.order_by("pk").first()
        assert first is not None
        return self.press(
            "call",
            outcome=CallOutcome.objects.get(code="spoke_interested").pk,
            follow_up=first.pk,
            note="Free on mornings",
        )

    def book(self) -> Any:
        """Book at half past eight on the fourth day from now, by the clock of the clinic."""
        wall = self.visit_wall if self.has_visit else self._half_past_eight(days=4)
        return self.press(
            "book",
            service=Service.objects.get(slug=expected.SERVICE).pk,
            location=self.place.pk,
            starts_at=wall.strftime("%Y-%m-%dT%H:%M"),
            chair=1,
        )

    def attended(self) -> Any:
        return self.tell(f"appointments/{self.visit.reference}/attended/", "appointments:write")

    def pay(self) -> Any:
        return self.press("payment", visit=self.visit.pk, kind="paid", amount="45.00")

    # ── What there is ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def lead(self) -> Lead:
        return Lead.objects.get()

    @property
    def visit(self) -> Appointment:
        return Appointment.objects.get()

    @property
    def has_visit(self) -> bool:
        return Appointment.objects.exists()

    @property
    def visit_wall(self) -> datetime:
        return self.visit.starts_at.astimezone(self.zone)

    def _half_past_eight(self, *, days: int) -> datetime:
        day = database_now().astimezone(self.zone).date() + timedelta(days=days)
        return datetime.combine(day, time(8, 30), tzinfo=self.zone)

    def messages(self) -> dict[tuple[str, str], str]:
        """Give the state of each message by template and channel; two of one kind are an error."""
        rows = list(Message.objects.values_list("template_code", "channel", "state"))
        found = {(code, channel): state for code, channel, state in rows}
        assert len(found) == len(rows), rows
        return found

    def planned(self) -> list[tuple[str, str, datetime]]:
        """Give what waits to be sent, soonest first, with its moment on the wall of the clinic."""
        rows = Message.objects.filter(state="queued").order_by("due_at", "channel")
        return [(m.template_code, m.channel, m.due_at.astimezone(self.zone)) for m in rows]

    def files(self) -> set[str]:
        """Give the delivery ids that left as files."""
        return {path.stem for kind in ("mail/*.eml", "sms/*.json") for path in self.data_dir.glob(kind)}

    def report_row(self) -> list[Any]:
        """Give the article's line of the report, as the owner sees it: counts, then the money kept."""
        answer = self.browser(self.owner).get("/admin/leads/lead/report/")
        rows = {row["name"]: row for row in answer.context["rows"]}
        assert set(rows) == {"magnesium"}
        return [*(cell["count"] for cell in rows["magnesium"]["cells"]), rows["magnesium"]["kept"]]

    # ── Time ───────────────────────────────────────────────────────────────────────────────────────────────

    def wait_until(self, moment: datetime) -> None:
        let_pass(max(moment - database_now(), timedelta(0)))

    def sweep(self) -> None:
        """Do the scheduled work once. Nothing may fail in it."""
        assert sweep_once() == []


# Do a step; `again` is the status that a second time is answered with.
Manner = Callable[..., Any]


def once(_: Journey, step: Callable[[], Any], *, again: int | None = None) -> Any:
    """Do a step."""
    return step()


def stopped_in_between(journey: Journey, step: Callable[[], Any], *, again: int | None = None) -> Any:
    """Do a step, then stop everything: whatever starts again finds only the database, and looks twice."""
    answer = step()
    cache.clear()
    connection.close()
    journey.sweep()
    journey.sweep()
    return answer


def repeated(_: Journey, step: Callable[[], Any], *, again: int | None = None) -> Any:
    """Do a step, and again, as a client does whose line broke before the answer; the first answer counts."""
    answer = step()
    second = step()
    assert (second.status_code if second is not None else None) == again
    return answer
