"""Campaigns: drafts, their messages, and everything that happens when they are sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client
from tests.conftest import START

CAMPAIGNS = "/api/campaigns"
EMAIL = {"channel": "email", "content": {"subject": "Hi {{ first_name|default:'you' }}"}}
SMS = {"channel": "sms", "content": {"body": "20% off"}}
PUSH = {"channel": "mobile_push", "content": {"body": "Sale"}}
PNG = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAEElEQVR4nGNg+E8AMowoFQDA/X+BQnmBUwAAAABJRU5ErkJggg=="
)


def message(definition: Any, image: str | None = None) -> Any:
    """A message in the body of a campaign."""
    found: Any = {"type": "campaign-message", "attributes": {"definition": definition}}
    if image:
        found["relationships"] = {"image": {"data": {"type": "image", "id": image}}}
    return found


def body(definition: Any = EMAIL, **attributes: Any) -> Any:
    """The body of a new campaign."""
    messages = {"campaign-messages": {"data": [message(definition)]}}
    own = {"name": "Spring", "audiences": {"included": []}}
    return {"data": {"type": "campaign", "attributes": {**own, **messages, **attributes}}}


def change(id: str, type: str = "campaign", **attributes: Any) -> Any:
    """The body of a changed resource."""
    return {"data": {"type": type, "id": id, "attributes": attributes}}


def job(type: str, id: str, **attributes: Any) -> Any:
    """The body of a job about a campaign."""
    return {"data": {"type": type, "id": id} | ({"attributes": attributes} if attributes else {})}


@pytest.fixture
def members(client: Client) -> str:
    """A list with Anna, who subscribed to texts, and Bob, who did not."""
    anna = person(client, "anna@shop.org", first_name="Anna", phone_number="+12125550123")
    bob = person(client, "bob@shop.org")
    consent(client, "sms", "SUBSCRIBED", email="anna@shop.org", phone_number="+12125550123")
    return a_list(client, anna, bob)


def person(client: Client, email: str, **attributes: Any) -> str:
    """The id of a new profile."""
    profile = {"type": "profile", "attributes": {"email": email, **attributes}}
    return str(client.post("/api/profiles", {"data": profile})["data"]["id"])


def a_list(client: Client, *profiles: str) -> str:
    """The id of a new list of profiles."""
    id = str(client.post("/api/lists", {"data": {"type": "list", "attributes": {"name": "L"}}})["data"]["id"])
    references = [{"type": "profile", "id": each} for each in profiles]
    if references:
        client.post(f"/api/lists/{id}/relationships/profiles", {"data": references})
    return id


def consent(client: Client, channel: str, consent: str, list_id: str | None = None, **identifiers: Any) -> None:
    """Subscribe or unsubscribe a profile, everywhere or for a list."""
    is_new = consent == "SUBSCRIBED"
    entry = {"consent": consent} | ({"consented_at": "2025-12-01T00:00:00Z"} if is_new else {})
    attributes = {**identifiers, "subscriptions": {channel: {"marketing": entry}}}
    kind = "create" if is_new else "delete"
    whole: Any = {"profiles": {"data": [{"type": "profile", "attributes": attributes}]}}
    if is_new:
        whole["historical_import"] = True
    type = f"profile-subscription-bulk-{kind}-job"
    related = {"relationships": {"list": {"data": {"type": "list", "id": list_id}}}} if list_id else {}
    client.post(f"/api/{type}s", {"data": {"type": type, "attributes": whole, **related}})


def template(client: Client, html: str = "<p>Hi {{ first_name }}</p>") -> str:
    """The id of a new template."""
    attributes = {"name": "T", "editor_type": "CODE", "html": html, "text": "Hi {{ person.full_name }}"}
    return str(client.post("/api/templates", {"data": {"type": "template", "attributes": attributes}})["data"]["id"])


def create(client: Client, definition: Any = EMAIL, **attributes: Any) -> str:
    """The id of a new campaign."""
    return str(client.post(CAMPAIGNS, body(definition, **attributes))["data"]["id"])


def message_id(client: Client, campaign: str) -> str:
    """The id of a campaign's message."""
    return str(client.get(f"{CAMPAIGNS}/{campaign}/relationships/campaign-messages")["data"][0]["id"])


def assign(client: Client, message: str, template: str) -> Any:
    """Give a message a copy of a template."""
    related = {"template": {"data": {"type": "template", "id": template}}}
    data = {"type": "campaign-message", "id": message, "relationships": related}
    return client.post("/api/campaign-message-assign-template", {"data": data})


def ready(client: Client, definition: Any = EMAIL, **attributes: Any) -> str:
    """The id of a new campaign that can be sent."""
    id = create(client, definition, **attributes)
    if definition["channel"] == "email":
        assign(client, message_id(client, id), template(client))
    return id


def send(client: Client, campaign: str) -> None:
    """Send a campaign."""
    client.post("/api/campaign-send-jobs", job("campaign-send-job", campaign))


def sent(client: Client, definition: Any = EMAIL, **attributes: Any) -> str:
    """The id of a new campaign that is sent."""
    id = ready(client, definition, **attributes)
    send(client, id)
    return id


