"""The events of TRIFFT: the raw body of each, and how it moves the member on.

Facts that an occasion may bring: `coupon`, `venue` (id or name), `segment` (slug), `points` (in hundredths), `note`,
`transaction_id`, `language`, `params`, `app_version`, `app_platform`; what is not given is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from simulator.chance import Chance, uuid
from simulator.event import Occasion
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.population import pool
from simulator.shop import Product
from simulator.vendor import EventKind
from simulator.vendors.trifft.member import APP_VERSIONS, DRINKS, HeldCoupon, Member, Purchase, klaviyo_id
from simulator.vendors.trifft.programme import ALL_MEMBERS, INTERNAL

Body: TypeAlias = Callable[[Member, Occasion, Chance], Json]

VERIFIED = "onUserWasVerified"
COUPON_ASSIGNED = "onUserCouponWasAssigned"
COUPON_ACTIVATED = "onUserActivatedCoupon"
COUPON_REDEEMED = "onUserRedeemedCoupon"
TRANSACTION = "onTransactionWasCreated"
ANONYMIZED = "onUserWasAnonymized"
CREDITED = "onWalletWasCredited"
DEBITED = "onWalletWasDebited"
UPDATED = "onUserWasUpdated"
APP_OPENED = "onAppOpened"
FAVORITE_CHANGED = "onFavoriteVenueChanged"
SEGMENT_ADDED = "onUserAddedToSegment"
SEGMENT_REMOVED = "onUserRemovedFromSegment"
LANGUAGE_CHANGED = "onUserLanguageChanged"
INVITATION_SENT = "onMemberReferralInvitationSent"
CODE_INVITED = "onReferralCodeInvited"
REFERRER_REWARDED = "onReferrerRewardWasAwarded"

LANGUAGES = ("en", "fr", "de", "sk", "es")
CREDIT_NOTES = ("Happy birthday!", "Sorry for the wait", "Quiz night winner", None)
DEBIT_NOTES = ("Free pint", "Reward redeemed at the bar", None)
INTERESTS = ("football", "rugby", "quiz", "live music", "brewing")

EVENTS: dict[str, EventKind] = {}


def event(name: str, when: str, provenance: str = "documented") -> Callable[[Body], Body]:
    """Register a standard event: TRIFFT's envelope around the body that the function makes."""

    def register(body: Body) -> Body:
        def payload(member: Member, occasion: Occasion, luck: Chance) -> Json:
            member.reach(occasion.at)
            made = envelope(name, occasion.at) | {"member_id": member.id} | body(member, occasion, luck)
            if "klaviyoID" not in member.params:
                member.params["klaviyoID"] = klaviyo_id(occasion.at, luck)
            return made

        EVENTS[name] = EventKind(name, when, provenance, payload)
        return body

    return register


def envelope(name: str, at: datetime) -> Json:
    """What every event of TRIFFT begins with."""
    return {"event": name, "timestamp": iso_z(at)}


@event(VERIFIED, "a member completes registration")
def verified(member: Member, _: Occasion, luck: Chance) -> Json:
    """The member is a registered one from now on."""
    member.is_verified = True
    member.segments[ALL_MEMBERS] = member.programme.segments[ALL_MEMBERS]
    return {"verified_by": luck.choice(("email", "sms"))}


