"""The inbox and the links of messages: what recipients do is recorded, and changes what it changes at Klaviyo."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.app import create_app
from mock_klaviyo.control import messages as searching
from mock_klaviyo.control.links import page_of
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, consent, profile, reference, resource

ANNA, BOB = "anna@shop.example.org", "bob@shop.example.org"
HTML = """<body><a href="https://shop.example.org/a?x=1&amp;y=2">A</a> <a href='https://shop.example.org/b'>B</a>
<p>Your code is 482913.</p>{% unsubscribe %}{% manage_preferences %}{% web_view %}
<a href="{% update_property_link 'tier' 'gold' 'https://shop.example.org/c' %}">Gold</a></body>"""
NO_EMAIL = "Unsubscribed from Email Marketing"
PAGES = ["click/0", "open.gif", "unsubscribe", "manage_preferences", "web_view", "update_property", "info"]


@pytest.fixture
def web(klaviyo: Klaviyo) -> FlaskClient:
    """A browser of Anna's."""
    return create_app(klaviyo=klaviyo).test_client()


@pytest.fixture
def reader(client: Client) -> str:
    """The id of Anna, who may get emails and text messages."""
    return client.create("/api/profiles", profile(email=ANNA, phone_number="+12125550123", first_name="Anna"))


def campaign(
    client: Client, to: str, channel: str = "email", html: str = HTML, tracking: Any = None, **content: Any
) -> str:
    """Send a campaign to a profile; gives the campaign's id."""
    group = client.create("/api/lists", resource("list", name="All", opt_in_process="single_opt_in"))
    client.post(f"/api/lists/{group}/relationships/profiles", {"data": [reference("profile", to)]})
    usual = {"subject": "Hi {{ first_name }}"} if channel == "email" else {"body": "Sale https://shop.example.org/long"}
    definition = {"channel": channel, "content": usual | content}
    message = {"data": [{"type": "campaign-message", "attributes": {"definition": definition}}]}
    options = {"use_smart_sending": False}
    body = resource("campaign", name="Spring", audiences={"included": [group]}, send_options=options)
    body["data"]["attributes"] |= {"campaign-messages": message} | ({"tracking_options": tracking} if tracking else {})
    id = client.create("/api/campaigns", body)
    if channel == "email":
        template = client.create("/api/templates", resource("template", name="T", editor_type="CODE", html=html))
        (message_id,) = client.ids(f"/api/campaigns/{id}/campaign-messages")
        relation = {"template": {"data": reference("template", template)}}
        assigned = {"data": reference("campaign-message", message_id) | {"relationships": relation}}
        client.post("/api/campaign-message-assign-template", assigned)
    client.post("/api/campaign-send-jobs", {"data": {"type": "campaign-send-job", "id": id}})
    return id


def allow_sms(client: Client) -> None:
    """Let Anna get text messages."""
    subscriptions = {"sms": {"marketing": {"consent": "SUBSCRIBED", "consented_at": "2025-01-01T00:00:00Z"}}}
    said = {"phone_number": "+12125550123", "subscriptions": subscriptions}
    client.post("/api/profile-subscription-bulk-create-jobs", consent(said, historical_import=True))


def inbox(web: FlaskClient, **wanted: str) -> list[Any]:
    """The messages that fit."""
    answer = web.get("/__mock/messages", query_string=wanted)
    assert 200 == answer.status_code, answer.text
    return list(answer.json["data"])


def extracted(web: FlaskClient, id: str) -> Any:
    """What a message holds."""
    return web.get(f"/__mock/messages/{id}/extract").json


def page(web: FlaskClient, id: str, kind: str) -> str:
    """The path of one of the recipient's pages that a message leads to."""
    url = next(each["url"] for each in extracted(web, id)["links"] if each["kind"] == kind)
    return str(url).partition("a.klaviyo.com")[2]


def events(klaviyo: Klaviyo, metric: str) -> list[Any]:
    """The properties of the events of a metric of Klaviyo's own."""
    klaviyo.catch_up()
    row = klaviyo.store.first("metric", name=metric, service="klaviyo")
    found = klaviyo.store.rows("event", metric_id=row.id) if row else []
    return [each.document["event_properties"] for each in found]


