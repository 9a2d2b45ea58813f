"""What the page of one lead shows, put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.admin.words import money
from crm.enums import AppointmentStatus, PaymentKind
from crm.models import Appointment, Staff
from crm.models.references import new_reference
from leads.admin import lead_addresses, lead_timeline, wording
from leads.admin.lead_acts import BUTTONS
from leads.admin.lead_forms import BOOKED, ActForm
from leads.admin.today import ATTENDED_BEFORE_START, UPCOMING, language_word
from leads.domain import acts
from leads.domain.followups import PURSUIT
from leads.enums import SCREEN_WORD, FollowUpKind, LeadKind, LeadStatus
from leads.models import FollowUp, Lead
from leads.queries import lead_page as queries
from leads.queries.lead_page import VisitOfLead, Vocabulary

MOVABLE = {AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED}
# Forms beside the panels that stand open when they were refused, and say why themselves.
BESIDE = {"assign", "kind"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A button whose act was refused, with its form as it was filled in."""

    name: str
    panel: str
    form: ActForm


def in_one_sentence(form: ActForm) -> str:
    """Say what stood in the way, where there is no form to show it beside."""
    return " ".join(str(message) for errors in form.errors.values() for message in errors)


class Page:
    """The lead, its facts and its forms. Reads a fixed number of queries, however long the history."""

    def __init__(
        self, lead: Lead, *, staff: Staff, now: datetime, may_act: bool, refused: Refused | None
    ) -> None:
        self.lead, self.staff, self.now, self.refused = lead, staff, now, refused
        self.may_act = may_act
        self.zone = ZoneInfo(lead.location.time_zone)
        self.words = Vocabulary()

    def clock(self, moment: datetime) -> str:
        return wording.clock(moment, zone=self.zone, now=self.now)

    def form(self, name: str, *, key: int | None = None, initial: dict[str, Any] | None = None) -> ActForm:
        """Give a button's form: as it was filled in when it was refused, else fresh."""
        refused = self.refused
        suffix = f"{name}_{key}" if key else name
        if refused is not None and refused.name == name and key in {None, _row_of(refused.form)}:
            refused.form.auto_id = f"id_{suffix}_%s"
            return refused.form
        return BUTTONS[name].form(
            lead=self.lead, words=self.words, now=self.now, initial=initial or {}, auto_id=f"id_{suffix}_%s"
        )


def _row_of(form: ActForm) -> int | None:
    said = form.data.get("visit") or form.data.get("follow_up") or ""
    return int(said) if said.isdecimal() and len(said) < 19 else None


def read(
    lead: Lead, *, staff: Staff, now: datetime, may_act: bool, refused: Refused | None
) -> dict[str, Any]:
    """Read all that the page of a lead shows."""
    page = Page(lead, staff=staff, now=now, may_act=may_act, refused=refused)
    holds = queries.standing_holds(lead)
    follow_ups = _in_order(queries.open_follow_ups(lead), holds=bool(holds))
    said_follow_ups = [_follow_up(row, page) for row in follow_ups]
    said_visits = [_visit(row, page) for row in queries.visits(lead)]
    return {
        "lead": lead,
        "name": str(lead.contact),
        "word": SCREEN_WORD[lead.status],
        "word_slug": SCREEN_WORD[lead.status].replace(" ", "-"),
        "may_act": may_act,
        "is_open": lead.is_open,
        "is_lost": lead.status == LeadStatus.LOST,
        "came": lead.status == LeadStatus.ATTENDED,
        "is_mine": lead.owner_id == staff.pk,
        "answer": _answer(page),
        **lead_addresses.read(lead, staff=staff, now=now),
        "facts": _facts(page),
        "holds": [{"kind": hold.get_kind_display(), "since": page.clock(hold.raised_at)} for hold in holds],
        "others": [
            {"lead": other, "word": SCREEN_WORD[other.status], "at": page.clock(other.arrived_at)}
            for other in queries.other_leads(lead)
        ],
        "follow_ups": said_follow_ups,
        "visits": said_visits,
        "timeline": lead_timeline.read(lead, zone=page.zone, now=now),
        "zone": lead.location.time_zone.replace("_", " "),
        "now_wall": wording.wall(now, zone=page.zone),
        "panel": _panel(page, holds=bool(holds)),
        "refused": refused.name if refused else "",
        "alert": _alert(page, said_follow_ups, said_visits),
        **(_forms(page, follow_ups) if may_act else {}),
    }


