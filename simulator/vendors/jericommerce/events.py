"""The events of JeriCommerce: the webhook body of each, and how it moves the member on.

Facts that an occasion may bring: every property by its name, `campaignId` and `url`; what is not given is chosen.
`is_settled` says of points that they have moved already, with the event before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

from simulator.chance import Chance, uuid
from simulator.event import Occasion
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.population import friend_of
from simulator.vendor import EventKind
from simulator.vendors.jericommerce.member import INITIAL_SYNC, ORIGINS, Member
from simulator.vendors.jericommerce.programme import LADDER, REWARDS, Campaign, Reward, Tier, tier_for, tier_named

Properties: TypeAlias = Callable[[Member, Occasion, Chance], Json]

CREATED = "Customer created"
BIRTHDAY = "Customer birthday"
SCANNED = "Customer scanned"
TAPPED = "Customer tapped"
PASS_REQUESTED = "Wallet pass requested"
PASS_INSTALLED = "Wallet pass installed"
PASS_UNINSTALLED = "Wallet pass uninstalled"
WALLET_CLICK = "Wallet click"
WALLET_VISIT = "Wallet visit"
BALANCE_CHANGED = "Balance changed"
TIER_UPGRADED = "Tier upgraded"
TIER_DOWNGRADED = "Tier downgraded"
REDEEMED_ONLINE = "Reward redeemed (online)"
REDEEMED_IN_STORE = "Reward redeemed (in-store)"
CAMPAIGN_ASSIGNED = "Campaign assigned"
REFERRAL_COMPLETED = "Referral completed"
VERIFIED = "Account verified"
CHECKED_IN = "Check-in at location"

PLATFORMS = ("apple", "google")
REASONS = ("Manual adjustment", "Sorry for the delay", None)
REFERRAL_POINTS = 200
CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

EVENTS: dict[str, EventKind] = {}


def event(
    name: str, when: str, provenance: str = "documented", *, page: str | None = None
) -> Callable[[Properties], Properties]:
    """Register an event: the base body around its properties; one that comes from a web page tells page and browser."""

    def register(properties: Properties) -> Properties:
        def payload(member: Member, occasion: Occasion, luck: Chance) -> Json:
            made = properties(member, occasion, luck)
            optional = {"campaignId": made.pop("campaignId", None) or occasion.facts.get("campaignId")}
            if page is not None:
                optional["url"] = occasion.facts.get("url") or f"https://{member.programme.domain}{page}"
                optional["browser"] = member.browser
            return {
                "email": member.person.email,
                "id": uuid(luck),
                "customerId": member.id,
                **{field: value for field, value in optional.items() if value is not None},
                "createdAt": iso_z(occasion.at),
                "properties": made,
            }

        EVENTS[name] = EventKind(name, when, provenance, payload)
        return properties

    return register


@event(CREATED, "a new customer is registered, not by the initial sync")
def customer_created(member: Member, _: Occasion, luck: Chance) -> Json:
    """The customer is known from now on; who was synced initially is none of them."""
    if member.origin == INITIAL_SYNC:
        member.origin = luck.choice(ORIGINS)
    member.is_created = True
    return names(member) | {"origin": member.origin}


@event(BIRTHDAY, "the daily job about 09:00 UTC finds that it is the customer's birthday")
def customer_birthday(member: Member, occasion: Occasion, _: Chance) -> Json:
    """Another year older."""
    member.birthdate = member.birthdate or date(1990, occasion.at.month, min(occasion.at.day, 28))
    return {"birthdate": member.birthdate.isoformat()}


@event(SCANNED, "the pass or code is scanned at a location through Shopify POS")
def customer_scanned(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Somebody at the till."""
    return location(member, occasion, luck)


