"""Counting without counting everything."""

from __future__ import annotations

from django.db.models import IntegerField, Model, QuerySet, Subquery

CAP = 500


class CappedCount(Subquery):
    """How many rows a query finds, and no more than `CAP`: read along with other rows, in one round trip."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"

    def __init__(self, rows: QuerySet[Model]) -> None:
        super().__init__(rows.order_by().values("pk")[:CAP], output_field=IntegerField())