def marketing(client: Client, id: str, channel: str = "email") -> Any:
    """The consent to marketing of a profile."""
    return client.profile(id)["subscriptions"][channel]["marketing"]


@pytest.fixture
def email(client: Client, web: FlaskClient, reader: str) -> str:
    """The id of an email that Anna got."""
    campaign(client, reader)
    (found,) = inbox(web, to=ANNA)
    return str(found["id"])


# links


def test_a_click_is_noted_and_leads_on(klaviyo, web, email):
    answer = web.get(f"/__mock/links/MOCK01/{email}/click/0")
    (event,) = events(klaviyo, "Clicked Email")

    assert (302, "https://shop.example.org/a?x=1&y=2") == (answer.status_code, answer.headers["Location"])
    assert ("https://shop.example.org/a?x=1&y=2", "Hi Anna", "Spring") == (
        event["URL"],
        event["Subject"],
        event["Campaign Name"],
    )


def test_a_message_arrives_with_tracked_links_a_pixel_and_its_own_pages_untouched(web, email):
    html = web.get(f"/__mock/messages/{email}/html").text

    assert "https://shop.example.org/a" not in html
    assert all(f"/__mock/links/MOCK01/{email}/{name}" in html for name in PAGES[:6])
    assert 1 == html.count(f"{email}/unsubscribe")


def test_an_email_without_a_way_to_unsubscribe_gets_one(client, web, reader):
    campaign(client, reader, html="<p>Hi</p>")
    (found,) = inbox(web)

    assert f"{found['id']}/unsubscribe" in web.get(f"/__mock/messages/{found['id']}/html").text


def test_links_begin_with_what_the_server_is_told(klaviyo, web, client, reader):
    klaviyo.world.link_base = "https://mock.example.org/shop"
    campaign(client, reader)
    (found,) = inbox(web)
    pages = f"https://mock.example.org/shop/__mock/links/MOCK01/{found['id']}"

    assert f'"{pages}/unsubscribe"' in found["html"]
    assert f"{pages}/click/0" in str(extracted(web, found["id"]))


@pytest.mark.parametrize(("off", "lost"), [("is_tracking_clicks", "/click/0"), ("is_tracking_opens", "/open.gif")])
def test_a_campaign_can_do_without_tracking(client, web, reader, off, lost):
    campaign(client, reader, tracking={off: False})
    (found,) = inbox(web)
    html = web.get(f"/__mock/messages/{found['id']}/html").text

    assert [lost] == [each for each in ("/click/0", "/open.gif") if each not in html]


def test_opening_is_noted_by_the_pixel(klaviyo, web, email):
    answer = web.get(f"/__mock/links/MOCK01/{email}/open.gif")

    assert ("image/gif", b"GIF89a") == (answer.content_type, answer.data[:6])
    assert [ANNA.partition("@")[2]] == [event["Email Domain"] for event in events(klaviyo, "Opened Email")]


def test_looking_at_the_page_to_unsubscribe_changes_nothing_and_its_button_does(client, klaviyo, web, reader, email):
    path = page(web, email, "unsubscribe")

    assert "<form" in web.get(path).text
    assert "NEVER_SUBSCRIBED" == marketing(client, reader)["consent"]
    assert 200 == web.post(path).status_code
    assert "UNSUBSCRIBED" == marketing(client, reader)["consent"]
    assert 1 == len(events(klaviyo, "Unsubscribed from Email Marketing"))


@pytest.mark.parametrize(
    ("form", "email_consent", "sms_consent", "metrics"),
    [
        ({"email": "on"}, "NEVER_SUBSCRIBED", "NEVER_SUBSCRIBED", []),
        ({"sms": "on"}, "UNSUBSCRIBED", "SUBSCRIBED", [NO_EMAIL, "Subscribed to SMS Marketing"]),
        ({}, "UNSUBSCRIBED", "NEVER_SUBSCRIBED", [NO_EMAIL]),
    ],
)
def test_preferences_are_kept(client, klaviyo, web, reader, email, form, email_consent, sms_consent, metrics):
    path = page(web, email, "manage_preferences")
    shown = web.get(path).text
    web.post(path, data=form)

    assert ("checked> Email" in shown, "checked> Text" in shown) == (True, False)
    assert (email_consent, sms_consent) == (
        marketing(client, reader)["consent"],
        marketing(client, reader, "sms")["consent"],
    )
    assert all(events(klaviyo, metric) for metric in ("Updated Email Preferences", *metrics))


