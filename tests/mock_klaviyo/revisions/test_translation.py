"""How an older revision's requests are taken, and how its answers look."""

from __future__ import annotations

import pytest

from mock_klaviyo.resources.generic import retrieve
from mock_klaviyo.resources.reference import OWN, handler
from mock_klaviyo.spec.counterparts import counterpart
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.wire.translation import translation
from tests.calling import Client, consent, reference, resource, withdrawal
from tests.conftest import START
from tests.mock_klaviyo.revisions.asking import OLDER, client_in, scene_of

EMAIL = {"subject": "Hello", "from_email": "shop@example.org", "from_label": "Shop"}
ANNA = {"email": "anna@shop.example.org", "phone_number": "+12025550143"}


class Unchecked(Client):
    """A client that takes answers without what their schema needs, since it asked for less."""

    def check(self, request, response):
        pass


@pytest.fixture
def scene(klaviyo):
    return scene_of(klaviyo)


@pytest.fixture
def at(klaviyo):
    """A client in a revision."""
    return lambda revision: client_in(klaviyo, revision)


def attributes(client, path, **query):
    return client.get(path, **query)["data"]["attributes"]


def test_the_newest_revision_is_not_translated():
    newest = revisions()[-1]

    assert {None} == {translation(newest, each) for each in recording(newest).operations.values()}


def test_the_header_names_the_served_revision(at):
    response = at("2025-02-01").call("GET", "/api/profiles")

    assert "2025-01-15" == response.headers["X-Klaviyo-Api-Revision"]


def test_renamed_operations_are_answered_as_they_are_called_now():
    renamed = recording("2024-10-15").operations["get_create_variants_jobs"]
    newest = recording(revisions()[-1]).operations["get_bulk_create_variants_jobs"]
    found = translation("2024-10-15", renamed)

    assert counterpart(renamed) is newest
    assert newest.id == found.asked.id == found.answering.id  # cursors carry it


@pytest.mark.parametrize("revision", OLDER)
def test_an_operation_has_the_handler_of_its_newest_counterpart(revision):
    operations = recording(revision).operations.values()

    assert [] == [each.id for each in operations if handler(each) is not handler(counterpart(each))]


def test_the_operation_of_a_renamed_own_function_is_found(monkeypatch):
    monkeypatch.setitem(OWN, "get_flow_action_messages", retrieve)

    assert retrieve is handler(recording("2024-10-15").operations["get_messages_for_flow_action"])


# consent


def test_profiles_without_subscriptions_are_subscribed_to_all(client, at):
    id = client.create("/api/lists", resource("list", name="News", opt_in_process="single_opt_in"))
    at("2024-10-15").post("/api/profile-subscription-bulk-create-jobs", consent(ANNA, list_id=id))

    assert {"email": "SUBSCRIBED", "sms": "SUBSCRIBED", "sms transactional": "SUBSCRIBED"} == consents(client)


def consents(client):
    found = client.profile(client.ids("/api/profiles")[0])["subscriptions"]
    sms = found["sms"]
    return {
        "email": found["email"]["marketing"]["consent"],
        "sms": sms["marketing"]["consent"],
        "sms transactional": sms["transactional"]["consent"],
    }


def test_profiles_without_subscriptions_are_unsubscribed_from_all(client, at):
    at("2024-10-15").post("/api/profile-subscription-bulk-delete-jobs", withdrawal(ANNA | {"subscriptions": None}))

    assert {"UNSUBSCRIBED"} == set(consents(client).values())


def test_subscriptions_have_to_be_named_since(at):
    status, error = at("2025-01-15").error("POST", "/api/profile-subscription-bulk-create-jobs", consent(ANNA))

    assert (400, "subscriptions") == (status, error["source"]["pointer"].rpartition("/")[2])


def signup(list_id, meta=None, **attributes):
    profile = {"data": {"type": "profile", "attributes": ANNA | attributes} | ({"meta": meta} if meta else {})}
    return resource("subscription", None, {"list": reference("list", list_id)}, profile=profile)


def test_meta_stands_beside_the_attributes_of_a_subscriber(client, at):
    id = client.create("/api/lists", resource("list", name="News", opt_in_process="single_opt_in"))
    meta = {"patch_properties": {"append": {"tags": "vip"}}}
    at("2024-10-15").post("/client/subscriptions", signup(id, meta), company_id="MOCK01")

    assert {"tags": ["vip"]} == client.profile(client.ids("/api/profiles")[0])["properties"]


def test_a_subscriber_names_no_subscriptions_before(client, at):
    id = client.create("/api/lists", resource("list", name="News"))
    body = signup(id, subscriptions={"email": {"marketing": {"consent": "SUBSCRIBED"}}})
    status, error = at("2024-10-15").error("POST", "/client/subscriptions", body, company_id="MOCK01")

    assert (400, "subscriptions") == (status, error["source"]["pointer"].rpartition("/")[2])


