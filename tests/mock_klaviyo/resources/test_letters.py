"""Letters: what a profile reads on each channel, from a campaign's or a flow's message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.flow_texts import flow_text
from mock_klaviyo.resources.letters import letter
from mock_klaviyo.resources.outbox import Letter
from tests.calling import Client, profile, reference, resource
from tests.conftest import START
from tests.mock_klaviyo.resources.test_flows import definition_of, make_flow, text
from tests.receiver import Receiver, receiver

ANNA = {"email": "anna@shop.example.org", "phone_number": "+12125550123", "first_name": "Anna"}
EVENT = {"total": 12.5, "items": [{"name": "Tea", "id": "HAT"}], "gift note": "For you", "$extra": {"store": "Berlin"}}


@pytest.fixture
def anna(client: Client) -> str:
    """The id of a profile that has bought something."""
    id = client.create("/api/profiles", profile(**ANNA))
    client.track("Placed Order", ANNA["email"], properties=EVENT, value=12.5)
    return id


def written(klaviyo: Klaviyo, reader: str, channel: str, **message: Any) -> Letter:
    """What a profile reads of a flow's message that its last event triggered."""
    (row,) = klaviyo.store.rows("profile", id=reader)
    (event,) = klaviyo.events(0, 1)
    return letter(klaviyo.world, flow_text(klaviyo.world, channel, message, event), row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{ first_name }}", "Hi Anna"),
        ("{{ event.total|floatformat:2 }}", "12.50"),
        ("{{ event.items.0.name }}", "Tea"),
        ("{{ event|lookup:'$value' }}", "12.5"),
        ("{{ event|lookup:'gift note' }}", "For you"),
        ("{{ event.extra.store }}", "Berlin"),
        ("{{ organization.name }}", "Mock Shop"),
    ],
)
def test_a_flow_message_speaks_of_the_event_that_triggered_it(klaviyo, anna, text, expected):
    assert expected == written(klaviyo, anna, "email", subject_line=text).content["subject"]


def test_an_email_of_a_flow_is_made_of_its_template(client, klaviyo, anna):
    html = "<p>{{ event.total }}{% render_variable preview_text %}</p>"
    template = client.create("/api/templates", resource("template", name="Order", editor_type="CODE", html=html))

    content = written(klaviyo, anna, "email", subject_line="Order", preview_text="!", template_id=template).content

    assert "<p>12.5!</p>" == content["html"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "Mock Shop: Sale"),
        ({"add_org_prefix": False}, "Sale"),
        ({"add_opt_out_language": True}, "Mock Shop: Sale\nReply STOP to opt-out"),
    ],
)
def test_a_text_message_has_what_its_options_put_around_it(klaviyo, anna, options, expected):
    assert expected == written(klaviyo, anna, "sms", body="Sale", **options).content["body"]


def test_a_text_message_abroad_leads_to_the_details_of_its_sender(client, klaviyo, anna):
    client.patch(f"/api/profiles/{anna}", resource("profile", anna, phone_number="+4915112345678"))

    body = written(klaviyo, anna, "sms", body="Sale").content["body"]
    without = written(klaviyo, anna, "sms", body="Sale", add_info_link=False).content["body"]

    assert body.startswith("Mock Shop: Sale\nInfo: http")
    assert "Mock Shop: Sale" == without


def test_links_of_a_text_message_are_short_and_count_as_klaviyos(klaviyo, anna):
    body = f"Sale: https://shop.example.org/{'a' * 150}."

    short = written(klaviyo, anna, "sms", body=body).content
    long = written(klaviyo, anna, "sms", body=body, shorten_links=False).content

    ((code, url),) = short["short_links"].items()
    assert f"https://shop.example.org/{'a' * 150}" == url
    assert short["body"].endswith(f"/__mock/s/MOCK01/{code}.")
    assert (1, 2) == (short["segment_count"], long["segment_count"])


def test_a_push_notification_says_what_a_tap_opens(klaviyo, anna):
    content = written(
        klaviyo, anna, "mobile_push", title="Hi {{ first_name }}", body="Sale", ios_link="shop://x"
    ).content

    assert ("Hi Anna", "Sale", "shop://x") == (content["title"], content["body"], content["options"]["ios_link"])


def test_a_whatsapp_message_names_its_template(klaviyo, anna):
    assert "W1" == written(klaviyo, anna, "whatsapp", vendor_id="W1").content["vendor_id"]


# coupons


def coupon(client: Client, *codes: str) -> None:
    """The coupon SPRING with codes."""
    client.post("/api/coupons", resource("coupon", external_id="SPRING"))
    for code in codes:
        of = {"coupon": reference("coupon", "SPRING")}
        client.post("/api/coupon-codes", resource("coupon-code", None, of, unique_code=code))


