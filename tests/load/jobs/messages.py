"""Claiming and sending, and the raw yardstick of each."""

from __future__ import annotations

import smtplib
import time
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from crm.actors import SYSTEM
from crm.models import ContactPoint, Location
from crm.queries import database_now
from notifications.domain import claims, dispatch, outbox
from notifications.enums import AboutKind, Channel, Purpose
from notifications.models import Message
from tests.load.jobs.measure import Meter, percentile, queries_of

BATCH = 100

_RAW_CLAIM = """
UPDATE bench_due SET state = 'claimed', token = 'bench', lease_until = now() + interval '2 minutes'
WHERE id IN (
    SELECT id FROM bench_due WHERE state = 'queued' AND due_at <= now()
    ORDER BY due_at, id LIMIT 100 FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def claim_due(limit: int) -> dict[str, Any]:
    """Claim what is due, in batches of a hundred, as the outbox does it."""
    claimed = 0
    with Meter() as meter:
        while claimed < limit and (batch := claims.claim(now=database_now(), batch=BATCH)):
            claimed += len(batch)
    return meter.facts(claimed)


def claim_raw() -> dict[str, Any]:
    """Claim rows of the bare table in batches of a hundred: one statement, one transaction each."""
    claimed = 0
    with connection.cursor() as cursor, Meter() as meter:
        while True:
            cursor.execute(_RAW_CLAIM)
            if not (batch := cursor.fetchall()):
                break
            claimed += len(batch)
    return meter.facts(claimed)


def claim_nothing(times: int) -> dict[str, Any]:
    """Look for due messages when none is due."""
    took = []
    now = database_now()
    for _ in range(times):
        began = time.perf_counter()
        if claims.claim(now=now, batch=BATCH):
            raise RuntimeError("Something was due, so this measures nothing.")
        took.append(time.perf_counter() - began)
    return {"p50": percentile(took, 0.5), "p99": percentile(took, 0.99)}


def settle_everything() -> dict[str, Any]:
    """Take what waits or is claimed out of the way, without sending it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message SET state = 'cancelled', token = '', lease_until = NULL "
            "WHERE state = 'claimed' OR (state = 'queued' AND due_at <= now() + interval '1 hour')"
        )
    return {}


def queue_emails(count: int) -> dict[str, Any]:
    """Queue acknowledgements by e-mail, each to somebody else who wrote before."""
    now = database_now()
    place = Location.objects.earliest("pk")
    written_to = Message.objects.filter(address=OuterRef("address"), handed_at__isnull=False)
    people = ContactPoint.objects.filter(~Exists(written_to), address__kind="email").order_by("-pk")
    mark = f"bench-{now.timestamp()}"
    wishes = [
        outbox.Wish(
            template_code="acknowledgement",
            channel=Channel.EMAIL,
            purpose=Purpose.TRANSACTIONAL,
            dedupe_key=f"{mark}:{point.pk}",
            about_kind=AboutKind.LEAD,
            about_ref="0" * 32,
            location_id=place.pk,
            language="en",
            params={
                "reference": "1042",
                "received_local": "Tue, Mar 10 at 11:00 AM",
                "who": "Our front desk",
                "how": "call",
                "promise": "today by 11:05 AM",
            },
            due_at=now,
            expires_at=now + timedelta(hours=24),
            contact_id=point.contact_id,
            address_id=point.address_id,
        )
        for point in people[:count]
    ]
    return {"queued": len(outbox.queue(wishes, actor=SYSTEM, now=now))}


def send() -> dict[str, Any]:
    """Send what is due with the dispatcher."""
    with Meter() as meter:
        done = dispatch.look(database_now)
    return meter.facts(done.sent, claimed=done.claimed, failed=done.failed + done.retried + done.unknown)


def send_queries() -> dict[str, Any]:
    """Count the queries of sending one message, of those that are due."""
    sent = 0

    def act() -> None:
        nonlocal sent
        sent = dispatch.look(database_now).sent

    found = queries_of(act)
    return {"queries": round(len(found) / max(sent, 1), 1)}


def send_raw(port: int, count: int) -> dict[str, Any]:
    """Send mails of the same size over one connection with nothing around it."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "IV-Suite <hello@ivsuite.example>", "somebody@example.net"
    mail["Subject"] = "We have your message"
    mail.set_content("Thank you for writing to us. We will call you today by 11:05 AM.\n" * 12)
    with Meter() as meter, smtplib.SMTP("127.0.0.1", port) as client:
        for _ in range(count):
            client.send_message(mail)
    return meter.facts(count)
