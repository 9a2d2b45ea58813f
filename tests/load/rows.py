"""Earlier years of a clinic, written straight into the tables: what growth is measured against."""

from __future__ import annotations

from typing import Any

import psycopg

# From so many rows on the planner must be told, and the tables be put in order.
MANY = 1_000

# All of them are of people who wrote before; what was encrypted is empty, which needs no key.
_LEADS = """
INSERT INTO crm_contact (reference, full_name, language, time_zone, time_zone_source, verify, created_at)
SELECT md5(%(mark)s || n), 'Person ' || %(mark)s || md5(n::text), 'en', 'America/Chicago', 'location', false,
       now() - n * interval '650 days' / %(count)s
FROM generate_series(1, %(count)s) AS n;

INSERT INTO crm_address (kind, value, match_key, value_hash, created_at)
SELECT 'email', reference || '@example.net', reference || '@example.net',
       reference || md5(reference), created_at
FROM crm_contact WHERE full_name LIKE 'Person ' || %(mark)s || '%%';

INSERT INTO crm_contactpoint (contact_id, address_id, created_at)
SELECT c.id, a.id, c.created_at
FROM crm_contact c JOIN crm_address a ON a.value = c.reference || '@example.net'
WHERE c.full_name LIKE 'Person ' || %(mark)s || '%%';

INSERT INTO leads_lead (reference, contact_id, location_id, form_id, kind, status, status_before,
    lost_reason_id, message, article, preferred_contact, preferred_time, arrived_at, last_arrival_at,
    respond_by, responded_at, first_contacted_at, booked_at, attended_at, closed_at, next_action_at)
SELECT md5('lead' || c.id), c.id, f.location_id, f.id, 'new',
       CASE WHEN c.id %% 50 = 0 THEN 'new' WHEN c.id %% 3 = 0 THEN 'attended' ELSE 'lost' END,
       CASE WHEN c.id %% 50 <> 0 AND c.id %% 3 <> 0 THEN 'new' ELSE '' END,
       CASE WHEN c.id %% 50 <> 0 AND c.id %% 3 <> 0 THEN (SELECT min(id) FROM leads_lostreason) END,
       '', 'article-' || c.id %% 40, '', '', c.created_at, c.created_at, c.created_at + interval '5 minutes',
       CASE WHEN c.id %% 50 <> 0 THEN c.created_at + interval '4 minutes' END,
       CASE WHEN c.id %% 2 = 0 THEN c.created_at + interval '4 minutes' END,
       CASE WHEN c.id %% 3 = 0 THEN c.created_at + interval '1 hour' END,
       CASE WHEN c.id %% 3 = 0 AND c.id %% 50 <> 0 THEN c.created_at + interval '5 days' END,
       CASE WHEN c.id %% 50 <> 0 THEN c.created_at + interval '5 days' END,
       CASE WHEN c.id %% 50 = 0 THEN now() + interval '1 day' END
FROM crm_contact c, (SELECT id, location_id FROM leads_captureform ORDER BY id LIMIT 1) f
WHERE c.full_name LIKE 'Person ' || %(mark)s || '%%';

CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
SELECT l.* FROM leads_lead l JOIN crm_contact c ON c.id = l.contact_id
WHERE c.full_name LIKE 'Person ' || %(mark)s || '%%';

INSERT INTO leads_leadevent (actor_kind, actor_label, lead_id, at, kind, from_status, to_status, reason)
SELECT 'contact', 'the person', id, arrived_at, 'status', '', 'new', '' FROM fresh;

INSERT INTO leads_followup (actor_kind, actor_label, reference, lead_id, kind, state, what, due_at,
    planned_at, snoozed, outcome_note, done_at)
SELECT 'system', 'system', md5('follow' || id), id, 'call',
       CASE WHEN next_action_at IS NULL THEN 'cancelled' ELSE 'open' END, '',
       coalesce(next_action_at, arrived_at), arrived_at, 0, '',
       CASE WHEN next_action_at IS NULL THEN arrived_at END
FROM fresh;

INSERT INTO leads_submission (reference, form_id, received_at, content_type, body, origin, idempotency_key,
    fields_hash, "window", sender_hash, state, look_at, attempts, reason, processed_at, lead_id)
SELECT md5('submission' || id), form_id, arrived_at, 'application/json', '', 'https://clinic.example',
       'earlier-' || id, md5('fields' || id) || md5(id::text), 0, md5('sender' || id) || md5(id::text),
       'processed', arrived_at, 1, '', arrived_at, id
FROM fresh;

INSERT INTO leads_touch (lead_id, submission_id, kind, at, article, cta, landing_page, referrer,
    utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id)
SELECT lead_id, s.id, 'last', received_at, 'article', '', 'https://clinic.example/', '',
       'google', 'cpc', '', '', '', ''
FROM leads_submission s WHERE lead_id IN (SELECT id FROM fresh);

INSERT INTO crm_appointment (reference, contact_id, location_id, service_id, status, starts_at, ends_at,
    price_minor, currency, source, created_at)
SELECT md5('visit' || l.id), l.contact_id, l.location_id, (SELECT min(id) FROM crm_service), 'completed',
       l.attended_at, l.attended_at + interval '30 minutes', 4500, 'USD', 'bench', l.booked_at
FROM fresh l WHERE l.attended_at IS NOT NULL;

INSERT INTO leads_leadvisit (actor_kind, actor_label, lead_id, appointment_id, linked_at, converted_at,
    revoked_by)
SELECT 'system', 'system', l.id, a.id, l.booked_at, l.attended_at, ''
FROM fresh l JOIN crm_appointment a ON a.reference = md5('visit' || l.id);

INSERT INTO crm_payment (actor_kind, actor_label, reference, appointment_id, kind, amount_minor, currency, at)
SELECT 'system', 'system', md5('paid' || id), id, 'paid', 4500, 'USD', ends_at FROM crm_appointment
WHERE reference IN (SELECT md5('visit' || id) FROM fresh)
"""