def status(client: Client, campaign: str) -> str:
    """How far a campaign is."""
    return str(client.get(f"{CAMPAIGNS}/{campaign}")["data"]["attributes"]["status"])


def outbox(klaviyo: Klaviyo) -> list[tuple[str, str | None]]:
    """To whom messages went, and why some did not."""
    return [(row.document["to"], row.document["skipped"]) for row in klaviyo.rows("outbox-message", 0, 100)]


def at(days: float = 0, hours: float = 0) -> datetime:
    """A time after the start."""
    return START + timedelta(days=days, hours=hours)


def static(when: datetime, **options: Any) -> Any:
    """A strategy that sends at a time."""
    return {"method": "static", "datetime": when.isoformat()} | ({"options": options} if options else {})


# drafts


def test_a_campaign_lives_from_draft_to_deletion(client):
    id = create(client, name="Spring")

    assert "Spring" == client.get(f"{CAMPAIGNS}/{id}")["data"]["attributes"]["name"]
    client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, name="Summer"))
    assert ["Summer"] == names(client, 'contains(name,"umm")')
    assert 204 == client.call("DELETE", f"{CAMPAIGNS}/{id}").status
    assert (404, f"A campaign with id '{id}' does not exist.") == refused(client.error("GET", f"{CAMPAIGNS}/{id}"))


def names(client: Client, *filters: str, **query: str) -> list[str]:
    """The names of campaigns that a filter finds."""
    text = ",".join(['equals(messages.channel,"email")', *filters])
    return [each["attributes"]["name"] for each in client.get(CAMPAIGNS, filter=text, **query)["data"]]


def refused(answer: tuple[int, Any]) -> tuple[int, str]:
    """The status and words of a refusal."""
    return answer[0], answer[1]["detail"]


def test_a_new_campaign_has_klaviyos_defaults(client):
    attributes = client.post(CAMPAIGNS, body())["data"]["attributes"]

    assert "Draft" == attributes["status"]
    assert {"method": "immediate"} == attributes["send_strategy"]
    assert {"use_smart_sending": True, "ignore_unsubscribes": False} == attributes["send_options"]
    assert {"included": [], "excluded": []} == attributes["audiences"]
    assert [None, None] == [attributes["scheduled_at"], attributes["send_time"]]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (static(datetime(2026, 3, 1, 9, tzinfo=UTC)), {"options": {"is_local": False}}),
        ({"method": "static", "datetime": "2026-03-01T10:00:00+01:00"}, {"datetime": "2026-03-01T09:00:00+00:00"}),
        (
            static(datetime(2026, 3, 1, 9, tzinfo=UTC), is_local=True),
            {"options": {"is_local": True, "send_past_recipients_immediately": False}},
        ),
        ({"method": "throttled", "datetime": "2026-03-01T09:00:00Z", "throttle_percentage": 25}, {}),
        ({"method": "smart_send_time", "date": "2026-03-01"}, {"date": "2026-03-01"}),
    ],
)
def test_a_strategy_is_kept_complete_and_in_utc(client, given, kept):
    strategy = client.post(CAMPAIGNS, body(send_strategy=given))["data"]["attributes"]["send_strategy"]

    assert given["method"] == strategy["method"]
    assert kept == {name: strategy[name] for name in kept}


def test_campaigns_are_listed_by_channel_sorted_and_in_pages(client):
    for name in ("B", "A", "C"):
        create(client, name=name)
    create(client, SMS, name="text")
    first = client.get(CAMPAIGNS, filter="equals(messages.channel,'email')", sort="name", **{"page[size]": "2"})
    (cursor,) = parse_qs(urlsplit(first["links"]["next"]).query)["page[cursor]"]

    assert ["A", "B"] == [each["attributes"]["name"] for each in first["data"]]
    assert ["C"] == names(client, sort="name", **{"page[size]": "2", "page[cursor]": cursor})
    assert ["C", "B", "A"] == names(client, sort="-name")


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('equals(status,"Draft")', ["one", "two"]),
        ('any(status,["Sent","Scheduled"])', []),
        ("equals(archived,false)", ["one", "two"]),
        ("greater-than(created_at,2026-01-01T00:00:00Z)", []),
        ("less-or-equal(updated_at,2026-01-01T00:00:00Z)", ["one", "two"]),
        ("greater-than(scheduled_at,2020-01-01T00:00:00Z)", []),
    ],
)
def test_campaigns_are_filtered(client, filter, found):
    create(client, name="one")
    create(client, name="two")

    assert found == names(client, filter)


@pytest.mark.parametrize("filter", ["", 'contains(name,"x")', 'equals(messages.channel,"push")'])
def test_a_list_of_campaigns_must_name_a_channel(client, filter):
    answer = client.call("GET", CAMPAIGNS, **({"filter": filter} if filter else {}))

    assert 400 == answer.status
    assert {"parameter": "filter"} == answer.document["errors"][0]["source"]


