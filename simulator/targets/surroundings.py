"""Surroundings: what a target works with, and what it may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from simulator.delivery import Destination
from simulator.mapping.mapping import KLAVIYO
from simulator.server import Control
from simulator.vendor import Vendor
from simulator.webhook import SECRET

PATIENCE = timedelta(seconds=10)
"""How long a target may take for one event."""


class TargetError(ValueError):
    """A target that cannot be made; says why and what would be right."""


@dataclass(frozen=True)
class Surroundings:
    """The vendors whose events come, the Klaviyo that a target may call, the webhooks' secrets, and trust.

    `control` and `klaviyo` are None when nothing is sent anywhere; `secrets` are by vendor, the one of "" is for all
    others; code is imported from `folders` alone unless `is_python_allowed`.
    """

    vendors: Mapping[str, Vendor]
    control: Control | None = None
    klaviyo: Destination | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    folders: Sequence[Path] = ()
    is_python_allowed: bool = False
    patience: timedelta = PATIENCE
    destinations: Sequence[str] = (KLAVIYO,)

    def secret(self, vendor: str) -> str:
        """What a vendor's webhooks are signed with."""
        return self.secrets.get(vendor) or self.secrets.get("") or SECRET
