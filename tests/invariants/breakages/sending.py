"""Invariants 5, 11 and 12: once, outside any transaction, and by compare-and-swap."""

from __future__ import annotations

from tests.invariants.breakages.base import breakage

DISPATCH = "notifications/domain/test_dispatch.py"
LIFE = "notifications/domain/test_lifecycle.py"
SHAPE = "invariants/test_shape.py"
FOLLOW_UPS = "leads/domain/test_followup_races.py"
STEPS = "invariants/test_transactions.py::test_steps_of_sending_refuse_to_run_inside_a_transaction"

ALL = (
    breakage(
        5,
        "what was wished before is wished again",
        file="notifications/domain/outbox.py",
        old="    known = set(Message.objects.filter(dedupe_key__in=by_key).values_list("
        '"dedupe_key", flat=True))\n',
        new="    known: set[str] = set()\n",
        tests="notifications/domain/test_outbox.py::test_queue_of_a_key_that_exists_leaves_it_out",
    ),
    breakage(
        5,
        "the database takes two messages of one key",
        file="notifications/migrations/0001_initial.py",
        old="fields=('dedupe_key',), name='message_once_per_key'",
        new="fields=('dedupe_key', 'id'), name='message_once_per_key'",
        tests="notifications/domain/test_outbox.py::test_dedupe_key_is_unique_in_the_database "
        "invariants/test_database_refuses.py::test_the_database_refuses[second_message_of_one_dedupe_key]",
    ),
    breakage(
        5,
        "a worker whose claim is lost moves the message all the same",
        file="notifications/domain/lifecycle.py",
        old="    mine = Message.objects.filter(pk=message_id, state=source, token=token)\n",
        new="    mine = Message.objects.filter(pk=message_id, state=source)\n",
        tests=f"{LIFE}::test_move_under_a_foreign_token_changes_nothing",
    ),
    breakage(
        5,
        "a message is handed from whatever state it is in",
        file="notifications/domain/lifecycle.py",
        old="    mine = Message.objects.filter(pk=message_id, state=source, token=token)\n",
        new="    mine = Message.objects.filter(pk=message_id)\n",
        tests=f"{LIFE}::test_move_from_a_state_it_left_changes_nothing",
    ),
    breakage(
        5,
        "a hand is made although the lease is over",
        file="notifications/domain/hand.py",
        old="            lease_after=now + self.patience,\n",
        new="",
        tests=f"{DISPATCH}::test_claim_whose_lease_ran_out_hands_nothing",
    ),
    breakage(
        5,
        "a message of which nobody knows whether it went is sent again",
        file="notifications/domain/dispatch.py",
        old="        return _end(message, MessageState.UNKNOWN, _step(result.code, _CANNOT_TELL, now)",
        new="        return _end(message, MessageState.QUEUED, _step(result.code, _CANNOT_TELL, now)",
        tests=f"{DISPATCH}::test_unknown_is_never_sent_again_blindly",
    ),
    breakage(
        5,
        "what a dead worker was handing over is sent again",
        file="notifications/domain/reconcile.py",
        old="            doubtful[pk] = state\n",
        new="            back[pk] = state\n",
        tests="notifications/domain/test_reconcile.py::test_look_after_the_lease_ran_out",
    ),
    breakage(
        5,
        "a mail is marked as handed only after its final dot",
        file="notifications/channels/email.py",
        old="        try:\n            mark_handed()\n",
        new="        _dot(client, wait=self._channel.answer, after=self._channel.timeout)\n"
        "        try:\n            mark_handed()\n",
        tests="channels/test_contract.py::test_send_marks_before_the_provider_has_it",
    ),
    breakage(
        5,
        "a message that was not sent keeps no reason",
        file="notifications/domain/lifecycle.py",
        old='"state": target, "reason_code": step.code, "reason": step.reason[:240]}',
        new='"state": target}',
        tests=f"{DISPATCH}::test_send_due_sends_and_tells_why "
        f"{DISPATCH}::test_second_acknowledgement_in_the_hour_is_not_sent",
    ),
    breakage(
        5,
        "a reminder goes out to who is here already",
        file="leads/domain/visits/outcomes.py",
        old='    linking.withdraw(appointment, reason="They came.", actor=actor, now=now)\n',
        new="",
        tests="leads/domain/test_visits.py::test_a_reminder_that_still_waits_when_they_came_is_taken_back",
    ),
    breakage(
        11,
        "messages are claimed inside somebody's transaction",
        file="notifications/domain/claims.py",
        old="    with transaction.atomic(durable=True):",
        new="    with transaction.atomic():",
        tests=f"{STEPS}[claim]",
    ),
    breakage(
        11,
        "the hand mark is made inside somebody's transaction",
        file="notifications/domain/hand.py",
        old="        with transaction.atomic(durable=True):",
        new="        with transaction.atomic():",
        tests=f"{STEPS}[hand]",
    ),
    breakage(
        11,
        "the channel is opened inside a transaction",
        file="notifications/domain/dispatch.py",
        old="        with channel.session() as session:\n",
        new="        from django.db import transaction\n\n"
        "        with transaction.atomic(), channel.session() as session:\n",
        tests="invariants/test_transactions.py::test_channels_are_spoken_to_outside_any_transaction",
    ),
    breakage(
        11,
        "the worker is woken before the arrival is committed",
        file="leads/api/capture.py",
        old="        receipt = _accept(request, raw, whole=whole)\n",
        new="        from django.db import transaction\n\n        with transaction.atomic():\n"
        "            receipt = _accept(request, raw, whole=whole)\n            tasks.nudge()\n",
        tests="invariants/test_transactions.py::test_worker_is_woken_after_the_commit_and_told_nothing",
    ),
    breakage(
        11,
        "a tick carries the id of what it is about",
        file="leads/tasks.py",
        old="current_app.send_task(task_name, expires=60",
        new="current_app.send_task(task_name, args=[1], expires=60",
        tests=f"{SHAPE}::test_nothing_is_published_but_the_name_of_a_tick",
    ),
    breakage(
        11,
        "a tick holds a rule",
        file="notifications/tasks.py",
        old="    reconcile.look(now=now)\n",
        new="    if reconcile.Message.objects.exists():\n        reconcile.look(now=now)\n",
        tests=f"{SHAPE}::test_ticks_carry_nothing_and_hold_no_rule",
    ),
    breakage(
        11,
        "a rule speaks to the network itself",
        file="leads/domain/attribution.py",
        old="from __future__ import annotations\n",
        new="from __future__ import annotations\n\nimport urllib.request\n",
        tests=f"{SHAPE}::test_only_speakers_reach_the_world_outside",
    ),
    breakage(
        11,
        "a second beat processes what was processed",
        file="leads/domain/arrivals.py",
        old="    if submission.state != SubmissionState.WAITING:\n        return False\n",
        new="",
        tests="leads/domain/test_arrivals.py::test_processing_again_changes_nothing",
    ),
    breakage(
        12,
        "a claim takes what is claimed already",
        file="notifications/domain/lifecycle.py",
        old='    taken = mine.filter(state=_S.QUEUED, held_reason="").update(\n',
        new="    taken = mine.update(\n",
        tests=f"{LIFE}::test_claim_of_a_row_that_is_taken_gets_the_rest",
    ),
    breakage(
        12,
        "without skipping locked rows two claimers share",
        file="notifications/domain/lifecycle.py",
        old='    taken = mine.filter(state=_S.QUEUED, held_reason="").update(\n',
        new="    taken = mine.update(\n",
        tests="notifications/domain/test_races.py"
        "::test_two_claimers_of_the_same_rows_without_skip_locked_never_share",
        leg="postgres",
    ),
    breakage(
        12,
        "two workers claim the same arrivals",
        file="leads/domain/arrivals.py",
        old="            due = due.select_for_update(skip_locked=True)\n",
        new="            pass\n",
        tests="invariants/test_claims.py::test_claimer_who_looks_while_another_claims_gets_nothing_of_theirs",
        leg="postgres",
    ),
    breakage(
        12,
        "two sweeps mark the same follow-up as told",
        file="leads/domain/followups.py",
        old="        .filter(pk=follow_up.pk, due_at=follow_up.due_at, reminded_for__isnull=True)\n",
        new="        .filter(pk=follow_up.pk)\n",
        tests=f"{FOLLOW_UPS}::test_two_sweeps_at_once_remind_once "
        f"{FOLLOW_UPS}::test_what_is_put_off_at_that_moment_reminds_nobody",
        leg="postgres",
    ),
    breakage(
        12,
        "what a colleague ends at that moment is told of all the same",
        file="leads/domain/followups.py",
        old="        FollowUp.objects.open()\n        .filter(pk=follow_up.pk",
        new="        FollowUp.objects.all()\n        .filter(pk=follow_up.pk",
        tests=f"{FOLLOW_UPS}::test_what_is_done_at_that_moment_reminds_nobody",
        leg="postgres",
    ),
)