def test_a_campaign_includes_its_messages_and_tags(client):
    id = create(client)
    document = client.get(f"{CAMPAIGNS}/{id}", include="campaign-messages,tags")

    assert [message_id(client, id)] == [each["id"] for each in document["included"]]
    assert [] == document["data"]["relationships"]["tags"]["data"]


def test_a_campaigns_tags_are_read_from_both_sides(client):
    id = create(client)
    tag = client.post("/api/tags", {"data": {"type": "tag", "attributes": {"name": "sale"}}})["data"]["id"]
    client.post(f"/api/tags/{tag}/relationships/campaigns", {"data": [{"type": "campaign", "id": id}]})

    assert [tag] == [each["id"] for each in client.get(f"{CAMPAIGNS}/{id}/tags")["data"]]
    assert [tag] == [each["id"] for each in client.get(f"{CAMPAIGNS}/{id}/relationships/tags")["data"]]


def test_null_leaves_an_attribute_alone_and_options_change_one_by_one(client):
    id = create(client, tracking_options={"is_tracking_opens": False})
    given = {"name": None, "send_strategy": None, "tracking_options": {"is_tracking_clicks": False}}
    answer = client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, **given))
    attributes = answer.document["data"]["attributes"]

    assert "Spring" == attributes["name"]
    tracking = attributes["tracking_options"]
    assert (False, False) == (tracking["is_tracking_opens"], tracking["is_tracking_clicks"])


def test_excluded_groups_change_without_the_included_ones(client, members):
    id, other = create(client, audiences={"included": [members]}), a_list(client)
    answer = client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, audiences={"excluded": [other]}))

    assert {"included": [members], "excluded": [other]} == answer.document["data"]["attributes"]["audiences"]


def test_an_email_is_called_as_its_campaign_even_when_that_is_renamed(client):
    id = create(client, name="Spring")
    client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, name="Summer"))
    definition = client.get(f"{CAMPAIGNS}/{id}/campaign-messages")["data"][0]["attributes"]["definition"]

    assert "Summer" == definition["label"]


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"audiences": {"included": ["NOPE01"]}}, "audiences/included/0"),
        ({"audiences": {"included": [], "excluded": ["NOPE01"]}}, "audiences/excluded/0"),
        ({"campaign-messages": {"data": []}}, "campaign-messages/data"),
        ({"campaign-messages": {"data": [message(EMAIL), message(SMS)]}}, "campaign-messages/data"),
        (
            {"campaign-messages": {"data": [message({"channel": "email", "content": {"from_email": "x"}})]}},
            "campaign-messages/data/0/attributes/definition/content/from_email",
        ),
        ({"campaign-messages": {"data": [message(EMAIL, "1")]}}, "campaign-messages/data/0/relationships/image"),
        ({"campaign-messages": {"data": [message(SMS, "1")]}}, "campaign-messages/data/0/relationships/image/data/id"),
        ({"send_strategy": static(datetime(1, 1, 1, tzinfo=UTC))}, "send_strategy/datetime"),
        ({"send_strategy": {"method": "smart_send_time", "date": "9999-12-31"}}, "send_strategy/date"),
        ({"send_strategy": {"method": "soon"}}, "send_strategy/method"),
        (
            {"tracking_options": {"custom_tracking_params": [{"type": "static", "name": "utm_source", "value": "x"}]}},
            "tracking_options/custom_tracking_params",
        ),
    ],
)
def test_a_campaign_that_cannot_be_is_refused_and_not_kept(client, attributes, pointer):
    status, problem = client.error("POST", CAMPAIGNS, body(**attributes))

    assert (400, {"pointer": f"/data/attributes/{pointer}"}) == (status, problem["source"])
    assert [] == names(client)


def test_a_clone_is_a_draft_with_copies_of_everything(client, members):
    id = sent(client, audiences={"included": [members]}, send_strategy=static(at(days=9)))
    data = {"type": "campaign", "id": id, "attributes": {"new_name": "Again"}}
    clone = client.post("/api/campaign-clone", {"data": data})["data"]
    copied, original = message_id(client, clone["id"]), message_id(client, id)

    assert ("Again", "Draft") == (clone["attributes"]["name"], clone["attributes"]["status"])
    assert [members] == clone["attributes"]["audiences"]["included"]
    assert START.isoformat() == clone["attributes"]["send_strategy"]["datetime"]
    assert template_of(client, original) not in (None, template_of(client, copied))


def template_of(client: Client, message: str) -> str | None:
    """The id of a message's template."""
    data = client.get(f"/api/campaign-messages/{message}/relationships/template")["data"]
    return data and str(data["id"])


# messages


def test_a_message_leads_to_its_campaign(client):
    id = create(client)
    message = message_id(client, id)
    document = client.get(f"/api/campaign-messages/{message}", include="campaign,template,image")

    assert id == document["data"]["relationships"]["campaign"]["data"]["id"]
    assert [id] == [each["id"] for each in document["included"]]
    assert id == client.get(f"/api/campaign-messages/{message}/campaign")["data"]["id"]
    assert id == client.get(f"/api/campaign-messages/{message}/relationships/campaign")["data"]["id"]


