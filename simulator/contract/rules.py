"""What a contract.yaml says: the rules for each event and for profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Table:
    """What a table of properties must be; a closed one holds nothing else, `equals` is the whole of it."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_closed: bool = True
    equals: str | None = None


@dataclass(frozen=True)
class EventContract:
    """What must arrive for one vendor event; `sent` says for which events one must, `skip` that none ever may.

    A member that is a word must be absent; the word is the provenance of that.
    """

    metric: str
    provenance: str
    sent: str | None = None
    skip: str | None = None
    profile: Mapping[str, Rule] = field(default_factory=dict)
    members: Mapping[str, Rule | str] = field(default_factory=dict)
    properties: Table = field(default_factory=Table)


@dataclass(frozen=True)
class ProfileContract:
    """What may be written to a profile; its expressions speak of the vendor's customer."""

    attributes: Mapping[str, Rule] = field(default_factory=dict)
    properties: Table = field(default_factory=Table)
    sent: str | None = None
