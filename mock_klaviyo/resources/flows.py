"""Flows: automations, their actions and the messages that these send; running them is the engine's work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_klaviyo.errors import error, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.definitions import hint_at_trouble, hint_at_unknown, is_any
from mock_klaviyo.resources.flow_actions import data_of, exits, messages, parts, reached
from mock_klaviyo.resources.flow_checks import definition_problems, revision_problems
from mock_klaviyo.resources.flow_keeping import begin_experiment, keep_action, remove_action, remove_messages
from mock_klaviyo.resources.flow_triggers import BY_ID, default_reentry, trigger_type
from mock_klaviyo.resources.generic import HANDLERS, require, require_same_id
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, many, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.spec.defaults import completed
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

STATUSES = ("draft", "manual", "live")


def definition(world: World, row: Row) -> Json:
    """The whole definition of a flow."""
    actions = world.store.rows(FLOW_ACTION.type, flow_id=row.id)
    return {
        "triggers": row.document["triggers"],
        "profile_filter": row.document["profile_filter"],
        "actions": [each.document["definition"] for each in actions],
        "entry_action_id": row.document["entry_action_id"],
        "reentry_criteria": row.document["reentry_criteria"],
    }


def message_definition(world: World, row: Row) -> Json | None:
    """The definition of a message, which stands in its action's."""
    action = world.store.row(FLOW_ACTION.type, row.document["flow_action_id"])
    found = messages(action.document["definition"]) if action else ()
    return next((message for _, message, _ in found if message["id"] == row.id), None)


def remove_actions(call: Call, row: Row) -> None:
    """Remove the actions of a flow that is about to be deleted."""
    for action in call.world.store.rows(FLOW_ACTION.type, flow_id=row.id):
        remove_action(call.world, action)


def detach(call: Call, row: Row) -> None:
    """Lead past an action that is about to be deleted, by its first branch; what nobody comes to any more goes too."""
    store = call.world.store
    (flow,) = store.rows(FLOW.type, id=row.document["flow_id"])
    rows = {each.id: each for each in store.rows(FLOW_ACTION.type, flow_id=flow.id)}
    actions = {id: each.document["definition"] for id, each in rows.items()}
    entry = flow.document["entry_action_id"]
    before = reached(actions, entry)
    way_on = next((each.next for each in exits(actions.pop(row.id))), None)
    for action in actions.values():
        lead_past(action, row.id, way_on)
    entry = way_on if entry == row.id else entry
    lost = before - reached(actions, entry) - {row.id}
    flow.document |= {"entry_action_id": entry, "updated": call.world.second}
    store.update(flow)
    store.update(*(rows[id] for id in actions if id not in lost))
    for id in sorted(lost):
        remove_action(call.world, rows[id])
    remove_messages(call.world, row)


def lead_past(action: Json, id: str, way_on: str | None) -> None:
    """Let the ways that lead to an action lead to another."""
    for each in exits(action):
        if each.next == id:
            each.links[each.name] = way_on


FLOW = declare(
    Resource(
        type="flow",
        make_id=lambda world: world.ids.short(),
        relationships=(
            many_by("flow-actions", to="flow-action", field="flow_id"),
            many("tags", to="tag", inverse_of="tag-flows"),
        ),
        fields=(Field("trigger_id", is_indexed=True),),
        computed={"definition": definition},
        before_delete=remove_actions,
    )
)
FLOW_ACTION = declare(
    Resource(
        type="flow-action",
        make_id=lambda world: world.ids.numeric(),
        relationships=(
            one("flow", to="flow", field="flow_id"),
            many_by("flow-messages", to="flow-message", field="flow_action_id"),
        ),
        fields=(Field("flow_id", is_indexed=True),),
        before_delete=detach,
    )
)
FLOW_MESSAGE = declare(
    Resource(
        type="flow-message",
        make_id=lambda world: world.ids.short(),
        relationships=(
            one("flow-action", to="flow-action", field="flow_action_id"),
            one("template", to="template", field="template_id", is_known=False),
        ),
        fields=(Field("flow_action_id", is_indexed=True),),
        computed={"definition": message_definition},
    )
)