def test_an_unknown_message_is_not_found(client):
    answer = client.error("GET", "/api/campaign-messages/NOPE01")

    assert (404, "A message with id 'NOPE01' does not exist.") == refused(answer)


def test_a_message_changes_member_by_member(client):
    message = message_id(client, create(client, EMAIL | {"label": "first"}))
    given = {"channel": "email", "content": {"preview_text": "look"}}
    answer = client.call(
        "PATCH", f"/api/campaign-messages/{message}", change(message, "campaign-message", definition=given)
    )
    definition = answer.document["data"]["attributes"]["definition"]

    assert ("first", "look") == (definition["label"], definition["content"]["preview_text"])
    assert EMAIL["content"]["subject"] == definition["content"]["subject"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (SMS, "definition/channel"),
        (EMAIL | {"content": {"reply_to_email": "nobody"}}, "definition/content/reply_to_email"),
    ],
)
def test_a_message_cannot_become_what_it_is_not(client, given, pointer):
    message = message_id(client, create(client))
    whole = change(message, "campaign-message", definition=given)
    status, problem = client.error("PATCH", f"/api/campaign-messages/{message}", whole)

    assert (400, {"pointer": f"/data/attributes/{pointer}"}) == (status, problem["source"])


@pytest.mark.parametrize(
    "buttons",
    [
        [{"label": "x", "action_type": "jump"}],
        [{"label": "x", "action_type": "open_url"}],
        [{"label": "x" * 41, "action_type": "dismiss"}],
        [{"label": "x", "action_type": "dismiss", "position": 1}],
        [{"label": "x", "action_type": "dismiss"}] * 4,
    ],
)
def test_buttons_of_a_notification_keep_their_rules(client, buttons):
    definition = {"channel": "mobile_push", "content": {"body": "Sale", "action_buttons": buttons}}

    assert 400 == client.call("POST", CAMPAIGNS, body(definition)).status


def test_a_notification_that_says_nothing_is_silent(client):
    message = message_id(client, create(client, {"channel": "mobile_push", "kv_pairs": {"a": "b"}}))
    definition = client.get(f"/api/campaign-messages/{message}")["data"]["attributes"]["definition"]

    assert {"channel": "mobile_push", "notification_type": "silent", "kv_pairs": {"a": "b"}} == definition


def test_a_message_has_its_own_copy_of_a_template(client):
    message, original = message_id(client, create(client)), template(client)
    answer = assign(client, message, original)
    (copy,) = answer["included"]

    assert ("email", None) == (answer["data"]["attributes"]["channel"], answer["data"]["attributes"]["render_options"])
    assert copy["id"] == answer["data"]["relationships"]["template"]["data"]["id"] != original
    assert f"Clone of {original}" == copy["attributes"]["name"]
    client.call("DELETE", f"/api/templates/{original}")
    assert copy["id"] == client.get(f"/api/campaign-messages/{message}/template")["data"]["id"]


def test_a_message_without_template_leads_to_none(client):
    message = message_id(client, create(client))

    assert None is client.get(f"/api/campaign-messages/{message}/relationships/template")["data"]
    assert None is template_of(client, message)


@pytest.mark.parametrize("is_of_another_message", [True, False])
def test_a_template_that_is_not_there_is_refused(client, is_of_another_message):
    message, other = (message_id(client, create(client)) for _ in range(2))
    id = assign(client, other, template(client))["included"][0]["id"] if is_of_another_message else "NOPE01"
    related = {"template": {"data": {"type": "template", "id": id}}}
    data = {"type": "campaign-message", "id": message, "relationships": related}
    status, problem = client.error("POST", "/api/campaign-message-assign-template", {"data": data})

    assert (400, {"pointer": "/data/relationships/template/data/id"}) == (status, problem["source"])


def test_texts_carry_an_image(client):
    message, image = message_id(client, create(client, SMS)), upload(client)
    path = f"/api/campaign-messages/{message}"
    answer = client.call("PATCH", f"{path}/relationships/image", {"data": {"type": "image", "id": image["id"]}})

    assert 204 == answer.status
    assert image["id"] == client.get(f"{path}/relationships/image")["data"]["id"]
    assert image["id"] == client.get(f"{path}/image")["data"]["id"]
    content = client.get(path)["data"]["attributes"]["definition"]["content"]
    assert image["attributes"]["image_url"] == content["media_url"]


def upload(client: Client) -> Any:
    """A new image."""
    attributes = {"import_from_url": PNG, "name": "dot"}
    return client.post("/api/images", {"data": {"type": "image", "attributes": attributes}})["data"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "image"), ("GET", "relationships/image"), ("PATCH", "relationships/image")]
)
def test_emails_have_no_image(client, method, path):
    message = message_id(client, create(client))
    image = {"data": {"type": "image", "id": "1"}} if method == "PATCH" else None
    answer = client.error(method, f"/api/campaign-messages/{message}/{path}", image)

    assert (400, "Image relationships are only supported for push and SMS messages") == refused(answer)


# recipients


