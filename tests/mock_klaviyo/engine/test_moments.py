"""Date filters as spans of time: a verdict holds until the moment that it names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_klaviyo.engine.moments import SPANS, when
from mock_klaviyo.engine.verdict import FOREVER

START = datetime(2023, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=366)
HOURS = st.integers(0, 24 * 900).map(lambda hours: START + timedelta(hours=hours))
DAYS = st.integers(0, 900).map(lambda days: START + timedelta(days=days))
UNITS = st.sampled_from(["hour", "day", "week"])
FILTERS = st.fixed_dictionaries(
    {
        "operator": st.sampled_from(sorted(SPANS)),
        "unit": UNITS,
        "quantity": st.integers(0, 60),
        "start": st.integers(0, 5),
        "end": st.integers(5, 9),
        "value": st.integers(1, 12),
        "date": DAYS.map(datetime.isoformat),
    }
).map(
    lambda each: each | ({"start": each["date"], "end": each["date"]} if each["operator"] == "between-static" else {})
)


@settings(max_examples=100, deadline=None)
@given(FILTERS, HOURS, HOURS)
def test_a_verdict_holds_until_it_says(filter, at, now):
    verdict = when(at, filter, now)
    step = max((min(verdict.until, now + YEAR) - now) / 30, timedelta(microseconds=1))
    later = [now + number * step for number in range(30) if now + number * step < verdict.until]

    assert [] == [moment for moment in later if when(at, filter, moment).is_true is not verdict.is_true]


@pytest.mark.parametrize(
    ("filter", "until"),
    [
        ({"operator": "in-the-last", "unit": "day", "quantity": 3}, "2023-01-05T00:00:00+00:00"),
        ({"operator": "in-the-last", "unit": "hour", "quantity": 3}, "2023-01-01T15:00:00.000001+00:00"),
        ({"operator": "at-least", "unit": "day", "quantity": 3}, "2023-01-05T00:00:00+00:00"),
        ({"operator": "between", "unit": "day", "start": 2, "end": 3}, "2023-01-03T00:00:00+00:00"),
        ({"operator": "in-the-next", "unit": "day", "quantity": 3}, FOREVER.isoformat()),
        ({"operator": "anniversary"}, "2023-01-02T00:00:00+00:00"),
        ({"operator": "anniversary-month"}, "2023-02-01T00:00:00+00:00"),
        ({"operator": "anniversary-next", "unit": "week", "quantity": 1}, "2023-12-25T00:00:00+00:00"),
        ({"operator": "alltime"}, FOREVER.isoformat()),
    ],
    ids=str,
)
def test_a_verdict_tells_when_time_changes_it(filter, until):
    noon = datetime(2023, 1, 1, 12, tzinfo=UTC)

    assert until == when(noon, filter, noon).until.isoformat()
