"""Flows, their actions and messages."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement, Scene

NO_UNITS = "the unit of reentry_criteria is one of two texts, and the SDK's model wants an object"


def flow(trigger: str = "metric"):
    """The body of a flow that sends an email when something happens to what triggers it."""

    def body(scene: Scene):
        message = {"from_email": "shop@example.org", "subject_line": "Hello", "template_id": scene.one("template")}
        email = {"temporary_id": "e", "type": "send-email", "links": {"next": None}, "data": {"message": message}}
        triggers = [{"type": trigger, "id": scene.one(trigger)}]
        return resource(
            "flow", name="Welcome", definition={"triggers": triggers, "actions": [email], "entry_action_id": "e"}
        )

    return body


def triggered_by(trigger: str):
    """After the flow was made with a trigger of a kind."""

    def make(scene: Scene):
        scene.made["flow"] = scene.client.create("/api/flows", flow(trigger)(scene))

    return Arrangement(after=(make,))


def changed_action(scene: Scene):
    """The action as it is, with another subject."""
    id = scene.one("flow-action")
    definition = scene.client.get(f"/api/flow-actions/{id}")["data"]["attributes"]["definition"]
    definition["data"]["message"]["subject_line"] = "Welcome"
    return resource("flow-action", id, definition=definition)


def action(scene: Scene) -> str:
    """The only action of the flow."""
    return scene.one_of(f"/api/flows/{scene.one('flow')}/flow-actions")


def message(scene: Scene) -> str:
    """The message of that action."""
    return scene.one_of(f"/api/flow-actions/{scene.one('flow-action')}/flow-messages")


ARRANGEMENTS = {
    "create_flow": Arrangement(flow(), unreadable=NO_UNITS),
    "get_flow": Arrangement(unreadable=NO_UNITS),
    "update_flow": Arrangement(lambda scene: resource("flow", scene.one("flow"), status="live")),
    "update_flow_action": Arrangement(changed_action),
    "get_tags_for_flow": Arrangement(after=("tag_flows",)),
    "get_tag_ids_for_flow": Arrangement(after=("tag_flows",)),
    "get_flows_triggered_by_list": triggered_by("list"),
    "get_ids_for_flows_triggered_by_list": triggered_by("list"),
    "get_flows_triggered_by_segment": triggered_by("segment"),
    "get_ids_for_flows_triggered_by_segment": triggered_by("segment"),
    "get_flows_triggered_by_metric": triggered_by("metric"),
    "get_ids_for_flows_triggered_by_metric": triggered_by("metric"),
}
MAKERS = {"flow-action": action, "flow-message": message}
