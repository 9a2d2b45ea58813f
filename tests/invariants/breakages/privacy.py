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
)