def _in_order(rows: list[FollowUp], *, holds: bool) -> list[FollowUp]:
    """Give what is next, the earliest first; while a hold stands, what must be read before all else."""
    return sorted(rows, key=lambda row: row.kind != FollowUpKind.REVIEW) if holds else rows


def _panel(page: Page, *, holds: bool) -> str:
    if page.refused is not None and page.refused.panel:
        return page.refused.panel
    # While a hold stands, nobody calls before somebody has read.
    return "call" if page.lead.is_open and not page.refused and not holds else ""


def _alert(page: Page, follow_ups: list[dict[str, Any]], visits: list[dict[str, Any]]) -> str:
    """Say what stood in the way at the top of the page, where no open form says it."""
    refused = page.refused
    if refused is None or refused.panel in _panels_of(page.lead):
        return ""
    beside = refused.name in BESIDE or any(row["refused"] for row in follow_ups)
    return "" if beside or any(row["open"] for row in visits) else in_one_sentence(refused.form)


def _panels_of(lead: Lead) -> set[str]:
    """Name the panels that the page of a lead has."""
    if lead.is_open:
        return {button.panel for button in BUTTONS.values() if button.panel}
    return {"note", "stop", "book"} if lead.status == LeadStatus.ATTENDED else {"note", "stop"}


def _answer(page: Page) -> dict[str, str]:
    lead, now = page.lead, page.now
    if lead.responded_at is not None:
        reached = queries.was_reached(lead)
        return {
            "tone": "good" if reached else "calm",
            "text": f"{'answered' if reached else 'first tried'} {page.clock(lead.responded_at)}",
            "left": "",
        }
    if lead.respond_by is None or not lead.is_open:
        return {}
    tone = "late" if lead.respond_by <= now else "soon"
    return {
        "tone": tone,
        "text": f"answer by {page.clock(lead.respond_by)}",
        "left": wording.time_left(lead.respond_by, now=now),
    }


def _facts(page: Page) -> list[tuple[str, str]]:
    lead = page.lead
    voicemail = {True: "yes", False: "no, please do not", None: ""}[lead.voicemail_ok]
    services = ", ".join(str(service) for service in lead.services.order_by("name"))
    said = [
        ("Language", language_word(lead.contact.language)),
        ("Prefers", lead.get_preferred_contact_display() if lead.preferred_contact else ""),
        ("Preferred time", lead.preferred_time),
        ("Voicemail ok?", voicemail),
        ("Asked about", services),
        ("Article", lead.article),
        ("Form", str(lead.form) if lead.form else ""),
        ("Arrived", page.clock(lead.arrived_at)),
        ("Kind", "" if lead.kind == LeadKind.NEW else lead.get_kind_display()),
        ("Closed because", str(lead.lost_reason) if lead.lost_reason else ""),
        ("Set aside until", page.clock(lead.nurture_until) if lead.nurture_until else ""),
    ]
    return [(label, text) for label, text in said if text]


def _follow_up(row: FollowUp, page: Page) -> dict[str, Any]:
    late = row.due_at <= page.now
    tomorrow = page.now.astimezone(page.zone) + timedelta(days=1)
    initial = {
        "follow_up": row.pk,
        "until": wording.wall(tomorrow.replace(hour=10, minute=0), zone=page.zone),
    }
    return {
        "id": row.pk,
        "what": row.what or row.get_kind_display(),
        "kind": row.get_kind_display() if row.what not in {"", row.get_kind_display()} else "",
        "who": str(row.assigned_to) if row.assigned_to else "",
        "due": page.clock(row.due_at),
        "left": wording.due(row.due_at, now=page.now),
        "tone": "late" if late else "calm",
        "snoozed": row.snoozed,
        "snooze": page.form("snooze", key=row.pk, initial=initial),
        "refused": _is_refused(page, "snooze", row.pk),
    }