# profiles


def test_an_anonymous_id_finds_a_profile_before(client, at):
    body = resource("profile", anonymous_id="visitor", **ANNA)
    anna = at("2025-07-15").create("/api/profile-import", body)
    again = at("2025-07-15").post("/api/profile-import", resource("profile", anonymous_id="visitor", title="Dr"))

    assert (anna, "Dr") == (again["data"]["id"], client.profile(anna)["title"])


def test_an_anonymous_id_is_refused_since(at):
    status, error = at("2025-10-15").error("POST", "/api/profile-import", resource("profile", anonymous_id="visitor"))

    assert (400, "/data/attributes/anonymous_id") == (status, error["source"]["pointer"])


def test_profiles_include_lists_and_segments_before(scene, at):
    scene.do("add_profiles_to_list")
    found = at("2025-10-15").get("/api/profiles", include="lists,segments")

    assert [("list", scene.one("list"))] == [(each["type"], each["id"]) for each in found["included"]]
    assert [reference("list", scene.one("list"))] == found["data"][0]["relationships"]["lists"]["data"]
    assert {"name", "created", "updated", "opt_in_process"} == found["included"][0]["attributes"].keys()


@pytest.mark.parametrize("revision", ["2025-04-15", "2025-07-15", "2025-10-15"])
def test_profiles_include_their_lists_and_segments_in_each_revision_that_offers_it(client, at, revision):
    anna, otto = (
        client.create("/api/profiles", resource("profile", email=f"{each}@a.org")) for each in ("anna", "otto")
    )
    news = client.create("/api/lists", resource("list", name="News"))
    client.post(f"/api/lists/{news}/relationships/profiles", {"data": [reference("profile", anna)]})
    member = {"type": "profile-group-membership", "is_member": True, "group_ids": [news]}
    definition = {"condition_groups": [{"conditions": [member]}]}
    readers = client.create("/api/segments", resource("segment", name="Readers", definition=definition))

    found = at(revision).get("/api/profiles", include="lists,segments")
    related = {each["id"]: each["relationships"] for each in found["data"]}
    assert {("list", news), ("segment", readers)} == {(each["type"], each["id"]) for each in found["included"]}
    assert [reference("segment", readers)] == related[anna]["segments"]["data"]
    assert ([], []) == (related[otto]["lists"]["data"], related[otto]["segments"]["data"])


@pytest.mark.parametrize("revision", ["2024-10-15", "2025-01-15"])
def test_profiles_include_nothing_long_before(at, revision):
    status, error = at(revision).error("GET", "/api/profiles", include="lists")

    assert (400, {"parameter": "include"}) == (status, error["source"])


def test_profiles_include_no_lists_since(at):
    status, error = at("2026-01-15").error("GET", "/api/profiles", include="lists")

    assert (400, {"parameter": "include"}) == (status, error["source"])


def test_a_profile_has_one_conversation_before(scene, at):
    conversation, path = scene.one("conversation"), f"/api/profiles/{scene.one('profile')}"
    before = at("2026-04-15").get(path, include="conversation")
    now = at("2026-07-15").get(path, include="conversations")

    assert reference("conversation", conversation) == before["data"]["relationships"]["conversation"]["data"]
    assert [reference("conversation", conversation)] == now["data"]["relationships"]["conversations"]["data"]
    assert [conversation] == [each["id"] for each in before["included"]]
    assert f"{path}/conversation/" in before["data"]["relationships"]["conversation"]["links"]["related"]
    assert "conversations" not in before["data"]["relationships"]


def test_a_profile_has_no_conversation_long_before(scene, at):
    scene.one("conversation")
    found = at("2026-01-15").get(f"/api/profiles/{scene.one('profile')}")

    assert {"lists", "segments", "push-tokens"} == found["data"]["relationships"].keys()


def test_nested_members_that_came_later_are_left_out(scene, at):
    path, more = f"/api/profiles/{scene.one('profile')}", {"additional-fields[profile]": "subscriptions"}

    assert "open_tracking" in attributes(at("2026-04-15"), path, **more)["subscriptions"]["email"]
    assert "open_tracking" not in attributes(at("2026-01-15"), path, **more)["subscriptions"]["email"]
    assert "whatsapp" not in attributes(at("2025-04-15"), path, **more)["subscriptions"]


def test_additional_fields_are_shown_to_those_who_ask(scene, at):
    assert "subscriptions" not in attributes(at("2024-10-15"), f"/api/profiles/{scene.one('profile')}")