def test_how_many_would_get_a_campaign_is_known_once_it_was_counted(client, members):
    id = create(client, SMS, audiences={"included": [members]})
    path = f"/api/campaign-recipient-estimations/{id}"

    expected = (404, "No results or results were out of date. Schedule a new estimation.")
    assert expected == refused(client.error("GET", path))
    assert expected == refused(client.error("GET", f"/api/campaign-recipient-estimation-jobs/{id}"))
    started = client.post("/api/campaign-recipient-estimation-jobs", job("campaign-recipient-estimation-job", id))
    assert "processing" == started["data"]["attributes"]["status"]
    finished = client.get(f"/api/campaign-recipient-estimation-jobs/{id}")
    assert "complete" == finished["data"]["attributes"]["status"]
    assert 1 == client.get(path)["data"]["attributes"]["estimated_recipient_count"]


def test_a_count_is_out_of_date_when_the_audience_changes(client, members):
    id = create(client, SMS, audiences={"included": [members]})
    client.post("/api/campaign-recipient-estimation-jobs", job("campaign-recipient-estimation-job", id))
    client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, audiences={"included": []}))

    assert 404 == client.call("GET", f"/api/campaign-recipient-estimations/{id}").status


def test_nothing_is_known_of_an_unknown_campaign(client):
    expected = (404, "A campaign with id 'NOPE01' does not exist.")

    assert expected == refused(client.error("GET", "/api/campaign-recipient-estimations/NOPE01"))
    assert expected == refused(client.error("GET", "/api/campaign-recipient-estimation-jobs/NOPE01"))
    assert expected == refused(client.error("GET", "/api/campaign-send-jobs/NOPE01"))
    unknown = job("campaign-send-job", "NOPE01")
    assert expected == refused(client.error("POST", "/api/campaign-send-jobs", unknown))


def test_each_recipient_of_several_lists_gets_one_message(client, klaviyo, members):
    again = a_list(client, *(each["id"] for each in client.get(f"/api/lists/{members}/profiles")["data"]))
    sent(client, audiences={"included": [members, again]})

    assert [("anna@shop.org", None), ("bob@shop.org", None)] == outbox(klaviyo)


def test_who_is_in_an_excluded_list_gets_nothing(client, klaviyo, members):
    bob = client.get("/api/profiles", filter='equals(email,"bob@shop.org")')["data"][0]["id"]
    sent(client, audiences={"included": [members], "excluded": [a_list(client, bob)]})

    assert [("anna@shop.org", None)] == outbox(klaviyo)


def test_texts_go_only_to_who_subscribed_to_them(client, klaviyo, members):
    carl = person(client, "carl@shop.org", phone_number="+12125550124")
    client.post(f"/api/lists/{members}/relationships/profiles", {"data": [{"type": "profile", "id": carl}]})
    sent(client, SMS, audiences={"included": [members]})

    assert [("+12125550123", None)] == outbox(klaviyo)


def test_who_unsubscribed_or_is_suppressed_gets_no_email(client, klaviyo, members):
    consent(client, "email", "UNSUBSCRIBED", email="anna@shop.org")
    profiles = {"data": [{"type": "profile", "attributes": {"email": "bob@shop.org"}}]}
    type = "profile-suppression-bulk-create-job"
    client.post(f"/api/{type}s", {"data": {"type": type, "attributes": {"profiles": profiles}}})
    id = sent(client, audiences={"included": [members]})

    assert [] == outbox(klaviyo)
    assert "Cancelled: No Recipients" == status(client, id)


@pytest.mark.parametrize(("is_on_another", "count"), [(False, 0), (True, 1)])
def test_who_left_a_list_is_reached_through_another_only(client, klaviyo, is_on_another, count):
    anna = person(client, "anna@shop.org")
    left, other = a_list(client, anna), a_list(client, anna)
    consent(client, "email", "UNSUBSCRIBED", list_id=left, email="anna@shop.org")
    client.post(f"/api/lists/{left}/relationships/profiles", {"data": [{"type": "profile", "id": anna}]})
    sent(client, audiences={"included": [left, *([other] if is_on_another else [])]})

    assert count == len(outbox(klaviyo))


def test_notifications_go_to_who_has_a_device(client, klaviyo, members):
    profile = {"data": {"type": "profile", "attributes": {"email": "bob@shop.org"}}}
    attributes = {"token": "t", "platform": "ios", "vendor": "apns", "profile": profile}
    client.post("/api/push-tokens", {"data": {"type": "push-token", "attributes": attributes}})
    sent(client, PUSH, audiences={"included": [members]})

    assert 1 == len(outbox(klaviyo))


def test_smart_sending_spares_who_had_a_message_just_now(client, klaviyo, members):
    sent(client, audiences={"included": [members]})
    id = sent(client, audiences={"included": [members]})

    assert "Cancelled: Smart Sending" == status(client, id)
    assert ("anna@shop.org", "Smart Sending") in outbox(klaviyo)
    klaviyo.move_clock(at(hours=17))
    assert "Sent" == status(client, sent(client, audiences={"included": [members]}))


