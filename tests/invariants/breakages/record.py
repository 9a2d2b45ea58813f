"""Invariants 9 and 10: who says what time it is, and who did what."""

from __future__ import annotations

from tests.invariants.breakages.base import breakage

SHAPE = "invariants/test_shape.py"
CONTACTS = "crm/domain/test_contacts.py"
SAFETY = "crm/domain/test_safety.py"
ACTS = "leads/domain/test_acts.py::test_every_act_leaves_an_audit_row_with_its_actor"

ALL = (
    breakage(
        9,
        "a rule reads a clock of its own",
        file="leads/domain/response.py",
        old="from __future__ import annotations\n",
        new="from __future__ import annotations\n\nfrom crm.queries import database_now\n",
        tests=f"{SHAPE}::test_rules_never_read_a_clock",
    ),
    breakage(
        9,
        "a rule asks the machine for the date",
        file="notifications/domain/retries.py",
        old="    return _WAITS[",
        new="    import datetime\n\n    datetime.datetime.now(datetime.UTC)\n    return _WAITS[",
        tests=f"{SHAPE}::test_rules_never_read_a_clock",
    ),
    breakage(
        9,
        "a rule may be called without saying what time it is",
        file="crm/domain/heartbeats.py",
        old="def beat(name: str, *, now: datetime) -> None:",
        new="def beat(name: str, *, now: datetime | None = None) -> None:",
        tests=f"{SHAPE}::test_rules_never_guess_what_time_it_is",
    ),
    breakage(
        9,
        "the hand judges by the clock of the claim",
        file="notifications/domain/hand.py",
        old="        now = self.clock()\n",
        new="        now = self.message.due_at\n",
        tests="notifications/domain/test_dispatch.py::test_claim_whose_lease_ran_out_hands_nothing",
    ),
    breakage(
        9,
        "a time that the clock jumps over is taken as it is",
        file="crm/domain/opening_hours.py",
        old="    return moment if jump is None else jump\n",
        new="    return moment\n",
        tests="crm/domain/test_opening_hours.py::test_local_moment_obeys_the_wall_clock",
    ),
    breakage(
        9,
        "quiet hours are asked of UTC",
        file="notifications/domain/send_windows.py",
        old="        return self.opens <= at.astimezone(zone).time() < self.closes\n",
        new="        return self.opens <= at.astimezone(UTC).time() < self.closes\n",
        tests="notifications/domain/test_send_windows.py::test_allowed_only_inside_the_window_of_every_zone "
        "notifications/domain/test_send_windows.py::test_next_allowed_window_in_the_hour_of_the_change",
    ),
    breakage(
        10,
        "closing a lead leaves no row",
        file="leads/domain/closing.py",
        old='    trail.record("lead.closed", lead, actor=actor, now=now, fields=[reason.code])\n',
        new="",
        tests=ACTS,
    ),
    breakage(
        10,
        "the row names the system instead of the one who acted",
        file="leads/domain/trail.py",
        old="        actor=actor,\n",
        new='        actor=Actor.system("somebody"),\n',
        tests=ACTS,
    ),
    breakage(
        10,
        "looking at a lead's page leaves no row",
        file="leads/admin/leads.py",
        old="        acts.view(lead=lead, actor=staff.as_actor, now=now)\n",
        new="        pass\n",
        tests="leads/admin/test_lead_page.py::test_looking_at_a_page_is_written_down",
    ),
    breakage(
        10,
        "a tool that lists leads leaves no row",
        file="leads/api/leads.py",
        old="audit.record_many([*self._looked_through(), *(",
        new="audit.record_many([*(",
        tests="leads/api/test_leads.py::test_views_are_noted_with_the_program_as_actor",
    ),
    breakage(
        10,
        "signing in leaves no row",
        file="crm/admin/sign_ins.py",
        old='user_logged_in.connect(_signed_in, dispatch_uid="crm.signed_in")\n',
        new="",
        tests="crm/admin/test_sign_ins.py::test_signing_in_and_out_is_written_down",
    ),
    breakage(
        10,
        "a change in the admin leaves no row",
        file="crm/admin/audited.py",
        old="        audit.record(\n",
        new="        dict(\n",
        tests="crm/admin/test_settings_pages.py"
        "::test_location_saves_hours_and_closed_days_and_audits_names_only",
    ),
    breakage(
        10,
        "a tool that lists what people wrote leaves no row about each of them",
        file="leads/api/leads.py",
        old="*(self._looked_at(page.leads) if health else [])",
        new="",
        tests="leads/api/test_leads.py::test_list_with_what_people_wrote_is_a_view_of_each_record",
    ),
    breakage(
        10,
        "a safety hold is raised without a row",
        file="crm/domain/safety.py",
        old="    return [hold, entry]\n",
        new="    return [hold]\n",
        tests=f"{SAFETY}::test_alarming_words_hold_and_leave_a_row_without_the_words",
    ),
    breakage(
        10,
        "a hold that stands already is written down as raised again",
        file="crm/domain/safety.py",
        old="is not None:\n        return []\n    hold =",
        new="is not None:\n        pass\n    hold =",
        tests=f"{SAFETY}::test_a_hold_that_stands_is_enough_and_one_of_another_kind_is_another",
    ),
    breakage(
        10,
        "lifting what does not stand leaves a row",
        file="crm/domain/safety.py",
        old="    if lifted:\n",
        new="    if True:\n",
        tests=f"{SAFETY}::test_lifting_what_does_not_stand_leaves_no_row",
    ),
    breakage(
        10,
        "what is learnt of a person leaves no row",
        file="crm/domain/contacts.py",
        old="    return [entry]\n",
        new="    return []\n",
        tests=f"{CONTACTS}::test_what_was_learnt_leaves_one_row_with_the_names_of_the_fields "
        f"{CONTACTS}::test_a_contact_to_verify_leaves_a_row_and_any_other_newcomer_none",
    ),
    breakage(
        10,
        "a row says that something was learnt when nothing was",
        file="crm/domain/contacts.py",
        old="    if not learnt:\n        return []\n",
        new="",
        tests=f"{CONTACTS}::test_nothing_new_leaves_no_row_and_writes_nothing",
    ),
    breakage(
        10,
        "what a person typed about a message is looked at without a row",
        file="notifications/admin/messages.py",
        old='    return [*shown, "words"] if typed.exists() else shown\n',
        new="    return shown\n",
        tests="notifications/admin/test_messages.py"
        "::test_what_a_person_typed_is_shown_to_those_who_may_see_leads_and_the_view_is_noted",
    ),
)
