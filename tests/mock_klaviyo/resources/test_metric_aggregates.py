"""Metric aggregates: buckets of time, dimensions, filters, and what is refused."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.calling import resource

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"


@pytest.fixture
def bought(client):
    """The id of a metric with purchases around the night of 1 to 2 May 2025."""
    for number, (email, time, value, brand) in enumerate(
        [
            (ANNA, "2025-05-01T10:00:00Z", 10, "Acme"),
            (ANNA, "2025-05-01T23:00:00Z", 5.5, "Other"),
            (OTTO, "2025-05-01T23:30:00Z", None, "Acme"),
            (OTTO, "2025-05-03T00:00:00Z", 1, "Acme"),
        ]
    ):
        properties = {"Campaign Name": brand, "URL": f"https://shop.example.org/{brand}"}
        client.track("Bought", email, time=time, value=value, properties=properties, unique_id=f"{number}")
    return client.ids("/api/metrics")[0]


def between(start, end):
    return [f"greater-or-equal(datetime,{start})", f"less-than(datetime,{end})"]


MAY = between("2025-05-01", "2025-05-04")


def asking(metric_id, **attributes):
    return resource(
        "metric-aggregate", **{"metric_id": metric_id, "measurements": ["count"], "filter": MAY} | attributes
    )


def aggregates(client, metric_id, **attributes):
    return client.post("/api/metric-aggregates", asking(metric_id, **attributes))["data"]["attributes"]


def test_each_day_has_a_number_and_empty_days_have_0(client, bought):
    found = aggregates(client, bought, measurements=["count", "sum_value", "unique"])

    days = [f"2025-05-0{day}T00:00:00+00:00" for day in (1, 2, 3)]
    measured = {"count": [3.0, 0.0, 1.0], "sum_value": [15.5, 0.0, 1.0], "unique": [2.0, 0.0, 1.0]}
    assert (days, [{"dimensions": [], "measurements": measured}]) == (found["dates"], found["data"])


def test_a_metric_without_events_in_the_range_has_one_row_of_0(client, bought):
    found = aggregates(client, bought, filter=between("2024-05-01", "2024-05-03"))

    assert [{"dimensions": [], "measurements": {"count": [0.0, 0.0]}}] == found["data"]


def test_days_begin_at_midnight_of_the_time_zone_and_are_written_in_utc(client, bought):
    found = aggregates(client, bought, timezone="Europe/Prague")

    assert "2025-04-30T22:00:00+00:00" == found["dates"][0]
    assert [1.0, 2.0, 1.0, 0.0] == found["data"][0]["measurements"]["count"]


@pytest.mark.parametrize(
    ("interval", "dates"),
    [
        ("hour", [f"2025-05-01T{hour:02}:00:00+00:00" for hour in range(24)]),
        ("week", ["2025-04-28T00:00:00+00:00"]),
        ("month", ["2025-05-01T00:00:00+00:00"]),
    ],
)
def test_buckets_have_other_lengths(client, bought, interval, dates):
    assert dates == aggregates(client, bought, interval=interval, filter=between("2025-05-01", "2025-05-02"))["dates"]


@pytest.mark.parametrize(
    ("day", "next_day", "hours"),
    [("2025-03-29T23:00:00", "2025-03-30T22:00:00", 23), ("2025-10-25T22:00:00", "2025-10-26T23:00:00", 25)],
    ids=["clocks go forward", "clocks go back"],
)
def test_days_on_which_clocks_change_have_23_or_25_hours(client, bought, day, next_day, hours):
    asked = {"timezone": "Europe/Prague", "filter": between(day, next_day)}

    assert [f"{day}+00:00"] == aggregates(client, bought, **asked)["dates"]
    assert hours == len(aggregates(client, bought, interval="hour", **asked)["dates"])


def test_hours_end_where_clocks_change_by_half_an_hour(client, bought):
    asked = between("2025-04-05T12:00:00", "2025-04-05T18:00:00")
    dates = aggregates(client, bought, interval="hour", timezone="Australia/Lord_Howe", filter=asked)["dates"]

    assert sorted(set(dates)) == dates
    assert 6 <= len(dates) <= 8


def test_each_value_of_a_dimension_has_a_row(client, bought):
    found = aggregates(client, bought, by=["Campaign Name"])["data"]

    counts = {tuple(row["dimensions"]): row["measurements"]["count"] for row in found}
    assert {("Acme",): [2.0, 0.0, 1.0], ("Other",): [1.0, 0.0, 0.0]} == counts


def test_a_dimension_that_no_event_has_is_an_empty_text(client, bought):
    found = aggregates(client, bought, by=["Campaign Name", "$flow"])["data"]

    assert [["Acme", ""], ["Other", ""]] == [row["dimensions"] for row in found]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('equals(Campaign Name,"Acme")', [2.0, 0.0, 1.0]),
        ('contains(URL,"Oth")', [1.0, 0.0, 0.0]),
        ('equals(URL,"nothing")', [0.0, 0.0, 0.0]),
    ],
)
def test_events_are_filtered_by_dimension(client, bought, text, count):
    assert count == aggregates(client, bought, filter=[*MAY, text])["data"][0]["measurements"]["count"]


def test_bounds_may_stand_in_one_filter_and_in_quotes(client, bought):
    both = 'greater-or-equal(datetime,"2025-05-01T00:00:00"),less-than(datetime,"2025-05-02T00:00:00+00:00")'

    assert [3.0] == aggregates(client, bought, filter=[both])["data"][0]["measurements"]["count"]


def test_an_answer_has_an_id_of_its_own_and_empty_links(client, bought):
    first, second = (client.post("/api/metric-aggregates", asking(bought)) for _ in range(2))

    assert first["data"]["id"] != second["data"]["id"]
    assert (None, None) == (first["links"]["next"], first["links"]["prev"])


def test_a_value_that_is_no_number_counts_as_0(client, bought):
    client.track("Viewed", ANNA, time="2025-05-02", properties={"$value": "much"})
    (viewed,) = {*client.ids("/api/metrics")} - {bought}

    found = aggregates(client, viewed, measurements=["sum_value", "count"])["data"][0]["measurements"]
    assert {"sum_value": [0.0, 0.0, 0.0], "count": [0.0, 1.0, 0.0]} == found


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"filter": []}, "filter"),
        ({"filter": MAY[:1]}, "filter"),
        ({"filter": between("2025-05-02", "2025-05-01")}, "filter"),
        ({"filter": between("2024-01-01", "2025-05-01")}, "filter"),
        ({"filter": between("0001-01-01", "0001-01-02")}, "filter"),
        ({"filter": between("9999-12-30", "9999-12-31T23:59:59")}, "filter"),
        ({"filter": [*MAY, "nonsense"]}, "filter"),
        ({"filter": [*MAY, 'any(URL,["a"])']}, "filter"),
        ({"filter": [*MAY, 'equals(URL,["a"])']}, "filter"),
        ({"filter": [*MAY, "less-than(datetime,[1,2])"]}, "filter"),
        ({"filter": [*MAY, "equals(datetime,2025-05-01)"]}, "filter"),
        ({"filter": [*MAY, "less-than(datetime,5)"]}, "filter"),
        ({"timezone": "europe/prague"}, "timezone"),
        ({"timezone": "Europe/Kyiv"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"sort": "count"}, "sort"),
        ({"by": ["Colour"]}, "by/0"),
        ({"measurements": ["average"]}, "measurements/0"),
        ({"interval": "year"}, "interval"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_cursor": "nonsense"}, "page_cursor"),
        ({"return_fields": ["data", "colour"]}, "return_fields"),
    ],
    ids=str,
)
def test_what_cannot_be_worked_out_is_refused_where_it_stands(client, bought, wrong, place):
    status, error = client.error("POST", "/api/metric-aggregates", asking(bought, **wrong))

    assert (400, f"/data/attributes/{place}") == (status, error["source"]["pointer"])


def test_an_unknown_metric_is_not_found(client):
    assert 404 == client.error("POST", "/api/metric-aggregates", asking("nobody"))[0]


# pages and fields


def pages(client, metric_id, **attributes):
    """The rows of each page, by way of the links."""
    cursor, found = {}, []
    while True:
        answer = client.post("/api/metric-aggregates", asking(metric_id, **attributes, **cursor))
        found.append([row["dimensions"] for row in answer["data"]["attributes"]["data"]])
        if answer["links"]["next"] is None:
            return found
        cursor = {"page_cursor": cursor_in(answer["links"]["next"])}


def cursor_in(link):
    ((_, cursor),) = parse_qsl(urlsplit(link).query)
    return cursor


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, [[["Acme"]], [["Other"]]]), (2, [[["Acme"], ["Other"]]]), (None, [[["Acme"], ["Other"]]])],
)
def test_rows_come_in_pages(client, bought, size, expected):
    assert expected == pages(client, bought, by=["Campaign Name"], page_size=size)


def test_a_page_of_rows_leads_to_the_one_before(client, bought):
    asked = {"by": ["Campaign Name"], "page_size": 1}
    first = client.post("/api/metric-aggregates", asking(bought, **asked))
    second = client.post("/api/metric-aggregates", asking(bought, **asked, page_cursor=first["links"]["next"]))

    assert (None, None) == (first["links"]["prev"], second["links"]["next"])
    again = client.post(
        "/api/metric-aggregates", asking(bought, **asked, page_cursor=cursor_in(second["links"]["prev"]))
    )
    assert first["data"]["attributes"] == again["data"]["attributes"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [(["dates"], {"dates"}), (["data"], {"data"}), (["data", "dates"], {"dates", "data"}), ([], {"dates", "data"})],
)
def test_only_the_fields_asked_for_return(client, bought, names, shown):
    assert shown == aggregates(client, bought, return_fields=names).keys()


def test_the_query_string_chooses_fields_as_well(client, bought):
    found = client.post("/api/metric-aggregates", asking(bought), **{"fields[metric-aggregate]": "dates"})

    assert ["dates"] == [*found["data"]["attributes"]]
