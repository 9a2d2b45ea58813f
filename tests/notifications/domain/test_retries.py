from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.domain import retries


def test_delay_after_grows_to_an_hour_and_stays() -> None:
    result = [retries.delay_after(attempt, spread=0) for attempt in (1, 2, 3, 4, 5, 1_000_000)]

    assert result == [
        timedelta(seconds=30),
        timedelta(seconds=150),
        timedelta(seconds=750),
        timedelta(hours=1),
        timedelta(hours=1),
        timedelta(hours=1),
    ]


def test_delay_after_outlives_an_outage_of_an_hour_at_any_spread() -> None:
    waits = [retries.delay_after(attempt, spread=0.999) for attempt in range(1, retries.MAX_ATTEMPTS)]

    assert sum(waits, timedelta()) > timedelta(hours=1)


def test_delay_after_spread_shortens_the_same_way_each_time() -> None:
    result = [retries.delay_after(1, spread=0.5) for _ in range(2)]

    assert result == [timedelta(seconds=27)] * 2


@pytest.mark.parametrize(("attempt", "spread"), [(0, 0.5), (-1, 0.5), (1, -0.1), (1, 1.0), (1, float("nan"))])
def test_delay_after_nonsense_is_refused(attempt: int, spread: float) -> None:
    with pytest.raises(ValueError, match=r"counted from 1|lies in"):
        retries.delay_after(attempt, spread=spread)
