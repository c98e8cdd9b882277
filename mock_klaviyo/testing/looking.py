"""Looking: everything of a kind that a mock received, and what of it is as it was wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mock_klaviyo.json import Json
from mock_klaviyo.testing.control import Control, MockError
from mock_klaviyo.testing.kinds import Kind
from mock_klaviyo.testing.matching import Wanted, findings, listed, misses

RECHECK = 0.25
"""After how many seconds to look again in any case: what is there already may have changed."""

COME, NOT_COME = 200, 408
"""What the route answers that waits."""

SHOWN = 5


@dataclass
class Look:
    """One look at all that arrived of a kind."""

    kind: Kind
    wanted: Mapping[str, Wanted]
    there: list[Json]

    @cached_property
    def matching(self) -> list[Json]:
        """What is as it was wanted."""
        return [each for each in self.there if not misses(self.wanted, each)]

    def failure(self, how_many: str) -> str:
        """What to say when there are not so many: how many there are, and how the nearest differs."""
        lines = [
            f"expected {how_many} {self.kind.name} with {listed(self.wanted)}",
            f"Klaviyo has {len(self.matching)} such, of {len(self.there)} in all",
        ]
        if self.there and not self.matching:
            nearest = min(self.there, key=lambda each: misses(self.wanted, each))
            lines += [f"nearest: {title(nearest)}", *(f"  {each}" for each in findings(self.wanted, nearest))]
        return "\n".join([*lines, *(f"  has: {title(each)}" for each in self.matching[:SHOWN])])

    def wait_for_more(self, control: Control, seconds: float) -> None:
        """Wait until more of the kind arrives, or until it is time to look again."""
        last = max((each["number"] for each in self.there), default=0)
        pause = min(RECHECK, seconds)
        arguments = {"for": self.kind.route, "after": last, "timeout": f"{pause * 1000:.0f}ms"}
        status, said = control.answer("GET", "wait", arguments=arguments)
        if status not in (COME, NOT_COME):
            raise MockError(f"GET /__mock/wait answered {status}: {said}")


def title(found: Json) -> str:
    """What arrived, in a few words."""
    names = ("number", "id", "event", "request", "email", "message", "status", "outcome", "reason")
    return " ".join(f"{name}={found[name]!r}" for name in names if found.get(name) is not None)
