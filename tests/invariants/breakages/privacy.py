"""Invariant 7: each way by which what people told us could come to light."""

from __future__ import annotations

from tests.invariants.breakages.base import breakage

HEALTH = "invariants/test_health_text.py"
FIELDS = "crm/test_fields.py"

ALL = (
    breakage(
        7,
        "an encrypted column stores plain text",
        file="crm/fields.py",
        old='        return seal(str(value).encode("utf-8", "surrogatepass"), place=self.place)\n',
        new="        return str(value)\n",
        tests=f"{HEALTH}::test_no_column_holds_health_text_in_the_clear",
    ),
    breakage(
        7,
        "one more column keeps what they wrote, in the clear",
        file="leads/domain/episodes.py",
        old="        article=attribution.article_of(enquiry),\n",
        new="        article=enquiry.message[:100],\n",
        tests=f"{HEALTH}::test_no_column_holds_health_text_in_the_clear",
    ),
    breakage(
        7,
        "what staff type about a message stands beside our own sentence",
        file="notifications/domain/outbox.py",
        old='        code="settled_by_hand", reason=SETTLED[to], words=words.strip(), actor=actor, now=now\n',
        new='        code="settled_by_hand", reason=words.strip(), actor=actor, now=now\n',
        tests=f"{HEALTH}::test_no_column_holds_health_text_in_the_clear",
    ),
    breakage(
        7,
        "a value opens in another column",
        file="crm/fields.py",
        old="encrypt(nonce, plain, place.encode())",
        new='encrypt(nonce, plain, b"")',
        tests=f"{FIELDS}::test_what_was_sealed_opens_in_its_place",
    ),
    breakage(
        7,
        "what cannot be opened is handed back as it is",
        file="crm/fields.py",
        old='        raise UnreadableValue(f"A stored value in {place} cannot be read with the keys given.") '
        "from None\n",
        new="        return token.encode()\n",
        tests=f"{FIELDS}::test_what_was_never_sealed_is_refused_and_not_handed_back "
        f"{FIELDS}::test_a_lost_key_is_an_error_not_a_blank",
    ),
    breakage(
        7,
        "a log line says what they wrote",
        file="leads/domain/arrivals.py",
        old="    facts = _location_of(submission, enquiry)\n",
        new='    log.warning("arrived", said=enquiry.message)\n'
        "    facts = _location_of(submission, enquiry)\n",
        tests=f"{HEALTH}::test_no_log_line_holds_what_people_wrote",
    ),
    breakage(
        7,
        "logs show addresses",
        file="config/logging.py",
        old='        return _LINK.sub(rf"\\1{HIDDEN}", _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, value)))\n',
        new="        return value\n",
        tests="config/test_logging.py::test_text_that_looks_like_an_address_is_hidden_wherever_it_stands",
    ),
    breakage(
        7,
        "the alert to staff says what they wrote",
        file="leads/domain/acknowledgements.py",
        old='                "location": facts.name,\n',
        new='                "location": lead.message,\n',
        tests=f"{HEALTH}::test_no_subject_text_or_alert_says_what_it_is_about "
        "leads/domain/test_arrivals.py::test_the_staff_alert_names_nobody",
    ),
    breakage(
        7,
        "a text about a visit names the service",
        file="notifications/domain/values.py",
        old='        values["place"] = location.postal_address\n',
        new='        values["place"] = visit.service.name\n',
        tests=f"{HEALTH}::test_no_subject_text_or_alert_says_what_it_is_about",
    ),
    breakage(
        7,
        "a tool without the right reads what they wrote",
        file="leads/api/outputs.py",
        old='        if not health:\n            del self.fields["message"]\n',
        new="",
        tests="leads/api/test_leads.py::test_api_health_text_only_with_its_scope",
    ),
    breakage(
        7,
        "a tool without the right opens what they wrote and shows nothing of it",
        file="leads/queries/listing.py",
        old='    unopened = ("preferred_time",) if words else ("preferred_time", "message")\n',
        new='    unopened = ("preferred_time",)\n',
        tests="leads/api/test_leads.py::test_list_without_the_right_opens_nothing_that_people_wrote",
    ),
    breakage(
        7,
        "a lead's story tells what staff typed as if it were our own sentence",
        file="leads/queries/timeline.py",
        old='detail=row.outcome.label if row.outcome else "",\n',
        new="detail=row.outcome_note,\n",
        tests=f"{HEALTH}::test_no_tool_without_the_right_reads_what_anybody_typed",
    ),
    breakage(
        7,
        "a visit's story tells why it was cancelled as if it were our own sentence",
        file="leads/queries/timeline.py",
        old='detail=f"{row.appointment.service.slug} {row.appointment.starts_at.isoformat()}",\n',
        new='detail=f"{row.appointment.service.slug} {row.reason}",\n',
        tests=f"{HEALTH}::test_no_tool_without_the_right_reads_what_anybody_typed",
    ),
    breakage(
        7,
        "what staff typed about a message is shown to whoever sees messages",
        file="notifications/admin/messages.py",
        old='"why_and_words" if _may_read(request, obj) else "reason"',
        new='"why_and_words"',
        tests="notifications/admin/test_messages.py"
        "::test_what_a_person_typed_is_shown_to_those_who_may_see_leads_and_the_view_is_noted[Bookkeeper-None]",
    ),
    breakage(
        7,
        "one text that no key opens takes *Today* down",
        file="leads/queries/today.py",
        old='            preferred_time=opened(row.wished_time, place="leads.lead.preferred_time"),\n',
        new="            preferred_time=row.preferred_time,\n",
        tests="leads/admin/test_today.py::test_words_that_no_key_opens_spoil_their_own_line_only",
    ),
)
