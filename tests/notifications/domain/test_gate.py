"""The gate as a table: what each rule says, and which rule speaks first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.enums import AppointmentStatus, RemindersBy, ZoneSource
from crm.models import Appointment
from notifications.domain import gate
from notifications.domain.gate import Facts, Hold, Later, Never, Send
from notifications.enums import AboutKind, Channel, ConsentStatus, Purpose
from tests import factories
from tests.notifications import messages

NOON = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)  # 11:00 in Chicago
NIGHT = datetime(2026, 3, 11, 3, 0, tzinfo=UTC)  # 22:00 in Chicago
MORNING = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)  # 09:00 in Chicago
CHICAGO = (ZoneInfo("America/Chicago"),)

EMAIL = Facts(
    template_code="x",
    channel="email",
    purpose="transactional",
    expires_at=NOON + timedelta(days=2),
    zones=CHICAGO,
)
TEXT = replace(EMAIL, channel="sms", consent="granted")
OFFER = replace(EMAIL, purpose="marketing", consent="granted")
OFFER_TEXT = replace(TEXT, purpose="marketing")
STAFF = replace(EMAIL, purpose="internal", zones=())
ACK = replace(EMAIL, template_code="acknowledgement")
VISIT = replace(EMAIL, is_about_a_visit=True, visit_stands=True)

TABLE = [
    ("an e-mail needs no consent", EMAIL, NOON, "own_request"),
    ("an e-mail keeps no hours", EMAIL, NIGHT, "own_request"),
    (
        "an e-mail honours a withdrawal",
        replace(EMAIL, consent="withdrawn"),
        NOON,
        "suppressed consent_withdrawn",
    ),
    ("a text with consent", TEXT, NOON, "consent_given"),
    ("a text without consent", replace(TEXT, consent=None), NOON, "suppressed no_consent"),
    ("a text after a withdrawal", replace(TEXT, consent="withdrawn"), NOON, "suppressed consent_withdrawn"),
    ("a text at night", TEXT, NIGHT, "later quiet_hours"),
    (
        "a text at night that is too late by morning",
        replace(TEXT, expires_at=MORNING),
        NIGHT,
        "expired quiet_until_too_late",
    ),
    ("a text to nobody knows where", replace(TEXT, zones=()), NOON, "hold hour_unknown"),
    ("an offer without consent", replace(OFFER, consent=None), NOON, "suppressed no_consent"),
    ("an offer with consent", OFFER, NOON, "consent_given"),
    ("an offer by e-mail at night", OFFER, NIGHT, "later quiet_hours"),
    ("an offer by text at night", OFFER_TEXT, NIGHT, "later quiet_hours"),
    ("to staff at night", STAFF, NIGHT, "to_staff"),
    ("to staff who left", replace(STAFF, staff_is_active=False), NOON, "cancelled staff_left"),
    ("to staff too late", replace(STAFF, expires_at=NOON), NOON, "expired too_late"),
    ("at its last moment", replace(EMAIL, expires_at=NOON + timedelta(microseconds=1)), NOON, "own_request"),
    ("at the moment it expires", replace(EMAIL, expires_at=NOON), NOON, "expired too_late"),
    ("to a stopped address", replace(EMAIL, suppressed=True), NOON, "suppressed stopped"),
    ("consent does not open a stopped address", replace(TEXT, suppressed=True), NOON, "suppressed stopped"),
    ("under a safety hold", replace(EMAIL, safety_hold=True), NOON, "hold safety_hold"),
    ("the acknowledgement under a safety hold", replace(ACK, safety_hold=True), NOON, "own_request"),
    (
        "its text under a safety hold",
        replace(TEXT, template_code="acknowledgement", safety_hold=True),
        NOON,
        "hold safety_hold",
    ),
    (
        "an acknowledgement to a stopped address under a hold",
        replace(ACK, safety_hold=True, suppressed=True),
        NOON,
        "suppressed stopped",
    ),
    (
        "a second acknowledgement in the hour",
        replace(ACK, acknowledged=True),
        NOON,
        "suppressed already_acknowledged",
    ),
    ("another message in the hour", replace(EMAIL, acknowledged=True), NOON, "own_request"),
    ("a visit that stands", VISIT, NOON, "own_request"),
    ("a visit that does not", replace(VISIT, visit_stands=False), NOON, "cancelled visit_ended"),
    (
        "a visit that ended, before too late",
        replace(VISIT, visit_stands=False, expires_at=NOON),
        NOON,
        "cancelled visit_ended",
    ),
    (
        "a visit that others remind of",
        replace(VISIT, reminded_elsewhere=True),
        NOON,
        "cancelled reminded_elsewhere",
    ),
    ("stopped, before held", replace(EMAIL, suppressed=True, safety_hold=True), NOON, "suppressed stopped"),
    ("held, before consent", replace(TEXT, consent=None, safety_hold=True), NOON, "hold safety_hold"),
    ("no consent, before quiet hours", replace(TEXT, consent=None), NIGHT, "suppressed no_consent"),
]


def _said(verdict: gate.Verdict) -> str:
    match verdict:
        case Send(code):
            return code
        case Later(_, code):
            return f"later {code}"
        case Hold(code):
            return f"hold {code}"
        case Never(state, code):
            return f"{state} {code}"


@pytest.mark.parametrize(("facts", "at", "said"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_judge(facts: Facts, at: datetime, said: str) -> None:
    verdict = gate.judge(facts, now=at)

    assert _said(verdict) == said
    assert verdict.reason.endswith(".")


def test_judge_at_night_waits_for_the_morning() -> None:
    verdict = gate.judge(TEXT, now=NIGHT)

    assert isinstance(verdict, Later)
    assert verdict.until == MORNING


def test_judge_with_two_zones_waits_for_both() -> None:
    both = replace(TEXT, zones=(ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")))

    early = gate.judge(both, now=datetime(2026, 3, 10, 15, 0, tzinfo=UTC))  # 11:00 and 08:00

    assert isinstance(early, Later)
    assert early.until == datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


def _visit(**more: object) -> Appointment:
    contact, _address = messages.person()
    return Appointment.objects.create(
        **{
            "contact": contact,
            "location": factories.location(),
            "service": factories.service(),
            "starts_at": NOON + timedelta(days=1),
            "ends_at": NOON + timedelta(days=1, hours=1),
            "price_minor": 4500,
            "currency": "USD",
            "created_at": NOON,
            **more,
        }
    )


@pytest.mark.django_db
@pytest.mark.parametrize("status", AppointmentStatus.values)
def test_gather_sees_whether_the_visit_stands(status: str, now: datetime) -> None:
    visit = _visit(status=status)
    message = messages.message(
        now=now,
        template_code="visit-reminder-2h",
        about_kind=AboutKind.APPOINTMENT,
        about_ref=visit.reference,
    )

    facts = gate.gather([message], now=now)[message.pk]

    assert facts.visit_stands == (status in {"scheduled", "confirmed", "checked_in"})


@pytest.mark.django_db
def test_gather_sees_that_others_remind(now: datetime) -> None:
    visit = _visit(location=factories.location(reminders_by=RemindersBy.THEM))
    message = messages.message(
        now=now,
        at=visit.location,
        template_code="visit-confirmation",
        about_kind=AboutKind.APPOINTMENT,
        about_ref=visit.reference,
    )

    assert gate.gather([message], now=now)[message.pk].reminded_elsewhere is True


@pytest.mark.django_db
def test_gather_sees_the_newest_consent(now: datetime) -> None:
    to = messages.person(kind="phone")
    messages.consent(to[1], ConsentStatus.WITHDRAWN, at=now - timedelta(days=2))
    messages.consent(to[1], ConsentStatus.GRANTED, at=now - timedelta(days=1))
    messages.consent(to[1], ConsentStatus.WITHDRAWN, at=now, purpose=Purpose.MARKETING)
    messages.consent(to[1], ConsentStatus.WITHDRAWN, at=now, channel=Channel.EMAIL)
    message = messages.message(now=now, to=to)

    assert gate.gather([message], now=now)[message.pk].consent == "granted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "zones"),
    [
        (ZoneSource.LOCATION, ["America/New_York"]),
        (ZoneSource.PHONE, ["America/New_York"]),
        (ZoneSource.BROWSER, ["America/New_York"]),
        (ZoneSource.STATED, ["Asia/Tokyo"]),
    ],
)
def test_gather_knows_where_a_number_may_be(source: str, zones: list[str], now: datetime) -> None:
    contact, address = messages.person(kind="phone", value="+12125550140")
    contact.time_zone, contact.time_zone_source = "Asia/Tokyo", source
    contact.save(update_fields=["time_zone", "time_zone_source"])
    message = messages.message(now=now, to=(contact, address))

    facts = gate.gather([message], now=now)[message.pk]

    assert [zone.key for zone in facts.zones] == zones


@pytest.mark.django_db
def test_gather_wants_a_decent_hour_where_the_browser_and_the_number_say(now: datetime) -> None:
    contact, address = messages.person(kind="phone", value="+12125550140")
    contact.time_zone, contact.time_zone_source = "America/Phoenix", ZoneSource.BROWSER
    contact.save(update_fields=["time_zone", "time_zone_source"])
    message = messages.message(now=now, to=(contact, address))

    facts = gate.gather([message], now=now)[message.pk]

    assert [zone.key for zone in facts.zones] == ["America/Phoenix", "America/New_York"]


@pytest.mark.django_db
def test_gather_for_a_number_that_tells_nothing_takes_the_contacts_zone(now: datetime) -> None:
    message = messages.message(now=now, to=messages.person(kind="phone", value="+18005550140"))

    facts = gate.gather([message], now=now)[message.pk]

    assert [zone.key for zone in facts.zones] == ["America/Chicago"]


@pytest.mark.django_db
def test_gather_reads_as_often_for_one_as_for_many(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many = [messages.message(now=now) for _ in range(5)]

    with django_assert_num_queries(1):
        gate.gather(many[:1], now=now)
    with django_assert_num_queries(1):
        gate.gather(many, now=now)
