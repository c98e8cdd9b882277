"""What a contract.yaml says: the rules for each event and for profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import jsonschema_rs

from simulator.json import Json

ASSUMED = "assumed"
DOCUMENTED = "documented"
PROVENANCES = (DOCUMENTED, "recorded", ASSUMED)
MEMBERS = ("unique_id", "time", "value", "value_currency")


@dataclass(frozen=True)
class Rule:
    """What one field must be: a JSON Schema, and where its value comes from in the vendor's event.

    An optional field may be absent, but only while the vendor's event has no value for it.
    """

    schema: Json
    provenance: str
    equals: str | None = None
    is_optional: bool = False

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """The schema, compiled."""
        return schema_validator(self.schema)


def schema_validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """A compiled schema, formats included."""
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@dataclass(frozen=True)
class Table:
    """What a table of properties must be; a closed one holds nothing else, `equals` is the whole of it.

    `provenance` tells who says that there is nothing else.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_closed: bool = True
    equals: str | None = None
    provenance: str = DOCUMENTED


@dataclass(frozen=True)
class EventContract:
    """What must arrive for one vendor event; `sent` says for which events one must, `skip` that none ever may.

    A member that is a word must be absent; the word is the provenance of that. The metric's name, and that for other
    events than `sent` says none may arrive, may be less sure than that there is such an event.
    """

    metric: str
    provenance: str
    sent: str | None = None
    skip: str | None = None
    profile: Mapping[str, Rule] = field(default_factory=dict)
    members: Mapping[str, Rule | str] = field(default_factory=dict)
    properties: Table = field(default_factory=Table)
    metric_provenance: str = DOCUMENTED
    sent_provenance: str = DOCUMENTED


@dataclass(frozen=True)
class ProfileContract:
    """What may be written to a profile; its expressions speak of the vendor's customer.

    `sent` says after which events a write must follow; after others none may.
    """

    attributes: Mapping[str, Rule] = field(default_factory=dict)
    properties: Table = field(default_factory=Table)
    sent: str | None = None
