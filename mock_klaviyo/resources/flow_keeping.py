"""Keeping flow actions: with the ids, messages and templates that belong to them."""

from __future__ import annotations

from mock_klaviyo.json import Json
from mock_klaviyo.resources.definitions import is_any
from mock_klaviyo.resources.flow_actions import data_of, messages, parts
from mock_klaviyo.resources.own_templates import remove_copy, template_copy
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

ACTION, MESSAGE = "flow-action", "flow-message"
EXECUTED = ("manual", "live")
COMPLETED = "completed"


def keep_action(world: World, flow: Row, action: Json, before: Row | None = None) -> Row:
    """Keep an action, new or changed, with its messages; whatever in it is new gets an id."""
    old = before.document["definition"] if before else {"type": action["type"]}
    give_ids(world, action, old)
    begin_experiment(world, action, old)
    status = data_of(action).get("status")
    document = {
        "flow_id": flow.id,
        "action_type": action["type"],
        "status": status or (before.document["status"] if before else "draft"),
        "definition": action,
        "created": before.document["created"] if before else world.second,
        "updated": world.second,
    }
    row = Row(ACTION, action["id"], document)
    keep_messages(world, row)
    if before:
        world.store.update(row)
    else:
        world.store.insert(row)
    return row


def give_ids(world: World, action: Json, old: Json) -> None:
    """Give the parts, messages and experiment of an action ids: those that they had, else new ones."""
    known_parts = [part.get("id") for part, _ in parts(old)]
    for index, (part, _) in enumerate(parts(action)):
        part.pop("temporary_id", None)
        known = known_parts[index] if index < len(known_parts) else None
        part["id"] = part.get("id") or known or world.ids.numeric()
    known_messages = [message["id"] for _, message, _ in messages(old)]
    for index, (_, message, _) in enumerate(messages(action)):
        known = known_messages[index] if index < len(known_messages) else None
        message["id"] = message.get("id") or known or world.ids.short()
    experiment = data_of(action).get("current_experiment")
    if experiment:
        known = (data_of(old).get("current_experiment") or {}).get("id")
        experiment["id"] = experiment.get("id") or known or world.ids.short()


def begin_experiment(world: World, action: Json, old: Json) -> None:
    """Let the test of an action begin when it is executed; one that goes on keeps its beginning."""
    data, before = data_of(action), data_of(old)
    experiment = data.get("current_experiment")
    if not experiment or data.get("status") not in EXECUTED or data.get("experiment_status") == COMPLETED:
        return
    is_new = before.get("experiment_status") == COMPLETED
    began = None if is_new else (before.get("current_experiment") or {}).get("started")
    data["experiment_status"] = "live"
    experiment["started"] = began or world.second


def keep_messages(world: World, action: Row) -> None:
    """Keep the messages of an action, each with its own copy of its template."""
    known = {row.id: row for row in world.store.rows(MESSAGE, flow_action_id=action.id)}
    for channel, message, _ in messages(action.document["definition"]):
        before = known.pop(message["id"], None)
        document = {
            "flow_action_id": action.id,
            "channel": channel,
            "name": message.get("name"),
            "template_id": None,
            "created": before.document["created"] if before else world.second,
            "updated": world.second,
        }
        row = Row(MESSAGE, message["id"], document)
        own_template(world, message, row, before)
        if before:
            world.store.update(row)
        else:
            world.store.insert(row)
    for row in known.values():
        remove_message(world, row)


def own_template(world: World, message: Json, row: Row, before: Row | None) -> None:
    """Give a message its own copy of the template that it names, unless it has that copy already."""
    id, kept = message.get("template_id"), before.document["template_id"] if before else None
    if before and id != kept:
        remove_copy(world, before)
    if id and id != kept and is_any(world, ("template",), id):
        id = message["template_id"] = template_copy(world, id, row).id
    row.document["template_id"] = id


def remove_message(world: World, message: Row) -> None:
    """Remove a message with its template."""
    remove_copy(world, message)
    world.store.delete(message)


def remove_messages(world: World, action: Row) -> None:
    """Remove the messages of an action."""
    for message in world.store.rows(MESSAGE, flow_action_id=action.id):
        remove_message(world, message)


def remove_action(world: World, action: Row) -> None:
    """Remove an action with its messages."""
    remove_messages(world, action)
    world.store.delete(action)
