"""Events, metrics and what counts them, through the official Python SDK."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI
from klaviyo_api.filter_builder import FilterBuilder
from openapi_client.models.event_create_query_v2 import EventCreateQueryV2
from openapi_client.models.get_event_response_collection_compound_document import (
    GetEventResponseCollectionCompoundDocument,
)

from tests.calling import event, profile

ISSUED, REDEEMED = "Gift Card Issued", "Gift Card Redeemed"
SEVEN = range(7)


def track(sdk: KlaviyoAPI, metric: str, email: str, minute: int, **attributes: Any) -> None:
    time = f"2026-07-20T08:{minute:02}:00+00:00"
    sdk.Events.create_event(event(metric, {"email": email}, **{"time": time} | attributes))


def in_bulk(email: str, *events: dict[str, Any]) -> Any:
    """The events of one person, as a bulk job has them."""
    attributes = {"profile": profile(email=email), "events": {"data": [each["data"] for each in events]}}
    return {"type": "event-bulk-create", "attributes": attributes}


def bulk_event(metric: str, minute: int) -> Any:
    whole = event(metric, {}, time=f"2026-07-20T08:{minute:02}:00+00:00", unique_id=f"{metric} {minute}")
    del whole["data"]["attributes"]["profile"]
    return whole


def metric_ids(sdk: KlaviyoAPI) -> dict[str, str]:
    return {metric.attributes.name: metric.id for metric in sdk.Metrics.get_metrics().data}


def minutes(answer: GetEventResponseCollectionCompoundDocument) -> list[int]:
    return [each.attributes.datetime_.minute for each in answer.data]


@pytest.fixture
def seven(sdk: KlaviyoAPI) -> KlaviyoAPI:
    """The SDK of an account with seven events of one metric, a minute apart, and one of another."""
    for minute in SEVEN:
        track(sdk, ISSUED, f"{'ana' if minute % 2 else 'ben'}@example.org", minute, value=minute)
    track(sdk, REDEEMED, "ana@example.org", 30, properties={"balance": 12.5})
    return sdk


def test_an_event_arrives_as_it_was_sent(sdk):
    sent = event(
        ISSUED,
        {"email": "ana@example.org", "first_name": "Ana", "properties": {"tier": "gold"}},
        properties={"card": {"id": "c-1", "codes": [1, 2.5, None, True]}},
        value=25.5,
        value_currency="EUR",
        unique_id="card-1",
        time="2026-07-20T10:30:00+02:00",
    )

    assert sdk.Events.create_event(sent) is None

    (arrived,) = sdk.Events.get_events().data
    assert datetime(2026, 7, 20, 8, 30, tzinfo=UTC) == arrived.attributes.datetime_
    assert {"id": "c-1", "codes": [1, 2.5, None, True]} == arrived.attributes.event_properties["card"]
    assert 25.5 == arrived.attributes.event_properties["$value"]
    assert "card-1" == arrived.attributes.event_properties["$event_id"]


def test_an_event_may_be_sent_as_the_sdk_s_own_model(sdk):
    sdk.Events.create_event(EventCreateQueryV2.from_dict(event(ISSUED, {"email": "ana@example.org"})))

    (arrived,) = sdk.Events.get_events().data
    assert datetime(2026, 8, 1, 12, tzinfo=UTC) == arrived.attributes.datetime_


def test_an_event_with_a_unique_id_counts_once(sdk):
    for minute in (1, 2):
        track(sdk, ISSUED, "ana@example.org", minute, unique_id="card-1")

    assert [1] == minutes(sdk.Events.get_events())


def test_events_sent_in_bulk_arrive_each_at_its_profile(sdk):
    people = {"ana@example.org": (1, 2, 3), "ben@example.org": (4,)}
    bulk = [in_bulk(email, *(bulk_event(ISSUED, minute) for minute in times)) for email, times in people.items()]
    job = {"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": bulk}}}}

    assert sdk.Events.bulk_create_events(job) is None

    for email, times in people.items():
        (person,) = sdk.Profiles.get_profiles(filter=f'equals(email,"{email}")').data
        events = sdk.Events.get_events(filter=f'equals(profile_id,"{person.id}")', sort="datetime")
        assert list(times) == minutes(events)


def test_events_are_filtered_by_metric_and_time_as_the_sdk_writes_filters(seven):
    later = datetime(2026, 7, 20, 8, 4, tzinfo=UTC)
    written = FilterBuilder()
    written.equals("metric_id", metric_ids(seven)[ISSUED])
    written.greater_or_equal("datetime", later)

    assert [4, 5, 6] == minutes(seven.Events.get_events(filter=written.build(), sort="datetime"))


def test_included_metrics_and_profiles_come_once(seven):
    """The SDK leaves included resources as dictionaries."""
    included = seven.Events.get_events(include=["metric", "profile"]).included

    metrics = [each["attributes"]["name"] for each in included if each["type"] == "metric"]
    profiles = [each["attributes"]["email"] for each in included if each["type"] == "profile"]
    assert [ISSUED, REDEEMED] == sorted(metrics)
    assert ["ana@example.org", "ben@example.org"] == sorted(profiles)
    assert 4 == len(included)


def test_sparse_fields_come_as_dictionaries(seven):
    answer = seven.Events.get_events(fields_event=["datetime"], include=["metric"], fields_metric=["name"], page_size=1)

    assert [{"datetime": "2026-07-20T08:30:00+00:00"}] == [each["attributes"] for each in answer["data"]]
    assert [{"name": REDEEMED}] == [each["attributes"] for each in answer["included"]]


@pytest.mark.parametrize("scheme", ["http", "https"], ids=["the whole link", "the cursor that the SDK cuts out"])
def test_three_pages_of_events_are_read_by_their_next_links(seven, scheme):
    """The SDK takes a `next` link as cursor: it cuts the cursor out of an https link and sends an http link whole."""
    only_issued = f'equals(metric_id,"{metric_ids(seven)[ISSUED]}")'
    pages, link = [], None

    while not pages or link:
        answer = seven.Events.get_events(filter=only_issued, sort="-datetime", page_size=3, page_cursor=link)
        pages.append(minutes(answer))
        link = answer.links.next and answer.links.next.replace("http", scheme, 1)

    assert [[6, 5, 4], [3, 2, 1], [0]] == pages


def test_an_event_leads_to_its_metric_and_profile(seven):
    (redeemed,) = seven.Events.get_events(filter=f'equals(metric_id,"{metric_ids(seven)[REDEEMED]}")').data

    metric = seven.Events.get_metric_for_event(redeemed.id).data
    person = seven.Events.get_profile_for_event(redeemed.id).data

    assert (REDEEMED, "API") == (metric.attributes.name, metric.attributes.integration["category"])
    assert "ana@example.org" == person.attributes.email
    assert metric.id == seven.Events.get_metric_id_for_event(redeemed.id).data.id
    assert person.id == seven.Events.get_profile_id_for_event(redeemed.id).data.id
    assert redeemed == seven.Events.get_event(redeemed.id).data
    assert REDEEMED == seven.Metrics.get_metric(metric.id).data.attributes.name


def test_a_metric_knows_the_properties_of_its_events(seven):
    (known,) = seven.Metrics.get_properties_for_metric(metric_ids(seven)[REDEEMED]).data

    assert "balance" == known.attributes.var_property


def test_aggregates_count_and_add_up_by_day(seven):
    asked = {
        "metric_id": metric_ids(seven)[ISSUED],
        "measurements": ["count", "sum_value", "unique"],
        "interval": "day",
        "filter": ["greater-or-equal(datetime,2026-07-20T00:00:00)", "less-than(datetime,2026-07-22T00:00:00)"],
    }

    counted = seven.Metrics.query_metric_aggregates({"data": {"type": "metric-aggregate", "attributes": asked}})

    (row,) = counted.data.attributes.data
    assert {"count": [7, 0], "sum_value": [21, 0], "unique": [2, 0]} == row.measurements
    assert [20, 21] == [day.day for day in counted.data.attributes.dates]


def test_the_account_is_the_one_of_the_public_key(sdk):
    (account,) = sdk.Accounts.get_accounts().data

    assert ("MOCK01", "MOCK01") == (account.id, account.attributes.public_api_key)
    assert account == sdk.Accounts.get_account("MOCK01").data
