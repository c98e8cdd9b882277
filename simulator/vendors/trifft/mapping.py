"""What TRIFFT sends to Klaviyo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import from_hundredths, iso_utc, iso_z
from simulator.mapping.mapping import Metric, ProfileSync, Skip, VendorMapping

COUPON = (
    "id", "name", "description", "image_logo", "image_card", "type", "points", "is_enabled", "is_pinned", "created_at",
    "updated_at",
)  # fmt: skip
VENUE = ("id", "name", "logo", "currency", "verify_code", "is_enabled", "created_at", "updated_at")
ADDRESS = ("id", "street", "city", "postal_code", "country", "lat", "lng")
WALLET = (
    "id", "name", "is_primary", "type", "currency", "suffix", "prefix", "points", "created_at", "updated_at",
)  # fmt: skip
ITEM = ("name", "type", "qty", "sku", "points", "note")
SEGMENT = ("id", "name", "slug", "type")
HELD_COUPON = ("id", "name", "image_logo", "valid_from", "valid_until")


def only(names: Iterable[str], record: Json) -> Json:
    """The named fields of a record."""
    return {name: record[name] for name in names}


def identifiers(customer: Json | None) -> Json | None:
    """Member id and address; without an address the phone number. None when nothing tells who it is."""
    known = customer or {}
    phone = None if known.get("email") else known.get("phone_number")
    found = {"external_id": known.get("id"), "email": known.get("email"), "phone_number": phone}
    return {name: value for name, value in found.items() if value} or None


def metric(
    name: str, properties: Callable[[Json], Json], about: Callable[[Json], str] = lambda _: "", **more: Any
) -> Metric:
    """A metric of TRIFFT's, read from the payload.

    TRIFFT gives events no id, so one is made of what stays the same: metric, member, object (`about`) and time.
    """

    def unique_id(event: VendorEvent) -> str:
        member = (event.customer or {}).get("id", "")
        return ":".join(filter(None, (name, member, about(event.payload), iso_z(event.occurred_at))))

    return Metric(name, properties=lambda event: properties(event.payload), unique_id=unique_id, **more)


def coupon(payload: Json) -> Json:
    """The whole coupon; its outer name is the internal one."""
    record = payload["coupon"]
    return {"id": record["id"], "name": record["internal_name"], "coupon": only(COUPON, record)}


def redeemed_coupon(payload: Json) -> Json:
    """The raw event, with the coupon if TRIFFT tells it."""
    return only(("event", "timestamp"), payload) | (coupon(payload) if "coupon" in payload else {})


def venue(record: Json) -> Json:
    """The whole venue, as dirty as it is."""
    return only(VENUE, record) | {"address": only(ADDRESS, record["address"])}


def favorite_venue(payload: Json) -> Json:
    """The venue, and its id and name once more."""
    found = venue(payload["venue"])
    return {"id": found["id"], "name": found["name"], "venue": found}


def transaction(payload: Json) -> Json:
    """The purchase with its lines; prices come in cents. Online there is no venue."""
    bought = payload["transaction"]
    lines = [only(ITEM, item) | {"price": from_hundredths(item["price"])} for item in bought["items"]]
    place = bought["venue"] and venue(bought["venue"])
    where = {"venue_id": place["id"], "venue_name": place["name"]} if place else {}
    return only(("id", "transaction_id", "type", "note"), bought) | {"items": lines, "venue": place} | where


def currency(event: VendorEvent) -> str:
    """The venue's currency; online the shop's."""
    bought = event.payload["transaction"]
    return str((bought["venue"] or bought)["currency"])


def wallet_move(payload: Json) -> Json:
    """The move in points, never negative; the wallet's own points stay in hundredths."""
    wallet = payload["wallet"]
    return {
        "wallet_id": wallet["id"],
        "points": from_hundredths(payload["points"]),
        "note": payload["note"],
        "wallet": only(WALLET, wallet),
    }