def codes_of(client: Client, status: str) -> list[str]:
    """The codes of the coupon SPRING that have a status."""
    return client.ids("/api/coupon-codes", filter=f'equals(coupon.id,"SPRING"),equals(status,"{status}")')


def test_a_letter_takes_one_code_for_all_that_it_says(client, klaviyo, anna):
    coupon(client, "AAA", "BBB")
    text = "{% coupon_code 'SPRING' %} {% coupon_code 'SPRING' cut=1 %}"

    content = written(klaviyo, anna, "email", id="MSG001", subject_line=text, preview_text=text).content

    assert ("AAA AA", "AAA AA") == (content["subject"], content["preview_text"])
    assert (["SPRING-AAA"], ["SPRING-BBB"]) == (codes_of(client, "ASSIGNED_TO_PROFILE"), codes_of(client, "UNASSIGNED"))


@pytest.mark.parametrize(("second", "expected"), [("MSG001", "AAA"), ("MSG002", "BBB")])
def test_a_profile_keeps_its_code_within_a_message_only(client, klaviyo, anna, second, expected):
    coupon(client, "AAA", "BBB")
    text = "{% coupon_code 'SPRING' %}"
    written(klaviyo, anna, "sms", id="MSG001", body=text, add_org_prefix=False)

    assert expected == written(klaviyo, anna, "sms", id=second, body=text, add_org_prefix=False).content["body"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("SPRING", "No More Uploaded Coupons Remain"), ("AUTUMN", "Coupon Code Doesn't Exist")],
)
def test_without_a_code_nobody_gets_the_message(client, klaviyo, anna, name, reason):
    coupon(client)

    found = written(klaviyo, anna, "email", subject_line=f"{{% coupon_code '{name}' %}}")

    assert reason == found.skipped
    assert name in found.content["problem"]


def test_a_letter_that_cannot_be_written_takes_no_code(client, klaviyo, anna):
    coupon(client, "AAA")

    found = written(klaviyo, anna, "email", subject_line="{% coupon_code 'SPRING' %}", preview_text="{% nonsense %}")

    assert "Email Syntax Error" == found.skipped
    assert ["SPRING-AAA"] == codes_of(client, "UNASSIGNED")


def test_a_preview_takes_no_code(client, klaviyo):
    coupon(client, "AAA")
    html = "{% coupon_code 'SPRING' %}"
    template = client.create("/api/templates", resource("template", name="Spring", editor_type="CODE", html=html))
    shown = client.post("/api/template-render", resource("template", template, context={}))["data"]["attributes"]

    assert "SPRING-PREVIEW" == shown["html"]
    assert ["SPRING-AAA"] == codes_of(client, "UNASSIGNED")


# what messages look up

ITEM = {"external_id": "HAT", "title": "A hat", "description": "Warm", "url": "https://shop.example.org/hat"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% catalog 'HAT' %}{{ catalog_item.title }}{% endcatalog %}", "A hat"),
        ("{% catalog event.items.0.id %}{{ catalog_item.url }}{% endcatalog %}", "https://shop.example.org/hat"),
        ("{% customobjects object_type_title='Car' as cars %}{{ cars.0.make }}{% endcustomobjects %}", "Volvo"),
    ],
)
def test_a_message_looks_up_catalog_items_and_custom_objects(client, klaviyo, anna, text, expected):
    client.post("/api/catalog-items", resource("catalog-item", **ITEM))
    type_id = klaviyo.keep("object-type", {"title": "Car"}).id
    klaviyo.keep("object-record", {"object_type_id": type_id, "record_properties": {"make": "Volvo"}})

    assert expected == written(klaviyo, anna, "email", subject_line=text).content["subject"]


def test_an_item_that_is_gone_keeps_the_message_back(klaviyo, anna):
    found = written(klaviyo, anna, "email", subject_line="{% catalog 'HAT' %}{% endcatalog %}")

    assert "Catalog Item Unavailable" == found.skipped


# feeds


def feed(client: Client, source: Receiver, **attributes: Any) -> str:
    """The web feed `news`."""
    usual = {"name": "news", "url": source.url, "request_method": "get", "content_type": "json"}
    return client.create("/api/web-feeds", resource("web-feed", **(usual | attributes)))


