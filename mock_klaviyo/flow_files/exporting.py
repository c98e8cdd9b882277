"""Exporting: a flow with all that it names, in a file that can be loaded anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_klaviyo.flow_files.bundle import KINDS
from mock_klaviyo.flow_files.inside import Inside, Refused
from mock_klaviyo.flow_files.references import references
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo

WITH_DEFINITION = {"additional-fields[flow]": "definition"}


def export(klaviyo: Klaviyo, flow_id: str) -> Json:
    """A flow, and what it names, each as its own operation gives it."""
    inside = Inside(klaviyo)
    flow = inside.ask("GET", f"/api/flows/{flow_id}", **WITH_DEFINITION)["data"]
    found: dict[str, list[Json]] = {"flows": [flow]} | {kind: [] for kind in KINDS}
    seen: set[tuple[str, str]] = set()
    waiting = [flow["attributes"]["definition"]]
    while waiting:
        for kind, resource in named(inside, waiting.pop(), seen):
            found[kind].append(resource)
            waiting += [resource["attributes"]["definition"]] if kind == "segments" else []
    return {kind: resources for kind, resources in found.items() if resources}


def named(inside: Inside, definition: Json, seen: set[tuple[str, str]]) -> Iterator[tuple[str, Json]]:
    """What a definition names and was not seen before, by kind."""
    for reference in references(definition):
        for kind, type in KINDS.items():
            if type in reference.types and (type, reference.id) not in seen:
                seen.add((type, reference.id))
                resource = fetched(inside, kind, reference.id)
                if resource is not None:
                    yield kind, resource


def fetched(inside: Inside, kind: str, id: str) -> Any:
    """What has an id; None when there is no such thing."""
    try:
        return inside.ask("GET", f"/api/{kind}/{id}")["data"]
    except Refused:
        return None
