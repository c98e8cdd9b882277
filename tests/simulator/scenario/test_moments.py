from datetime import UTC, datetime, timedelta

import pytest

from simulator.scenario.moments import moment

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("0s", START, START),
        ("1h30m", START + timedelta(minutes=90), START + timedelta(minutes=90)),
        ("10m..2h", START + timedelta(minutes=10), START + timedelta(hours=2)),
        ("2026-03-04T10:00Z", datetime(2026, 3, 4, 10, tzinfo=UTC), datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_a_moment_is_an_offset_a_window_or_a_time(text, earliest, latest):
    assert (earliest, latest) == moment(text).bounds(START)


@pytest.mark.parametrize("text", ["soon", "5", "5 m", "5m..", "1y"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is no"):
        moment(text)
