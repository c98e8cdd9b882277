"""Reports: what campaigns, flows, forms and segments did, worked out of the events that are in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources import own_events, reporting
from mock_klaviyo.resources.own_events import FORM_METRICS, MESSAGE_METRICS, OwnEvent
from mock_klaviyo.resources.statistics import FORM_STATISTICS, SEGMENT_STATISTICS, STATISTICS
from mock_klaviyo.resources.timeframes import KEYS, Timeframe, timeframe
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION, Client
from tests.conftest import START

NOON = START + timedelta(hours=12)
"""Seven in the morning of the first of January where the account is."""

ALWAYS = {"key": "last_30_days"}


class Story:
    """What happened, told event by event."""

    def __init__(self, client: Client) -> None:
        self.client, self.klaviyo, self.count = client, client.klaviyo, 0
        client.track("Joined", "somebody@shop.org")
        client.track("Placed Order", "somebody@shop.org", time="2020-01-01T00:00:00Z")
        self.orders = next(
            each["id"] for each in client.get("/api/metrics")["data"] if each["attributes"]["name"] == "Placed Order"
        )

    def person(self, name: str) -> str:
        """The id of a profile."""
        profile = {"type": "profile", "attributes": {"email": f"{name}@shop.org"}}
        return str(self.client.post("/api/profile-import", {"data": profile})["data"]["id"])

    def campaign(self, channel: str = "email", name: str = "Spring", **attributes: Any) -> tuple[str, str]:
        """The ids of a campaign and its message."""
        message = {"type": "campaign-message", "attributes": {"definition": {"channel": channel}}}
        own = {"name": name, "audiences": {"included": []}, "campaign-messages": {"data": [message]}}
        body = {"data": {"type": "campaign", "attributes": {**own, **attributes}}}
        data = self.client.post("/api/campaigns", body)["data"]
        return data["id"], data["relationships"]["campaign-messages"]["data"][0]["id"]

    def tell(self, metric: str, name: str, message: str, at: datetime = NOON, **properties: Any) -> None:
        """Record one of Klaviyo's own events."""
        self.record(metric, name, at, {"$message": message, **properties})

    def record(self, metric: str, name: str, at: datetime, properties: Any) -> None:
        """Record an event with just these properties."""
        profile_id, self.count = self.person(name), self.count + 1
        with self.klaviyo.store.transaction():
            own_events.record(self.klaviyo.world, [OwnEvent(metric, profile_id, at, f"story {self.count}", properties)])

    def order(self, name: str, value: float, at: datetime) -> None:
        """Let somebody order something."""
        self.client.track("Placed Order", f"{name}@shop.org", value=value, time=at.isoformat())

    def ask(self, report: str, *statistics: str, query: dict[str, str] | None = None, **attributes: Any) -> Any:
        """The answer of a report."""
        return self.client.post(f"/api/{report}s", self.body(report, *statistics, **attributes), **(query or {}))

    def body(self, report: str, *statistics: str, **attributes: Any) -> Any:
        """The body of a report."""
        metric = {"conversion_metric_id": self.orders} if report.startswith(("campaign", "flow")) else {}
        asked = {"statistics": list(statistics), "timeframe": ALWAYS, **metric, **attributes}
        return {"data": {"type": report, "attributes": asked}}

    def results(self, report: str, *statistics: str, **attributes: Any) -> list[Any]:
        """The results of a report."""
        return list(self.ask(report, *statistics, **attributes)["data"]["attributes"]["results"])

    def number(self, statistic: str, **attributes: Any) -> Any:
        """A statistic of the only campaign; 0 when nothing was sent."""
        found = self.results("campaign-values-report", statistic, **attributes)
        return found[0]["statistics"][statistic] if found else 0

    def refusal(self, report: str, *statistics: str, **attributes: Any) -> tuple[int, Any]:
        """The status and the source of a refused report."""
        status, problem = self.client.error("POST", f"/api/{report}s", self.body(report, *statistics, **attributes))
        return status, problem["source"]


