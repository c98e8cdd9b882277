"""Bundle: what a file of flows holds, whichever of the forms it has, and how the ids in it are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.json import Json

FLOW = "flow"
FORMS = "the body of POST /api/flows, the answer of GET /api/flows/{id}, or an object with flows, metrics, lists …"
KINDS: Mapping[str, str] = {
    "metrics": "metric",
    "lists": "list",
    "segments": "segment",
    "templates": "template",
    "images": "image",
    "coupons": "coupon",
}
"""The members of an export beside its flows → the type of what they hold."""


class BundleError(ValueError):
    """A file holds no flow; says which forms are known."""


@dataclass(frozen=True)
class Bundle:
    """The flows in a file, each as a resource object, and what else of its account the file holds, by type and id."""

    flows: list[Json]
    others: Mapping[tuple[str, str], Json] = field(default_factory=dict)

    def name(self, type: str, id: str) -> str | None:
        """How what has an id is called in the file's account."""
        found = self.others.get((type, id))
        attributes = (found or {}).get("attributes") or {}
        return attributes.get("name") or attributes.get("external_id")


def bundle(text: str | bytes) -> Bundle:
    """What the text of a file holds; raises `BundleError` when that is no flow."""
    try:
        document = json.read(text)
    except ValueError as reason:
        raise BundleError(f"it is no JSON: {reason}") from None
    return bundle_of(document)


def bundle_of(document: Any) -> Bundle:
    """What a document holds."""
    resources = [each for each in found(document) if isinstance(each.get("attributes"), dict)]
    flows = [each for each in resources if each["type"] == FLOW]
    if not flows:
        raise BundleError(f"it holds no flow; it may be {FORMS}")
    lacking = [each["attributes"].get("name") or "a flow" for each in flows if not definition(each)]
    if lacking:
        raise BundleError(
            f"{', '.join(lacking)} has no definition; "
            "GET /api/flows/{id}?additional-fields[flow]=definition gives it, the list of flows does not"
        )
    return Bundle(flows, {(each["type"], each["id"]): each for each in resources if each.get("id")})


def definition(flow: Json) -> Any:
    """The definition of a flow, None when it has none."""
    return flow["attributes"].get("definition")


def found(document: Any) -> Iterator[Json]:
    """Every resource object in a document, wherever it stands above its own attributes."""
    if isinstance(document, list):
        for each in document:
            yield from found(each)
    elif isinstance(document, dict) and isinstance(document.get("type"), str) and "attributes" in document:
        yield document
    elif isinstance(document, dict):
        for each in document.values():
            yield from found(each)
