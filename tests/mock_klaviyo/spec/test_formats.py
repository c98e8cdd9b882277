from __future__ import annotations

import pytest

from mock_klaviyo.spec.formats import FORMATS

RIGHT = {
    "date-time": [
        "2026-07-15T12:30:00Z",
        "2026-07-15T12:30:00.123456789+05:30",
        "2026-07-15t12:30:00z",
        "2026-07-15T12:30:00",
        "2026-07-15T12:30",
        "2026-07-15T12",
        "2026-07-15",
    ],
    "date": ["2026-07-15", "2024-02-29"],
    "time": ["12:30:00", "12:30", "12:30:00Z", "23:59:59.5-08:00"],
    "uri": ["https://a.klaviyo.com/api/lists/?fields[list]=name"],
}

WRONG = {
    "date-time": [
        "",
        "yesterday",
        "1784118600",
        "20260715T123000Z",
        "2026-W29-3",
        "2026-02-30T00:00:00Z",
        "2026-07-15 12:30:00Z",
        "2026-07-15T12:30:00+0530",
        "2026-07-15T12:30:00Z\n",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "\N{FULLWIDTH DIGIT TWO}026-07-15T12:30:00Z",
    ],
    "date": ["", "2026-7-15", "2026-02-29", "2026-07-15T00:00:00Z"],
    "time": ["", "24:30:00", "12:30:60", "noon"],
    "uri": ["", "a.klaviyo.com"],
}


def cases(table):
    return [(name, text) for name, texts in table.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), cases(RIGHT))
def test_klaviyo_reads_it(name, text):
    assert FORMATS[name](text)


@pytest.mark.parametrize(("name", "text"), cases(WRONG))
def test_klaviyo_does_not_read_it(name, text):
    assert not FORMATS[name](text)


@pytest.mark.parametrize("name", FORMATS)
def test_only_texts_have_a_format(name):
    assert FORMATS[name](1)