class Unchecked(Client):
    """A client for answers that leave out, since they are asked to, what their schema requires."""

    def check(self, request: Any, response: Any) -> None:
        """Let every answer pass."""


@pytest.fixture
def story(client: Client, klaviyo: Klaviyo) -> Story:
    """A story that is told ten days later."""
    begun = Story(client)
    klaviyo.move_clock(START + timedelta(days=10))
    return begun


@pytest.fixture
def campaign(story: Story) -> str:
    """A campaign to four people: one opens twice, one opens, clicks and orders, one bounces, one leaves."""
    id, message = story.campaign()
    for name in ("anna", "bob", "dora"):
        story.tell("Received Email", name, message)
    story.tell("Bounced Email", "carl", message)
    story.tell("Opened Email", "anna", message, NOON + timedelta(hours=1))
    story.tell("Opened Email", "anna", message, NOON + timedelta(hours=2))
    story.tell("Opened Email", "bob", message, NOON + timedelta(hours=1))
    story.tell("Clicked Email", "bob", message, NOON + timedelta(hours=2))
    story.tell("Unsubscribed from Email Marketing", "dora", message, NOON + timedelta(hours=3))
    story.tell("Marked Email as Spam", "dora", message, NOON + timedelta(hours=3))
    story.order("bob", 30, NOON + timedelta(hours=4))
    story.order("bob", 10, NOON + timedelta(hours=5))
    return id


# statistics


EXPECTED = {
    "recipients": 4, "delivered": 3, "delivery_rate": 3 / 4, "bounced": 1, "bounce_rate": 1 / 4, "failed": 0,
    "failed_rate": 0, "bounced_or_failed": 1, "bounced_or_failed_rate": 1 / 4, "opens": 3, "opens_unique": 2,
    "open_rate": 2 / 3, "clicks": 1, "clicks_unique": 1, "click_rate": 1 / 3, "click_to_open_rate": 1 / 2,
    "spam_complaints": 1, "spam_complaint_rate": 1 / 3, "unsubscribes": 1, "unsubscribe_uniques": 1,
    "unsubscribe_rate": 1 / 3, "conversions": 2, "conversion_uniques": 1, "conversion_rate": 1 / 3,
    "conversion_value": 40, "average_order_value": 20, "revenue_per_recipient": 10, "message_segment_count_sum": 0,
    "text_message_credit_usage_amount": 0, "text_message_spend": 0, "text_message_roi": 0,
}  # fmt: skip
"""Every statistic of the campaign to four people."""


def test_a_campaigns_statistics_come_from_its_events(story, campaign):
    (result,) = story.results("campaign-values-report", *EXPECTED)

    assert pytest.approx(EXPECTED) == result["statistics"]


def test_texts_cost_credits(story):
    _, message = story.campaign("sms")
    story.tell("Received SMS", "anna", message, **{"Segment Count": 2, "$usage_amount": 2})
    story.tell("Failed to Deliver SMS", "bob", message)
    story.order("anna", 5, NOON + timedelta(hours=1))
    names = ("recipients", "delivered", "failed_rate", "message_segment_count_sum")
    found = story.results("campaign-values-report", *names, "text_message_spend", "text_message_roi")

    assert [2, 1, 0.5, 2, 0.02, 250] == pytest.approx(list(found[0]["statistics"].values()))


@pytest.mark.parametrize(
    ("operation", "registry"),
    [
        ("query_campaign_values", STATISTICS),
        ("query_flow_values", STATISTICS),
        ("query_flow_series", STATISTICS),
        ("query_form_values", FORM_STATISTICS),
        ("query_form_series", FORM_STATISTICS),
        ("query_segment_values", SEGMENT_STATISTICS),
        ("query_segment_series", SEGMENT_STATISTICS),
    ],
)
def test_every_recorded_statistic_is_worked_out(operation, registry):
    request = recording(REVISION).operations[operation].request

    assert set(registry) == set(enum(request, "statistics"))