def test_smart_sending_can_be_left_out(client, klaviyo, members):
    for _ in range(2):
        sent(client, audiences={"included": [members]}, send_options={"use_smart_sending": False})

    assert 4 == len([to for to, skipped in outbox(klaviyo) if skipped is None])


# sending


def test_a_sent_campaign_says_when(client, members):
    id = sent(client, audiences={"included": [members]})
    attributes = client.get(f"{CAMPAIGNS}/{id}")["data"]["attributes"]

    assert ("Sent", START.isoformat()) == (attributes["status"], attributes["send_time"])
    assert "complete" == client.get(f"/api/campaign-send-jobs/{id}")["data"]["attributes"]["status"]
    times = client.get(f"/api/campaign-messages/{message_id(client, id)}")["data"]["attributes"]["send_times"]
    assert [{"datetime": START.isoformat(), "is_local": False}] == times


def test_the_job_of_a_campaign_waits_at_first(client, members):
    id = ready(client, audiences={"included": [members]})
    answer = client.call("POST", "/api/campaign-send-jobs", job("campaign-send-job", id))

    assert (202, "queued") == (answer.status, answer.document["data"]["attributes"]["status"])
    assert id == answer.document["data"]["id"]


def test_messages_are_rendered_for_their_reader(client, klaviyo, members):
    sent(client, audiences={"included": [members]})
    anna, bob = (row.document for row in klaviyo.rows("outbox-message", 0, 9))

    assert ("Hi Anna", "<p>Hi Anna</p>", "Hi Anna") == (anna["subject"], anna["html"], anna["text"])
    assert "Hi you" == bob["subject"]
    assert ("hello@shop.example.org", "Mock Shop") == (anna["from_email"], anna["from_label"])


def test_a_wrong_template_reaches_nobody(client, klaviyo, members):
    id = create(client, audiences={"included": [members]})
    assign(client, message_id(client, id), template(client, "{% nonsense %}"))
    send(client, id)

    assert ("anna@shop.org", "Email Syntax Error") in outbox(klaviyo)
    assert "Cancelled: No Recipients" == status(client, id)


def test_an_email_about_something_that_is_gone_reaches_nobody(client, klaviyo, members):
    id = create(client, audiences={"included": [members]})
    html = "{% catalog 'SKU' %}{{ catalog_item.title }}{% endcatalog %}"
    assign(client, message_id(client, id), template(client, html))
    send(client, id)

    assert ("anna@shop.org", "Catalog Item Unavailable") in outbox(klaviyo)


def test_a_text_has_the_shops_name_before_it_and_the_way_out_behind(client, klaviyo, members):
    options = {"add_opt_out_language": True}
    sent(client, SMS | {"render_options": options}, audiences={"included": [members]})
    (row,) = klaviyo.rows("outbox-message", 0, 9)

    assert "Mock Shop: 20% off\nReply STOP to opt-out" == row.document["body"]
    assert 1 == row.document["segment_count"]


def test_klaviyo_records_what_was_received_under_its_own_integration(client, members):
    id = sent(client, audiences={"included": [members]})
    metrics = client.get("/api/metrics", filter='equals(integration.name,"Klaviyo")')["data"]
    events = client.get("/api/events", filter=f'equals(metric_id,"{metrics[0]["id"]}")')["data"]
    properties = events[0]["attributes"]["event_properties"]

    assert ["Received Email"] == [each["attributes"]["name"] for each in metrics]
    assert 2 == len(events)
    assert (message_id(client, id), "Spring") == (properties["$message"], properties["Campaign Name"])


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ({"channel": "email"}, "its message has no subject"),
        (EMAIL, "its message has no template"),
        ({"channel": "sms"}, "its message has no body"),
    ],
)
def test_a_campaign_with_gaps_is_not_sent(client, klaviyo, definition, reason):
    id = create(client, definition)
    status_code, problem = client.error("POST", "/api/campaign-send-jobs", job("campaign-send-job", id))

    assert 400 == status_code
    assert f"The campaign cannot be sent: {reason}." == problem["detail"]
    assert "Draft" == status(client, id)


def test_a_campaign_is_sent_once(client, members):
    id = sent(client, audiences={"included": [members]})

    assert 400 == client.call("POST", "/api/campaign-send-jobs", job("campaign-send-job", id)).status


def test_a_sent_campaign_keeps_all_but_its_name(client, members):
    id = sent(client, audiences={"included": [members]})

    assert 400 == client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, audiences={"included": []})).status
    assert 200 == client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, name="Over")).status
    message = message_id(client, id)
    given = change(message, "campaign-message", definition=EMAIL)
    assert 400 == client.call("PATCH", f"/api/campaign-messages/{message}", given).status


# on the clock


def test_a_scheduled_campaign_goes_out_at_its_time_to_who_is_there_then(client, klaviyo, members):
    id = sent(client, audiences={"included": [members]}, send_strategy=static(at(days=1)))

    assert ("Scheduled", []) == (status(client, id), outbox(klaviyo))
    carl = person(client, "carl@shop.org")
    client.post(f"/api/lists/{members}/relationships/profiles", {"data": [{"type": "profile", "id": carl}]})
    klaviyo.move_clock(at(days=2))
    assert ("Sent", 3) == (status(client, id), len(outbox(klaviyo)))
    (row, *_) = klaviyo.rows("outbox-message", 0, 9)
    assert at(days=1).isoformat() == row.document["at"]


