"""Contracts: a JSON Schema for the properties of each metric's events, and one for the properties of profiles.

    {"metrics": {"Points Redeemed": {"properties": {"points": {"type": "integer", "x-provenance": "documented"}}}},
     "profile": {"properties": {"tier": {"enum": ["Gold", "Silver"]}}}}

A property's `x-provenance` says who says so: documented, recorded or assumed. What is assumed is a note when broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from mock_klaviyo.json import Json

MEMBERS = ("metrics", "profile")
PROVENANCE = "x-provenance"
DOCUMENTED = "documented"


class ContractError(ValueError):
    """A contract that cannot be used; says where and why."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A property that is not as the contract says, and who says so."""

    field: str
    message: str
    provenance: str


class Contracts:
    """The contracts that the server has been given; none at first."""

    def __init__(self) -> None:
        self.document: Json = {"metrics": {}, "profile": None}
        self._metrics: Mapping[str, Draft202012Validator] = {}
        self._profile: Draft202012Validator | None = None

    def put(self, document: Json) -> None:
        """Take new contracts in place of the old ones; when one is no JSON Schema, nothing changes."""
        unknown = sorted(document.keys() - set(MEMBERS))
        metrics = document.get("metrics", {})
        if unknown or not isinstance(metrics, dict):
            raise ContractError(f"contracts are an object of metrics, by name, and profile; not {unknown or metrics}")
        validators = {name: validator(schema, f"metrics.{name}") for name, schema in metrics.items()}
        profile = document.get("profile")
        self._profile = validator(profile, "profile") if profile is not None else None
        self._metrics = validators
        self.document = {"metrics": metrics, "profile": profile}

    def remember(self) -> object:
        """The contracts of now."""
        return self.document, self._metrics, self._profile

    def recall(self, state: Any) -> None:
        """Take the contracts of that time."""
        self.document, self._metrics, self._profile = state

    def event_breaches(self, metric: str, properties: Json) -> Iterator[Breach]:
        """What is wrong with an event's properties; nothing for a metric without a contract."""
        yield from breaches(self._metrics.get(metric), properties)

    def profile_breaches(self, properties: Json) -> Iterator[Breach]:
        """What is wrong with a profile's own properties."""
        yield from breaches(self._profile, properties)


def validator(schema: Any, place: str) -> Draft202012Validator:
    """The validator of a schema; refuses what is none."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as reason:
        raise ContractError(f"{place}: {reason.message}") from None
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def breaches(contract: Draft202012Validator | None, properties: Json) -> Iterator[Breach]:
    """What a contract finds, in the order of the fields."""
    if contract is not None:
        found = [Breach(dotted(each), each.message, provenance(each)) for each in contract.iter_errors(properties)]
        yield from sorted(found, key=lambda breach: breach.field)


def dotted(found: ValidationError) -> str:
    """Where in the properties something is broken; empty for the properties as a whole."""
    return ".".join(map(str, found.absolute_path))


def provenance(found: Any) -> str:
    """Who says what is broken: the schema that was broken, or one that it stands in."""
    if isinstance(found.schema, dict) and PROVENANCE in found.schema:
        return str(found.schema[PROVENANCE])
    return provenance(found.parent) if found.parent is not None else DOCUMENTED