def enum(schema: Any, name: str) -> list[str]:
    """The values that the members of a list with some name may have, wherever it stands in a schema."""
    if isinstance(schema, dict):
        if name in schema and "items" in schema[name]:
            items = schema[name]["items"]
            return list(items["enum"])
        return next((found for member in schema.values() if (found := enum(member, name))), [])
    if isinstance(schema, list):
        return next((found for member in schema if (found := enum(member, name))), [])
    return []


def test_every_recorded_timeframe_is_known():
    schema = str(recording(REVISION).operations["query_campaign_values"].request)

    assert [] == [key for key in KEYS if f"'{key}'" not in schema]
    assert 14 == len(KEYS)


# attribution


def test_everything_is_booked_on_the_time_of_sending(story):
    _, message = story.campaign()
    story.tell("Received Email", "anna", message, NOON)
    story.tell("Opened Email", "anna", message, NOON + timedelta(days=3))
    day_of_sending = {"start": "2026-01-01T00:00:00", "end": "2026-01-02T00:00:00"}
    day_of_opening = {"start": "2026-01-04T00:00:00", "end": "2026-01-05T00:00:00"}

    assert 1 == story.number("opens", timeframe=day_of_sending)
    assert 0 == story.number("opens", timeframe=day_of_opening)


def test_an_order_is_credited_to_the_message_that_was_touched_last(story):
    (first, first_message), (second, second_message) = story.campaign(name="one"), story.campaign(name="two")
    for message in (first_message, second_message):
        story.tell("Received Email", "anna", message)
    story.tell("Opened Email", "anna", second_message, NOON + timedelta(hours=1))
    story.tell("Opened Email", "anna", first_message, NOON + timedelta(hours=2))
    story.order("anna", 5, NOON + timedelta(hours=3))
    found = story.results("campaign-values-report", "conversions")

    expected = {first: 1, second: 0}
    assert expected == {each["groupings"]["campaign_id"]: each["statistics"]["conversions"] for each in found}


@pytest.mark.parametrize(
    ("metric", "channel", "after", "expected"),
    [
        ("Opened Email", "email", timedelta(days=5), 1),
        ("Opened Email", "email", timedelta(days=5, seconds=1), 0),
        ("Clicked Email", "email", timedelta(days=4), 1),
        ("Clicked SMS", "sms", timedelta(days=5, seconds=1), 0),
        ("Opened Push", "mobile_push", timedelta(hours=24), 1),
        ("Opened Push", "mobile_push", timedelta(hours=25), 0),
    ],
)
def test_a_window_begins_when_the_message_was_received(story, metric, channel, after, expected):
    _, message = story.campaign(channel)
    story.tell(MESSAGE_METRICS[channel]["received"], "anna", message)
    story.tell(metric, "anna", message, NOON + timedelta(hours=1))
    story.order("anna", 5, NOON + after)

    assert expected == story.number("conversions")


@pytest.mark.parametrize(("after", "expected"), [(timedelta(hours=12), 1), (timedelta(hours=13), 0)])
def test_a_text_need_only_be_received(story, after, expected):
    _, message = story.campaign("sms")
    story.tell("Received SMS", "anna", message)
    story.order("anna", 5, NOON + after)

    assert expected == story.number("conversions")


def test_an_order_before_the_touch_or_of_somebody_else_is_nobodys_merit(story):
    _, message = story.campaign()
    story.tell("Received Email", "anna", message)
    story.order("anna", 5, NOON + timedelta(hours=1))
    story.tell("Opened Email", "anna", message, NOON + timedelta(hours=2))
    story.order("bob", 5, NOON + timedelta(hours=3))

    assert 0 == story.number("conversions")


def test_a_bounce_after_receipt_is_no_second_recipient(story):
    _, message = story.campaign()
    story.tell("Received Email", "anna", message)
    story.tell("Bounced Email", "anna", message, NOON + timedelta(minutes=1))

    assert (1, 0) == (story.number("recipients"), story.number("delivered"))