def test_free_properties_stay_as_they_are(client, at):
    properties = {"channel": "email", "nested": {"type": "campaign-message", "attributes": {"definition": 1}}}
    id = client.create("/api/profiles", resource("profile", properties=properties, **ANNA))

    assert properties == attributes(at("2024-10-15"), f"/api/profiles/{id}")["properties"]


# lists


def test_a_list_shows_its_opt_in_process_and_takes_none_before(at):
    older = at("2025-07-15")
    id = older.create("/api/lists", resource("list", name="News"))
    status, error = older.error("POST", "/api/lists", resource("list", name="B", opt_in_process="single_opt_in"))

    assert "double_opt_in" == attributes(older, f"/api/lists/{id}")["opt_in_process"]
    assert (400, "/data/attributes/opt_in_process") == (status, error["source"]["pointer"])


def test_pages_whose_size_nobody_can_choose_are_as_large_as_now(client, at):
    for number in range(11):
        client.create("/api/lists", resource("list", name=str(number)))
    first = at("2025-07-15").get("/api/lists")
    (cursor,) = [part.partition("=")[2] for part in first["links"]["next"].split("?")[1].split("&")]

    assert 10 == len(first["data"])
    assert 1 == len(at("2025-07-15").get("/api/lists", **{"page[cursor]": cursor})["data"])


def test_a_changed_or_deleted_tag_group_is_shown_before(scene, at):
    path = f"/api/tag-groups/{scene.one('tag-group')}"
    body = resource("tag-group", scene.one("tag-group"), name="Years")
    changed, deleted = at("2026-01-15").call("PATCH", path, body), at("2026-01-15").call("DELETE", path)

    assert [(200, "Years"), (200, "Years")] == [
        (each.status, each.document["data"]["attributes"]["name"]) for each in (changed, deleted)
    ]
    assert 404 == at("2026-01-15").call("GET", path).status


# campaigns


def old_campaign(list_id, strategy=None, **parts):
    message = {"type": "campaign-message", "attributes": {"channel": "email", "label": "Hi", "content": EMAIL} | parts}
    return resource(
        "campaign",
        name="Spring",
        audiences={"included": [list_id]},
        send_strategy=strategy or {"method": "immediate"},
        **{"campaign-messages": {"data": [message]}},
    )


LOCAL = {"datetime": "2027-01-01T09:00:00+00:00", "is_local": True, "send_past_recipients_immediately": True}
STRATEGIES = {
    "static": (
        {"method": "static", "options_static": LOCAL},
        {
            "method": "static",
            "datetime": LOCAL["datetime"],
            "options": {"is_local": True, "send_past_recipients_immediately": True},
        },
    ),
    "throttled": (
        {"method": "throttled", "options_throttled": {"datetime": LOCAL["datetime"], "throttle_percentage": 20}},
        {"method": "throttled", "datetime": LOCAL["datetime"], "throttle_percentage": 20},
    ),
    "smart": (
        {"method": "smart_send_time", "options_sto": {"date": "2027-01-01"}},
        {"method": "smart_send_time", "date": "2027-01-01"},
    ),
    "immediate": ({"method": "immediate"}, {"method": "immediate"}),
}


@pytest.mark.parametrize(("before", "now"), STRATEGIES.values(), ids=STRATEGIES)
def test_a_send_strategy_names_its_options_by_its_method_before(scene, at, before, now):
    older = at("2024-10-15")
    path = f"/api/campaigns/{older.create('/api/campaigns', old_campaign(scene.one('list'), before))}"
    shown = attributes(older, path)["send_strategy"]

    assert now == attributes(scene.client, path)["send_strategy"]
    assert before == {name: value for name, value in shown.items() if value is not None}
    assert {"method", "options_static", "options_throttled", "options_sto"} == shown.keys()


def test_a_campaign_message_has_its_parts_as_attributes_before(scene, at):
    older = at("2024-10-15")
    id = older.create("/api/campaigns", old_campaign(scene.one("list")))
    (message,) = older.get(f"/api/campaigns/{id}/campaign-messages")["data"]

    assert ("email", "Hi", "Hello") == (
        message["attributes"]["channel"],
        message["attributes"]["label"],
        message["attributes"]["content"]["subject"],
    )
    assert "definition" not in message["attributes"]


def test_a_part_of_a_campaign_message_is_changed_before(scene, at):
    older = at("2024-10-15")
    id = older.create("/api/campaigns", old_campaign(scene.one("list")))
    (message,) = older.ids(f"/api/campaigns/{id}/campaign-messages")
    path = f"/api/campaign-messages/{message}"
    older.patch(path, resource("campaign-message", message, content={"subject": "Goodbye"}))

    definition = attributes(scene.client, path)["definition"]
    assert ("Goodbye", "Shop") == (definition["content"]["subject"], definition["content"]["from_label"])


