"""Presets: incidents that everybody meets some day, as faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_klaviyo.json import Json


@dataclass(frozen=True)
class Preset:
    """An incident: what happens and what it shows, and the faults that it is made of."""

    meaning: str
    faults: tuple[Json, ...]

    def document(self, name: str) -> Json:
        """The preset as the control routes show it."""
        return {"name": name, "meaning": self.meaning, "faults": list(self.faults)}


PRESETS: Mapping[str, Preset] = {
    "klaviyo-503-window": Preset(
        "Klaviyo answers nothing but 503 for three minutes from now. Events must be kept and sent again afterwards.",
        ({"match": "*", "status": 503, "retry_after": 5, "from": "0s", "to": "3m"},),
    ),
    "rate-limit-storm": Preset(
        "For ten minutes half of all calls get a 429 with Retry-After. A client must wait as long, and lose nothing.",
        ({"match": "/api/*", "status": 429, "retry_after": 2, "rate": 0.5, "from": "0s", "to": "10m"},),
    ),
    "slow-klaviyo": Preset(
        "Answers take a second as a rule and sometimes ten. Timeouts that are too short make duplicates.",
        ({"match": "*", "latency": {"lognormal": {"median": "1s", "sigma": 1, "max": "10s"}}},),
    ),
    "connection-resets": Preset(
        "Of each twenty calls one is reset before it took effect and one after. A retry must send the same unique_id.",
        (
            {"match": "*", "kind": "reset", "phase": "before", "rate": 0.05, "seed": "before"},
            {"match": "*", "kind": "reset", "phase": "after", "rate": 0.05, "seed": "after"},
        ),
    ),
    "503-after-commit": Preset(
        "Three of ten writes take effect and are answered with 503. A retry must not count twice.",
        ({"match": "POST *", "status": 503, "phase": "after", "rate": 0.3},),
    ),
    "segments-late": Preset(
        "Segments show who was in them two and a half hours ago. Nothing may rely on a segment right after an event.",
        ({"kind": "segments_late", "latency": "2h 30m"},),
    ),
}
"""Incidents by name."""