def test_events_that_name_no_message_count_nowhere(story):
    story.record("Opened Email", "anna", NOON, {})
    story.tell("Received Email", "anna", "NOPE01")

    assert [] == story.results("campaign-values-report", "opens")


# groupings and filters


def test_results_are_grouped_as_klaviyo_groups_them_by_itself(story, campaign):
    (result,) = story.results("campaign-values-report", "opens")

    assert ["campaign_id", "campaign_message_id", "send_channel"] == list(result["groupings"])
    assert (campaign, "email") == (result["groupings"]["campaign_id"], result["groupings"]["send_channel"])


def test_a_campaign_counts_once_for_each_of_its_tags(story, campaign):
    for name in ("red", "blue"):
        tag = story.client.post("/api/tags", {"data": {"type": "tag", "attributes": {"name": name}}})["data"]["id"]
        reference = {"data": [{"type": "campaign", "id": campaign}]}
        story.client.post(f"/api/tags/{tag}/relationships/campaigns", reference)
    groups = ["campaign_id", "campaign_message_id", "tag_name"]
    found = story.results("campaign-values-report", "opens", group_by=groups)

    assert [("blue", 3), ("red", 3)] == [(each["groupings"]["tag_name"], each["statistics"]["opens"]) for each in found]


def test_a_campaign_without_tags_counts_as_well(story, campaign):
    found = story.results("campaign-values-report", "opens", group_by=["campaign_id", "campaign_message_id", "tag_id"])

    assert [None] == [each["groupings"]["tag_id"] for each in found]


def test_the_variation_and_the_name_are_known(story):
    _, message = story.campaign(name="Spring")
    story.tell("Received Email", "anna", message, **{"$variation": "A"})
    groups = ["campaign_id", "campaign_message_id", "campaign_message_name", "variation"]
    (result,) = story.results("campaign-values-report", "recipients", group_by=groups)

    assert ["Spring", "A"] == list(result["groupings"].values())[2:]


FILTERS = {
    'equals(send_channel,"email")': 1,
    'equals(send_channel,"sms")': 0,
    'contains-any(send_channel,["sms","email"])': 1,
    'equals(campaign_message_name,"Spring")': 1,
    'and(equals(send_channel,"email"),equals(campaign_message_name,"Autumn"))': 0,
    'contains-any(tag_name,["red","green"])': 1,
    'contains-all(tag_name,["red","green"])': 0,
    'contains-all(tag_name,["red"])': 1,
}
"""How many results a filter leaves of one email campaign called Spring that has the tag red."""


def test_a_filter_leaves_out_what_it_does_not_match(story):
    id, message = story.campaign()
    story.tell("Received Email", "anna", message)
    tag = story.client.post("/api/tags", {"data": {"type": "tag", "attributes": {"name": "red"}}})["data"]["id"]
    story.client.post(f"/api/tags/{tag}/relationships/campaigns", {"data": [{"type": "campaign", "id": id}]})
    found = {each: len(story.results("campaign-values-report", "opens", filter=each)) for each in FILTERS}

    assert FILTERS == found


@pytest.mark.parametrize(
    "filter",
    [
        'equals(send_channel,"pigeon")',
        'equals(colour,"red")',
        'equals(tag_id,"x")',
        'starts-with(campaign_id,"0")',
        'equals(campaign_id,"a"),equals(campaign_id,"b")',
        f"contains-any(campaign_id,{[str(number) for number in range(101)]})".replace("'", '"'),
        'contains-any(campaign_id,"a")',
        'equals(campaign_id,["a"])',
        "equals(campaign_id",
    ],
)
def test_a_wrong_filter_is_refused_in_the_body(story, filter):
    expected = (400, {"pointer": "/data/attributes/filter"})

    assert expected == story.refusal("campaign-values-report", "opens", filter=filter)