@operation("create_flow")
def create_flow(call: Call) -> Reply:
    """A new flow, a draft, with real ids in place of the temporary ones."""
    raise_all(definition_problems(call.attributes["definition"]))
    given = whole(call)["definition"]
    hint_at_trouble(call, given)
    (trigger,) = given["triggers"]
    hint_at_trigger(call, trigger)
    ids = {action["temporary_id"]: FLOW_ACTION.make_id(call.world) for action in given["actions"]}
    second = call.world.second
    document = {
        "name": call.attributes["name"],
        "status": "draft",
        "archived": False,
        "created": second,
        "updated": second,
        "trigger_type": trigger_type(trigger),
        "trigger_id": trigger["id"] if trigger["type"] in BY_ID else None,
        "triggers": [trigger],
        "profile_filter": given["profile_filter"],
        "entry_action_id": ids.get(given["entry_action_id"]),
        "reentry_criteria": given["reentry_criteria"] or default_reentry(trigger),
    }
    flow = Row(FLOW.type, FLOW.make_id(call.world), document)
    call.world.store.insert(flow)
    for action in given["actions"]:
        for each in exits(action):
            each.links[each.name] = ids.get(each.next)
        keep_action(call.world, flow, action | {"id": ids[action["temporary_id"]]})
    return single(showing_definition(call), flow, 201)


def showing_definition(call: Call) -> Call:
    """A call that creates a flow, as if it asked for the definition: live answers show it to all who name no fields."""
    if FLOW.type in call.query.fields:
        return call
    shown = {**call.query.additional_fields, FLOW.type: ("definition",)}
    return replace(call, query=replace(call.query, additional_fields=shown))


def whole(call: Call) -> Any:
    """The attributes of the body with all that was not given."""
    schema = call.operation.request or {}
    return completed(call.body, schema, schema)["data"]["attributes"]


def hint_at_trigger(call: Call, trigger: Json) -> None:
    """Say that what should start a flow is not there."""
    type, id = trigger["type"], trigger.get("id")
    if id and not is_any(call.world, (type,), id):
        hint_at_unknown(call, type, id)


@operation("update_flow")
def update_flow(call: Call) -> Reply:
    """A flow with another status, and all its actions with it."""
    row = require(call, FLOW.type, call.id)
    require_same_id(call)
    status = call.attributes["status"]
    if status not in STATUSES:
        reason = f"'{status}' is not a valid status. Valid statuses are {', '.join(STATUSES)}."
        raise error("invalid", reason=reason, pointer="/data/attributes/status")
    stamp = {"status": status, "updated": call.world.second}
    row.document |= stamp
    actions = call.world.store.rows(FLOW_ACTION.type, flow_id=row.id)
    for action in actions:
        action.document |= stamp
        for part, _ in parts(action.document["definition"]):
            if "status" in data_of(part):
                part["data"]["status"] = status
        begin_experiment(call.world, action.document["definition"], action.document["definition"])
    call.world.store.update(row)
    call.world.store.update(*actions)
    return single(call, row)


@operation("update_flow_action")
def update_flow_action(call: Call) -> Reply:
    """An action with another definition."""
    row = require(call, FLOW_ACTION.type, call.id)
    require_same_id(call)
    (flow,) = call.world.store.rows(FLOW.type, id=row.document["flow_id"])
    others = {
        each.id: each.document["definition"]
        for each in call.world.store.rows(FLOW_ACTION.type, flow_id=flow.id)
        if each.id != row.id
    }
    raise_all(revision_problems(call.attributes["definition"], row.document["definition"], others))
    given = whole(call)["definition"] | {"id": row.id}
    keep_status(given, call.attributes["definition"], row)
    hint_at_trouble(call, given)
    kept = keep_action(call.world, flow, given, row)
    flow.document["updated"] = call.world.second
    call.world.store.update(flow)
    return single(call, kept)


def keep_status(action: Json, asked: Json, before: Row) -> None:
    """Leave an action the status that it has when its new definition does not say one."""
    if "status" in data_of(action) and not data_of(asked).get("status"):
        action["data"]["status"] = before.document["status"]


@operation("get_template_for_flow_message")
@operation("get_template_id_for_flow_message")
def get_template_for_flow_message(call: Call) -> Reply:
    """The template of a message; its schema has no null for one without."""
    row = require(call, FLOW_MESSAGE.type, call.id)
    if not row.document["template_id"] or not is_any(call.world, ("template",), row.document["template_id"]):
        raise error("nothing_related", type="flow message", id=row.id, what="template")
    return HANDLERS[call.operation.form](call)
