"""What JeriCommerce sends to Klaviyo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import day_or_dash
from simulator.mapping.mapping import Metric, ProfileSync, VendorMapping

POINTS: Callable[[int], Any] = int
"""A JSON number, as the older page says; `str` is what the newer one says."""

METRICS = (
    "Customer created",
    "Customer birthday",
    "Customer scanned",
    "Customer tapped",
    "Wallet pass requested",
    "Wallet pass installed",
    "Wallet pass uninstalled",
    "Wallet click",
    "Wallet visit",
    "Balance changed",
    # The names from here on are provisional: the vendor's texts disagree.
    "Tier upgraded",
    "Tier downgraded",
    "Reward redeemed (online)",
    "Reward redeemed (in-store)",
    "Campaign assigned",
    "Referral completed",
    "Account verified",
    "Check-in at location",
)
"""Events go by the same names at JeriCommerce and at Klaviyo."""


def identifiers(event: VendorEvent) -> Json | None:
    """The customer's address; without one nobody is told."""
    email = event.payload["email"]
    return {"email": email} if email else None


def properties(event: VendorEvent) -> Json:
    """The event's own properties; the base fields around them are not merged in."""
    return {**event.payload["properties"]}


def profile(customer: Json) -> Json | None:
    """The custom fields; a date that is missing is a dash, a tier that is missing is left out."""
    if not customer["email"]:
        return None
    tier = customer["tier"]
    fields = {
        "balance": POINTS(customer["balance"]),
        "birthdate": day_or_dash(customer["birthdate"]),
        "jericommerce_tier_name": tier["name"],
        "jericommerce_tier_balance": POINTS(tier["balance"]),
        "jericommerce_tier_entered_at": day_or_dash(tier["enteredAt"]),
        "jericommerce_tier_expires_at": day_or_dash(tier["expiresAt"]),
        "jericommerce_download_wallet_pass_url": customer["downloadWalletPassUrl"],
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return {"email": customer["email"], "properties": present}


MAPPING = VendorMapping(
    vendor="jericommerce",
    profile=identifiers,
    events={name: Metric(name, properties) for name in METRICS},
    sync=ProfileSync(attributes=profile, debounce=timedelta(seconds=2), batch_size=500),
)
