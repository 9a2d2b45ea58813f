"""What staff look at: the admin's lists and the report."""

from __future__ import annotations

import time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client

from crm.models import Staff
from crm.queries import database_now
from leads import reports
from tests.load.jobs.measure import Meter, percentile, queries_of

PAGES = {"Today": "/admin/", "leads": "/admin/leads/lead/", "messages": "/admin/notifications/message/"}
REPEATS = 5

_FUNNEL = """
SELECT article, count(*) FILTER (WHERE kind <> 'not_a_lead'),
       count(first_contacted_at) FILTER (WHERE kind <> 'not_a_lead'),
       count(booked_at) FILTER (WHERE kind <> 'not_a_lead'),
       count(attended_at) FILTER (WHERE kind <> 'not_a_lead')
FROM leads_lead WHERE arrived_at >= %s AND arrived_at < %s GROUP BY article
"""
_MONEY = """
SELECT l.article, p.kind, p.currency, sum(p.amount_minor)
FROM leads_lead l JOIN leads_leadvisit v ON v.lead_id = l.id AND v.revoked_at IS NULL
     AND v.converted_at IS NOT NULL
JOIN crm_payment p ON p.appointment_id = v.appointment_id AND p.kind IN ('paid', 'refunded')
WHERE l.arrived_at >= %s AND l.arrived_at < %s AND l.kind <> 'not_a_lead'
GROUP BY l.article, p.kind, p.currency
"""


def pages() -> dict[str, Any]:
    """Open each page of the admin a few times: its queries, and how long it takes (milliseconds)."""
    owner = Staff.objects.filter(is_superuser=True).first()
    if owner is None:
        owner = Staff.objects.create_superuser(
            email="owner@ivsuite.example", full_name="Olive Owner", password="a-long-password-of-the-bench"
        )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(owner)
    return {name: _page(client, path) for name, path in PAGES.items()}


def _page(client: Client, path: str) -> dict[str, float]:
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}.")
    return {"queries": len(queries_of(lambda: client.get(path))), "best": percentile(took, 0.0)}


def report(times: int) -> dict[str, Any]:
    """Make the report of 90 days."""
    now = database_now()
    period = reports.period_of(reports.Span.DAYS_90, zone=ZoneInfo("America/Chicago"), now=now)
    with Meter() as meter:
        for _ in range(times):
            reports.by_article(period=period, now=now)
    return meter.facts(times)


def report_raw(times: int) -> dict[str, Any]:
    """Ask the same of the tables in bare SQL."""
    period = reports.period_of(reports.Span.DAYS_90, zone=ZoneInfo("America/Chicago"), now=database_now())
    span = [period.starts_at, period.ends_at]
    with connection.cursor() as cursor, Meter() as meter:
        for _ in range(times):
            for statement in (_FUNNEL, _MONEY):
                cursor.execute(statement, span)
                cursor.fetchall()
    return meter.facts(times)
