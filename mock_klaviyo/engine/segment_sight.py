"""Segment sight: what segments look at; nobody need be judged again when only something else has changed."""

from __future__ import annotations

from dataclasses import dataclass

from mock_klaviyo import json
from mock_klaviyo.engine.subject import Needs, every_condition
from mock_klaviyo.json import Json
from mock_klaviyo.store.rows import Row

UNSEEN = ("flow-run", "flow-date", "flow-review", "flow-call", "outbox-message", "dropped-event")
"""What is kept of profiles and that no segment looks at."""

WRITTEN = ("last_event_date", "updated")
"""Attributes that each event changes, at which hardly any segment looks."""


@dataclass(frozen=True)
class Active:
    """A segment that is kept true: its id, its definition, and what must be read to judge by it."""

    id: str
    definition: Json
    needs: Needs

    @property
    def sees_writing(self) -> bool:
        """Whether it looks at what each event changes."""
        return any(each.get("property") in WRITTEN for each in every_condition(self.definition))


def mark_of(profile: Row) -> int:
    """What is the same as long as no segment can see that a profile has changed."""
    seen = {name: value for name, value in profile.document.items() if name not in WRITTEN}
    return hash(json.written(seen))