@pytest.mark.parametrize(
    ("report", "group_by"),
    [
        ("campaign-values-report", ["campaign_id"]),
        ("campaign-values-report", ["send_channel"]),
        ("flow-values-report", ["flow_message_id"]),
        ("form-values-report", ["form_version_id"]),
    ],
)
def test_some_groupings_are_required(story, report, group_by):
    expected = (400, {"pointer": "/data/attributes/group_by"})

    assert expected == story.refusal(report, next(iter(FORM_STATISTICS if "form" in report else STATISTICS)),
                                     group_by=group_by)  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"statistics": ["fame"]}, "statistics/0"),
        ({"group_by": ["colour"]}, "group_by/0"),
        ({"timeframe": {"key": "tomorrow"}}, "timeframe/key"),
        ({"timeframe": {"start": "2026-01-01T00:00:00"}}, "timeframe/end"),
        ({"timeframe": {"start": "2026-01-02T00:00:00", "end": "2026-01-01T00:00:00"}}, "timeframe"),
        ({"timeframe": {"start": "2024-01-01T00:00:00", "end": "2026-01-01T00:00:00"}}, "timeframe"),
        ({"timeframe": {"start": "0001-01-01T00:00:00", "end": "0001-01-02T00:00:00"}}, "timeframe/start"),
        ({"timeframe": {"start": "2026-01-01T00:00:00", "end": "9999-12-31T23:59:59"}}, "timeframe/end"),
    ],
)
def test_a_report_that_cannot_be_is_refused(story, attributes, pointer):
    status, source = story.refusal("campaign-values-report", "opens", **attributes)

    assert (400, f"/data/attributes/{pointer}") == (status, source["pointer"])


def test_an_unknown_conversion_metric_is_not_found(story):
    status, _ = story.refusal("campaign-values-report", "opens", conversion_metric_id="NOPE01")

    assert 404 == status


# form of the answer


def test_a_report_has_an_id_and_links_to_no_other_page(story):
    answer = story.ask("campaign-values-report", "opens")

    assert 36 == len(answer["data"]["id"])
    assert {"results": []} == answer["data"]["attributes"]
    assert ["self", "next", "prev"] == list(answer["links"])
    assert "relationships" not in answer["data"]
    assert ["self"] == list(story.ask("form-values-report", "submits")["links"])


def test_a_report_leads_to_its_campaigns(story, campaign):
    relationships = story.ask("campaign-values-report", "opens")["data"]["relationships"]

    assert [campaign] == [each["id"] for each in relationships["campaigns"]["data"]]


def test_only_the_fields_that_are_asked_for_are_shown(story):
    body = story.body("flow-series-report", "opens", interval="weekly")
    query = {"fields[flow-series-report]": "date_times"}
    answer = Unchecked(story.klaviyo).post("/api/flow-series-reports", body, **query)

    assert ["date_times"] == list(answer["data"]["attributes"])


def test_many_groups_come_in_pages(story, monkeypatch):
    monkeypatch.setattr(reporting, "PAGE", 2)
    for number in range(3):
        _, message = story.campaign(name=str(number))
        story.tell("Received Email", "anna", message)
    first = story.ask("campaign-values-report", "recipients")
    (cursor,) = parse_qs(urlsplit(first["links"]["next"]).query)["page_cursor"]
    second = story.ask("campaign-values-report", "recipients", query={"page_cursor": cursor})

    assert [2, 1] == [len(each["data"]["attributes"]["results"]) for each in (first, second)]
    assert [None, None] == [first["links"]["prev"], second["links"]["next"]]
    assert second["links"]["prev"]
    whole = story.ask("campaign-values-report", "recipients", query={"page_cursor": first["links"]["next"]})
    assert 1 == len(whole["data"]["attributes"]["results"])


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd"])
def test_a_cursor_that_is_none_is_refused(story, cursor):
    body = story.body("campaign-values-report", "opens")
    status, problem = story.client.error("POST", "/api/campaign-values-reports", body, page_cursor=cursor)

    assert (400, "Invalid cursor provided.") == (status, problem["detail"])