_MESSAGES = """
INSERT INTO notifications_message (actor_kind, actor_label, delivery_id, dedupe_key, contact_id, address_id,
    location_id, channel, purpose, template_code, language, about_kind, about_ref, params, state, due_at,
    expires_at, held_reason, token, attempts, reason_code, reason, provider_id, rendered_subject,
    rendered_body, created_at)
SELECT 'system', 'system', md5(%(mark)s || n), %(mark)s || n, p.contact_id, p.address_id, p.location_id,
       'email', 'transactional', 'visit-reminder-24h', 'en', 'appointment', md5('about' || n), '', 'queued',
       now() + %(due)s::interval, now() + interval '60 days', '', '', 0, '', '', '', '', '', now()
FROM generate_series(1, %(count)s) AS n
JOIN (SELECT row_number() OVER (ORDER BY p.id) - 1 AS nth, count(*) OVER () AS all_of_them, p.contact_id,
             p.address_id, l.location_id
      FROM crm_contactpoint p JOIN leads_lead l ON l.contact_id = p.contact_id LIMIT 1000) p
  ON p.nth = n %% LEAST(p.all_of_them, 1000)
"""

# The least that a claim needs: when, a state, whose it is and for how long.
_BARE = """
CREATE TABLE IF NOT EXISTS bench_due (
    id bigserial PRIMARY KEY, reference text NOT NULL UNIQUE, due_at timestamptz NOT NULL,
    state text NOT NULL, token text NOT NULL, lease_until timestamptz, attempts smallint NOT NULL
);
CREATE INDEX IF NOT EXISTS bench_due_at ON bench_due (due_at, id) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS bench_leased ON bench_due (lease_until) WHERE state = 'claimed';
INSERT INTO bench_due (reference, due_at, state, token, attempts)
SELECT gen_random_uuid()::text, now() + %(due)s::interval, 'queued', '', 0 FROM generate_series(1, %(count)s)
"""


def load_leads(database_url: str, count: int) -> None:
    """Write that many contacts with one lead each, over the last 650 days, with visits and money."""
    _load(database_url, _LEADS, {"count": count, "mark": f"{count} "})


def load_bare(database_url: str, count: int, *, due: str) -> None:
    """Write that many waiting rows into a bare table, which is made when it is missing."""
    _load(database_url, _BARE, {"count": count, "due": due})


def load_messages(database_url: str, count: int, *, due: str, mark: str) -> None:
    """Write that many waiting messages, due a while (a PostgreSQL interval) from now."""
    _load(database_url, _MESSAGES, {"count": count, "due": due, "mark": mark})


def _load(database_url: str, statements: str, values: dict[str, Any]) -> None:
    with psycopg.connect(database_url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET synchronous_commit = off")
        for statement in statements.split(";\n"):
            connection.execute(statement.encode(), values)
        connection.commit()
        if values["count"] >= MANY:
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE")
