"""Schemas: vendors' contracts in the form that the server's `PUT /__mock/contracts` takes."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.contract.contract import Contract
from simulator.contract.rules import Table
from simulator.json import Json


def schemas(contracts: Iterable[Contract]) -> Json:
    """A JSON Schema for the properties of each metric's events, and one for the properties of profiles.

    Where several events become one metric, its schema allows what any of them may carry.
    """
    metrics: dict[str, Json] = {}
    profile: Json | None = None
    for contract in contracts:
        for event in contract.events.values():
            if event.metric:
                metrics[event.metric] = merged(metrics.get(event.metric), table_schema(event.properties))
        if contract.profile is not None:
            profile = merged(profile, table_schema(contract.profile.properties) | {"required": []})
    return {"metrics": metrics, "profile": profile}


def table_schema(table: Table) -> Json:
    """The JSON Schema of a table of properties; one that copies what the vendor sent has no end."""
    is_open = not table.is_closed or table.equals is not None
    return {
        "properties": {name: {**rule.schema, "x-provenance": rule.provenance} for name, rule in table.rules.items()},
        "required": sorted(table.required),
        **({} if is_open else {"additionalProperties": False}),
    }


def merged(before: Json | None, schema: Json) -> Json:
    """What either of two schemas allows, property by property."""
    if before is None:
        return schema
    return {
        "properties": before["properties"] | schema["properties"],
        "required": sorted({*before["required"]} & {*schema["required"]}),
        **({"additionalProperties": False} if both_closed(before, schema) else {}),
    }


def both_closed(before: Json, schema: Json) -> bool:
    """Whether neither of two schemas allows more than it names."""
    return "additionalProperties" in before and "additionalProperties" in schema