def test_a_throttled_campaign_goes_out_hour_by_hour(client, klaviyo):
    people = [person(client, f"p{number}@shop.org") for number in range(4)]
    strategy = {"method": "throttled", "datetime": at(hours=1).isoformat(), "throttle_percentage": 50}
    id = sent(client, audiences={"included": [a_list(client, *people)]}, send_strategy=strategy)

    found = []
    for hour in (0, 1, 2):
        klaviyo.move_clock(at(hours=hour))
        found.append((len(outbox(klaviyo)), status(client, id)))
    assert [(0, "Scheduled"), (2, "Sending"), (4, "Sent")] == found


def test_a_local_campaign_reaches_each_at_the_same_time_of_day(client, klaviyo):
    tokyo = person(client, "yuki@shop.org", location={"timezone": "Asia/Tokyo"})
    paris = person(client, "luc@shop.org", location={"timezone": "Europe/Paris"})
    audience = {"included": [a_list(client, paris, tokyo)]}
    sent(client, audiences=audience, send_strategy=static(datetime(2026, 1, 5, 9, tzinfo=UTC), is_local=True))
    klaviyo.move_clock(at(days=9))

    times = {row.document["to"]: row.document["at"] for row in klaviyo.rows("outbox-message", 0, 9)}
    assert {"yuki@shop.org": "2026-01-05T00:00:00+00:00", "luc@shop.org": "2026-01-05T08:00:00+00:00"} == times


@pytest.mark.parametrize(("option", "count"), [(False, 0), (True, 1)])
def test_whose_time_has_passed_gets_a_local_campaign_only_if_asked_for(client, klaviyo, option, count):
    audience = {"included": [a_list(client, person(client, "yuki@shop.org", location={"timezone": "Asia/Tokyo"}))]}
    strategy = static(START, is_local=True, send_past_recipients_immediately=option)
    sent(client, audiences=audience, send_strategy=strategy)

    assert count == len(outbox(klaviyo))


def test_a_smart_send_time_begins_with_its_day_in_the_accounts_timezone(client, klaviyo, members):
    strategy = {"method": "smart_send_time", "date": "2026-01-03"}
    id = sent(client, audiences={"included": [members]}, send_strategy=strategy)
    klaviyo.move_clock(at(days=5))

    assert "2026-01-03T05:00:00+00:00" == client.get(f"{CAMPAIGNS}/{id}")["data"]["attributes"]["send_time"]
    assert 2 == len(outbox(klaviyo))


@pytest.mark.parametrize(("action", "expected"), [("cancel", "Cancelled"), ("revert", "Draft")])
def test_a_scheduled_campaign_can_be_stopped(client, klaviyo, members, action, expected):
    id = sent(client, audiences={"included": [members]}, send_strategy=static(at(days=1)))
    answer = client.call("PATCH", f"/api/campaign-send-jobs/{id}", job("campaign-send-job", id, action=action))

    assert (204, expected) == (answer.status, status(client, id))
    assert "cancelled" == client.get(f"/api/campaign-send-jobs/{id}")["data"]["attributes"]["status"]
    klaviyo.move_clock(at(days=2))
    assert [] == outbox(klaviyo)


def test_a_reverted_campaign_can_be_changed_and_sent(client, klaviyo, members):
    id = sent(client, audiences={"included": [members]}, send_strategy=static(at(days=1)))
    client.call("PATCH", f"/api/campaign-send-jobs/{id}", job("campaign-send-job", id, action="revert"))
    client.call("PATCH", f"{CAMPAIGNS}/{id}", change(id, send_strategy={"method": "immediate"}))
    send(client, id)

    assert ("Sent", 2) == (status(client, id), len(outbox(klaviyo)))


def test_a_throttled_campaign_can_be_stopped_on_its_way(client, klaviyo):
    people = [person(client, f"p{number}@shop.org") for number in range(4)]
    strategy = {"method": "throttled", "datetime": START.isoformat(), "throttle_percentage": 25}
    id = sent(client, audiences={"included": [a_list(client, *people)]}, send_strategy=strategy)
    client.call("PATCH", f"/api/campaign-send-jobs/{id}", job("campaign-send-job", id, action="cancel"))
    klaviyo.move_clock(at(days=1))

    assert ("Cancelled", 1) == (status(client, id), len(outbox(klaviyo)))


def test_a_campaign_that_is_out_cannot_be_stopped(client, members):
    id = sent(client, audiences={"included": [members]})
    answer = client.error("PATCH", f"/api/campaign-send-jobs/{id}", job("campaign-send-job", id, action="cancel"))

    assert (400, "A campaign that is Sent cannot be stopped any more.") == refused(answer)