def test_a_property_is_written_by_a_link_of_the_message_only(client, web, reader, email):
    path = page(web, email, "update_property")
    forged = web.get(path.replace("gold", "platinum"))
    answer = web.get(path)

    assert 404 == forged.status_code
    assert (302, "https://shop.example.org/c") == (answer.status_code, answer.headers["Location"])
    assert {"tier": "gold"} == client.profile(reader)["properties"]


def test_a_message_is_shown_as_a_page_whose_scripts_do_nothing(web, email):
    answer = web.get(page(web, email, "web_view"))

    assert "482913" in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "allow-scripts" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", [*PAGES, "nonsense"])
def test_the_links_of_a_preview_tell_what_they_would_do(web, page):
    answer = web.get(f"/__mock/links/MOCK01/preview/{page}")

    assert (404, False) if page == "nonsense" else (200, True) == (answer.status_code, "would" in answer.text)


@pytest.mark.parametrize("page", [*PAGES, "click/99"])
def test_a_link_of_no_message_says_so(web, email, page):
    id = email if page == "click/99" else "NOPE"

    assert 404 == web.get(f"/__mock/links/MOCK01/{id}/{page}").status_code


def test_a_short_link_notes_the_click_and_leads_on(client, klaviyo, web, reader):
    allow_sms(client)
    campaign(client, reader, "sms")
    (found,) = inbox(web, channel="sms")
    ((code, url),) = found["short_links"].items()
    answer = web.get(f"/__mock/s/MOCK01/{code}")

    assert (302, url) == (answer.status_code, answer.headers["Location"])
    assert [url] == [event["URL"] for event in events(klaviyo, "Clicked SMS")]
    assert 404 == web.get("/__mock/s/MOCK01/NOPE00").status_code


def test_the_links_of_a_world_lead_to_its_own_message(client, web):
    headers = {"X-Mock-World": "w1", "Authorization": f"Klaviyo-API-Key {client.klaviyo.config.private_key}"}
    world = web.post("/__mock/worlds", json={"name": "w2"}, headers={"Authorization": headers["Authorization"]}).json
    other = next(each for each in web.application.extensions["accounts"].every() if each is not client.klaviyo)
    there = Client(other)
    campaign(there, there.create("/api/profiles", profile(email=BOB)))
    (found,) = web.get("/__mock/messages", query_string={"company_id": world["public_key"]}).json["data"]
    link = next(iter(each for each in web.get(
        f"/__mock/messages/{found['id']}/extract", query_string={"company_id": world["public_key"]}
    ).json["links"] if each["kind"] == "unsubscribe"))  # fmt: skip

    assert 200 == web.post(link["url"].partition("a.klaviyo.com")[2]).status_code
    assert [] == inbox(web)


DEFAULT = "utm_source=Klaviyo&utm_medium=email&utm_campaign=Spring+%28{id}%29&utm_id={id}"
CUSTOM = [
    {"type": "static", "name": "utm_source", "value": "me"},
    {"type": "dynamic", "name": "utm_medium", "value": "email_subject"},
]


@pytest.mark.parametrize(
    ("settings", "tracking", "query"),
    [
        ({}, None, ""),
        (
            {},
            {"add_tracking_params": True},
            DEFAULT,
        ),
        (
            {"auto_add_parameters": True},
            None,
            DEFAULT,
        ),
        ({}, {"add_tracking_params": True, "custom_tracking_params": CUSTOM}, "utm_source=me&utm_medium=Hi+Anna"),
    ],
)
def test_links_carry_what_the_account_or_the_message_adds(client, web, reader, settings, tracking, query):
    client.patch("/api/tracking-settings/MOCK01", resource("tracking-setting", "MOCK01", **settings))
    id = campaign(client, reader, tracking=tracking)
    (found,) = inbox(web)
    urls = [each["url"] for each in extracted(web, found["id"])["links"]]

    assert f"https://shop.example.org/b{'?' if query else ''}{query.format(id=id)}" in urls
    assert any(url.endswith(f"{found['id']}/unsubscribe") for url in urls)


