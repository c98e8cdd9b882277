"""Segments as resources; whom they hold is tested with the engine."""

from __future__ import annotations

import pytest

from tests.calling import profile, reference, references, resource
from tests.mock_klaviyo.engine.definitions import bought, in_group, is_gold, segment

PREDICTED = {
    "type": "profile-predictive-analytics",
    "dimension": "predicted_clv",
    "filter": {"type": "numeric", "operator": "greater-than", "value": 1},
}


def make_segment(client, name="Gold", *conditions):
    return client.create("/api/segments", segment(*(conditions or [is_gold()]), name=name))


def make_profile(client, name, tier="Gold"):
    return client.create("/api/profiles", profile(email=f"{name}@example.org", properties={"Tier": tier}))


def test_a_segment_lives(client):
    made = client.post("/api/segments", segment(is_gold(), name="Gold"))["data"]
    id = made["id"]
    read = client.get(f"/api/segments/{id}")["data"]["attributes"]
    found = client.ids("/api/segments", filter='any(name,["Gold"]),equals(is_active,true)')
    client.patch(f"/api/segments/{id}", resource("segment", id, name="Golden", is_starred=True))
    renamed = client.get(f"/api/segments/{id}")["data"]["attributes"]
    client.delete(f"/api/segments/{id}")

    assert made["attributes"] | {"is_processing": False} == read
    assert segment(is_gold())["data"]["attributes"]["definition"] == read["definition"]
    assert [id] == found
    assert ("Golden", True) == (renamed["name"], renamed["is_starred"])
    assert (404, f"A segment with id {id} does not exist.") == refusal(client.error("GET", f"/api/segments/{id}"))


def refusal(found):
    return found[0], found[1]["detail"]


def test_segments_are_sorted_and_come_in_pages_of_ten(client):
    ids = {name: make_segment(client, name) for name in "lkjihgfedcba"}
    first = client.get("/api/segments", sort="name")
    second = client.get("/api/segments", sort="name", **{"page[cursor]": first["links"]["next"]})

    assert [ids[name] for name in "abcdefghijkl"] == [each["id"] for each in [*first["data"], *second["data"]]]
    assert 10 == len(first["data"])


def test_segments_can_be_found_by_time_and_id(client, klaviyo):
    old = make_segment(client)
    klaviyo.move_clock(klaviyo.clock.now.replace(year=2027))
    new = make_segment(client)

    assert [new] == client.ids("/api/segments", filter="greater-than(created,2026-06-01)")
    assert [old] == client.ids("/api/segments", filter=f'equals(id,"{old}")')


def test_a_filter_on_stars_is_ignored_as_live(client):
    id = make_segment(client)
    response = client.call("GET", "/api/segments", filter="equals(is_starred,true)")

    assert [id] == [each["id"] for each in response.document["data"]]
    assert "is_starred" in response.headers["X-Mock-Hint"]


def test_members_can_be_counted_listed_filtered_and_sorted(client, klaviyo):
    id = make_segment(client)
    ana = make_profile(client, "ana")
    klaviyo.move_clock(klaviyo.clock.now.replace(day=2))
    bob = make_profile(client, "bob")
    path = f"/api/segments/{id}/profiles"
    counted = client.get(f"/api/segments/{id}", **{"additional-fields[segment]": "profile_count"})

    assert 2 == counted["data"]["attributes"]["profile_count"]
    assert [bob, ana] == client.ids(path, sort="-joined_group_at")
    assert [bob] == client.ids(path, filter="greater-than(joined_group_at,2026-01-01T12:00:00Z)")
    assert [ana] == client.ids(path, filter='equals(email,"ana@example.org")')
    assert [bob] == client.ids(f"/api/segments/{id}/relationships/profiles", filter=f'any(profile_id,["{bob}"])')
    assert [ana] == client.ids(path, sort="joined_group_at", **{"page[size]": "1"})


