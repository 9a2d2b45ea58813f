"""What became of those who wrote: by the article that brought them, from the first click to the money kept.

A cohort is who arrived in a period; what happened to them since is read from the columns of the lead, never
from its events. *Not a lead* leaves every rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Count, Q, QuerySet, Sum

from crm.domain.opening_hours import local_moment
from crm.enums import PaymentKind
from crm.models import Location
from leads.enums import LeadKind
from leads.models import Lead, LeadVisit

# People book within days and come within two weeks; what is younger says nothing yet.
TOO_EARLY = timedelta(days=14)
_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Span(models.TextChoices):
    """The periods offered; `custom` is from one day to another."""

    WEEK = "week", "This week"
    DAYS_30 = "30", "Last 30 days"
    QUARTER = "quarter", "This quarter"
    DAYS_90 = "90", "Last 90 days"
    CUSTOM = "custom", "From … to …"


@dataclass(frozen=True, slots=True)
class Period:
    """Days on the wall of `zone`, the last one included; as moments `[starts_at, ends_at)`, UTC."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts_at(self) -> datetime:
        return local_moment(self.zone, self.first, time.min)

    @property
    def ends_at(self) -> datetime:
        return local_moment(self.zone, self.last + _DAY, time.min)


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many of a group of leads got how far, and what was kept of their money, by currency."""

    leads: int = 0
    contacted: int = 0
    booked: int = 0
    attended: int = 0
    too_early: int = 0
    kept_minor: Mapping[str, int] = field(default_factory=dict)

    def share(self, part: int) -> int | None:
        """Give `part` as a percentage of the leads, rounded half up; None when there are none."""
        return None if not self.leads else (200 * part + self.leads) // (2 * self.leads)

    def __add__(self, other: Funnel) -> Funnel:
        kept = defaultdict(int, self.kept_minor)
        for currency, minor in other.kept_minor.items():
            kept[currency] += minor
        return Funnel(
            leads=self.leads + other.leads,
            contacted=self.contacted + other.contacted,
            booked=self.booked + other.booked,
            attended=self.attended + other.attended,
            too_early=self.too_early + other.too_early,
            kept_minor=dict(kept),
        )


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """One funnel for each article ("" for none), the largest first; and how many were no leads at all."""

    period: Period
    rows: tuple[tuple[str, Funnel], ...]
    not_leads: int

    @property
    def total(self) -> Funnel:
        return total(funnel for _, funnel in self.rows)


def zone_of(location: Location | None, *, reader: str = "UTC") -> ZoneInfo:
    """Say on whose wall the days hang: the location's, else the reader's; a program has none, so UTC."""
    return ZoneInfo(location.time_zone if location else reader)


def days_refused(first: date | None, last: date | None) -> tuple[str, str] | None:
    """Say what is wrong with two chosen days, as the name of one and a sentence; None when nothing is."""
    if first is None or last is None:
        return "first", "Choose both days."
    if last < first:
        return "last", "This day comes before the first one."
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        return "first", f"Choose days from the year {FIRST_YEAR} to {LAST_YEAR}."
    return None


def period_of(
    span: str, *, zone: ZoneInfo, now: datetime, first: date | None = None, last: date | None = None
) -> Period:
    """Say which days a span means for somebody in `zone` at `now`; the last of them is today.

    :raises ValueError: when a custom span lacks a day, or ends before it begins.
    """
    today = now.astimezone(zone).date()
    if span == Span.CUSTOM:
        if first is None or last is None or last < first:
            raise ValueError("A span from day to day needs both days, in order.")
        return Period(first, last, zone)
    starts = {
        Span.WEEK: today - timedelta(days=today.weekday()),
        Span.DAYS_30: today - timedelta(days=29),
        Span.QUARTER: date(today.year, 3 * ((today.month - 1) // 3) + 1, 1),
        Span.DAYS_90: today - timedelta(days=89),
    }
    return Period(starts[Span(span)], today, zone)


def by_article(*, period: Period, now: datetime, location_id: int | None = None) -> ArticleReport:
    """Follow who arrived in a period, by article: wrote, reached, booked, came, and the money kept.

    Money is what was paid less what went back over all visits of these leads, also those that did not take
    place: a deposit kept after a no-show is money. Who came is counted apart.
    """
    arrived = Lead.objects.filter(arrived_at__gte=period.starts_at, arrived_at__lt=period.ends_at)
    if location_id is not None:
        arrived = arrived.filter(location_id=location_id)
    real = ~Q(kind=LeadKind.NOT_A_LEAD)
    counted = list(
        arrived.order_by()
        .values("article")
        .annotate(
            leads=Count("pk", filter=real),
            contacted=Count("pk", filter=real & Q(first_contacted_at__isnull=False)),
            booked=Count("pk", filter=real & Q(booked_at__isnull=False)),
            attended=Count("pk", filter=real & Q(attended_at__isnull=False)),
            too_early=Count("pk", filter=real & Q(arrived_at__gt=now.astimezone(UTC) - TOO_EARLY)),
            not_leads=Count("pk", filter=Q(kind=LeadKind.NOT_A_LEAD)),
        )
    )
    kept = _kept_by_article(arrived.filter(real))
    funnels = [
        (
            row["article"],
            Funnel(
                leads=row["leads"],
                contacted=row["contacted"],
                booked=row["booked"],
                attended=row["attended"],
                too_early=row["too_early"],
                kept_minor=kept.get(row["article"], {}),
            ),
        )
        for row in counted
        if row["leads"]
    ]
    funnels.sort(key=lambda row: (-row[1].leads, row[0]))
    return ArticleReport(period, tuple(funnels), not_leads=sum(row["not_leads"] for row in counted))


def total(funnels: Iterable[Funnel]) -> Funnel:
    """Add funnels up."""
    return sum(funnels, Funnel())


def _kept_by_article(leads: QuerySet[Lead]) -> dict[str, dict[str, int]]:
    """Add up the money of the visits of these leads, by article and currency, in one query.

    A link that was revoked earns nothing: money follows a visit that is moved to its new row.
    """
    payment = "appointment__payments"
    rows = (
        LeadVisit.objects.filter(
            revoked_at__isnull=True,
            lead__in=leads.order_by(),
            appointment__payments__kind__in=[PaymentKind.PAID, PaymentKind.REFUNDED],
        )
        .order_by()
        .values_list("lead__article", f"{payment}__kind", f"{payment}__currency")
        .annotate(total=Sum(f"{payment}__amount_minor"))
    )
    kept: dict[str, dict[str, int]] = {}
    for article, kind, currency, minor in rows:
        of_article = kept.setdefault(article, defaultdict(int))
        of_article[currency] += -minor if kind == PaymentKind.REFUNDED else minor
    return {article: dict(sums) for article, sums in kept.items()}
