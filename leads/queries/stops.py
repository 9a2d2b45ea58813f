"""Which of a person's addresses nothing is sent to."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from crm.models import Address
from notifications.models import Suppression


def standing(addresses: Sequence[Address]) -> dict[int, Suppression]:
    """Give the oldest suppression that stands for each address; an inbox stops in every spelling."""
    same_inbox = Q(pk__in=[])
    for address in addresses:
        same_inbox |= Q(address__kind=address.kind, address__match_key=address.match_key)
    rows = Suppression.objects.filter(same_inbox, lifted_at__isnull=True).select_related("address")
    found: dict[tuple[str, str], Suppression] = {}
    for row in rows.order_by("at", "id"):
        found.setdefault((row.address.kind, row.address.match_key), row)
    return {
        address.pk: found[(address.kind, address.match_key)]
        for address in addresses
        if (address.kind, address.match_key) in found
    }