def test_only_the_fields_that_are_asked_for_are_shown_as_they_were_called(scene, at):
    id = at("2024-10-15").create("/api/campaigns", old_campaign(scene.one("list")))
    unchecked = Unchecked(scene.client.klaviyo, {"revision": "2024-10-15"})
    found = unchecked.get(
        f"/api/campaigns/{id}/campaign-messages", **{"fields[campaign-message]": "label,content.subject"}
    )

    assert {"label": "Hi", "content": {"subject": "Hello"}} == found["data"][0]["attributes"]


def test_a_refusal_points_into_the_older_body(scene, at):
    body = old_campaign(scene.one("list"), content=EMAIL | {"from_email": "nobody"})
    _, error = at("2024-10-15").error("POST", "/api/campaigns", body)

    place = "/data/attributes/campaign-messages/data/0/attributes/content/from_email"
    assert place == error["source"]["pointer"]


def test_what_only_the_newest_revision_refuses_is_refused_too(scene, at):
    body = old_campaign(scene.one("list"), channel="pigeon")
    status, error = at("2024-10-15").error("POST", "/api/campaigns", body)

    place = "/data/attributes/campaign-messages/data/0/attributes/channel"
    assert (400, place) == (status, error["source"]["pointer"])


def test_members_that_are_published_nowhere_stay(scene, at):
    path = f"/api/campaigns/{scene.one('campaign')}"

    assert {"use_smart_sending", "ignore_unsubscribes"} == attributes(at("2025-01-15"), path)["send_options"].keys()


# flows


def test_a_flow_message_has_its_content_before(scene, at):
    shown = attributes(at("2025-07-15"), f"/api/flow-messages/{scene.one('flow-message')}")

    assert ("email", "Hello", "shop@example.org") == (
        shown["channel"],
        shown["content"]["subject"],
        shown["content"]["from_email"],
    )
    assert {"name", "channel", "content", "created", "updated"} == shown.keys()


def test_a_flow_action_has_its_settings_before(scene, at):
    shown = attributes(at("2025-07-15"), f"/api/flow-actions/{scene.one('flow-action')}")

    assert ("SEND_EMAIL", "draft") == (shown["action_type"], shown["status"])
    assert {"use_smart_sending": True, "is_transactional": False} == shown["send_options"]
    assert shown["tracking_options"] == {
        "add_utm": False,
        "utm_params": [],
        "is_tracking_opens": True,
        "is_tracking_clicks": True,
    }
    assert "definition" not in shown


# others


def test_sample_values_are_text_before(client, at):
    client.track("Placed Order", "anna@shop.example.org", properties={"Total": 5})
    (metric,) = client.ids("/api/metrics")
    path, more = f"/api/metrics/{metric}/metric-properties", {"additional-fields[metric-property]": "sample_values"}

    assert [5] == client.get(path, **more)["data"][0]["attributes"]["sample_values"]
    assert ["5"] == at("2025-10-15").get(path, **more)["data"][0]["attributes"]["sample_values"]


def test_the_status_of_a_review_is_text_before(scene, at):
    path = f"/api/reviews/{scene.one('review')}"

    assert "published" == attributes(at("2024-10-15"), path)["status"]
    assert {"value": "published"} == attributes(at("2025-01-15"), path)["status"]


def test_a_form_can_be_made_live_before(scene, at):
    body = scene.asked("create_form").body
    body["data"]["attributes"]["status"] = "live"

    assert "live" == at("2026-01-15").post("/api/forms", body)["data"]["attributes"]["status"]
    assert 400 == at("2026-04-15").call("POST", "/api/forms", body).status


def test_a_form_includes_its_versions_before(scene, at):
    version, path = scene.one("form-version"), f"/api/forms/{scene.one('form')}"
    found = at("2025-07-15").get(path, include="form-versions")

    assert [version] == [each["id"] for each in found["included"]]
    assert {"name", "status", "ab_test", "created_at", "updated_at"} == found["data"]["attributes"].keys()


# lifetimes


def test_a_retired_revision_falls_forward(klaviyo, at):
    klaviyo.reset(START.replace(month=11, day=21))
    response = at("2024-10-15").call("GET", "/api/profiles")
    refused = at("2024-10-15").call("GET", "/api/profiles", headers={"x-klaviyo-revision-fall-forward-opt-out": "1"})

    assert "2025-01-15" == response.headers["X-Klaviyo-Api-Revision"]
    assert "2027-01-15" == response.headers["X-Klaviyo-Api-Retirement-Date"]
    assert 410 == refused.status


def test_a_living_revision_that_is_older_than_the_recordings_falls_forward_and_says_so(at):
    response = at("2024-07-15").call("GET", "/api/profiles")

    assert "2024-10-15" == response.headers["X-Klaviyo-Api-Revision"]
    assert "2024-07-15 is not recorded" in response.headers["X-Mock-Hint"]
