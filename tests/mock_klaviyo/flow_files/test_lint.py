"""Lint: each rule finds what it is for, and nothing in a flow that is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_klaviyo.flow_files.laws import LAWS
from tests.calling import resource
from tests.mock_klaviyo.engine.flows.story import Story
from tests.mock_klaviyo.resources.test_flows import (
    BIRTHDAY,
    LOW_INVENTORY,
    PRICE_DROP,
    email,
    flow,
    groups,
    split,
    wait,
)

JOINED = {"type": "metric", "id": "METRIC:Joined"}
CONTRACT = {
    "metrics": {
        "Joined": {
            "properties": {
                "points": {"type": "integer", "minimum": 0},
                "tier": {"enum": ["Gold", "Silver"]},
                "code": {"type": "string"},
            }
        }
    }
}


def carries(field: str, **filter: Any) -> dict[str, Any]:
    """A trigger filter on a property of the event."""
    condition = {"type": "metric-property", "metric_id": "METRIC:Joined", "field": field, "filter": filter}
    return {**JOINED, "trigger_filter": groups(condition)}


def has(name: str) -> dict[str, Any]:
    """A condition on a profile."""
    filter = {"type": "string", "operator": "equals", "value": "x"}
    return {"type": "profile-property", "property": f"properties['{name}']", "filter": filter}


def asks(*conditions: Any) -> dict[str, Any]:
    """A split by conditions."""
    return {**split("s", "e", None), "data": {"profile_filter": groups(*conditions)}}


GOOD = flow(email("e", subject_line="{{ event.points }} points", template_id="TPL:Letter"), trigger=JOINED)


def segment_flow(story: Story) -> Any:
    """A flow that a list starts, whose message speaks of an event."""
    trigger = {"type": "list", "id": story.list()}
    return flow(email("e", subject_line="{{ event.points }}", template_id="TPL:Letter"), trigger=trigger)


def condition(type: str, **more: Any) -> dict[str, Any]:
    """A condition on what starts a flow."""
    filter = {"type": "existence", "operator": "is-set"}
    return {"type": type, "field": "points", "filter": filter, **more}


def trigger_split(*asked: Any, trigger: Any = JOINED) -> Any:
    """A flow with a split by what starts it."""
    data = {"trigger_filter": groups(*asked), "trigger_id": "METRIC:Joined", "trigger_type": "metric"}
    links = {"next_if_true": "e", "next_if_false": "e"}
    found = {"temporary_id": "s", "type": "trigger-split", "links": links, "data": data}
    return flow(found, email("e", template_id="TPL:Letter"), trigger=trigger)


BROKEN: dict[str, Any] = {
    "condition-on-another-trigger": trigger_split(condition("metric-property", metric_id="METRIC:Left")),
    "unresolved-id": flow(email("e", template_id="TPL:Nowhere"), trigger=JOINED),
    "unreachable-action": flow(email("e"), email("lost"), trigger=JOINED),
    "dead-end": flow(email("e", "w"), wait("w"), trigger=JOINED),
    "no-message": flow(wait("w"), trigger=JOINED),
    "alternatives-in-one-group": flow(email("e"), trigger=JOINED, profile_filter=groups(has("a"), has("b"))),
    "property-never-carried": flow(
        email("e"), trigger=carries("pionts", type="numeric", operator="greater-than", value=5)
    ),
    "filter-never-true": flow(email("e"), trigger=carries("tier", type="string", operator="equals", value="Bronze")),
    "event-variable-without-event": segment_flow,
    "event-variable-never-carried": flow(email("e", subject_line="{{ event|lookup:'Code' }}"), trigger=JOINED),
    "template-mistake": flow(email("e", subject_line="{% if person %}"), trigger=JOINED),
    "email-without-content": flow(email("e", subject_line=None), trigger=JOINED),
    "same-question-twice": flow(asks(has("a")), email("e"), trigger=JOINED, profile_filter=groups(has("a"))),
}


@pytest.fixture
def known(story: Story) -> Story:
    """An account with a template and a contract for its metric."""
    letter = {"name": "Letter", "editor_type": "CODE", "html": "<p>{{ event.tier }}</p>", "text": ""}
    story.client.create("/api/templates", resource("template", **letter))
    assert 200 == story.control.put("/__mock/contracts", json=CONTRACT).status_code
    return story


def lint(story: Story, file: Any) -> list[dict[str, str]]:
    response = story.control.post("/__mock/flows/lint", json=file(story) if isinstance(file, Callable) else file)
    assert 200 == response.status_code, response.json
    return response.json["data"]


def test_every_rule_has_a_broken_flow():
    assert LAWS.keys() == BROKEN.keys()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_finds_what_it_is_for(known, rule):
    found = lint(known, BROKEN[rule])

    assert rule in {each["rule"] for each in found}
    assert all(each["pointer"].startswith("/") and each["message"] for each in found)


def test_a_good_flow_has_nothing_to_complain_about(known):
    assert [] == lint(known, GOOD)


@pytest.mark.parametrize(
    ("trigger", "asked", "is_there"),
    [
        (JOINED, condition("metric-property", metric_id="METRIC:Joined"), True),
        (JOINED, condition("metric-property", metric_id="METRIC:Left"), False),
        (JOINED, condition("price-drop-property", metric_id=None), False),
        (BIRTHDAY, condition("metric-property", metric_id="METRIC:Joined"), False),
        (BIRTHDAY, condition("custom-object-property", custom_object_label="Walk"), True),
        (PRICE_DROP, condition("price-drop-property", metric_id=None), True),
        (LOW_INVENTORY, condition("price-drop-property", metric_id=None), False),
        (LOW_INVENTORY, condition("low-inventory-property", metric_id=None), True),
    ],
)
def test_a_split_can_only_ask_about_what_starts_the_flow(known, trigger, asked, is_there):
    found = {each["rule"] for each in lint(known, trigger_split(asked, trigger=trigger))}

    assert is_there is ("condition-on-another-trigger" not in found)


def test_the_nearest_property_is_suggested(known):
    (found,) = (each for each in lint(known, BROKEN["property-never-carried"]) if each["severity"] == "error")

    assert "events of 'Joined' never carry 'pionts' (points?)" == found["message"]
    assert "/triggers/0/trigger_filter/condition_groups/0/conditions/0" == found["pointer"]


@pytest.mark.parametrize(
    ("filter", "is_possible"),
    [
        ({"type": "numeric", "operator": "greater-than", "value": 5}, True),
        ({"type": "numeric", "operator": "equals", "value": -1}, False),
        ({"type": "string", "operator": "equals", "value": "five"}, False),
        ({"type": "boolean", "operator": "equals", "value": True}, False),
        ({"type": "existence", "operator": "is-set"}, True),
    ],
)
def test_a_filter_must_fit_the_contract(known, filter, is_possible):
    found = lint(known, flow(email("e", template_id="TPL:Letter"), trigger=carries("points", **filter)))

    assert (["filter-never-true"] if not is_possible else []) == [each["rule"] for each in found]


def test_properties_are_learnt_from_events_when_there_is_no_contract(story):
    story.happens(properties={"drink": "tea"})
    file = flow(email("e"), trigger=carries("drinks", type="string", operator="equals", value="tea"))

    assert "property-never-carried" in {each["rule"] for each in lint(story, file)}


def test_what_klaviyo_refuses_is_found_in_its_own_words(known):
    (found,) = lint(known, flow(email("e", "nowhere"), trigger=JOINED))

    assert ("refused-by-klaviyo", "/actions/0/links/next") == (found["rule"], found["pointer"])


def test_nothing_is_made(known):
    lint(known, flow(email("e"), trigger={"type": "metric", "id": "METRIC:Other"}))

    assert not known.klaviyo.store.is_any("metric", name="Other")
    assert not known.klaviyo.store.is_any("flow")
