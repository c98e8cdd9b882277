"""Keeping flow actions: with the ids, messages and templates that belong to them."""

from __future__ import annotations

from mock_klaviyo.json import Json
from mock_klaviyo.resources.definitions import is_any
from mock_klaviyo.resources.flow_actions import messages, parts
from mock_klaviyo.resources.registry import RESOURCES
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

ACTION, MESSAGE = "flow-action", "flow-message"


def keep_action(world: World, flow: Row, action: Json, before: Row | None = None) -> Row:
    """Keep an action, new or changed, with its messages; whatever in it is new gets an id."""
    old = before.document["definition"] if before else {"type": action["type"]}
    give_ids(world, action, old)
    status = (action.get("data") or {}).get("status")
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
    experiment = (action.get("data") or {}).get("current_experiment")
    if experiment:
        known = ((old.get("data") or {}).get("current_experiment") or {}).get("id")
        experiment["id"] = experiment.get("id") or known or world.ids.short()


def keep_messages(world: World, action: Row) -> None:
    """Keep the messages of an action, each with its own copy of its template."""
    known = {row.id: row for row in world.store.rows(MESSAGE, flow_action_id=action.id)}
    for channel, message, _ in messages(action.document["definition"]):
        before = known.pop(message["id"], None)
        own_template(world, message, before)
        document = {
            "flow_action_id": action.id,
            "channel": channel,
            "name": message.get("name"),
            "template_id": message.get("template_id"),
            "created": before.document["created"] if before else world.second,
            "updated": world.second,
        }
        row = Row(MESSAGE, message["id"], document)
        if before:
            world.store.update(row)
        else:
            world.store.insert(row)
    for row in known.values():
        remove_message(world, row)


def own_template(world: World, message: Json, before: Row | None) -> None:
    """Give a message its own copy of the template that it names, unless it has that copy already."""
    id, kept = message.get("template_id"), before.document["template_id"] if before else None
    if id == kept:
        return
    if before:
        remove_template(world, before)
    if id and is_any(world, ("template",), id):
        message["template_id"] = template_copy(world, id, message["id"]).id


def template_copy(world: World, template_id: str, owner_id: str) -> Row:
    """A copy of a template that belongs to a message alone."""
    (original,) = world.store.rows("template", id=template_id)
    stamps = {"created": world.second, "updated": world.second}
    own = {"name": f"Clone of {template_id}", "owner_id": owner_id}
    copy = Row(original.type, world.ids.short(), original.document | own | stamps)
    world.store.insert(copy)
    return copy


def remove_template(world: World, message: Row) -> None:
    """Remove a message's own copy of a template."""
    id = message.document["template_id"]
    copy = world.store.row("template", id) if id and "template" in RESOURCES else None
    if copy is not None and copy.document.get("owner_id") == message.id:
        world.store.delete(copy)


def remove_message(world: World, message: Row) -> None:
    """Remove a message with its template."""
    remove_template(world, message)
    world.store.delete(message)


def remove_messages(world: World, action: Row) -> None:
    """Remove the messages of an action."""
    for message in world.store.rows(MESSAGE, flow_action_id=action.id):
        remove_message(world, message)


def remove_action(world: World, action: Row) -> None:
    """Remove an action with its messages."""
    remove_messages(world, action)
    world.store.delete(action)
