"""What each button of the lead page does: one form, one domain call, one calm sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm.admin.words import money
from crm.models import Appointment, Staff
from leads.admin import lead_forms as forms
from leads.admin import lead_visit_forms as visit_forms
from leads.admin import wording
from leads.domain import acts, closing, desk, visits
from leads.enums import SCREEN_WORD
from leads.models import Lead, LeadVisit


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed, with its form filled in and judged well-formed."""

    lead: Lead
    form: Any
    by: Staff
    now: datetime

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.form.cleaned_data
        return found

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.lead.location.time_zone)

    def clock(self, moment: datetime | None) -> str:
        return wording.clock(moment, zone=self.zone, now=self.now) if moment else ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a button says when it is done, and on the page of which lead that stands."""

    sentence: str
    lead_id: int


@dataclass(frozen=True, slots=True)
class Button:
    """A form, what is done with it, and the panel it stands in."""

    form: type[forms.ActForm]
    do: Callable[[Pressed], str | Done]
    panel: str

    def press(self, pressed: Pressed) -> Done:
        """Do it; unless it names another lead, it goes on where the button stood."""
        done = self.do(pressed)
        return Done(done, pressed.lead.pk) if isinstance(done, str) else done


def _call(pressed: Pressed) -> str:
    form, outcome = pressed.form, pressed.data["outcome"]
    common: dict[str, Any] = {
        "lead_id": pressed.lead.pk,
        "outcome": outcome,
        "note": pressed.data["note"],
        "by": pressed.by,
        "now": pressed.now,
        "follow_up_id": form.follow_up_id(),
    }
    if form.booking is not None:
        visit = desk.log_call_and_book(**common, booking=form.booking)
        return f"{outcome}. Booked for {_visit_clock(visit, pressed)}."
    lead = acts.log_call(**common, next_step=form.next_step)
    if lead.next_action_at is None:
        return f"{outcome}. The lead is {SCREEN_WORD[lead.status]}."
    return f"{outcome}. Next: {pressed.clock(lead.next_action_at)}."


def _visit_clock(visit: Appointment, pressed: Pressed) -> str:
    return wording.clock(visit.starts_at, zone=ZoneInfo(visit.location.time_zone), now=pressed.now)


def _answered(pressed: Pressed) -> str:
    lead = acts.answer_elsewhere(
        lead_id=pressed.lead.pk, how=pressed.data["how"], by=pressed.by, now=pressed.now
    )
    return f"Noted: answered ({pressed.data['how']}). Next: {pressed.clock(lead.next_action_at)}."


def _note(pressed: Pressed) -> str:
    acts.add_note(
        lead_id=pressed.lead.pk, text=pressed.data["text"], actor=pressed.by.as_actor, now=pressed.now
    )
    return "Noted."


def _plan(pressed: Pressed) -> str:
    who = pressed.data["assigned_to"]
    due_at = pressed.form.moment("due_at")
    step = acts.NextStep(
        kind=pressed.data["kind"],
        due_at=due_at,
        what=pressed.data["what"],
        assigned_to_id=who.pk if who else None,
    )
    acts.plan_follow_up(lead_id=pressed.lead.pk, step=step, actor=pressed.by.as_actor, now=pressed.now)
    return f"Planned for {pressed.clock(due_at)}."


def _snooze(pressed: Pressed) -> str:
    until = pressed.form.moment("until")
    acts.snooze(follow_up_id=pressed.form.follow_up_id(), until=until, by=pressed.by, now=pressed.now)
    return f"Put off until {pressed.clock(until)}."


def _aside(pressed: Pressed) -> str:
    until = pressed.form.moment("until")
    acts.nurture(lead_id=pressed.lead.pk, until=until, actor=pressed.by.as_actor, now=pressed.now)
    return f"Set aside. It comes back {pressed.clock(until)}."


def _close(pressed: Pressed) -> str:
    reason = pressed.data["reason"]
    closing.lose(
        lead_id=pressed.lead.pk,
        reason=reason,
        note=pressed.data["note"],
        actor=pressed.by.as_actor,
        now=pressed.now,
    )
    return f"Closed: {reason}. What was planned for it has ended."


def _stop(pressed: Pressed) -> str:
    count = closing.stop_everything(lead_id=pressed.lead.pk, actor=pressed.by.as_actor, now=pressed.now)
    waiting = {0: "Nothing was waiting to be sent.", 1: "1 planned message cancelled."}
    return f"Stopped. {waiting.get(count, f'{count} planned messages cancelled.')} Proof saved."


def _reopen(pressed: Pressed) -> str:
    lead = closing.reopen(lead_id=pressed.lead.pk, actor=pressed.by.as_actor, now=pressed.now)
    return f"Open again. Next: {pressed.clock(lead.next_action_at)}."


def _take(pressed: Pressed) -> str:
    acts.take(lead_id=pressed.lead.pk, owner=pressed.by, actor=pressed.by.as_actor, now=pressed.now)
    return "It is yours."


def _assign(pressed: Pressed) -> str:
    owner = pressed.data["owner"]
    acts.take(lead_id=pressed.lead.pk, owner=owner, actor=pressed.by.as_actor, now=pressed.now)
    return f"{owner or 'The front desk'} looks after it now."


def _kind(pressed: Pressed) -> str:
    lead = acts.change_kind(
        lead_id=pressed.lead.pk, kind=pressed.data["kind"], actor=pressed.by.as_actor, now=pressed.now
    )
    return f"Noted: {lead.get_kind_display().lower()}."


def _judge(pressed: Pressed) -> str:
    desk.judge_hold(lead_id=pressed.lead.pk, by=pressed.by, now=pressed.now)
    return "Judged. Messages may go out again."


def _book(pressed: Pressed) -> Done:
    form = pressed.form
    visit = visits.book(
        lead_id=pressed.lead.pk,
        service=pressed.data["service"],
        location=form.at_location,
        starts_at=form.starts,
        chair=pressed.data["chair"],
        actor=pressed.by.as_actor,
        now=pressed.now,
    )
    # Who came is booked again on another lead: it goes on there.
    link = LeadVisit.objects.get(appointment=visit, revoked_at__isnull=True)
    return Done(f"Booked for {_visit_clock(visit, pressed)}.", link.lead_id)


def _confirm(pressed: Pressed) -> str:
    visits.confirm(appointment_id=pressed.form.visit_id, actor=pressed.by.as_actor, now=pressed.now)
    return "Confirmed."


def _attend(pressed: Pressed) -> str:
    visits.attend(appointment_id=pressed.form.visit_id, actor=pressed.by.as_actor, now=pressed.now)
    return f"{pressed.lead.contact} came."


def _no_show(pressed: Pressed) -> str:
    visits.no_show(appointment_id=pressed.form.visit_id, actor=pressed.by.as_actor, now=pressed.now)
    return f"Noted: {pressed.lead.contact} did not come. A call is planned; nothing was sent."


def _move(pressed: Pressed) -> str:
    visit = visits.move(
        appointment_id=pressed.form.visit_id,
        starts_at=pressed.form.starts,
        chair=pressed.data["chair"],
        actor=pressed.by.as_actor,
        now=pressed.now,
    )
    return f"Moved to {_visit_clock(visit, pressed)}."


def _cancel(pressed: Pressed) -> str:
    visit = visits.cancel(
        appointment_id=pressed.form.visit_id,
        by_client=pressed.data["by"] == "client",
        reason=pressed.data["reason"],
        actor=pressed.by.as_actor,
        now=pressed.now,
    )
    return f"{visit.get_status_display()}."


def _correct(pressed: Pressed) -> str:
    visit = visits.correct(
        appointment_id=pressed.form.visit_id,
        came=pressed.data["came"] == "yes",
        actor=pressed.by.as_actor,
        now=pressed.now,
    )
    return f"Corrected: {visit.get_status_display().lower()}."


def _payment(pressed: Pressed) -> str:
    payment = visits.record_payment(
        appointment_id=pressed.form.visit_id,
        kind=pressed.data["kind"],
        amount_minor=pressed.data["amount"] or 0,
        reference=pressed.data["once"],
        actor=pressed.by.as_actor,
        now=pressed.now,
    )
    if not payment.amount_minor:
        return f"{payment.get_kind_display()}."
    return f"{payment.get_kind_display()}: {money(payment.amount_minor, payment.currency)}."


BUTTONS: dict[str, Button] = {
    "call": Button(forms.CallForm, _call, "call"),
    "answered": Button(forms.AnsweredForm, _answered, "answered"),
    "note": Button(forms.NoteForm, _note, "note"),
    "book": Button(visit_forms.BookForm, _book, "book"),
    "plan": Button(forms.PlanForm, _plan, "plan"),
    "snooze": Button(forms.SnoozeForm, _snooze, ""),
    "aside": Button(forms.AsideForm, _aside, "aside"),
    "close": Button(forms.CloseForm, _close, "close"),
    "stop": Button(forms.EmptyForm, _stop, "stop"),
    "reopen": Button(forms.EmptyForm, _reopen, ""),
    "take": Button(forms.EmptyForm, _take, ""),
    "assign": Button(forms.TakeForm, _assign, ""),
    "kind": Button(forms.KindForm, _kind, ""),
    "judge": Button(forms.EmptyForm, _judge, ""),
    "confirm": Button(visit_forms.VisitForm, _confirm, ""),
    "attend": Button(visit_forms.VisitForm, _attend, ""),
    "no-show": Button(visit_forms.VisitForm, _no_show, ""),
    "move": Button(visit_forms.MoveForm, _move, ""),
    "cancel": Button(visit_forms.CancelForm, _cancel, ""),
    "correct": Button(visit_forms.CorrectForm, _correct, ""),
    "payment": Button(visit_forms.PaymentForm, _payment, ""),
}
