"""Reads of what is said, used in more than one place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from crm.models import Address, Appointment
from notifications.enums import GONE_OUT, AboutKind
from notifications.models import Consent, Template

Inbox = tuple[str, str]


def newest_consents(addresses: Collection[Address], *, channel: str, purpose: str) -> dict[Inbox, str]:
    """Give the newest status for this channel and purpose by inbox (kind, match key), of every spelling."""
    if not addresses:
        return {}
    inboxes = Q()
    for address in addresses:
        inboxes |= Q(address__kind=address.kind, address__match_key=address.match_key)
    rows = (
        Consent.objects.filter(inboxes, channel=channel, purpose=purpose)
        .order_by("at", "id")
        .values_list("address__kind", "address__match_key", "status")
    )
    return {(kind, match_key): status for kind, match_key, status in rows}


# Asked once for each message that is handed over, under the address's lock: in SQL of our own, because Django
# takes longer to write such a statement than either database to answer it. Both understand it.
_STANDING = """
SELECT m.id,
    EXISTS (SELECT 1 FROM notifications_suppression s JOIN crm_address o ON o.id = s.address_id
            WHERE s.lifted_at IS NULL AND o.kind = a.kind AND o.match_key = a.match_key),
    EXISTS (SELECT 1 FROM crm_safetyhold h WHERE h.contact_id = m.contact_id AND h.lifted_at IS NULL),
    (SELECT c.status FROM crm_address o JOIN notifications_consent c ON c.address_id = o.id
     WHERE o.kind = a.kind AND o.match_key = a.match_key AND c.channel = m.channel AND c.purpose = m.purpose
     ORDER BY c.at DESC, c.id DESC LIMIT 1),
    m.template_code = %s AND EXISTS (
        SELECT 1 FROM notifications_message e JOIN crm_address o ON o.id = e.address_id
        WHERE o.kind = a.kind AND o.match_key = a.match_key AND e.template_code = m.template_code
            AND e.handed_at > %s AND e.state IN ({gone_out})),
    (SELECT v.status FROM crm_appointment v WHERE m.about_kind = %s AND v.reference = m.about_ref)
FROM notifications_message m JOIN crm_address a ON a.id = m.address_id
WHERE m.id IN ({ids})
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a message to a person; inboxes count in every spelling."""

    suppressed: bool
    safety_hold: bool
    consent: str | None
    acknowledged: bool
    visit_status: str | None


def standing_of(message_ids: Sequence[int], *, acknowledgement: str, since: datetime) -> dict[int, Standing]:
    """Tell how things stand with messages to people, in one statement.

    `acknowledged` is whether their inbox was handed another message of the code `acknowledgement` after
    `since`; it is asked only of messages of that code.
    """
    gone_out = sorted(GONE_OUT)
    sql = _STANDING.format(gone_out=_marks(gone_out), ids=_marks(message_ids))
    after = connection.ops.adapt_datetimefield_value(since)
    with connection.cursor() as cursor:
        cursor.execute(sql, [acknowledgement, after, *gone_out, AboutKind.APPOINTMENT.value, *message_ids])
        return {
            pk: Standing(bool(suppressed), bool(held), consent, bool(acknowledged), visit_status)
            for pk, suppressed, held, consent, acknowledged, visit_status in cursor.fetchall()
        }


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def visits_by_reference(references: Collection[str]) -> dict[str, Appointment]:
    """Give visits by their public reference."""
    return {visit.reference: visit for visit in Appointment.objects.filter(reference__in=references)}


def templates(codes: Collection[str]) -> dict[tuple[str, str, str], Template]:
    """Give the wordings of these codes, by code, channel and language."""
    rows = Template.objects.filter(code__in=codes)
    return {(row.code, row.channel, row.language): row for row in rows}
