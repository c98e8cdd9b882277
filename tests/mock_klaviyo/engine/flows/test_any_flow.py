"""Whatever flow the schema takes: it is refused with its place named, or it runs to its end, and nothing breaks.

`MOCK_KLAVIYO_ANY_CALLS=50` tries 50 times as many flows, and other ones each time.
"""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from mock_klaviyo.resources.flow_actions import parts
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION, resource
from tests.mock_klaviyo.engine.flows.story import DAY, START, Story
from tests.mock_klaviyo.resources.test_flows import flow

TIMES = int(os.environ.get("MOCK_KLAVIYO_ANY_CALLS", "1"))
MOST_ACTIONS = 5
SCHEMA = recording(REVISION).operations["create_flow"].request
DEFS = SCHEMA["$defs"]
KNOWN = ("METRIC", "LIST", "SEGMENT", "TEMPLATE")
WORDS = (
    *(*KNOWN, *KNOWN, "properties['Tier']", "properties['Birthday']", "email", "Birthday", "n", "Gold", "(", "", " "),
    *("{{ event.n }}", "{% if %}", "{% coupon_code 'X' %}", "http://127.0.0.1:9/", "ftp://x", "US", "CZ", "60200"),
    *("ana@shop.org", "no address", "é\U0001f600", "x" * 300, "2026-03-05", "today", "profile"),
)
MOMENTS = ("2026-03-05T10:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-02-28T00:00:00+14:00")
FORMATS = {"date-time": MOMENTS, "date": ("2026-03-05", "0001-01-01", "9999-12-31"), "time": ("00:00:00", "23:59:59")}
NUMBERS = st.integers(-3, 100) | st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.none() | NUMBERS | st.sampled_from(WORDS) | st.lists(st.sampled_from(WORDS), max_size=2)


def allowed(schema: Any) -> st.SearchStrategy[Any]:
    """Values that a schema takes."""
    while "$ref" in schema:
        schema = DEFS[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return st.sampled_from(schema["anyOf"]).flatmap(allowed)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "anything")
    return st.sampled_from([kinds] if isinstance(kinds, str) else kinds).flatmap(lambda kind: KINDS[kind](schema))


def an_object(schema: Any) -> st.SearchStrategy[Any]:
    members, required = schema.get("properties", {}), schema.get("required", ())
    optional = {name: each for name, each in members.items() if name not in required and name not in GIVEN}
    return st.fixed_dictionaries(
        {name: allowed(members[name]) for name in required},
        optional={name: allowed(each) for name, each in optional.items()},
    )


TRIED = ("ab-test", "content-experiment")
"""Actions that hold others."""

GIVEN = ("id", "temporary_id", "experiment_status", "started")
"""Members that only Klaviyo sets, or that the tests set."""

KINDS = {
    "object": an_object,
    "array": lambda schema: st.lists(allowed(schema["items"]), min_size=1, max_size=2),
    "string": lambda schema: st.sampled_from(FORMATS.get(schema.get("format"), WORDS)),
    "integer": lambda _: NUMBERS,
    "number": lambda _: NUMBERS | FLOATS,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "anything": lambda _: ANYTHING,
}
ACTIONS = st.lists(allowed(DEFS["FlowDefinition"]["properties"]["actions"]["items"]), min_size=1, max_size=MOST_ACTIONS)
TRIGGERS = allowed(DEFS["FlowDefinition"]["properties"]["triggers"]["items"])
FILTERS = allowed(DEFS["FlowDefinition"]["properties"]["profile_filter"])


def chained(actions: list[Any]) -> list[Any]:
    """Actions each of which leads to the next by every way that it has."""
    named = [action | {"temporary_id": f"a{number}"} for number, action in enumerate(actions)]
    for action, following in pairwise([*named, {"temporary_id": None}]):
        lead(action, following["temporary_id"])
    for action in named:
        held = list(parts(action))[1:] if action["type"] in TRIED else []
        for number, (part, _) in enumerate(held):
            part["temporary_id"] = f"{action['temporary_id']}-{number}"
    return named


