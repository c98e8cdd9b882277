"""Calls: requests to Klaviyo that a scenario makes itself, and what must come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator import json
from simulator.delivery import Delivered
from simulator.document import DocumentError, Part
from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest
from simulator.scenario.matchers import ABSENT, Matcher, matcher
from simulator.scenario.plans import Turn
from simulator.scenario.saved import NothingSaved
from simulator.scenario.savings import reached
from simulator.scenario.world import World
from simulator.targets.target import Happening, Outgoing
from simulator.verdict import Finding, Kind

CALL = "call"
"""What stands in place of a vendor's name."""

ACCEPTED = matcher("< 400")


@dataclass(frozen=True)
class CallPlan:
    """A call as the scenario writes it: method, path, body, which status it expects, and what it keeps."""

    method: str
    path: str
    body: Json
    status: Matcher | None
    save: Mapping[str, str]


def called(world: World, plan: CallPlan, turn: Turn, part: Part) -> Happening:
    """A call, made."""
    world.now = turn.at
    try:
        path, body = world.fill(plan.path, turn.person), world.fill(plan.body, turn.person)
    except NothingSaved as error:
        raise DocumentError(part.place, str(error)) from error
    cause = f"{CALL} {part.place.line} {turn.person.key if turn.person else ''} {turn.number}"
    request = KlaviyoRequest(plan.method, path, body, cause)

    def answered(delivered: Delivered) -> Iterator[Finding]:
        yield from judged(plan, delivered, part)
        if delivered.is_accepted:
            yield from kept(world, plan, delivered, turn, part=part)

    return Happening(None, [Outgoing(turn.at, CALL, request, entry=str(part.place), answered=answered)])


def judged(plan: CallPlan, delivered: Delivered, part: Part) -> Iterator[Finding]:
    """That the answer has not the status that it must have."""
    wanted = plan.status or ACCEPTED
    if not wanted.accepts(delivered.status):
        what = f"{plan.method} {plan.path}"
        found = Finding(
            Kind.EXPECTATION, part.within(("expect_status",)), what, f"status {wanted.text}", f"{delivered.status}"
        )
        found.examples += delivered.problems
        yield found


def kept(world: World, plan: CallPlan, delivered: Delivered, turn: Turn, *, part: Part) -> Iterator[Finding]:
    """Keep values of the answer; what is not there is told."""
    answer = json.read(delivered.body) if plan.save and delivered.body else {}
    for name, path in plan.save.items():
        value = reached(answer, path)
        if value is ABSENT:
            yield Finding(
                Kind.EXPECTATION, part.within(("save", name)), f"save {name}", f"{path} in the answer", "absent"
            )
        else:
            world.saved.put(name, value, turn.person.key if turn.person else None)
