"""The sides of a publication: what vendors, mappings and merchants give and need, each read from what it has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator import json
from simulator.contract.contract import Contract, load
from simulator.contract.inference.observed import Observed
from simulator.contract.rules import EventContract, Rule
from simulator.contract.trials import trials
from simulator.document import DocumentError, Place
from simulator.json import Json
from simulator.vendor import Vendor

PAYLOAD = re.compile(r"\bpayload((?:\.[A-Za-z_]\w*)+)")
VARIABLE = re.compile(r"""(?<![\w.])event(?:\s*\|\s*lookup:\s*(['"])(?P<looked_up>.+?)\1|\.(?P<named>[\w.]+))""")
TAG = re.compile(r"{[{%].*?[}%]}", re.DOTALL)
TYPES = {"numeric": "number", "string": "string", "boolean": "boolean", "list": "array"}
SYMBOL = "METRIC:"

Fields = dict[str, Json]


# vendors


def vendor_gives(vendors: Iterable[Vendor], seed: int = 0) -> dict[str, Fields]:
    """What vendors send: the fields of each event's payload, as they are in many trials."""
    found: dict[str, Observed] = {}
    for vendor in vendors:
        for event in trials(vendor, seed):
            found.setdefault(f"{vendor.name}/{event.name}", Observed()).add(event.payload)
    return {name: flat(observed) for name, observed in found.items()}


def flat(observed: Observed, path: str = "") -> Fields:
    """The fields of an object by dotted path, each with its type."""
    found: Fields = {}
    for name, each in observed.fields.items():
        found[f"{path}{name}"] = {"type": each.type}
        found |= flat(each, f"{path}{name}.")
    return found


# mappings


def mapping_gives(vendors: Iterable[Vendor]) -> dict[str, Fields]:
    """What Klaviyo gets: the properties of each metric, as the contract says."""
    return {
        event.metric: {
            name: {"type": rule.schema.get("type"), "provenance": rule.provenance}
            for name, rule in event.properties.rules.items()
        }
        for contract in map(contract_of, vendors)
        for event in contract.events.values()
        if event.metric
    }


def mapping_needs(vendors: Iterable[Vendor]) -> dict[str, Fields]:
    """What vendors must send: every field of a payload that the contract reads."""
    return {
        f"{contract.vendor}/{name}": {path: {"provenance": rule.provenance} for path, rule in read_fields(event)}
        for contract in map(contract_of, vendors)
        for name, event in contract.events.items()
        if event.metric
    }


def contract_of(vendor: Vendor) -> Contract:
    """The contract of a vendor."""
    return load(vendor.folder / "contract.yaml")


def read_fields(event: EventContract) -> Iterator[tuple[str, Rule]]:
    """The paths within a payload that the rules of an event read and that may not be missing."""
    members = [rule for rule in event.members.values() if isinstance(rule, Rule)]
    required = [event.properties.rules[name] for name in event.properties.required]
    for rule in (*event.profile.values(), *members, *required):
        if not rule.is_optional and "null" not in (rule.schema.get("type") or ()):
            yield from ((found[1][1:], rule) for found in PAYLOAD.finditer(rule.equals or ""))


# merchants


def merchant_needs(files: Sequence[Path]) -> dict[str, Fields]:
    """What flows look at: the metrics that they name, and the properties in their conditions and messages."""
    found: dict[str, Fields] = {}
    for file in files:
        try:
            document = json.read(file.read_bytes())
        except ValueError as reason:
            raise DocumentError(Place(str(file)), f"this is no JSON: {reason}") from None
        names = metric_names(document)
        for definition in definitions(document):
            need(found, definition, names, templates(file, definition))
    return found


def need(found: dict[str, Fields], definition: Json, names: Mapping[str, str], texts: Iterable[str]) -> None:
    """Add what one flow needs; what Klaviyo itself sets begins with `$` and is there anyway."""
    for id, name, schema in (*asked_fields(definition), *said_fields(definition, texts)):
        metric = name_of(id, names)
        fields = found.setdefault(metric, {}) if metric is not None else {}
        if name and not name.startswith("$"):
            fields.setdefault(name, schema)


def asked_fields(definition: Json) -> Iterator[tuple[Any, str, Json]]:
    """The properties that conditions ask for, as metric id, name and schema; a metric alone has no name."""
    for condition in tables(definition):
        if "metric_id" in condition:
            yield condition["metric_id"], condition.get("field") or "", wanted(condition.get("filter"))
            for each in condition.get("metric_filters") or ():
                yield condition["metric_id"], each["property"], wanted(each.get("filter"))


def said_fields(definition: Json, texts: Iterable[str]) -> Iterator[tuple[Any, str, Json]]:
    """The properties of the event that starts a flow which its messages say."""
    trigger = (definition.get("triggers") or [{}])[0]
    if trigger.get("type") == "metric":
        yield trigger.get("id"), "", {}
        for text in (*strings(definition), *texts):
            yield from ((trigger.get("id"), name, {}) for name in variables(text))


def wanted(filter: Any) -> Json:
    """What a filter wants of a value."""
    kind = TYPES.get((filter or {}).get("type", ""))
    return {"type": kind} if kind else {}


def definitions(document: Any) -> Iterator[Json]:
    """Every definition of a flow in a document."""
    return (table["definition"] for table in tables(document) if "triggers" in (table.get("definition") or {}))


def metric_names(document: Any) -> dict[str, str]:
    """The names of the metrics that an export tells of, by id."""
    return {
        table["id"]: table["attributes"]["name"]
        for table in tables(document)
        if table.get("type") == "metric" and isinstance(table.get("attributes"), dict) and "id" in table
    }


def name_of(id: Any, names: Mapping[str, str]) -> str | None:
    """The name of a metric, from its symbol or from the export."""
    if not isinstance(id, str):
        return None
    return id.removeprefix(SYMBOL) if id.startswith(SYMBOL) else names.get(id)


def templates(file: Path, definition: Json) -> Iterator[str]:
    """The templates of a flow that lie beside its file."""
    for text in strings(definition):
        beside = file.parent / "templates" / f"{text.removeprefix('TPL:')}.html"
        if text.startswith("TPL:") and beside.is_file():
            yield beside.read_text()


def variables(text: str) -> Iterator[str]:
    """The variables of the event in a text with tags.

    >>> list(variables("{{ event.code }} {{ event|lookup:'Expires At' }} event.none"))
    ['code', 'Expires At']
    """
    for tag in TAG.finditer(text):
        for found in VARIABLE.finditer(tag[0]):
            yield found["looked_up"] or found["named"]


def tables(value: Any) -> Iterator[Json]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from tables(each)


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    for table in tables(value):
        for each in table.values():
            yield from (one for one in (each if isinstance(each, list) else [each]) if isinstance(one, str))
