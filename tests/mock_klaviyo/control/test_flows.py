"""The control routes to flows: runs, timelines, what waits for review."""

from __future__ import annotations

import pytest

from tests.mock_klaviyo.engine.definitions import is_gold
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, Story
from tests.mock_klaviyo.resources.test_flows import email, groups, text, wait


@pytest.fixture
def story():
    told = Story()
    yield told
    told.klaviyo.close()


def get(story, path, **query):
    return story.control.get(f"/__mock/{path}", query_string=query)


def test_runs_are_told_in_pages_and_by_profile_and_status(story):
    flow_id = story.flow(wait("w", "e"), email("e"), profile_filter=groups(is_gold()))
    for name in ("ana", "bob", "eva"):
        story.person(name, properties={"Tier": "Silver" if name == "eva" else "Gold"})
        story.client.track("Joined", f"{name}@shop.org")
    path = f"flows/{flow_id}/runs"
    first = get(story, path, limit="2").json

    def who(**query):
        return [each["profile"]["email"][:3] for each in get(story, path, **query).json["data"]]

    assert ["ana", "bob"] == [each["profile"]["email"][:3] for each in first["data"]]
    assert ["eva"] == who(after=str(first["next"]))
    assert ["bob"] == who(profile="bob@shop.org")
    assert (["ana", "bob"], ["eva"], []) == (who(status="waiting"), who(status="refused"), who(status="done"))


@pytest.mark.parametrize(
    ("path", "query", "status", "says"),
    [
        ("flows/none/runs", {}, 404, "no flow 'none'"),
        ("flows/{}/runs", {"profile": "nobody@shop.org"}, 404, "no profile 'nobody@shop.org'"),
        ("flows/{}/runs", {"status": "gone"}, 400, "waiting, done, refused"),
        ("flows/{}/review", {"status": "done"}, 400, "cancelled"),
        ("flows/{}/runs", {"stat": "x"}, 400, "status?"),
        ("profiles/none/timeline", {}, 404, "no profile 'none'"),
    ],
)
def test_what_is_not_there_is_said(story, path, query, status, says):
    response = get(story, path.format(story.flow(email("e"))), **query)

    assert (status, True) == (response.status_code, says in response.json["error"])


def test_a_timeline_tells_everything_in_order(story):
    news = story.list()
    flow_id = story.flow(email("e", "w"), wait("w", "t"), text("t"), trigger={"type": "list", "id": news})
    ana = story.person()
    story.wait(HOUR)
    story.join(news, ana)
    story.wait(HOUR)
    story.happens()
    story.wait(DAY * 3)
    found = get(story, "profiles/ana@shop.org/timeline").json

    assert ana == found["profile"]["id"]
    kinds = [each["kind"] for each in found["data"]]
    assert sorted(kinds, key=kinds.index)[:2] == ["joined list", "event"]
    assert {"message", "skipped message", "entered flow", "step", "left flow"} <= set(kinds)
    assert [each["at"] for each in found["data"]] == sorted(each["at"] for each in found["data"])
    (skip,) = [each for each in found["data"] if each["kind"] == "skipped message"]
    assert ("Missing Phone Number", flow_id) == (skip["reason"], skip["flow_id"])


def manual(story, **message):
    flow_id = story.flow(email("e", **message), status="manual", profile_filter=groups(is_gold()))
    for name in ("ana", "bob"):
        story.person(name, properties={"Tier": "Gold"})
        story.happens(name=name)
    return flow_id


def review(story, flow_id):
    return [(each["status"], each["reason"]) for each in get(story, f"flows/{flow_id}/review").json["data"]]


def test_a_manual_message_waits_for_a_human_who_sends_it(story):
    flow_id = manual(story)
    before = (story.sent(), review(story, flow_id))
    answer = story.control.post(f"/__mock/flows/{flow_id}/review/send")

    assert ([], [("waiting", None)] * 2) == before
    assert ["sent", "sent"] == [each["status"] for each in answer.json["data"]]
    assert (["Hello", "Hello"], [("sent", None)] * 2) == (story.sent(), review(story, flow_id))
    assert [] == story.control.post(f"/__mock/flows/{flow_id}/review/send").json["data"]


def test_one_is_sent_and_the_other_cancelled(story):
    flow_id = manual(story)
    first = get(story, f"flows/{flow_id}/review").json["data"][0]["id"]
    story.control.post(f"/__mock/flows/{flow_id}/review/send", json={"ids": [first]})
    story.control.post(f"/__mock/flows/{flow_id}/review/cancel")

    assert ([("sent", None), ("cancelled", None)], ["Hello"]) == (review(story, flow_id), story.sent())


def test_filters_are_looked_at_again_when_a_human_sends(story):
    flow_id = manual(story)
    (ana,) = story.client.ids("/api/profiles", filter="equals(email,'ana@shop.org')")
    story.change(ana, properties={"Tier": "Silver"})
    story.unsubscribe("bob")
    story.control.post(f"/__mock/flows/{flow_id}/review/send")

    assert [("skipped", "Fails Flow Filters"), ("skipped", "Person Suppressed")] == review(story, flow_id)


def test_ids_must_be_a_list(story):
    response = story.control.post(f"/__mock/flows/{story.flow(email('e'))}/review/send", json={"ids": "all"})

    assert (400, True) == (response.status_code, "list of ids" in response.json["error"])


def test_reports_count_what_flows_sent(story):
    flow_id = story.flow(email("e", name="Welcome mail"))
    for name in ("ana", "bob"):
        story.happens(name=name)
    attributes = {"statistics": ["recipients", "delivered"], "timeframe": {"key": "last_30_days"}}
    attributes |= {
        "conversion_metric_id": story.metric(),
        "group_by": ["flow_id", "flow_message_id", "flow_message_name"],
    }
    story.wait(DAY)
    body = {"data": {"type": "flow-values-report", "attributes": attributes}}
    (found,) = story.client.post("/api/flow-values-reports", body)["data"]["attributes"]["results"]

    assert {"recipients": 2, "delivered": 2} == found["statistics"]
    assert (flow_id, "Welcome mail") == (found["groupings"]["flow_id"], found["groupings"]["flow_message_name"])
