"""Incidents: the `faults` of a scenario, at the vendors' side and at Klaviyo's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from simulator.document import Part, Place
from simulator.json import Json
from simulator.scenario.arguments import Reader, arguments
from simulator.scenario.disorder import PRESETS, Disorder
from simulator.scenario.kinds import Amount, Anything, Share
from simulator.scenario.moments import Moment, placed
from simulator.scenario.words import nearest

VENDOR, KLAVIYO = "vendor", "klaviyo"
SIDES = (VENDOR, KLAVIYO)


@dataclass(frozen=True)
class KlaviyoFault:
    """A fault that the server makes: what it is told, where the scenario says so, and the window."""

    name: str
    place: Place
    told: Json
    since: Moment | None = None
    until: Moment | None = None

    def document(self, start: datetime, seed: int) -> Json:
        """The fault as the server's route takes it."""
        times = {
            name: placed(moment.earliest, start).isoformat()
            for name, moment in (("from", self.since), ("to", self.until))
            if moment is not None
        }
        return {"seed": f"{seed} {self.name}", **self.told, **times} if "preset" not in self.told else {**self.told}


@dataclass(frozen=True)
class VendorFault:
    """A fault that we make ourselves, with its window."""

    disorder: Disorder
    since: Moment | None = None
    until: Moment | None = None

    def placed(self, start: datetime) -> Disorder:
        """The disorder of a run that begins at a time."""
        return replace(
            self.disorder,
            since=placed(self.since.earliest, start) if self.since else None,
            until=placed(self.until.earliest, start) if self.until else None,
        )


Incident = KlaviyoFault | VendorFault


def at_vendor(  # every argument is a key of the language
    *,
    side: str = VENDOR,
    id: str | None = None,
    preset: str | None = None,
    match: str = "*",
    duplicate: Share | None = None,
    shuffle: timedelta | None = None,
    late: Share | None = None,
    by: timedelta | None = None,
    lost: Share | None = None,
    forged: Share | None = None,
    unsigned: Share | None = None,
    from_: Moment | None = None,
    to: Moment | None = None,
) -> dict[str, Any]:
    """Webhooks come twice, late or in disorder: `{side: vendor, match: smile, duplicate: 0.05, shuffle: 30s}`."""
    del side
    told = {
        "duplicate": duplicate,
        "shuffle": shuffle,
        "late": late,
        "by": by,
        "lost": lost,
        "forged": forged,
        "unsigned": unsigned,
    }
    known = {**PRESETS.get(preset or "", {}), **{name: value for name, value in told.items() if value is not None}}
    words = " ".join(sorted(name for name in known if name != "by"))
    return {"name": id or preset or f"{words} {match}", "match": match, **known, "since": from_, "until": to}


def at_klaviyo(  # every argument is a key of the language
    *,
    side: str = KLAVIYO,
    id: str | None = None,
    preset: str | None = None,
    match: str | None = None,
    status: int | None = None,
    phase: str | None = None,
    rate: Share | None = None,
    times: Amount | None = None,
    latency: Anything | None = None,
    kind: str | None = None,
    retry_after: int | None = None,
    seed: Anything | None = None,
    from_: Moment | None = None,
    to: Moment | None = None,
) -> dict[str, Any]:
    """Klaviyo stumbles: `{side: klaviyo, match: POST /api/events, status: 503, phase: after, rate: 0.5}`."""
    del side
    told = {
        "preset": preset,
        "match": match,
        "status": status,
        "phase": phase,
        "rate": rate,
        "times": times.most if times else None,
        "latency": latency,
        "kind": kind,
        "retry_after": retry_after,
        "seed": seed,
    }
    known = {name: value for name, value in told.items() if value is not None}
    words = " ".join(str(known[name]) for name in ("status", "kind", "match") if name in known)
    return {"name": id or preset or words, "told": known, "since": from_, "until": to}


def incidents(reader: Reader, section: Part | None) -> Iterator[Incident]:
    """What a scenario lets go wrong."""
    if section is None:
        return
    if not isinstance(section.value, list):
        reader.refuse(section.place, "faults must be a list")
        return
    for index, part in enumerate(section.value):
        found = incident(reader, part, f"faults[{index}]")
        if found is not None:
            yield found


def incident(reader: Reader, part: Part, path: str) -> Incident | None:
    """One fault."""
    side = side_of(part)
    if side not in SIDES:
        reader.refuse(part.place, f"{path}.side must be one of {', '.join(SIDES)}{nearest(str(side), SIDES)}")
        return None
    form = at_vendor if side == VENDOR else at_klaviyo
    before = len(reader.problems)
    told = reader.read(form, part, path)
    if len(reader.problems) > before:
        return None
    known = form(**told)
    window = {name: known.pop(name) for name in ("since", "until")}
    if side == VENDOR:
        refuse_forging(reader, part, path)
        if told.get("preset") not in (None, *PRESETS):
            reader.refuse(part.place, f"{path}.preset {told['preset']} is unknown{nearest(told['preset'], PRESETS)}")
        return VendorFault(Disorder(**known), **window)
    return KlaviyoFault(known["name"], part.place, known["told"], **window)


def refuse_forging(reader: Reader, part: Part, path: str) -> None:
    """Refuse that webhooks are forged which nobody can tell from true ones."""
    match = part.value.get("match")
    vendor = reader.words.vendors.get(str(match.value).partition("/")[0]) if match else None
    for word in {"forged", "unsigned"} & part.value.keys() if vendor and vendor.webhook.sign is None else ():
        why = f"{vendor.title}'s webhooks prove nothing, so that nobody can tell" if vendor else ""
        reader.refuse(part.keys[word], f"{path}.{word}: {why}")


def side_of(part: Part) -> Any:
    """Whose side a fault is on: as it says, else by its keys and presets."""
    if not isinstance(part.value, dict):
        return KLAVIYO
    if "side" in part.value:
        return part.value["side"].value
    words = {name for name in arguments(at_vendor) if name not in arguments(at_klaviyo)}
    preset = part.value.get("preset")
    is_vendors = words & part.value.keys() or (preset is not None and preset.value in PRESETS)
    return VENDOR if is_vendors else KLAVIYO


def split(found: Sequence[Incident]) -> tuple[list[VendorFault], list[KlaviyoFault]]:
    """The faults of each side."""
    vendors = [each for each in found if isinstance(each, VendorFault)]
    return vendors, [each for each in found if isinstance(each, KlaviyoFault)]