def is_public(event: VendorEvent) -> bool:
    """Whether the segment is none of TRIFFT's own, such as "All members"."""
    segment = event.payload["segment"]
    return segment["type"].upper() != "INTERNAL" and not segment["slug"].startswith("internal-")


def profile(customer: Json) -> Json | None:
    """The whole member, internal segments included."""
    found = identifiers(customer)
    if found is None:
        return None
    points = from_hundredths(customer["points"])
    last_visit, favorite = customer["last_visit_at"], customer["favorite_venue"] or {}
    properties = {
        "language": customer["language"],
        "Last_Visit_Timestamp_Local": last_visit,
        "Last_Visit_Timestamp_UTC": last_visit and iso_utc(last_visit),
        "loyalty_points": points,
        "trifft_points": points,
        "trifft_available_coupons": len(customer["coupons"]),
        "trifft_coupons": [only(HELD_COUPON, held) for held in customer["coupons"]],
        "trifft_fav_location_id": favorite.get("id"),
        "trifft_fav_location_name": favorite.get("name"),
        "trifft_id": customer["id"],
        "trifft_primary_card_id": customer["primary_card_id"],
        "trifft_segments": [segment["slug"] for segment in customer["segments"]],
        "trifft_support_id": customer["support_id"],
        "trifft_tier": customer["tier"],
    }
    return found | {"properties": properties}


MAPPING = VendorMapping(
    vendor="trifft",
    profile=lambda event: identifiers(event.customer),
    sync=ProfileSync(attributes=profile),
    events={
        "onUserWasVerified": metric("Member verified", lambda payload: {"id": payload["member_id"]}),
        "onUserCouponWasAssigned": metric("Coupon assigned", coupon, lambda payload: payload["coupon"]["id"]),
        "onUserActivatedCoupon": metric("Coupon activated", coupon, lambda payload: payload["coupon"]["id"]),
        "onUserRedeemedCoupon": metric(
            "Coupon redeemed", redeemed_coupon, lambda payload: payload.get("coupon", {}).get("id", "")
        ),
        "onTransactionWasCreated": metric(
            "Transaction created",
            transaction,
            lambda payload: payload["transaction"]["id"],
            value=lambda event: from_hundredths(event.payload["transaction"]["total"]),
            value_currency=currency,
        ),
        "onUserWasAnonymized": Skip("an erased member is no longer spoken of"),
        "onWalletWasCredited": metric(
            "Wallet credited",
            lambda payload: wallet_move(payload) | {"transaction_id": payload["transaction_id"]},
            lambda payload: payload["transaction_id"] or payload["wallet"]["id"],
            value=lambda event: from_hundredths(event.payload["points"]),
        ),
        "onWalletWasDebited": metric("Wallet debited", wallet_move, lambda payload: payload["wallet"]["id"]),
        "onUserWasUpdated": metric("Profile updated", lambda payload: {**payload["params"]}),
        "onAppOpened": metric(
            "App opened", lambda payload: only(("app_version", "app_platform", "timestamp"), payload)
        ),
        "onFavoriteVenueChanged": metric(
            "Favorite venue changed", favorite_venue, lambda payload: payload["venue"]["id"]
        ),
        "onUserAddedToSegment": metric(
            "Added to segment",
            lambda payload: only(SEGMENT, payload["segment"]),
            lambda payload: payload["segment"]["id"],
            when=is_public,
        ),
        "onUserRemovedFromSegment": metric(
            "Removed from segment",
            lambda payload: only(SEGMENT, payload["segment"]),
            lambda payload: payload["segment"]["id"],
            when=is_public,
        ),
        "onUserLanguageChanged": metric("Language changed", lambda payload: {"language": payload["language"]}),
        "onMemberReferralInvitationSent": Skip("TRIFFT maps no metric to it"),
        "onReferralCodeInvited": Skip("TRIFFT maps no metric to it"),
        "onReferrerRewardWasAwarded": Skip("TRIFFT maps no metric to it"),
    },
)