def test_a_profile_knows_its_segments(client):
    id, other = make_segment(client), make_segment(client, "Silver", is_gold(value="Silver"))
    ana = make_profile(client, "ana")

    assert [id] == client.ids(f"/api/profiles/{ana}/segments")
    assert [id] == client.ids(f"/api/profiles/{ana}/relationships/segments")
    assert [id] == [each["id"] for each in client.get(f"/api/profiles/{ana}", include="segments")["included"]]
    assert other not in client.ids(f"/api/profiles/{ana}/segments")


def test_an_inactive_segment_keeps_its_members_until_it_is_active_again(client):
    id = make_segment(client)
    ana = make_profile(client, "ana")
    client.get("/api/segments")
    stopped = client.patch(f"/api/segments/{id}", resource("segment", id, is_active=False))["data"]["attributes"]
    bob = make_profile(client, "bob")
    frozen = client.ids(f"/api/segments/{id}/profiles")
    started = client.patch(f"/api/segments/{id}", resource("segment", id, is_active=True))["data"]["attributes"]

    assert (False, False) == (stopped["is_active"], stopped["is_processing"])
    assert [ana] == frozen
    assert (True, True) == (started["is_active"], started["is_processing"])
    assert [ana, bob] == client.ids(f"/api/segments/{id}/profiles")


def test_a_new_definition_of_an_inactive_segment_waits(client):
    id = make_segment(client)
    bob = make_profile(client, "bob", "Silver")
    client.patch(f"/api/segments/{id}", resource("segment", id, is_active=False))
    definition = segment(is_gold(value="Silver"))["data"]["attributes"]["definition"]
    changed = client.patch(f"/api/segments/{id}", resource("segment", id, definition=definition))["data"]["attributes"]
    waiting = client.ids(f"/api/segments/{id}/profiles")
    client.patch(f"/api/segments/{id}", resource("segment", id, is_active=True))

    assert (False, []) == (changed["is_processing"], waiting)
    assert [bob] == client.ids(f"/api/segments/{id}/profiles")


def test_a_segment_is_deactivated_alone(client):
    id = make_segment(client)
    body = resource("segment", id, is_active=False, name="Old")
    status, error = client.error("PATCH", f"/api/segments/{id}", body)

    assert (400, "/data/attributes/is_active") == (status, error["source"]["pointer"])
    assert client.get(f"/api/segments/{id}")["data"]["attributes"]["is_active"]


def test_a_new_definition_is_worked_out_anew(client):
    id = make_segment(client)
    make_profile(client, "ana")
    bob = make_profile(client, "bob", "Silver")
    definition = segment(is_gold(value="Silver"))["data"]["attributes"]["definition"]
    changed = client.patch(f"/api/segments/{id}", resource("segment", id, definition=definition))["data"]["attributes"]

    assert changed["is_processing"]
    assert [bob] == client.ids(f"/api/segments/{id}/profiles")


def test_a_new_name_leaves_the_members_alone(client):
    id = make_segment(client)
    client.get("/api/segments")

    renamed = client.patch(f"/api/segments/{id}", resource("segment", id, name="Au", definition=None))["data"]

    assert not renamed["attributes"]["is_processing"]


def test_null_changes_nothing(client):
    id = make_segment(client)
    before = client.get(f"/api/segments/{id}")["data"]["attributes"]
    nothing = dict.fromkeys(("name", "definition", "is_starred", "is_active"))
    after = client.patch(f"/api/segments/{id}", resource("segment", id, **nothing))["data"]["attributes"]

    assert before == after


def test_a_null_star_is_no_star(client):
    body = segment(is_gold())
    body["data"]["attributes"]["is_starred"] = None

    assert client.post("/api/segments", body)["data"]["attributes"]["is_starred"] is False


