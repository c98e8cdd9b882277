"""Deciding: whether parties fit together, from what they have published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from simulator.contract.publishing.publication import GIVERS, Publication
from simulator.json import Json


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something cannot be deployed; one that `is_unknown` only says that nobody could tell."""

    party: str
    message: str
    is_unknown: bool = False

    @property
    def line(self) -> str:
        """The obstacle in a line."""
        return f"{'unknown' if self.is_unknown else 'no':8}{self.party}: {self.message}"


def obstacles(parties: Sequence[Publication]) -> Iterator[Obstacle]:
    """Everything that stands in the way of these parties working together."""
    for party in parties:
        for failure in party.failures:
            yield Obstacle(party.name, f"breaks its own contract: {failure}")
        side = GIVERS.get(party.side)
        givers = [each for each in parties if each.side is side]
        if party.needs and not givers:
            yield Obstacle(party.name, f"what it needs is not checked: no {side} is among these files", is_unknown=True)
        elif party.needs:
            yield from lacking(party, givers)


def lacking(party: Publication, givers: Sequence[Publication]) -> Iterator[Obstacle]:
    """What a party needs and nobody gives."""
    given: dict[str, Mapping[str, Json]] = {name: fields for each in givers for name, fields in each.gives.items()}
    who = ", ".join(each.name for each in givers)
    for subject, fields in party.needs.items():
        if subject not in given:
            yield Obstacle(party.name, f"needs {subject!r}, which {who} does not give{nearest(subject, given)}")
            continue
        for name, wanted in fields.items():
            fault = misfit(name, wanted, given[subject])
            if fault:
                yield Obstacle(party.name, f"needs {name!r} of {subject!r}, {fault} {who}")


def misfit(name: str, wanted: Json, given: Mapping[str, Json]) -> str | None:
    """What is wrong with a field that is needed; None when it is given as it is wanted."""
    if name not in given:
        outer = name.partition(".")[0]
        if "." in name and outer in given and not any(each.startswith(f"{outer}.") for each in given):
            return None  # given as a whole, whatever it holds
        return f"which is not given{nearest(name, given)} by"
    types, needed = types_of(given[name].get("type")), types_of(wanted.get("type"))
    if types and needed and not types & needed:
        return f"as {' or '.join(sorted(needed))}, but it is {' or '.join(sorted(types))} at"
    return None


def types_of(type: Any) -> set[str]:
    """The types that a schema's `type` names; an integer is a number, and null is no type that anybody needs."""
    found = {type} if isinstance(type, str) else {*(type or ())}
    return (found | ({"number"} if "integer" in found else set())) - {"null"}


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """The nearest known name, as a question."""
    return "".join(f" ({each}?)" for each in get_close_matches(name, list(known), 1))