# timeframes


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("today", "2026-05-14", "2026-05-14T15:30"),
        ("yesterday", "2026-05-13", "2026-05-14"),
        ("this_week", "2026-05-11", "2026-05-14T15:30"),
        ("last_week", "2026-05-04", "2026-05-11"),
        ("this_month", "2026-05-01", "2026-05-14T15:30"),
        ("last_month", "2026-04-01", "2026-05-01"),
        ("last_3_months", "2026-02-01", "2026-05-01"),
        ("last_12_months", "2025-05-01", "2026-05-01"),
        ("this_year", "2026-01-01", "2026-05-14T15:30"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("last_7_days", "2026-05-07", "2026-05-14T15:30"),
        ("last_30_days", "2026-04-14", "2026-05-14T15:30"),
        ("last_90_days", "2026-02-13", "2026-05-14T15:30"),
        ("last_365_days", "2025-05-14", "2026-05-14T15:30"),
    ],
)
def test_a_key_names_a_range_of_time_where_the_account_is(klaviyo, key, start, end):
    klaviyo.move_clock(datetime.fromisoformat("2026-05-14T19:30:00+00:00"))
    found = timeframe(klaviyo.world, {"timeframe": {"key": key}})

    assert (start, end) == (local(found, found.start), local(found, found.end))


def local(found: Timeframe, at: datetime) -> str:
    """A time where the account is; midnight is left out."""
    return f"{at.astimezone(found.zone):%Y-%m-%dT%H:%M}".removesuffix("T00:00")


def test_the_offset_of_a_timeframe_counts_for_nothing(story):
    _, message = story.campaign()
    story.tell("Received Email", "anna", message, NOON)
    before = {"start": "2026-01-01T06:59:59+09:00", "end": "2026-01-01T07:00:01+09:00"}
    after = {"start": "2026-01-01T07:00:01Z", "end": "2026-01-01T12:00:01Z"}

    assert (1, 0) == (story.number("recipients", timeframe=before), story.number("recipients", timeframe=after))


@pytest.mark.parametrize(
    ("interval", "days", "is_allowed"),
    [
        ("hourly", 7, True), ("hourly", 8, False), ("daily", 60, True), ("daily", 61, False), ("weekly", 364, True),
        ("weekly", 365, False), ("monthly", 364, True), ("monthly", 365, False),
    ],
)  # fmt: skip
def test_an_interval_cuts_only_so_long_a_timeframe(story, interval, days, is_allowed):
    end = datetime(2026, 1, 1) + timedelta(days=days)  # noqa: DTZ001 - a timeframe names no timezone
    given = {"start": "2026-01-01T00:00:00", "end": end.isoformat()}
    body = story.body("flow-series-report", "opens", timeframe=given, interval=interval)

    assert (200 if is_allowed else 400) == story.client.call("POST", "/api/flow-series-reports", body).status


@pytest.mark.parametrize(("key", "interval", "count"), [("last_7_days", "hourly", 188), ("last_7_days", "daily", 8)])
def test_a_key_may_be_cut_although_today_is_not_over(story, key, interval, count):
    answer = story.ask("flow-series-report", "opens", timeframe={"key": key}, interval=interval)

    assert count == len(answer["data"]["attributes"]["date_times"])


def test_dates_are_the_accounts_written_as_if_they_were_utc(story):
    answer = story.ask("flow-series-report", "opens", timeframe={"key": "last_7_days"}, interval="daily")
    dates = answer["data"]["attributes"]["date_times"]

    assert ("2026-01-03T00:00:00+00:00", "2026-01-10T00:00:00+00:00") == (dates[0], dates[-1])


# flows, forms, segments