def test_tags_and_flows_lead_to_segments_and_back(client):
    id = make_segment(client)
    tag = client.create("/api/tags", resource("tag", name="Loyal"))
    client.post(f"/api/tags/{tag}/relationships/segments", references("segment", id))
    trigger = {"type": "segment", "id": id}
    definition = {"triggers": [trigger], "actions": [], "entry_action_id": None}
    flow = client.create("/api/flows", resource("flow", name="Welcome", definition=definition))
    included = client.get(f"/api/segments/{id}", include="tags,flow-triggers")["included"]

    assert [tag] == client.ids(f"/api/segments/{id}/tags") == client.ids(f"/api/segments/{id}/relationships/tags")
    assert [flow] == client.ids(f"/api/segments/{id}/flow-triggers")
    assert [flow] == client.ids(f"/api/segments/{id}/relationships/flow-triggers")
    assert {tag, flow} == {each["id"] for each in included}


def test_predictions_are_false_and_a_hint_says_so(client):
    made = client.call("POST", "/api/segments", segment(PREDICTED))
    id = made.document["data"]["id"]
    make_profile(client, "ana")
    read = client.call("GET", f"/api/segments/{id}/profiles")

    assert [] == read.document["data"]
    assert all("nothing is predicted" in each.headers["X-Mock-Hint"] for each in (made, read))


def test_unknown_metrics_and_groups_are_taken_with_a_hint(client):
    made = client.call("POST", "/api/segments", segment(bought("ZZZZZZ"), in_group("YYYYYY")))

    assert 201 == made.status
    assert "no metric with id ZZZZZZ" in made.headers["X-Mock-Hint"]
    assert "no list or segment with id YYYYYY" in made.headers["X-Mock-Hint"]


def test_the_members_of_a_segment_can_be_suppressed(client):
    id = make_segment(client)
    ana = make_profile(client, "ana")
    job = resource("profile-suppression-bulk-create-job", None, {"segment": reference("segment", id)})
    done = client.post("/api/profile-suppression-bulk-create-jobs", job)["data"]["id"]
    marketing = client.profile(ana)["subscriptions"]["email"]["marketing"]
    path = "/api/profile-suppression-bulk-create-jobs"

    assert ["USER_SUPPRESSED"] == [each["reason"] for each in marketing["suppression"]]
    assert [done] == client.ids(path, filter=f'equals(segment_id,"{id}")')


def with_conditions(*groups):
    return resource("segment", name="x", definition={"condition_groups": [{"conditions": [*each]} for each in groups]})


def without(body, name):
    del body["data"]["attributes"]["definition"]["condition_groups"][0]["conditions"][0][name]
    return body


FIRST = "/data/attributes/definition/condition_groups/0/conditions/0"
MANY_FILTERS = {"metric_filters": [{"property": "x", "filter": is_gold()["filter"]}] * 11}
UNKNOWN_OPERATOR = {"filter": {"type": "string", "operator": "like", "value": "x"}}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (with_conditions(), "/data/attributes/definition/condition_groups"),
        (with_conditions([]), "/data/attributes/definition/condition_groups"),
        (with_conditions([is_gold()] * 60, [is_gold()] * 41), "/data/attributes/definition/condition_groups"),
        (
            with_conditions([bought("A") | MANY_FILTERS]),
            f"{FIRST}/metric_filters",
        ),
        (with_conditions([is_gold() | {"type": "profile-sample"}]), f"{FIRST}/type"),
        (without(with_conditions([is_gold()]), "property"), f"{FIRST}/property"),
        (with_conditions([is_gold() | {"colour": "red"}]), f"{FIRST}/colour"),
        (with_conditions([is_gold() | UNKNOWN_OPERATOR]), f"{FIRST}/filter/operator"),
        (resource("segment", name="x"), "/data/attributes/definition"),
        (resource("segment", definition={"condition_groups": [{"conditions": [is_gold()]}]}), "/data/attributes/name"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused_and_its_place_named(client, body, pointer):
    status, error = client.error("POST", "/api/segments", body)

    assert (400, pointer) == (status, error["source"]["pointer"])
    assert [] == client.ids("/api/segments")


def test_a_wrong_change_changes_nothing(client):
    id = make_segment(client)
    before = client.get(f"/api/segments/{id}")
    status, _ = client.error(
        "PATCH", f"/api/segments/{id}", resource("segment", id, definition={"condition_groups": []})
    )

    assert 400 == status
    assert before == client.get(f"/api/segments/{id}")
