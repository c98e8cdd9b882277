"""Publication: what one party gives to the others, what it needs of them, and whether it keeps its own contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simulator import json
from simulator.document import DocumentError, Place
from simulator.json import Json

FORMAT = 1


class Side(StrEnum):
    """Who publishes: a vendor that sends webhooks, a mapping between it and Klaviyo, or a merchant with flows."""

    VENDOR = "vendor"
    MAPPING = "mapping"
    MERCHANT = "merchant"


GIVERS: Mapping[Side, Side] = {Side.MAPPING: Side.VENDOR, Side.MERCHANT: Side.MAPPING}
"""Who needs something → who must give it."""


@dataclass(frozen=True)
class Publication:
    """A party at a version. `gives` and `needs` are subjects by name (`smile/Points Redeemed` of a vendor, a metric of
    a mapping), each with its fields by dotted path: `{"type": …, "provenance": …}`; `failures` say what it breaks."""

    participant: str
    version: str
    side: Side
    gives: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    needs: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The party and its version."""
        return f"{self.participant} {self.version}"

    def text(self) -> str:
        """The publication as a file."""
        made = {"publication": FORMAT, "made_with": f"mock-klaviyo {version('mock-klaviyo')}"}
        return json.indented({**made, **asdict(self), "passed": not self.failures}) + "\n"


def publication(file: Path) -> Publication:
    """The publication in a file; one that is none is refused."""
    try:
        found = json.read(file.read_bytes())
    except ValueError as reason:
        raise DocumentError(Place(str(file)), f"this is no JSON: {reason}") from None
    if not isinstance(found, dict) or found.get("publication") != FORMAT:
        raise DocumentError(
            Place(str(file)), f"this is no publication of format {FORMAT}; `contract publish` makes one"
        )
    return read(found, file)


def read(found: Json, file: Path) -> Publication:
    """The publication that a document holds."""
    known: dict[str, Any] = {name: found[name] for name in Publication.__dataclass_fields__ if name in found}
    try:
        return Publication(**{**known, "side": Side(known["side"]), "failures": tuple(known["failures"])})
    except (KeyError, TypeError, ValueError) as reason:
        raise DocumentError(Place(str(file)), f"this publication is not whole: {reason}") from None
