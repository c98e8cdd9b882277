"""Loading flows from files: ids of another account become those of this one, by name."""

from __future__ import annotations

import pytest

from tests.mock_klaviyo.engine.flows.story import DAY, Story
from tests.mock_klaviyo.resources.test_flows import email, flow, groups, split, text, wait

TEMPLATE = {"name": "Welcome letter", "editor_type": "CODE", "html": "<p>Hi {{ event.drink }}</p>", "text": ""}


def load(story: Story, file, **query):
    return story.control.post("/__mock/flows/load", json=file, query_string=query)


def loaded(story: Story, file, **query):
    response = load(story, file, **query)
    assert 201 == response.status_code, response.json
    return response.json["data"]


def outcomes(found):
    return {(one["type"], one["name"] or one["id"]): one["outcome"] for each in found for one in each["resolutions"]}


def symbolic(**given):
    return flow(email("e", template_id="TPL:Nowhere"), trigger={"type": "metric", "id": "METRIC:Joined"}, **given)


def test_the_body_of_a_create_is_loaded_and_runs(story):
    (found,) = loaded(story, symbolic(), status="live")
    story.happens()

    assert ("Welcome", "live") == (found["name"], found["status"])
    assert ["Hello"] == story.sent()


def test_names_stand_for_ids(story):
    found = loaded(story, symbolic())

    assert {("metric", "Joined"): "found", ("template", "Nowhere"): "unresolved"} == outcomes(found)


def test_a_metric_without_events_is_made(story):
    found = loaded(story, flow(email("e"), trigger={"type": "metric", "id": "METRIC:Never Seen"}), status="live")
    story.happens("Never Seen")

    assert {("metric", "Never Seen"): "made"} == outcomes(found)
    assert ["Hello"] == story.sent()


def test_a_metric_of_klaviyos_own_is_made_as_one(story):
    """So that the flow begins when Klaviyo records it; a name of the API would wait forever."""
    loaded(
        story,
        flow(email("e"), trigger={"type": "metric", "id": "METRIC:Unsubscribed from SMS Marketing"}),
        status="live",
    )
    story.person(phone_number="+420601234567")
    story.subscribe("sms", phone_number="+420601234567")
    story.unsubscribe_sms("+420601234567")
    story.klaviyo.catch_up()

    assert ["Hello"] == story.sent()


def test_an_export_of_another_account_behaves_the_same_here(story):
    template = story.client.create("/api/templates", {"data": {"type": "template", "attributes": TEMPLATE}})
    list_id = story.list()
    members = groups(
        {"type": "profile-group-membership", "is_member": True, "group_ids": [list_id], "timeframe_filter": None}
    )
    id = story.flow(wait("w", "e"), email("e", "s", template_id=template), text("s"), profile_filter=members)
    export = story.control.get(f"/__mock/flows/{id}/export").json

    other = Story()
    (found,) = loaded(other, export)
    local = {one["type"]: one for one in found["resolutions"]}
    other.join(local["list"]["local_id"], other.person("ana"))
    other.happens(properties={"drink": "tea"})
    other.wait(2 * DAY)

    assert {"metric": "found", "list": "made", "template": "made"} == {type: local[type]["outcome"] for type in local}
    assert [("Hello", "<p>Hi tea</p>")] == [
        (row.document["subject"], row.document["html"][:13])
        for row in other.klaviyo.rows("outbox-message", 0, 9)
        if row.document["channel"] == "email"
    ]
    other.klaviyo.close()


def test_what_a_get_answers_is_loaded_with_its_statuses(story):
    id = story.flow(email("a", "b"), email("b", subject_line="Second"))
    answer = story.client.get(f"/api/flows/{id}", **{"additional-fields[flow]": "definition"})
    answer["data"]["attributes"]["definition"]["actions"][1]["data"]["status"] = "draft"
    (found,) = loaded(story, answer)
    actions = story.klaviyo.store.rows("flow-action", flow_id=found["id"])

    assert found["id"] != id
    assert ["live", "draft"] == [row.document["status"] for row in actions]


def test_what_klaviyo_refuses_leaves_nothing_behind(story):
    before = len(story.klaviyo.rows("flow", 0, 99))
    broken = flow(email("e", "nowhere"), trigger={"type": "metric", "id": "METRIC:New One"})
    response = load(story, {"flows": [symbolic()["data"], broken["data"]]})

    assert 400 == response.status_code
    assert "There is no action with the id 'nowhere'" in response.json["error"]
    assert before == len(story.klaviyo.rows("flow", 0, 99))
    assert not story.klaviyo.store.is_any("metric", name="New One")


@pytest.mark.parametrize(
    ("file", "word"),
    [
        ("no json", "no JSON"),
        ({}, "holds no flow"),
        ([1, 2], "holds no flow"),
        ({"data": {"type": "list", "attributes": {}}}, "holds no flow"),
        ({"data": [{"type": "flow", "id": "x", "attributes": {"name": "Old"}}]}, "Old has no definition"),
    ],
)
def test_a_file_without_flows_is_refused(story, file, word):
    sent = {"data": file} if isinstance(file, str) else {"json": file}
    response = story.control.post("/__mock/flows/load", **sent)

    assert (400, True) == (response.status_code, word in response.json["error"])


def test_an_unknown_status_is_refused(story):
    assert "draft, manual, live" in load(story, symbolic(), status="on").json["error"]


def test_a_split_keeps_its_branches(story):
    (found,) = loaded(
        story, flow(split("s", "y", "n"), email("y"), email("n"), trigger={"type": "metric", "id": "METRIC:Joined"})
    )
    rows = story.klaviyo.store.rows("flow-action", flow_id=found["id"])

    assert [row.id for row in rows[1:]] == list(rows[0].document["definition"]["links"].values())