def flow(client: Client) -> tuple[str, str]:
    """The ids of a flow and of its message."""
    message = {"name": "Welcome", "subject_line": "Hi", "from_email": "a@shop.org", "from_label": "A"}
    action = {"temporary_id": "1", "type": "send-email", "links": {"next": None}, "data": {"message": message}}
    list_id = client.post("/api/lists", {"data": {"type": "list", "attributes": {"name": "L"}}})["data"]["id"]
    definition = {"triggers": [{"type": "list", "id": list_id}], "actions": [action], "entry_action_id": "1"}
    attributes = {"name": "Hello", "definition": definition | {"profile_filter": None}}
    id = client.post("/api/flows", {"data": {"type": "flow", "attributes": attributes}})["data"]["id"]
    action_id = client.get(f"/api/flows/{id}/relationships/flow-actions")["data"][0]["id"]
    return id, client.get(f"/api/flow-actions/{action_id}/relationships/flow-messages")["data"][0]["id"]


def test_flows_are_told_apart_from_campaigns(story, campaign):
    id, message = flow(story.client)
    story.tell("Received Email", "anna", message, **{"$flow": id})
    groups = ["flow_id", "flow_message_id", "flow_name", "flow_message_name"]
    answer = story.ask("flow-values-report", "recipients", group_by=groups)
    (result,) = answer["data"]["attributes"]["results"]

    assert [id, message, "Hello", "Welcome"] == list(result["groupings"].values())
    assert {"recipients": 1} == result["statistics"]
    assert ["flows", "flow-messages"] == list(answer["data"]["relationships"])
    assert 1 == len(story.results("campaign-values-report", "recipients"))


def test_a_series_has_a_number_for_each_date(story):
    id, message = flow(story.client)
    story.tell("Received Email", "anna", message, NOON + timedelta(days=4), **{"$flow": id})
    story.tell("Received Email", "bob", message, NOON + timedelta(days=4), **{"$flow": id})
    story.tell("Opened Email", "bob", message, NOON + timedelta(days=6), **{"$flow": id})
    series = {"timeframe": {"key": "last_7_days"}, "interval": "daily"}
    (result,) = story.results("flow-series-report", "recipients", "open_rate", **series)

    assert [0, 0, 2, 0, 0, 0, 0, 0] == result["statistics"]["recipients"]
    assert [0, 0, 0.5, 0, 0, 0, 0, 0] == result["statistics"]["open_rate"]


def test_forms_count_what_people_did_with_them(story):
    for name in ("anna", "anna", "bob", "carl"):
        story.record("Viewed Form", name, NOON, {"form_id": "F1", "form_version_id": 1})
    story.record("Submitted Form", "anna", NOON, {"form_id": "F1", "form_version_id": 1})
    story.record("Viewed Form", "anna", NOON, {"form_id": "F2"})
    names = ("viewed_form", "viewed_form_uniques", "submits", "submit_rate")
    found = {
        each["groupings"]["form_id"]: list(each["statistics"].values())
        for each in story.results("form-values-report", *names)
    }

    assert {"F1": [4, 3, 1, 0.25], "F2": [1, 1, 0, 0]} == found


def test_each_thing_that_is_done_with_a_form_has_its_statistics(story):
    for metric in FORM_METRICS.values():
        story.record(metric, "anna", NOON, {"form_id": "F1", "form_version_id": "V1"})
    (result,) = story.results("form-values-report", *FORM_STATISTICS, group_by=["form_id", "form_version_id"])

    assert {"form_id": "F1", "form_version_id": "V1"} == result["groupings"]
    assert {1} == set(result["statistics"].values())


def test_forms_are_filtered_and_cut_into_parts(story):
    for form in ("F1", "F2"):
        story.record("Closed Form", "anna", NOON + timedelta(days=5), {"form_id": form})
    series = {"timeframe": {"key": "last_7_days"}, "interval": "daily", "filter": 'any(form_id,["F2"])'}
    (result,) = story.results("form-series-report", "closed_form", **series)

    assert [0, 0, 0, 1, 0, 0, 0, 0] == result["statistics"]["closed_form"]


