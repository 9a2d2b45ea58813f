"""Invariant 6: each rule of the gate taken out, the second look left out, and the locks taken away."""

from __future__ import annotations

from tests.invariants.breakages.base import breakage

GATE = "notifications/domain/test_gate.py::test_judge"
DISPATCH = "notifications/domain/test_dispatch.py"
RACES = "notifications/domain/test_races.py"
CONSENTS = "notifications/domain/test_consents.py"
FILE = "notifications/domain/gate.py"

ALL = (
    breakage(
        6,
        "the gate forgets who asked to be left alone",
        file=FILE,
        old="    _suppressed,\n    _held,",
        new="    _held,",
        tests=f"{GATE}",
    ),
    breakage(
        6,
        "the gate forgets safety holds",
        file=FILE,
        old="    _held,\n    _consent,",
        new="    _consent,",
        tests=f"{GATE} {DISPATCH}::test_held_message_waits_for_a_person",
    ),
    breakage(
        6,
        "the gate forgets consent",
        file=FILE,
        old="    _consent,\n    _quiet,",
        new="    _quiet,",
        tests=f"{GATE} {DISPATCH}::test_gate_speaks_before_anything_is_rendered",
    ),
    breakage(
        6,
        "the gate forgets quiet hours",
        file=FILE,
        old="    _quiet,\n    _acknowledged,\n",
        new="    _acknowledged,\n",
        tests=f"{GATE} {DISPATCH}::test_text_at_night_waits_for_the_morning_and_costs_no_attempt",
    ),
    breakage(
        6,
        "the gate forgets the cap of one acknowledgement an hour",
        file=FILE,
        old="    _quiet,\n    _acknowledged,\n",
        new="    _quiet,\n",
        tests=f"{GATE} {DISPATCH}::test_second_acknowledgement_in_the_hour_is_not_sent "
        f"{DISPATCH}::test_acknowledgement_cap_counts_every_spelling_of_an_inbox",
    ),
    breakage(
        6,
        "the gate sends what is too late",
        file=FILE,
        old="    _too_late,\n    _suppressed,",
        new="    _suppressed,",
        tests=f"{GATE}",
    ),
    breakage(
        6,
        "the gate takes silence for consent to offers",
        file="notifications/domain/consents.py",
        old="    return status == ConsentStatus.GRANTED\n",
        new="    return status != ConsentStatus.WITHDRAWN\n",
        tests=f"{GATE} {CONSENTS}::test_allowed_by_the_newest_statement",
    ),
    breakage(
        6,
        "the gate is not asked again at the hand",
        file="notifications/domain/hand.py",
        old="        self.verdict = gate.judge(gate.gather([message], now=now)[message.pk], now=now)\n",
        new='        self.verdict = gate.Send("own_request", "It was allowed a moment ago.")\n',
        tests=f"{DISPATCH}::test_two_acknowledgements_in_one_batch_send_one",
    ),
    breakage(
        6,
        "the hand does not lock the address",
        file="notifications/domain/hand.py",
        old="            consents.lock_inbox(message.address)\n",
        new="            pass\n",
        tests=f"{RACES}::test_stop_that_is_committed_first_wins_over_the_hand",
        leg="postgres",
    ),
    breakage(
        6,
        "the locks of opting out and handing over hold nothing",
        file="notifications/domain/consents.py",
        old="        .select_for_update(no_key=True)\n",
        new="",
        tests=f"{RACES}::test_stop_that_is_committed_first_wins_over_the_hand",
        leg="postgres",
    ),
    breakage(
        6,
        "a stop reaches one spelling of the inbox only",
        file="notifications/domain/consents.py",
        old="    ids = lock_inboxes(address_ids)\n    standing = set(",
        new="    ids = list(address_ids)\n    standing = set(",
        tests=f"{CONSENTS}::test_suppress_stops_every_spelling_of_the_inbox",
    ),
)