def lead(action: Any, to: str | None) -> None:
    """Let an action lead on."""
    names = DEFS["Link"]["properties"] if "split" not in action["type"] else ("next_if_true", "next_if_false")
    if action["type"] == "multi-branch-split":
        for branch in (action.get("data") or {"branches": ()})["branches"]:
            branch["links"] = {"next": to}
    else:
        action["links"] = dict.fromkeys(names, to)


@pytest.fixture(scope="module")
def shop():
    """A shop with what flows may name."""
    story = Story()
    ids = {"METRIC": story.metric(), "LIST": story.list()}
    tier = {
        "type": "profile-property",
        "property": "properties['Tier']",
        "filter": {"type": "existence", "operator": "is-set"},
    }
    definition = {"condition_groups": [{"conditions": [tier]}]}
    ids["SEGMENT"] = story.client.create("/api/segments", resource("segment", name="S", definition=definition))
    template = resource("template", name="T", editor_type="CODE", html="{{ event.n }} {{ person.Tier }}")
    ids["TEMPLATE"] = story.client.create("/api/templates", template)
    story.klaviyo.keep_baseline()
    yield story, ids
    story.klaviyo.close()


def named(value: Any, ids: dict[str, str]) -> Any:
    """A definition with ids in the place of their names."""
    if isinstance(value, dict):
        return {name: named(member, ids) for name, member in value.items()}
    if isinstance(value, list):
        return [named(item, ids) for item in value]
    return ids.get(value, value) if isinstance(value, str) else value


@settings(
    max_examples=60 * TIMES,
    deadline=None,
    database=None,
    derandomize=TIMES == 1,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(actions=ACTIONS, trigger=TRIGGERS, is_metric=st.booleans(), profile_filter=FILTERS)
def test_no_flow_breaks_anything(shop, actions, trigger, is_metric, profile_filter):
    story, ids = shop
    story.klaviyo.reset(START)
    trigger = {"type": "metric", "id": "METRIC"} if is_metric else trigger
    body = named(flow(*chained(actions), trigger=trigger, profile_filter=profile_filter), ids)
    note(body)
    assert 200 == story.control.post("/__mock/flows/lint", json=body).status_code
    made = story.client.call("POST", "/api/flows", body)
    if made.status == 400:
        assert all(each["source"]["pointer"].startswith("/data") for each in made.document["errors"])
        return
    assert 201 == made.status
    lived(story, made.document["data"]["id"], ids["LIST"])


def lived(story: Story, id: str, list_id: str) -> None:
    """Let a flow go live, and somebody do all that may start it; time passes, and a human sends what waits."""
    assert story.control.post(f"/__mock/flows/{id}/preview", json={}).status_code in (200, 400)
    for status in ("live", "manual"):
        assert 200 == story.client.call("PATCH", f"/api/flows/{id}", resource("flow", id, status=status)).status
        who = story.person(
            status, properties={"Tier": "Gold", "Birthday": "1990-03-05"}, phone_number=NUMBERS_OF[status]
        )
        story.join(list_id, who)
        story.happens(name=status, properties={"n": 5})
        story.wait(DAY * 3)
        assert 200 == story.control.post(f"/__mock/flows/{id}/review/send", json={}).status_code
        story.wait(DAY * 400)
    assert 200 == story.client.call("PATCH", f"/api/flows/{id}", resource("flow", id, status="draft")).status
    story.wait(DAY)
    assert 200 == story.control.get(f"/__mock/profiles/{who}/timeline").status_code
    assert (
        201
        == story.control.post(
            "/__mock/flows/load", json=story.control.get(f"/__mock/flows/{id}/export").json
        ).status_code
    )
    assert all(run["status"] in ("done", "refused", "waiting") for run in story.runs(id))


NUMBERS_OF = {"live": "+420601234567", "manual": "+420601234568"}
