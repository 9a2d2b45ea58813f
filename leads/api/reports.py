"""Reports for staff tools: the numbers of the report page. Sums, and no person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import Scope
from crm.models import Location
from leads import reports
from leads.api import inputs, schema
from leads.api.authentication import StaffToolView
from leads.api.leads import checked, known
from leads.reports import Funnel, Period, Span


class ReportQuery(serializers.Serializer[Any]):
    """Whose fate is told: who wrote in these days, to this location."""

    span = serializers.ChoiceField(
        choices=Span.choices,
        default=Span.DAYS_90.value,
        help_text="Up to today; `custom` is `first` to `last`",
    )
    first = serializers.DateField(
        required=False, default=None, help_text="Needed for `custom`, and only for that"
    )
    last = serializers.DateField(required=False, default=None, help_text="The last day, included")
    location = serializers.CharField(
        required=False, default="", validators=[inputs.SLUG], help_text="A location's slug; left out: all"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take both days or none.

        :raises ValidationError: when the days cannot be looked at, or would be passed over in silence.
        """
        first, last = attrs["first"], attrs["last"]
        if attrs["span"] == Span.CUSTOM:
            refused = reports.days_refused(first, last)
        else:
            refused = _days_unasked(first, last)
        if refused is not None:
            raise ValidationError({refused[0]: [refused[1]]})
        return attrs


def _days_unasked(first: date | None, last: date | None) -> tuple[str, str] | None:
    given = "first" if first is not None else "last" if last is not None else ""
    return (given, "Days go with span=custom.") if given else None


class Money(serializers.Serializer[Any]):
    """A sum in the smallest coin of a currency."""

    currency = serializers.CharField()
    minor = serializers.IntegerField()


class FunnelCounts(serializers.Serializer[Funnel]):
    """How many leads got how far. Who wrote less than 14 days ago is also counted in `too_early`."""

    leads = serializers.IntegerField()
    contacted = serializers.IntegerField()
    booked = serializers.IntegerField()
    attended = serializers.IntegerField()
    too_early = serializers.IntegerField()
    kept = serializers.SerializerMethodField(help_text="Paid less refunded, by currency; empty: no money yet")

    @extend_schema_field(Money(many=True))
    def get_kept(self, funnel: Funnel) -> list[dict[str, Any]]:
        return [
            {"currency": currency, "minor": minor} for currency, minor in sorted(funnel.kept_minor.items())
        ]


class ArticleRow(FunnelCounts):
    """What became of those whom one article brought; "" is no article."""

    article = serializers.CharField()


class ReportPeriod(serializers.Serializer[Period]):
    """The days looked at, both included, as the wall of `zone` has them."""

    first = serializers.DateField()
    last = serializers.DateField()
    zone = serializers.CharField(help_text="The location's; of all locations together, UTC")


class ArticleReport(serializers.Serializer[Any]):
    """What became of those who wrote, by the article that brought them, the largest first."""

    period = ReportPeriod()
    rows = ArticleRow(many=True)
    total = FunnelCounts()
    not_leads = serializers.IntegerField(help_text="Who wrote and was no lead; in none of the other numbers")


class Articles(StaffToolView):
    """Which article brought whom how far, and what it earned."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": Scope.REPORTS_READ}

    @extend_schema(
        operation_id="reports_articles",
        summary="What became of those who wrote, by article",
        parameters=[ReportQuery],
        responses={200: ArticleReport, **schema.refusals(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Count who wrote in a period, by article: how many were reached, booked and came, and the money."""
        query = checked(ReportQuery, request.query_params)
        location: Location | None = None
        if query["location"]:
            there = Location.objects.filter(slug=query["location"]).first()
            location = known("location", there, "No location goes by this slug.")
        period = reports.period_of(
            query["span"],
            zone=reports.zone_of(location),
            now=self.now,
            first=query["first"],
            last=query["last"],
        )
        report = reports.by_article(
            period=period, now=self.now, location_id=location.pk if location else None
        )
        told = {
            "period": ReportPeriod(report.period).data,
            "rows": [{"article": article, **FunnelCounts(funnel).data} for article, funnel in report.rows],
            "total": FunnelCounts(report.total).data,
            "not_leads": report.not_leads,
        }
        return Response(told)