def test_short_links_carry_parameters_too(client, web, reader):
    allow_sms(client)
    campaign(client, reader, "sms", tracking={"add_tracking_params": True})
    (found,) = inbox(web, channel="sms")

    assert "utm_medium=sms" in next(iter(found["short_links"].values()))


# what recipients do


@pytest.mark.parametrize(
    ("action", "body", "metric", "told"),
    [
        ("open", {}, "Opened Email", {}),
        ("click", {}, "Clicked Email", {"URL": "https://shop.example.org/a?x=1&y=2"}),
        ("click", {"link": 1}, "Clicked Email", {"URL": "https://shop.example.org/b"}),
        ("click", {"link": "https://shop.example.org/b"}, "Clicked Email", {"URL": "https://shop.example.org/b"}),
        ("bounce", {}, "Bounced Email", {"Bounce Type": "Hard"}),
        ("bounce", {"type": "Soft"}, "Bounced Email", {"Bounce Type": "Soft"}),
        ("unsubscribe", {}, "Unsubscribed from Email Marketing", {}),
        ("spam", {}, "Marked Email as Spam", {}),
    ],
)
def test_what_a_recipient_does_is_an_event_of_klaviyos_own(klaviyo, web, email, action, body, metric, told):
    answer = web.post(f"/__mock/messages/{email}/{action}", json=body).json
    (event,) = events(klaviyo, metric)

    assert answer["message_id"] == event["$message"]
    assert told.items() <= event.items()
    assert told.items() <= answer["reactions"][0].items()


@pytest.mark.parametrize(
    ("action", "body", "reasons"),
    [
        ("bounce", {}, ["HARD_BOUNCE"]),
        ("bounce", {"type": "Soft"}, []),
        ("spam", {}, ["SPAM_COMPLAINT"]),
        ("unsubscribe", {}, ["UNSUBSCRIBE"]),
    ],
)
def test_some_of_it_suppresses(client, web, reader, email, action, body, reasons):
    web.post(f"/__mock/messages/{email}/{action}", json=body)

    assert reasons == [each["reason"] for each in marketing(client, reader)["suppression"]]


def test_each_opening_counts(klaviyo, web, email):
    for _ in range(2):
        web.post(f"/__mock/messages/{email}/open")

    assert 2 == len(events(klaviyo, "Opened Email"))


@pytest.mark.parametrize(
    ("action", "body", "problem"),
    [
        ("click", {"link": 99}, "0 https://shop.example.org/a"),
        ("click", {"url": "x"}, "link"),
        ("bounce", {"type": "Hrad"}, "Hard or Soft"),
    ],
)
def test_what_nobody_can_do_is_refused(klaviyo, web, email, action, body, problem):
    answer = web.post(f"/__mock/messages/{email}/{action}", json=body)

    assert 400 == answer.status_code
    assert problem in answer.json["error"]
    assert "reactions" not in klaviyo.row("outbox-message", email).document


def test_a_message_that_was_skipped_cannot_be_opened(client, web, reader):
    campaign(client, reader, html="{% nonsense %}")
    (found,) = inbox(web, skipped="true")

    assert "was skipped (Email Syntax Error)" in web.post(f"/__mock/messages/{found['id']}/open").json["error"]
    assert "(html, line 1, column 1)" in found["problem"]


def test_a_text_message_is_not_opened(client, web, reader):
    allow_sms(client)
    campaign(client, reader, "sms")
    (found,) = inbox(web, channel="sms")

    assert "no 'opened' of sms" in web.post(f"/__mock/messages/{found['id']}/open").json["error"]
    assert 200 == web.post(f"/__mock/messages/{found['id']}/unsubscribe").status_code


