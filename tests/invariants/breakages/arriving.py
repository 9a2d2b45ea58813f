"""Invariants 1 and 2: what the website is told, and what becomes of what it sent."""

from __future__ import annotations

from tests.invariants.breakages.base import breakage

CAPTURE = "leads/api/test_capture.py"
ARRIVALS = "leads/domain/test_arrivals.py"

ALL = (
    breakage(
        1,
        "the submission is never written",
        file="leads/domain/intake.py",
        old="            rows.insert([arrival])\n",
        new="",
        tests=f"{CAPTURE}::test_capture_answers_with_the_submission_and_the_notice "
        "invariants/test_transactions.py::test_created_is_answered_only_when_others_see_it",
    ),
    breakage(
        1,
        "201 although the commit failed",
        file="leads/domain/intake.py",
        old="    except (IntegrityError, TooManySubmissions):\n",
        new="    except Exception:\n        return arrival.reference\n",
        tests="invariants/test_transactions.py::test_created_is_not_answered_when_the_commit_fails",
    ),
    breakage(
        1,
        "an arrival that cannot be read is thrown away",
        file="leads/domain/arrivals.py",
        old="            row.state = SubmissionState.PARKED\n",
        new="            row.delete()\n            return\n",
        tests=f"{ARRIVALS}::test_a_bad_arrival_waits_longer_each_time_and_is_parked_after_five_tries",
    ),
    breakage(
        1,
        "an arrival whose worker died over it is never looked at again",
        file="leads/domain/arrivals.py",
        old='update(attempts=F("attempts") + 1, look_at=now + LEASE)',
        new='update(attempts=F("attempts") + 1, look_at=now + 9999 * LEASE)',
        tests=f"{ARRIVALS}::test_an_arrival_whose_worker_died_is_taken_again_after_its_lease[True]",
    ),
    breakage(
        1,
        "a claimed arrival whose worker died before it began is never looked at again",
        file="leads/domain/arrivals.py",
        old="waiting.filter(pk__in=fresh).update(look_at=now + LEASE)",
        new="waiting.filter(pk__in=fresh).update(look_at=now + 9999 * LEASE)",
        tests=f"{ARRIVALS}::test_an_arrival_whose_worker_died_is_taken_again_after_its_lease[False]",
    ),
    breakage(
        1,
        "a repeat makes a second lead instead of continuing the open one",
        file="leads/domain/episodes.py",
        old="filter(contact=match.contact).open().first()",
        new='filter(contact=match.contact, status="attended").first()',
        tests=f"{ARRIVALS}::test_repeat_continues_the_open_lead_and_starts_the_clock_again",
    ),
    breakage(
        1,
        "a dead queue turns the 201 into an error",
        file="leads/tasks.py",
        old="    except Exception as error:  # noqa: BLE001  # whatever",
        new="    except ZeroDivisionError as error:  # whatever",
        tests="invariants/test_answers.py::test_dead_queue_is_nobodys_problem",
    ),
    breakage(
        2,
        "the 201 lost the crisis notice",
        file="leads/api/capture.py",
        old='"notice": safety_phrases.notice(receipt.language)}',
        new='"notice": ""}',
        tests=f"{CAPTURE}::test_capture_answers_with_the_submission_and_the_notice "
        f"{CAPTURE}::test_capture_notice_is_in_their_language",
    ),
    breakage(
        2,
        "the 201 tells that somebody wrote before",
        file="leads/api/capture.py",
        old='"notice": safety_phrases.notice(receipt.language)}',
        new='"notice": safety_phrases.notice(receipt.language), '
        '**({"again": True} if intake.Submission.objects.filter(reference=receipt.reference)'
        '.exclude(state="waiting").exists() else {})}',
        tests=f"{CAPTURE}::test_capture_answers_new_repeat_and_quarantined_alike",
    ),
    breakage(
        2,
        "the thank-you page lost the crisis notice",
        file="leads/templates/leads/thanks.html",
        old='    <p class="crisis">{{ notice }}</p>\n',
        new="",
        tests="invariants/test_answers.py::test_thank_you_page_shows_the_notice_of_a_known_arrival "
        "invariants/test_answers.py::test_thank_you_page_shows_the_notice_to_anybody",
    ),
    breakage(
        2,
        "the thank-you page speaks the language a known person spoke before",
        file="leads/domain/hosted.py",
        old="preferred_time, wished = enquiry.preferred_time, enquiry.language\n",
        new="preferred_time = enquiry.preferred_time\n"
        "            wished = submission.lead.contact.language if submission.lead else enquiry.language\n",
        tests="leads/pages/test_hosted.py::test_thanks_says_the_same_to_who_is_known_and_who_is_not",
    ),
    breakage(
        2,
        "the acknowledgement carries the notice only where its wording has it",
        file="notifications/domain/rendering.py",
        old="    if template.code == ACKNOWLEDGEMENT and _NOTICE not in body:",
        new="    if template.code == '' and _NOTICE not in body:",
        tests="notifications/domain/test_rendering.py"
        "::test_acknowledgement_carries_the_notice_even_if_its_wording_lost_it",
    ),
)