@event(COUPON_ASSIGNED, "a coupon is given to a member, by the API or a contest")
def coupon_assigned(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The member holds a coupon more."""
    chosen = member.programme.coupon(occasion.facts.get("coupon")) or luck.choice(member.programme.gifts)
    return coupon_body(member.hold(chosen, luck))


@event(COUPON_ACTIVATED, "a member, or the programme for them, activates a coupon")
def coupon_activated(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """One of the coupons that the member holds can be redeemed from now on."""
    held = held_coupon(member, occasion, luck, is_activated=False)
    held.is_activated = True
    return coupon_body(held)


@event(COUPON_REDEEMED, "a coupon is used at a venue or online")
def coupon_redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """An activated coupon is used up."""
    held = held_coupon(member, occasion, luck, is_activated=True)
    member.coupons.remove(held)
    return coupon_body(held)


def held_coupon(member: Member, occasion: Occasion, luck: Chance, *, is_activated: bool) -> HeldCoupon:
    """The coupon that an occasion is about, or any in the right state; the member is given one if need be."""
    wanted = occasion.facts.get("coupon")
    for held in member.held(is_activated=is_activated):
        if wanted in (None, held.id, *held.coupon.names):
            return held
    held = member.hold(member.programme.coupon(wanted) or member.programme.welcome, luck)
    held.is_activated = is_activated
    return held


def coupon_body(held: HeldCoupon) -> Json:
    """What TRIFFT tells of a coupon that a member holds."""
    assignment = {"id": held.id, "code": held.code, "valid_from": held.valid_from, "valid_until": held.valid_until}
    return {"member_coupon": assignment, "coupon": {**held.coupon.card}}


@event(TRANSACTION, "a purchase is recorded for a member")
def transaction_created(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The member bought something, at a venue or online."""
    venue = member.programme.venue(occasion.facts.get("venue", luck.choice(member.programme.venue_ids)))
    bought = luck.choices(member.programme.menu, k=luck.choice((1, 1, 2, 2, 3, 4, 6)))
    items = [item(product, luck) for product in bought]
    purchase = Purchase(uuid(luck), sum(line["price"] * line["qty"] for line in items))
    member.last_purchase = purchase
    if venue is not None:
        member.visits += 1
        member.last_visit = occasion.at.astimezone(member.programme.zones[venue["id"]])
    return {
        "transaction": {
            "id": purchase.id,
            "transaction_id": f"T-{luck.randrange(10**8, 10**10)}",
            "type": "standard",
            "note": occasion.facts.get("note"),
            "items": items,
            "venue": venue and venue_body(venue),
            "currency": member.programme.currency,
            "total": purchase.total,
        }
    }


def item(product: Product, luck: Chance) -> Json:
    """A line of a bill; the price is in cents, as everywhere in TRIFFT's API."""
    return {
        "name": product.name,
        "type": "S",
        "price": int(product.price * 100),
        "qty": luck.choice((1, 1, 1, 2)),
        "sku": product.sku,
        "points": None,
        "note": None,
    }


def venue_body(venue: Json) -> Json:
    """A venue of its own for each event."""
    return {**venue, "address": {**venue["address"]}}


@event(CREDITED, "points are added to a wallet")
def wallet_credited(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The balance rises: for a transaction, or by hand, which has no transaction but mostly a note."""
    facts = occasion.facts
    transaction_id = facts.get("transaction_id")
    points = facts.get("points") or luck.randrange(100, 5_000)
    note = facts["note"] if "note" in facts else None if transaction_id else luck.choice(CREDIT_NOTES)
    member.move(points)
    return {"points": points, "note": note, "transaction_id": transaction_id, "wallet": wallet_body(member)}


@event(DEBITED, "points are taken out of a wallet")
def wallet_debited(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The balance falls, but never below nothing: what is missing was there before."""
    points = occasion.facts.get("points") or luck.randint(1, max(member.balance, 1_000))
    member.balance = max(member.balance, points)
    member.move(-points)
    note = occasion.facts["note"] if "note" in occasion.facts else luck.choice(DEBIT_NOTES)
    return {"points": points, "note": note, "wallet": wallet_body(member)}


def wallet_body(member: Member) -> Json:
    """The wallet after a move; its points are in hundredths."""
    return {
        "id": member.wallet["id"],
        "name": "Points",
        "is_primary": True,
        "type": "POINTS",
        "currency": "POINTS",
        "suffix": "p",
        "prefix": None,
        "points": member.balance,
        "created_at": member.wallet["created_at"],
        "updated_at": member.wallet["updated_at"],
        "member_id": member.id,
    }


@event(UPDATED, "a profile field changes, or consent is given or withdrawn")
def profile_updated(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Some of the member's parameters change; all of them are told."""
    changes = occasion.facts.get("params") or luck.choice(CHANGES)(member, luck)
    member.params.update(changes)
    return {"changed": list(changes), "params": {**member.params}}


def changed_consent(member: Member, luck: Chance) -> dict[str, Any]:
    """A consent given, or withdrawn when it was given."""
    name = luck.choice(("consent_marketing", "consent_profiling"))
    return {name: not member.params[name]}


def changed_name(member: Member, luck: Chance) -> dict[str, Any]:
    """A new last name."""
    return {"last_name": luck.choice(pool(member.person.locale, "last_name"))}


def changed_taste(_: Member, luck: Chance) -> dict[str, Any]:
    """What the member likes, asked for by this project only."""
    return {"favorite_drink": luck.choice(DRINKS), "interests": luck.sample(INTERESTS, 2)}


CHANGES = (changed_consent, changed_name, changed_taste)


@event(APP_OPENED, "a member opens the mobile app")
def app_opened(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The app tells the time in seconds since 1970, unlike the rest of TRIFFT."""
    member.app_version = occasion.facts.get("app_version") or max(member.app_version, luck.choice(APP_VERSIONS))
    member.platform = occasion.facts.get("app_platform", member.platform)
    return {
        "timestamp": int(occasion.at.timestamp()),
        "app_version": member.app_version,
        "app_platform": member.platform,
    }


@event(FAVORITE_CHANGED, "a member picks another favourite venue")
def favorite_venue_changed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Another venue is the favourite."""
    before = member.favorite
    others = [venue for venue in member.programme.venues.values() if venue is not before]
    chosen = member.programme.venue(occasion.facts.get("venue")) or luck.choice(others)
    member.favorite = chosen
    return {"venue": venue_body(chosen), "previous_venue_id": before and before["id"]}


@event(SEGMENT_ADDED, "a member enters a segment")
def added_to_segment(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The member is in a segment more."""
    segments = member.programme.segments
    outside = [segment for slug, segment in segments.items() if slug not in member.segments]
    chosen = segments.get(occasion.facts.get("segment", "")) or any_open(outside or segments.values(), luck)
    member.segments[chosen["slug"]] = chosen
    return {"segment": {**chosen}}


@event(SEGMENT_REMOVED, "a member leaves a segment")
def removed_from_segment(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The member is in a segment less."""
    segments = member.programme.segments
    inside = [segment for segment in member.segments.values() if not is_internal(segment)]
    chosen = segments.get(occasion.facts.get("segment", "")) or any_open(inside or segments.values(), luck)
    member.segments.pop(chosen["slug"], None)
    return {"segment": {**chosen}}


def any_open(segments: Iterable[Json], luck: Chance) -> Json:
    """One of the segments, preferably one where members come and go."""
    found = list(segments)
    return luck.choice([segment for segment in found if segment["is_open"] and not is_internal(segment)] or found)


def is_internal(segment: Json) -> bool:
    """Whether the segment is one of TRIFFT's own."""
    return bool(segment["type"] == INTERNAL or segment["slug"].startswith("internal-"))


@event(LANGUAGE_CHANGED, "a member switches the language, mostly in the app")
def language_changed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The member speaks another language."""
    before = member.language
    others = [language for language in LANGUAGES if language != before]
    member.params["language"] = occasion.facts.get("language") or luck.choice(others)
    return {"language": member.language, "previous_language": before}


def bare(name: str) -> Callable[[Member, Occasion, Chance], Json]:
    """The payload of an event that TRIFFT tells nobody: the envelope is all there is to it."""

    def payload(member: Member, occasion: Occasion, _: Chance) -> Json:
        member.reach(occasion.at)
        member.is_anonymized = name == ANONYMIZED
        return envelope(name, occasion.at)

    return payload


BARE_EVENTS = (
    EventKind(ANONYMIZED, "a member is erased", "documented", bare(ANONYMIZED)),
    EventKind(INVITATION_SENT, "a member invites a friend", "documented", bare(INVITATION_SENT)),
    EventKind(CODE_INVITED, "a friend is invited by a referral code", "assumed", bare(CODE_INVITED)),
    EventKind(REFERRER_REWARDED, "the referrer gets the reward", "documented", bare(REFERRER_REWARDED)),
)
EVENTS.update({kind.name: kind for kind in BARE_EVENTS})