@event(TAPPED, "the customer taps a VTAP/NFC device")
def customer_tapped(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Somebody at the door; the device need not belong to a location."""
    return location(member, occasion, luck) if occasion.facts or luck.random() < 0.8 else {}


@event(CHECKED_IN, "the customer checks in at a store", "assumed")
def checked_in(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Somebody in the store."""
    return location(member, occasion, luck)


def location(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The location that an occasion names, or any."""
    wanted = (occasion.facts.get("locationId"), occasion.facts.get("locationName"))
    places = member.programme.locations
    place = next((place for place in places if place.id in wanted or place.name in wanted), None) or luck.choice(places)
    return {"locationId": place.id, "locationName": place.name}


@event(PASS_REQUESTED, "the customer asks for a pass in the web app", page="/wallet/download")
def wallet_pass_requested(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A pass is on its way."""
    platform = occasion.facts.get("platform") or luck.choice(PLATFORMS)
    member.requested.append(platform)
    return pass_properties(platform, occasion)


@event(PASS_INSTALLED, "the pass is saved on a device, or its automatic updates are switched back on")
def wallet_pass_installed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The pass is on a device."""
    platform = occasion.facts.get("platform") or luck.choice(member.requested or PLATFORMS)
    member.installed.append(platform)
    return pass_properties(platform, occasion)


@event(PASS_UNINSTALLED, "the pass is removed, or its automatic updates are switched off")
def wallet_pass_uninstalled(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The pass is no longer on a device."""
    platform = occasion.facts.get("platform") or luck.choice(member.installed or PLATFORMS)
    if platform in member.installed:
        member.installed.remove(platform)
    return pass_properties(platform, occasion)


def pass_properties(platform: str, occasion: Occasion) -> Json:
    """Which wallet, and which kind of pass."""
    return {"platform": platform, "kind": occasion.facts.get("kind", "store-card")}


@event(WALLET_CLICK, "the customer follows a link on the pass", page="/collections/members")
def wallet_click(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A link of a campaign that the customer has been assigned, if any."""
    assigned = luck.choice(member.campaigns).id if member.campaigns else None
    return {"campaignId": occasion.facts.get("campaignId", assigned)}


@event(WALLET_VISIT, "the customer opens a page of the web app, not from the wallet", page="/rewards")
def wallet_visit(_: Member, __: Occasion, ___: Chance) -> Json:
    """A look at the rewards."""
    return {}


@event(BALANCE_CHANGED, "the points balance goes up or down")
def balance_changed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Points come or go, never below nothing: what is missing was there before."""
    facts = occasion.facts
    chosen = facts["balance"] - member.balance if "balance" in facts else luck.randrange(50, 600, 5)
    amount = facts.get("amount", chosen)
    if not facts.get("is_settled"):
        member.balance = facts.get("balance", max(member.balance + amount, 0))
    reason = facts.get("reason", luck.choice(REASONS))
    member.count(amount, reason)
    return {"amount": amount, "balance": member.balance, "reason": reason}


@event(TIER_UPGRADED, "the customer reaches a higher tier", "assumed")
def tier_upgraded(member: Member, occasion: Occasion, _: Chance) -> Json:
    """The tier that the occasion names or the points give; the next one if they give no higher one."""
    place = LADDER.index(member.tier) if member.tier else -1
    due = member.due_tier if member.is_promoted else LADDER[min(place + 1, len(LADDER) - 1)]
    tier = tier_named(occasion.facts.get("currentTier")) or due or LADDER[0]
    before = member.tier if member.tier is not tier else LADDER[LADDER.index(tier) - 1]
    member.counted = max(member.counted, tier.threshold)
    return tier_change(member, occasion, before, tier)


@event(TIER_DOWNGRADED, "a recalculation puts the customer lower", "assumed")
def tier_downgraded(member: Member, occasion: Occasion, _: Chance) -> Json:
    """The tier that the points give after the recalculation, if that is lower; else the next one below."""
    before = member.tier if member.tier not in (None, LADDER[0]) else LADDER[1]
    below = LADDER[LADDER.index(before or LADDER[1]) - 1]
    tier = tier_named(occasion.facts.get("currentTier")) or (tier_for(member.counted) if member.is_demoted else below)
    ceiling = LADDER[min(LADDER.index(tier) + 1, len(LADDER) - 1)].threshold - 1
    member.counted = max(min(member.counted, ceiling), tier.threshold)
    return tier_change(member, occasion, before, tier)


def tier_change(member: Member, occasion: Occasion, before: Tier | None, tier: Tier) -> Json:
    """The member is in another tier."""
    member.enter(tier, occasion.at)
    name = before.name if before else None
    return {"previousTier": occasion.facts.get("previousTier", name), "currentTier": tier.name}


@event(REDEEMED_ONLINE, "a reward is bought with points online", "assumed")
def reward_redeemed_online(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A discount code for points."""
    code = f"LOYALTY-{''.join(luck.choices(CODE_SIGNS, k=8))}"
    return redeemed(member, occasion, luck) | {"code": occasion.facts.get("code", code)}


@event(REDEEMED_IN_STORE, "a reward is used at the till", "assumed")
def reward_redeemed_in_store(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A discount for points, without a code."""
    return redeemed(member, occasion, luck) | {"code": occasion.facts.get("code")}


def redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The points are gone at once; tier points are not touched."""
    reward = chosen_reward(member, occasion, luck)
    reward = Reward(reward.title, occasion.facts.get("amount", reward.price))
    member.last_reward = reward
    member.balance = max(member.balance - reward.price, 0)
    return {"rewardTitle": reward.title, "amount": reward.price}


def chosen_reward(member: Member, occasion: Occasion, luck: Chance) -> Reward:
    """The reward that an occasion names, even one that nobody defined; else one that the member can afford."""
    title = occasion.facts.get("rewardTitle")
    if title is not None:
        return next((reward for reward in REWARDS if reward.title == title), Reward(title, REWARDS[0].price))
    return luck.choice([reward for reward in REWARDS if reward.price <= member.balance] or REWARDS[:1])


@event(CAMPAIGN_ASSIGNED, "a campaign or a pass is assigned to the customer", "assumed")
def campaign_assigned(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A campaign that the customer may follow from now on."""
    facts, campaigns = occasion.facts, member.programme.campaigns
    wanted = (facts.get("campaignId"), facts.get("campaignName"))
    known = next((campaign for campaign in campaigns if campaign.id in wanted or campaign.name in wanted), None)
    chosen = known or luck.choice(campaigns)
    campaign = Campaign(facts.get("campaignId", chosen.id), facts.get("campaignName", chosen.name))
    member.campaigns.append(campaign)
    return {"campaignId": campaign.id, "campaignName": campaign.name}


@event(REFERRAL_COMPLETED, "a referred friend does what is required", "assumed")
def referral_completed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The points for it are there at once."""
    friend = friend_of(member.person, member.referrals, luck)
    member.referrals += 1
    amount = occasion.facts.get("amount", REFERRAL_POINTS)
    member.balance += amount
    return {"referredEmail": occasion.facts.get("referredEmail", friend.email), "amount": amount}


@event(VERIFIED, "the customer confirms the e-mail address", "assumed")
def account_verified(member: Member, _: Occasion, __: Chance) -> Json:
    """The address is the customer's."""
    member.is_verified = True
    return names(member)


def names(member: Member) -> dict[str, Any]:
    """First and last name."""
    return {"firstName": member.person.first_name, "lastName": member.person.last_name}
