"""VendorEvent: something that happened at a vendor, as the vendor itself tells it; and when one is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.json import Json


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """One event of a vendor.

    `payload` is the vendor's own raw body; `id` is the same on every retry; `customer` is the vendor's record
    of the person the event belongs to, as its API tells it at that moment, or None when the look-up fails. One that
    `is_broken` is not as the vendor documents it, on purpose, so that no contract holds for it.
    """

    vendor: str
    name: str
    id: str
    occurred_at: datetime
    payload: Json
    customer: Json | None = None
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Occasion:
    """That an event is due in a customer's life: when, which, and facts that the payload must agree with."""

    at: datetime
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
