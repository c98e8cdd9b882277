"""Every type of action on its way through a flow, live, manual, draft and disabled.

Sources: the published definitions for the types; help centre 360002732652 for what each status does.
"""

from __future__ import annotations

import pytest

from mock_klaviyo.engine.flow_steps import ACTIONS
from tests.mock_klaviyo.engine.flows.story import DAY
from tests.mock_klaviyo.engine.flows.test_actions import action, operation, trigger_split
from tests.mock_klaviyo.engine.flows.test_dates import countdown, target
from tests.mock_klaviyo.engine.flows.test_skips import push, whatsapp
from tests.mock_klaviyo.resources.test_flows import branches, email, groups, split, text, trial, wait

PAGE = "http://127.0.0.1:9/"
ALERT = {"from_email": "a@shop.org", "from_label": "Shop", "to_emails": ["b@shop.org"], "subject_line": "New"}
WALLET = operation("create", "boolean", "Wallet", value=True)
SERVICE = {"service_configuration": {"service_method_type": "unknown"}}
OUTPUT = {
    "type": "action-output",
    "output_config_id": 1,
    "field": "x",
    "filter": {"type": "existence", "operator": "is-set"},
}


def output_split(then):
    links = {"next_if_true": None, "next_if_false": then}
    data = {"action_output_filter": groups(OUTPUT)}
    return {"temporary_id": "a", "type": "action-output-split", "links": links, "data": data}


def content(then):
    data = {"main_action": push("m"), "current_experiment": {"variations": [push("x"), push("y")]}}
    return action("content-experiment", "a", then, **data)


CASES = {
    "send-email": (lambda _, then: email("a", then), "sent", None),
    "send-sms": (lambda _, then: text("a", then), "skipped", "Missing Phone Number"),
    "send-mobile-push": (lambda _, then: push("a", then), "skipped", "Missing Push Token"),
    "send-whatsapp": (lambda _, then: whatsapp("a", then), "skipped", "Missing Phone Number"),
    "send-webhook": (lambda _, then: action("send-webhook", "a", then, message={"url": PAGE}), "called", None),
    "send-internal-alert": (lambda _, then: action("send-internal-alert", "a", then, message=ALERT), "sent", None),
    "ab-test": (lambda _, then: trial("a", then), "sent", None),
    "content-experiment": (lambda _, then: content(then), "skipped", "Missing Push Token"),
    "update-profile": (
        lambda _, then: action("update-profile", "a", then, profile_operations=[WALLET]),
        "updated",
        None,
    ),
    "list-update": (
        lambda story, then: action("list-update", "a", then, name="N", list_id=story.list(), on_execution=True),
        "updated",
        None,
    ),
    "time-delay": (lambda _, then: wait("a", then), "waiting", None),
    "target-date": (lambda _, then: target("a", then), "passed", "the flow has no date"),
    "countdown-delay": (lambda _, then: countdown("a", then), "passed", "the flow has no date"),
    "back-in-stock-delay": (
        lambda _, then: {"temporary_id": "a", "type": "back-in-stock-delay", "links": {"next": then}},
        "passed",
        "the flow is not about a variant",
    ),
    "conditional-split": (lambda _, then: split("a", None, then), "branch", None),
    "trigger-split": (
        lambda story, then: trigger_split(story.metric(), None, then) | {"temporary_id": "a"},
        "branch",
        None,
    ),
    "multi-branch-split": (lambda _, then: branches("a", then), "branch", None),
    "action-output-split": (lambda _, then: output_split(then), "branch", None),
    "internal-service": (
        lambda _, then: action("internal-service", "a", then, **SERVICE),
        "passed",
        "it runs at Klaviyo only",
    ),
    "code": (
        lambda _, then: {"temporary_id": "a", "type": "code", "links": {"next": then}},
        "passed",
        "it runs at Klaviyo only",
    ),
}
"""The type → an action that leads on, and what happens there to Ana, of whom only her email address is known."""

WITH_STATUS = (
    *("send-email", "send-sms", "send-mobile-push", "send-whatsapp", "send-webhook", "send-internal-alert"),
    *("ab-test", "content-experiment", "update-profile", "list-update", "internal-service"),
)
"""The types that do something, which a status can hold back; the others only lead on."""


def begun(story, type, status=None):
    """A flow of the action and an email behind it, which Ana has walked through."""
    make, *_ = CASES[type]
    flow_id = story.flow(make(story, "z"), email("z", smart_sending_enabled=False))
    if status:
        story.set_status(flow_id, 0, status)
    story.happens()
    story.wait(DAY * 3)
    return flow_id


def outcomes(story, flow_id):
    """What happened at each action."""
    return [(each["action_type"], each["outcome"], each.get("reason")) for each in story.run(flow_id)["path"]]


@pytest.mark.parametrize("type", CASES)
def test_an_action_does_its_part_and_leads_on(story, type):
    made, *_, last = outcomes(story, begun(story, type))

    assert (type, *CASES[type][1:]) == made
    assert ("send-email", "sent", None) == last


@pytest.mark.parametrize("status", ["draft", "disabled"])
@pytest.mark.parametrize("type", WITH_STATUS)
def test_an_action_that_is_not_executed_is_passed(story, type, status):
    flow_id = begun(story, type, status)

    assert [(type, "passed", status), ("send-email", "sent", None)] == outcomes(story, flow_id)


@pytest.mark.parametrize("type", WITH_STATUS)
def test_a_manual_action_waits_for_a_human_while_the_run_goes_on(story, type):
    flow_id = begun(story, type, "manual")
    before = outcomes(story, flow_id)
    story.control.post(f"/__mock/flows/{flow_id}/review/send")

    assert [(type, "needs review", None), ("send-email", "sent", None)] == before
    assert (type, *CASES[type][1:]) == outcomes(story, flow_id)[-1]


def test_every_type_has_a_case_and_those_with_a_status_are_known(story):
    made = {type: story.flow(make(story, None), status="draft") for type, (make, *_) in CASES.items()}
    first = {type: story.actions(id)[0][1].get("data") or {} for type, id in made.items()}

    assert CASES.keys() == ACTIONS.keys()
    assert {*WITH_STATUS} == {type for type, data in first.items() if data.get("status")}