def test_a_deleted_campaign_is_not_sent(client, klaviyo, members):
    id = sent(client, audiences={"included": [members]}, send_strategy=static(at(days=1)))
    message = message_id(client, id)
    copy = template_of(client, message)
    client.call("DELETE", f"{CAMPAIGNS}/{id}")

    assert not klaviyo.store.is_any("task")
    klaviyo.move_clock(at(days=2))
    assert [] == outbox(klaviyo)
    assert 404 == client.call("GET", f"/api/campaign-messages/{message}").status
    assert 404 == client.call("GET", f"/api/templates/{copy}").status


def test_a_sending_goes_on_after_a_restart(client, klaviyo, members):
    strategy = {"method": "throttled", "datetime": START.isoformat(), "throttle_percentage": 50}
    sent(client, audiences={"included": [members]}, send_strategy=strategy)
    klaviyo._begin()
    klaviyo.move_clock(at(days=1))

    assert 2 == len(outbox(klaviyo))


def test_a_throttled_campaign_keeps_its_hours_when_the_clock_leaps(client, klaviyo):
    people = [person(client, f"p{number}@shop.org") for number in range(2)]
    strategy = {"method": "throttled", "datetime": at(hours=1).isoformat(), "throttle_percentage": 50}
    sent(client, audiences={"included": [a_list(client, *people)]}, send_strategy=strategy)
    client.call("GET", "/api/lists", headers={"x-mock-clock": at(days=3).isoformat()})

    times = [row.document["at"] for row in klaviyo.rows("outbox-message", 0, 9)]
    assert [at(hours=1).isoformat(), at(hours=2).isoformat()] == times


def test_who_is_erased_leaves_no_message_behind(client, klaviyo, members):
    sent(client, audiences={"included": [members]})
    profile = {"data": {"type": "profile", "attributes": {"email": "anna@shop.org"}}}
    job = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}}
    client.post("/api/data-privacy-deletion-jobs", job)

    assert [("bob@shop.org", None)] == outbox(klaviyo)


# the outbox


def test_the_outbox_shows_what_became_of_each_message(members, client, klaviyo):
    for _ in range(2):
        sent(client, SMS, audiences={"included": [members]})
    app = create_app(klaviyo=klaviyo)
    messages = app.test_client().get("/__mock/messages").get_json()["data"]

    assert [("sent", None), ("skipped", "Smart Sending")] == [(each["outcome"], each["reason"]) for each in messages]
    assert ("Mock Shop: 20% off", "+12125550123") == (messages[0]["body"], messages[0]["to"])
    assert "2026-01-01T00:00:00Z" == messages[0]["at"]


# jobs that take time


@pytest.fixture
def slow(klaviyo):
    klaviyo.delay(job_delay=timedelta(minutes=1))
    return klaviyo


def job_status(client, kind, id):
    return client.get(f"/api/campaign-{kind}-jobs/{id}")["data"]["attributes"]["status"]


def test_a_send_job_takes_time(client, members, slow):
    id = ready(client, audiences={"included": [members]})
    client.post("/api/campaign-send-jobs", job("campaign-send-job", id))

    assert ("queued", "Scheduled") == (job_status(client, "send", id), status(client, id))
    slow.move_clock(START + timedelta(seconds=30))
    assert ("processing", "Sending", []) == (job_status(client, "send", id), status(client, id), outbox(slow))
    slow.move_clock(START + timedelta(minutes=1))
    assert ("complete", "Sent", 2) == (job_status(client, "send", id), status(client, id), len(outbox(slow)))


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_send_job_can_be_cancelled_until_its_recipients_are_chosen(client, members, slow, seconds):
    id = ready(client, audiences={"included": [members]})
    client.post("/api/campaign-send-jobs", job("campaign-send-job", id))
    slow.move_clock(START + timedelta(seconds=seconds))

    client.patch(f"/api/campaign-send-jobs/{id}", job("campaign-send-job", id, action="cancel"))
    slow.move_clock(START + timedelta(hours=1))
    assert ("cancelled", "Cancelled", []) == (job_status(client, "send", id), status(client, id), outbox(slow))


def test_an_estimation_takes_time(client, members, slow):
    id = ready(client, audiences={"included": [members]})
    body = job("campaign-recipient-estimation-job", id)
    client.post("/api/campaign-recipient-estimation-jobs", body)

    assert "queued" == job_status(client, "recipient-estimation", id)
    assert 404 == client.error("GET", f"/api/campaign-recipient-estimations/{id}")[0]
    slow.move_clock(START + timedelta(minutes=1))
    assert "complete" == job_status(client, "recipient-estimation", id)
    found = client.get(f"/api/campaign-recipient-estimations/{id}")["data"]["attributes"]
    assert {"estimated_recipient_count": 2} == found


def test_an_estimation_that_is_asked_for_again_begins_anew(client, members, slow):
    id = ready(client, audiences={"included": [members]})
    body = job("campaign-recipient-estimation-job", id)
    client.post("/api/campaign-recipient-estimation-jobs", body)
    slow.move_clock(START + timedelta(seconds=40))
    client.post("/api/campaign-recipient-estimation-jobs", body)

    slow.move_clock(START + timedelta(minutes=1))
    assert "queued" == job_status(client, "recipient-estimation", id)