def test_reports_and_segments_see_what_recipients_do(client, klaviyo, web, reader, email):
    for action in ("open", "click"):
        web.post(f"/__mock/messages/{email}/{action}")
    client.track("Placed Order", BOB)
    metrics = {each["attributes"]["name"]: each["id"] for each in client.get("/api/metrics")["data"]}
    asked = {"statistics": ["opens_unique", "clicks_unique"], "conversion_metric_id": metrics["Placed Order"]}
    asked["timeframe"] = {"start": "2025-12-01T00:00:00Z", "end": "2026-01-31T00:00:00Z"}
    report = client.post("/api/campaign-values-reports", resource("campaign-values-report", **asked))
    segment = client.create("/api/segments", resource("segment", name="C", definition=once(metrics["Clicked Email"])))

    assert [{"opens_unique": 1, "clicks_unique": 1}] == [
        each["statistics"] for each in report["data"]["attributes"]["results"]
    ]
    assert [reader] == client.ids(f"/api/segments/{segment}/profiles")


def once(metric_id: str) -> Any:
    """The definition of those who did something at least once."""
    condition = {
        "type": "profile-metric",
        "metric_id": metric_id,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": "greater-than", "value": 0},
        "timeframe_filter": {"type": "date", "operator": "alltime"},
        "metric_filters": None,
    }
    return {"condition_groups": [{"conditions": [condition]}]}


# the inbox


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"to": ANNA.upper()}, 1),
        ({"to": BOB}, 0),
        ({"campaign": "Spring"}, 1),
        ({"flow": "Spring"}, 0),
        ({"channel": "email"}, 1),
        ({"channel": "sms"}, 0),
        ({"subject": "hi anna"}, 1),
        ({"subject": "hi bob"}, 0),
        ({"text": "your CODE is"}, 1),
        ({"text": "href"}, 0),
        ({"since": "2026-01-01T00:00:00Z"}, 1),
        ({"since": "2026-01-01T00:00:01Z"}, 0),
        ({"skipped": "false"}, 1),
        ({"skipped": "true"}, 0),
        ({"to": ANNA, "channel": "sms"}, 0),
        ({"limit": "0"}, 0),
    ],
)
def test_messages_are_found(web, email, wanted, count):
    assert count == len(inbox(web, **wanted))


def test_a_search_goes_through_all_messages_and_pages(client, web, reader, monkeypatch):
    monkeypatch.setattr(searching, "AT_ONCE", 2)
    for number in range(5):
        campaign(client, reader, subject=f"{'odd' if number % 2 else 'even'} {number}")
    first = web.get("/__mock/messages", query_string={"subject": "even", "limit": "2"}).json
    rest = inbox(web, subject="even", after=str(first["next"]))

    assert ["even 0", "even 2", "even 4"] == [each["subject"] for each in [*first["data"], *rest]]


@pytest.mark.parametrize("wanted", [{"skipped": "maybe"}, {"since": "yesterday"}, {"form": "x"}])
def test_a_search_that_makes_no_sense_is_refused(web, wanted):
    answer = web.get("/__mock/messages", query_string=wanted)

    assert 400 == answer.status_code
    assert next(iter(wanted)) in answer.json["error"]


def test_a_message_says_what_was_empty_and_holds_its_codes(client, web, reader):
    client.post("/api/coupons", resource("coupon", external_id="SPRING"))
    of = {"coupon": reference("coupon", "SPRING")}
    client.post("/api/coupon-codes", resource("coupon-code", None, of, unique_code="AAA1111"))
    campaign(client, reader, html="Your code: {% coupon_code 'SPRING' %}, PIN 1234.\n {{ person.tier }}")
    (found,) = inbox(web)
    whole, holds = web.get(f"/__mock/messages/{found['id']}").json, extracted(web, found["id"])

    assert [{"part": "html", "variable": "person.tier", "line": 2, "column": 2}] == whole["empty_variables"]
    assert ({"SPRING": "AAA1111"}, ["1234"]) == (holds["coupon_codes"], holds["one_time_codes"])


@pytest.mark.parametrize("path", ["", "/html", "/extract"])
def test_a_message_that_is_not_there_is_named(web, path):
    answer = web.get(f"/__mock/messages/NOPE{path}")

    assert 400 == answer.status_code
    assert "there is no message NOPE" in answer.json["error"]


def test_the_title_of_a_page_is_text():
    page = page_of("<script>alert(1)</script>", "").get_data(as_text=True)

    assert 2 == page.count("&lt;script&gt;")
    assert "<script>" not in page