def _is_refused(page: Page, name: str, key: int) -> bool:
    return page.refused is not None and page.refused.name == name and _row_of(page.refused.form) == key


def _visit(row: VisitOfLead, page: Page) -> dict[str, Any]:
    visit, now = row.appointment, page.now
    zone = ZoneInfo(visit.location.time_zone)
    upcoming, status = visit.status in UPCOMING, AppointmentStatus(visit.status)
    tones = {AppointmentStatus.COMPLETED: "good", AppointmentStatus.NO_SHOW: "late"}
    price = money(visit.price_minor, visit.currency)
    initial = {"visit": visit.pk}
    return {
        "visit": visit,
        "when": wording.clock(visit.starts_at, zone=zone, now=now),
        "elsewhere": visit.location.name if visit.location_id != page.lead.location_id else "",
        "tone": tones.get(status, "calm"),
        "status": visit.get_status_display(),
        "price": price,
        "kept": money(row.kept_minor, visit.currency) if row.kept_minor or row.paid_by else "",
        "paid_by": ", ".join(dict.fromkeys(row.paid_by)),
        "may_confirm": visit.status == AppointmentStatus.SCHEDULED,
        "may_come": upcoming and now >= visit.starts_at - ATTENDED_BEFORE_START,
        "may_miss": upcoming and visit.status != AppointmentStatus.CHECKED_IN and now >= visit.starts_at,
        "may_move": visit.status in MOVABLE,
        "may_cancel": upcoming,
        "may_correct": status in tones,
        "came": status == AppointmentStatus.COMPLETED,
        "move": page.form(
            "move",
            key=visit.pk,
            initial=initial | {"starts_at": wording.wall(visit.starts_at, zone=zone), "chair": visit.chair},
        ),
        "cancel": page.form("cancel", key=visit.pk, initial=initial),
        "payment": page.form(
            "payment",
            key=visit.pk,
            initial=initial
            | {"kind": PaymentKind.PAID, "amount": f"{visit.price_minor / 100:.2f}", "once": new_reference()},
        ),
        "open": _open_form(page, visit),
    }


def _open_form(page: Page, visit: Appointment) -> str:
    """Name the form of a visit that was refused, if the visit still has it."""
    offered = {
        "move": visit.status in MOVABLE,
        "cancel": visit.status in UPCOMING,
        "payment": True,
    }
    return next((name for name, has in offered.items() if has and _is_refused(page, name, visit.pk)), "")


def _forms(page: Page, follow_ups: list[FollowUp]) -> dict[str, Any]:
    lead = page.lead
    pursuing = next((row.pk for row in follow_ups if row.kind in PURSUIT), None)
    first = pursuing or (follow_ups[0].pk if follow_ups else None)
    wished = lead.services.order_by("name").values_list("pk", flat=True).first()
    return {
        "call": page.form("call", initial={"follow_up": first}),
        "outcomes": _outcomes(page),
        "answered": page.form("answered"),
        "note": page.form("note"),
        "book": page.form("book", initial={"location": lead.location_id, "service": wished}),
        "plan": page.form("plan"),
        "aside": page.form("aside"),
        "close": page.form("close"),
        "stop": page.form("stop"),
        "assign": page.form("assign", initial={"owner": lead.owner_id}),
        "kind": page.form("kind", initial={"kind": lead.kind}),
    }


def _outcomes(page: Page) -> list[dict[str, Any]]:
    """Give the ways a call can end, each with the next step it suggests in the location's clock."""
    chosen = str(page.refused.form.data.get("outcome", "")) if page.refused else ""
    found = []
    for outcome in page.words.outcomes:
        due_at = acts.suggest_next(lead=page.lead, outcome=outcome, now=page.now)
        found.append(
            {
                "id": outcome.pk,
                "label": outcome.label,
                "books": outcome.code == BOOKED,
                "checked": str(outcome.pk) == chosen,
                "next": wording.wall(due_at, zone=page.zone) if due_at else "",
                "next_words": f"Next: {page.clock(due_at)}" if due_at else "No next step is suggested.",
            }
        )
    return found