@pytest.mark.parametrize(
    ("content_type", "given", "text"),
    [
        ("json", b'{"posts": [{"title": "Tea"}]}', "{{ feeds.news.posts.0.title }}"),
        ("xml", b"<rss><item><title>Tea</title></item><item/></rss>", "{{ feeds.news.rss.item.0.title }}"),
        ("json", b'["Tea"]', "{% for each in feeds|lookup:'news' %}{{ each }}{% endfor %}"),
        ("json", b"[]", "Tea{{ feeds.other.title }}"),
    ],
)
def test_a_message_draws_on_web_feeds(client, klaviyo, anna, content_type, given, text):
    with receiver() as source:
        source.content = given
        id = feed(client, source, content_type=content_type)

        assert "Tea" == written(klaviyo, anna, "email", subject_line=text).content["subject"]
    is_read = "feeds.other" not in text
    assert ("ok" if is_read else None) == client.get(f"/api/web-feeds/{id}")["data"]["attributes"]["status"]


def test_a_feed_is_fetched_anew_after_an_hour(client, klaviyo, anna):
    with receiver() as source:
        feed(client, source)
        seen = []
        for content, minutes in ((b'"a"', 0), (b'"b"', 59), (b'"c"', 60)):
            source.content = content
            klaviyo.move_clock(START + timedelta(minutes=minutes))
            seen.append(written(klaviyo, anna, "email", subject_line="{{ feeds.news }}").content["subject"])

    assert ["a", "a", "c"] == seen


def test_a_feed_of_another_address_is_fetched_at_once(client, klaviyo, anna):
    with receiver() as source:
        id, text = feed(client, source), "{{ feeds.news }}"
        source.content = b'"a"'
        before = written(klaviyo, anna, "email", subject_line=text).content["subject"]
        source.content = b'"b"'
        client.patch(f"/api/web-feeds/{id}", resource("web-feed", id, url=f"{source.url}/other"))

        assert ("a", "b") == (before, written(klaviyo, anna, "email", subject_line=text).content["subject"])


@pytest.mark.parametrize(
    ("url", "content", "problem"),
    [
        (None, b"{", "web feed news"),
        ("https://shop.example.org/feed", b"", "neither this machine nor a host that --allow-host names"),
    ],
)
def test_a_feed_that_cannot_be_read_keeps_the_message_back(client, klaviyo, anna, url, content, problem):
    with receiver() as source:
        source.content = content
        feed(client, source, **({"url": url} if url else {}))

        found = written(klaviyo, anna, "email", subject_line="{% if 1 and feeds.news %}x{% endif %}")

    assert "Error Retrieving External Data" == found.skipped
    assert problem in found.content["problem"]


# link parameters

CUSTOM = [{"param": "a", "value": "1"}]


def test_links_of_a_flow_message_carry_what_it_asks_for(client, klaviyo, anna):
    send = text("send", body="https://shop.example.org/x", add_tracking_params=True)
    flow = make_flow(client, send)
    (action,) = definition_of(client, flow)["actions"]
    said = action["data"]["message"]

    usual = written(klaviyo, anna, "sms", **said).content["short_links"]
    own = written(klaviyo, anna, "sms", **said | {"custom_tracking_params": CUSTOM}).content

    parameters = f"utm_source=Klaviyo&utm_medium=sms&utm_campaign=Welcome&utm_id={flow}"
    assert [f"https://shop.example.org/x?{parameters}"] == list(usual.values())
    assert ["https://shop.example.org/x?a=1"] == list(own["short_links"].values())


# what is empty, what is wrong


def test_variables_that_were_empty_are_listed_with_their_place(client, klaviyo, anna):
    html = "{{ first_name }}\n {{ event.color|default:'' }}{% for each in event.items %}{{ each.size }}{% endfor %}"
    client.patch(f"/api/profiles/{anna}", resource("profile", anna, properties={"tier": None}))
    template = client.create("/api/templates", resource("template", name="Order", editor_type="CODE", html=html))

    content = written(klaviyo, anna, "email", subject_line="{{ person.tier }}", template_id=template).content

    assert [
        {"part": "subject", "variable": "person.tier", "line": 1, "column": 1},
        {"part": "html", "variable": "event.color|default:''", "line": 2, "column": 2},
        {"part": "html", "variable": "each.size", "line": 2, "column": 59},
    ] == content["empty_variables"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\n" + "{% for a in '12345678'|make_list %}" * 9 + "x" + "{% endfor %}" * 9, "does too much"),
        ("a\n{{ 'x'|ljust:'99999999' }}", "does too much"),
        ("a\n{{ event.__class__.__mro__ }}", "may not begin with underscores"),
        ("a\n{% include 'secrets' %}", "Invalid block tag"),
        ("a\n{{ event|nonsense }}", "Invalid filter"),
    ],
)
def test_a_hostile_or_broken_template_is_stopped_and_the_place_is_told(klaviyo, anna, text, problem):
    found = written(klaviyo, anna, "email", subject_line="Hi", preview_text=text)

    assert "Email Syntax Error" == found.skipped
    assert problem in found.content["problem"]
    assert "(preview_text, line 2, column" in found.content["problem"]
