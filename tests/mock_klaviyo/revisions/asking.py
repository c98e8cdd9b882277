"""Asking in an older revision: the calls that succeed in the newest, as that revision has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.pruning import Pruning, Schemas
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.spec.validation import problems
from tests.bodies import valid
from tests.calling import Client
from tests.contract.arrangements import ARRANGEMENTS
from tests.contract.arranging import OPERATIONS, Asked, Scene, everything

OLDER = revisions()[:-1]


def operation_in(revision: str, name: str) -> Operation | None:
    """The operation of a revision that has the method and path of a newest one."""
    found = recording(revision).route(OPERATIONS[name].method, OPERATIONS[name].path)
    return found[0] if found else None


def scene_of(klaviyo: Klaviyo) -> Scene:
    """A scene in the newest revision; that its tables are filled is seen to by importing them."""
    assert ARRANGEMENTS
    return Scene(Client(klaviyo))


def client_in(klaviyo: Klaviyo, revision: str) -> Client:
    return Client(klaviyo, {"revision": revision})


def asked_in(revision: str, asked: Asked, scene: Scene) -> Asked:
    """A call of the newest revision as an older one has it."""
    older = operation_in(revision, asked.operation.id)
    query = {name: text for name, text in asked.query.items() if name not in everything(asked.operation)}
    body = older_body(revision, older, asked) if isinstance(asked.body, dict) else asked.body
    return replace(asked, operation=older, query=everything(older) | query, body=body)


def older_body(revision: str, older: Operation, asked: Asked) -> Any:
    """A body without what came later, in the layout that it had, with what had to be there."""
    body = asked.body
    if revision < "2025-01-15":
        body = LAYOUTS.get(asked.operation.id, lambda same: same)(body)
    body = Pruning(Schemas(older.request), Schemas(asked.operation.request)).document(body)
    body = with_needed(body, older.request, Schemas(older.request))
    assert [] == problems(older, body)
    return body


def with_needed(value: Any, schema: Any, schemas: Schemas) -> Any:
    """A value with the members that a schema needs and that are missing: null where it may be."""
    schema = schemas.meant(schema, value)
    if isinstance(value, list):
        return [with_needed(each, schema.get("items", {}), schemas) for each in value]
    if not isinstance(value, dict):
        return value
    members = schema.get("properties", {})
    missing = {name: nothing(members[name], schemas) for name in schema.get("required", ()) if name not in value}
    return {name: with_needed(each, members.get(name, {}), schemas) for name, each in value.items()} | missing


def nothing(schema: Any, schemas: Schemas) -> Any:
    """Null, or a value where a schema knows no null."""
    return None if schemas.takes_null(schema) else valid(schema, schemas.document)


def campaign(body: Any) -> Any:
    """A campaign whose message has no definition, and whose strategy names its options by its method."""
    attributes = dict(body["data"]["attributes"])
    strategy = dict(attributes.pop("send_strategy", {"method": "immediate"}))
    method = strategy.pop("method")
    name = {"static": "options_static", "throttled": "options_throttled"}.get(method)
    attributes["send_strategy"] = {"method": method} | ({name: strategy} if name else {})
    if "campaign-messages" in attributes:
        messages = [in_parts(each) for each in attributes["campaign-messages"]["data"]]
        attributes["campaign-messages"] = {"data": messages}
    return {"data": body["data"] | {"attributes": attributes}}


def message(body: Any) -> Any:
    """A campaign message to change, whose channel cannot be."""
    parts = in_parts(body["data"])
    return {"data": parts | {"attributes": {name: parts["attributes"][name] for name in ("label", "content")}}}


def in_parts(message: Any) -> Any:
    """A campaign message whose parts are attributes of their own."""
    return message | {"attributes": {"label": None, **message["attributes"]["definition"]}}


LAYOUTS = {"create_campaign": campaign, "update_campaign": campaign, "update_campaign_message": message}
"""Before 2025-01-15: the operation → how its body was."""