def segment(client: Client, city: str) -> str:
    """The id of a segment of the people in a city."""
    filter = {"type": "string", "operator": "equals", "value": city}
    condition = {"type": "profile-property", "property": "location['city']", "filter": filter}
    definition = {"condition_groups": [{"conditions": [condition]}]}
    attributes = {"name": city, "definition": definition}
    return str(client.post("/api/segments", {"data": {"type": "segment", "attributes": attributes}})["data"]["id"])


def live(client: Client, name: str, city: str) -> None:
    """Let somebody live in a city."""
    attributes = {"email": f"{name}@shop.org", "location": {"city": city}}
    client.post("/api/profile-import", {"data": {"type": "profile", "attributes": attributes}})


def test_segments_tell_how_they_grew(client, klaviyo):
    live(client, "anna", "Brno")
    id, other = segment(client, "Brno"), segment(client, "Praha")
    story = Story(client)
    klaviyo.move_clock(START + timedelta(days=2, hours=5))  # midnight where the account is
    live(client, "bob", "Brno")
    klaviyo.move_clock(START + timedelta(days=3))
    live(client, "anna", "Praha")
    klaviyo.move_clock(START + timedelta(days=4))
    series = {"timeframe": {"start": "2025-12-30T19:00:00", "end": "2026-01-04T19:00:00"}, "interval": "daily"}
    found = {each["groupings"]["segment_id"]: each["statistics"]
             for each in story.results("segment-series-report", *SEGMENT_STATISTICS, **series)}  # fmt: skip

    assert [0, 1, 1, 1, 1, 1] == found[id]["total_members"]
    assert [0, 1, 0, 0, 1, 0] == found[id]["members_added"]
    assert [0, 0, 0, 0, 1, 0] == found[id]["members_removed"]
    assert [0, 0, 0, 0, 1, 0] == found[other]["net_members_changed"]


def test_one_segment_can_be_asked_about(client):
    live(client, "anna", "Brno")
    id, _ = segment(client, "Brno"), segment(client, "Praha")
    story = Story(client)
    found = story.results(
        "segment-values-report", "total_members", "members_added", filter=f'equals(segment_id,"{id}")'
    )

    assert [{"groupings": {"segment_id": id}, "statistics": {"total_members": 1, "members_added": 1}}] == found


def test_a_deleted_segment_is_not_told_of(client, klaviyo):
    live(client, "anna", "Brno")
    client.call("DELETE", f"/api/segments/{segment(client, 'Brno')}")

    assert [] == Story(client).results("segment-values-report", "total_members")
    assert not klaviyo.store.is_any("segment-change")


# from a campaign that is really sent


def test_a_sent_campaign_is_reported(story, client):
    subscription = {"sms": {"marketing": {"consent": "SUBSCRIBED", "consented_at": "2025-12-01T00:00:00Z"}}}
    attributes = {"phone_number": "+12125550123", "subscriptions": subscription}
    list_id = client.post("/api/lists", {"data": {"type": "list", "attributes": {"name": "VIP"}}})["data"]["id"]
    job = {"profiles": {"data": [{"type": "profile", "attributes": attributes}]}, "historical_import": True}
    related = {"list": {"data": {"type": "list", "id": list_id}}}
    type = "profile-subscription-bulk-create-job"
    client.post(f"/api/{type}s", {"data": {"type": type, "attributes": job, "relationships": related}})
    id, message = story.campaign("sms", audiences={"included": [list_id]})
    definition = {"channel": "sms", "content": {"body": "x" * 200}}
    body = {"data": {"type": "campaign-message", "id": message, "attributes": {"definition": definition}}}
    client.call("PATCH", f"/api/campaign-messages/{message}", body)
    client.post("/api/campaign-send-jobs", {"data": {"type": "campaign-send-job", "id": id}})
    groups = ["campaign_id", "campaign_message_id", "group", "group_name", "text_message_format"]
    (result,) = story.results("campaign-values-report", "recipients", "message_segment_count_sum", group_by=groups)

    assert [id, message, list_id, "VIP", "SMS"] == list(result["groupings"].values())
    assert {"recipients": 1, "message_segment_count_sum": 2} == result["statistics"]
