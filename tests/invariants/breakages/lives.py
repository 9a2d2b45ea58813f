"""Invariants 3, 4 and 8: the lives, what is next for a lead, and what a visit makes of it."""

from __future__ import annotations

from tests.invariants.breakages.base import breakage

LEAD = "leads/domain/test_lifecycle.py"
MESSAGE = "notifications/domain/test_lifecycle.py"
VISITS = "leads/domain/test_visits.py"
SEVERAL = "leads/domain/test_visits_several.py"
RACES = "leads/domain/test_visit_races.py"
REFUSES = "invariants/test_database_refuses.py::test_the_database_refuses"

ALL = (
    breakage(
        3,
        "a lead changes without an event",
        file="leads/domain/lifecycle.py",
        old="    event.save(force_insert=True)\n",
        new="",
        tests=f"{LEAD}::test_move_over_the_whole_grid {LEAD}::test_move_writes_who_when_and_why",
    ),
    breakage(
        3,
        "a message changes without an event",
        file="notifications/domain/lifecycle.py",
        old="            rows.insert([_event(message_id, source, target, step)])\n",
        new="            pass\n",
        tests=f"{MESSAGE}::test_move_over_the_whole_grid",
    ),
    breakage(
        3,
        "a lead that came can be closed",
        file="leads/domain/lifecycle.py",
        old="    S.ATTENDED: frozenset(),\n    S.LOST",
        new="    S.ATTENDED: frozenset({S.LOST}),\n    S.LOST",
        tests=f"{LEAD}::test_move_over_the_whole_grid",
    ),
    breakage(
        3,
        "a failed message comes back by itself",
        file="notifications/domain/lifecycle.py",
        old="    _S.FAILED: frozenset(),",
        new="    _S.FAILED: frozenset({_S.QUEUED}),",
        tests=f"{MESSAGE}::test_move_over_the_whole_grid {MESSAGE}::test_move_locked_over_the_whole_grid",
    ),
    breakage(
        3,
        "a cancelled visit comes back",
        file="crm/domain/appointments.py",
        old="    S.CANCELLED_BY_CLIENT: frozenset(),",
        new="    S.CANCELLED_BY_CLIENT: frozenset({S.SCHEDULED}),",
        tests="crm/domain/test_appointments.py::test_move_over_the_whole_grid",
    ),
    breakage(
        3,
        "a second place writes a lead's status",
        file="leads/domain/acts.py",
        old="    lead.kind = LeadKind(kind)\n",
        new="    lead.kind = LeadKind(kind)\n    lead.status = lead.status\n",
        tests="invariants/test_shape.py::test_status_has_one_writer",
    ),
    breakage(
        3,
        "the event forgets who it was",
        file="leads/domain/lifecycle.py",
        old="        **LeadEvent.by(actor),\n",
        new='        **LeadEvent.by(Actor.system("somebody")),\n',
        tests="invariants/test_who_acted.py::test_events_of_every_life_name_the_member_of_staff",
    ),
    breakage(
        4,
        "nothing is planned when nothing is left to do",
        file="leads/domain/followups.py",
        old="        due = suggested_moment(lead, days=1, at=None, now=now)\n",
        new="        return now\n",
        tests="leads/domain/test_followups.py::test_an_open_lead_always_has_something_to_be_done",
    ),
    breakage(
        4,
        "the database takes an open lead without a next action",
        file="leads/migrations/0001_initial.py",
        old="('next_action_at__isnull', False), _connector='OR'), name='lead_open_has_a_next_action')",
        new="('pk__isnull', False), _connector='OR'), name='lead_open_has_a_next_action')",
        tests=f"{REFUSES}[lead_without_next_action]",
    ),
    breakage(
        4,
        "a lead is closed without a reason",
        file="leads/domain/lifecycle.py",
        old="    if to == S.LOST and lost_reason is None:",
        new="    if to == S.ATTENDED and lost_reason is None:",
        tests=f"{LEAD}::test_lost_without_a_reason_is_refused",
    ),
    breakage(
        4,
        "the database takes a lost lead without a reason",
        file="leads/migrations/0001_initial.py",
        old="('lost_reason__isnull', False), _connector='OR'), name='lead_lost_has_a_reason')",
        new="('pk__isnull', False), _connector='OR'), name='lead_lost_has_a_reason')",
        tests=f"{REFUSES}[lost_lead_without_reason]",
    ),
    breakage(
        4,
        "the first of two visits that took place closes the lead",
        file="leads/domain/visits/outcomes.py",
        old="    if linking.visit_stands(lead):\n        linking.await_outcomes(",
        new="    if lead.status == LeadStatus.LOST:\n        linking.await_outcomes(",
        tests=f"{SEVERAL}::test_two_visits_whatever_becomes_of_them "
        f"{SEVERAL}::test_the_question_about_the_visit_that_stands_is_kept_and_asked",
    ),
    breakage(
        4,
        "two visits of a lead take place at once without its lock",
        file="leads/domain/visits/linking.py",
        old="    lead = lifecycle.lock(lead_id) if lead_id is not None else None\n",
        new="    lead = Lead.objects.get(pk=lead_id) if lead_id is not None else None\n",
        tests=f"{RACES}::test_two_visits_that_take_place_at_once_leave_the_lead_as_come "
        f"{RACES}::test_a_visit_taking_place_while_another_moves_leaves_the_next_action_right",
        leg="postgres",
    ),
    breakage(
        4,
        "who came is booked again without the lock of an arrival",
        file="leads/domain/visits/returning.py",
        old="    contacts.lock_addresses_of(contact_id)\n",
        new="",
        tests=f"{RACES}::test_booked_again_twice_at_once_is_one_lead_and_one_visit "
        f"{RACES}::test_booked_again_while_an_arrival_opens_a_lead_is_booked_on_that",
        leg="postgres",
    ),
    breakage(
        8,
        "the database takes two leads for one visit",
        file="leads/migrations/0001_initial.py",
        old="models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), "
        "fields=('appointment',)",
        new="models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), "
        "fields=('appointment', 'lead')",
        tests=f"{VISITS}::test_the_database_refuses_a_second_lead_for_one_visit "
        f"{REFUSES}[visit_of_two_leads]",
    ),
    breakage(
        8,
        "marked as come again, the visit moves again",
        file="leads/domain/visits/outcomes.py",
        old="    if appointment.status == AppointmentStatus.COMPLETED:\n        return appointment\n",
        new="    if appointment.status == AppointmentStatus.COMPLETED:\n"
        "        appointment.status = AppointmentStatus.CHECKED_IN\n",
        tests=f"{VISITS}::test_attending_converts_once_however_often_it_is_said",
    ),
    breakage(
        8,
        "a correction to not come leaves the conversion",
        file="leads/domain/visits/outcomes.py",
        old="        conversions.unconvert(link)\n",
        new="        pass\n",
        tests=f"{VISITS}::test_corrections_carry_the_conversion_along_both_ways",
    ),
    breakage(
        8,
        "the same outside booking makes a second visit",
        file="leads/domain/visits/linking.py",
        old="    if external_ref is None:\n",
        new="    if external_ref is not None:\n",
        tests=f"{VISITS}::test_the_same_outside_booking_again_changes_nothing "
        "leads/api/test_appointments.py::test_booking_again_is_the_same_visit",
    ),
    breakage(
        8,
        "a lead that goes on after a visit took place forgets that they came",
        file="leads/domain/lifecycle.py",
        old="    if to == S.ATTENDED and lead.attended_at is None:\n        lead.attended_at = now\n",
        new="    lead.attended_at = (lead.attended_at or now) if to == S.ATTENDED else None\n",
        tests=f"{SEVERAL}::test_two_visits_whatever_becomes_of_them "
        f"{SEVERAL}::test_who_came_once_and_missed_the_next_is_called "
        f"{LEAD}::test_who_came_once_has_come_wherever_the_lead_goes",
    ),
    breakage(
        8,
        "a chair is looked at without the lock of its location",
        file="crm/domain/appointments.py",
        old="    Location.objects.select_for_update(no_key=True).get(pk=location.pk)\n",
        new="    Location.objects.get(pk=location.pk)\n",
        tests=f"{RACES}::test_two_desks_cannot_book_one_chair_for_times_that_overlap",
        leg="postgres",
    ),
)
