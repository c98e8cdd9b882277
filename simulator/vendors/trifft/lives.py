"""Lives: what happens to a member of TRIFFT, when, and what that brings about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from simulator.agenda import Agenda
from simulator.chance import Chance, moments
from simulator.event import Occasion
from simulator.vendors.trifft import events
from simulator.vendors.trifft.member import Member, Purchase
from simulator.vendors.trifft.programme import APP_USERS, REGISTERED_MEMBERS, REGULARS

Consequence: TypeAlias = Callable[[Member, Occasion, Chance], Iterator[Occasion]]

EVENING = (12, 12, 13, 17, 18, 18, 19, 19, 20, 20, 20, 21, 21, 22, 22)
AWAKE = (8, 9, 11, 12, 12, 13, 15, 17, 18, 18, 19, 19, 20, 20, 21, 22, 23)
OFFICE = (9, 10, 10, 11, 14, 15, 16)
"""Hours in the time of the shop."""

FRIDAY = 4
SECOND = timedelta(seconds=1)
MULTIPLIERS: Mapping[str, float] = {"Bronze": 1, "Silver": 1.25, "Gold": 1.5}
ONLINE_CREDIT_DELAY = timedelta(days=14)
REGULAR_VISITS = 5

HABITS: tuple[tuple[str, float, tuple[int, ...]], ...] = (
    # event, how often a year for an average member, hours
    (events.APP_OPENED, 18, AWAKE),
    (events.COUPON_ASSIGNED, 4, OFFICE),
    (events.SEGMENT_ADDED, 1.5, OFFICE),
    (events.UPDATED, 1.5, AWAKE),
    (events.FAVORITE_CHANGED, 1, AWAKE),
    (events.CREDITED, 0.6, OFFICE),
    (events.INVITATION_SENT, 0.5, AWAKE),
    # Rarer in truth (below 0.01): often enough that a crowd of 200 shows them within a year.
    (events.LANGUAGE_CHANGED, 0.06, AWAKE),
    (events.ANONYMIZED, 0.05, OFFICE),
)
VISITS = 11
ONLINE_ORDERS = 1.5


def live(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What happens to a member between two times."""
    agenda: Agenda[Occasion] = Agenda(start)
    agenda.plan_all(habits(member, start, end, luck) if member.is_verified else registration(start, end, luck))
    for _, occasion in agenda.until(end):
        if not is_possible(member, occasion):
            continue
        yield occasion
        if member.is_anonymized:
            return
        if occasion.name in CONSEQUENCES:
            agenda.plan_all(CONSEQUENCES[occasion.name](member, occasion, luck))
        if occasion.name == events.VERIFIED:
            agenda.plan_all(habits(member, occasion.at, end, luck))


def registration(start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """Most people confirm their address at once, the others take days."""
    patience = timedelta(minutes=90) if luck.random() < 0.7 else timedelta(days=20)
    after = min(patience * luck.random(), (end - start) / 2)
    yield Occasion((start + after).replace(microsecond=0) + SECOND, events.VERIFIED)


def habits(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What a member does again and again, or what is done to them."""
    zone = member.programme.home
    local_start, local_end = start.astimezone(zone), end.astimezone(zone)
    for name, yearly, hours in HABITS:
        # What is rare does not depend on how active somebody is.
        rate = yearly * member.activity if yearly > 1 else yearly
        for at in moments(luck, local_start, local_end, yearly=rate, hours=hours):
            yield Occasion(at.astimezone(UTC), name)
    for at in moments(luck, local_start, local_end, yearly=ONLINE_ORDERS * member.activity, hours=AWAKE):
        yield Occasion(at.astimezone(UTC), events.TRANSACTION, {"venue": None})
    for at in moments(luck, local_start, local_end, yearly=VISITS * member.activity, hours=EVENING):
        if at.weekday() >= FRIDAY or luck.random() < 0.5:
            yield Occasion(at.astimezone(UTC), events.TRANSACTION, {"venue": somewhere(member, luck)})


def somewhere(member: Member, luck: Chance) -> str:
    """Where a member goes: mostly to the favourite venue."""
    if member.favorite and luck.random() < 0.7:
        return str(member.favorite["id"])
    return luck.choice(member.programme.venue_ids)


def later(member: Member, at: datetime, days: int, hours: tuple[int, ...], luck: Chance) -> datetime:
    """So many days later at one of these hours, at the shop; a minute later if that is past already."""
    day = at.astimezone(member.programme.home) + timedelta(days=days)
    then = day.replace(hour=luck.choice(hours), minute=luck.randrange(60), second=luck.randrange(60))
    return max(then.astimezone(UTC), at + timedelta(minutes=1))


def is_possible(member: Member, occasion: Occasion) -> bool:
    """Whether the member is still in a state in which this can happen."""
    facts = occasion.facts
    if occasion.name in (events.COUPON_ACTIVATED, events.COUPON_REDEEMED):
        return is_held(member, occasion)
    if occasion.name == events.DEBITED:
        return bool(member.balance >= facts["points"])
    if occasion.name == events.SEGMENT_REMOVED:
        return facts["segment"] in member.segments
    return not (occasion.name == events.SEGMENT_ADDED and facts.get("segment") in member.segments)


def is_held(member: Member, occasion: Occasion) -> bool:
    """Whether the coupon that the occasion is about is in the right state, and has not expired."""
    must_be_active = occasion.name == events.COUPON_REDEEMED
    second = occasion.at.timestamp()
    return any(
        held.id == occasion.facts["coupon"] and (held.valid_until is None or held.valid_until >= second)
        for held in member.held(is_activated=must_be_active)
    )


def after_verification(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """A new member is welcomed, and looks around in the app."""
    at = occasion.at
    yield Occasion(at, events.SEGMENT_ADDED, {"segment": REGISTERED_MEMBERS})
    yield Occasion(at + SECOND, events.COUPON_ASSIGNED, {"coupon": member.programme.welcome.id})
    if luck.random() < 0.8:
        opened = at + timedelta(seconds=luck.randrange(30, 7_200))
        yield Occasion(opened, events.APP_OPENED)
        yield Occasion(opened + timedelta(seconds=luck.randrange(20, 300)), events.FAVORITE_CHANGED)


def after_assignment(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """A good half of all coupons is activated: some at once by themselves, the others by the member."""
    held = member.coupons[-1]
    facts = {"coupon": held.id}
    if held.coupon.needs_no_activation or held.coupon.price:
        yield Occasion(occasion.at, events.COUPON_ACTIVATED, facts)
    elif luck.random() < 0.5:
        at = later(member, occasion.at, int(luck.triangular(0, 12, 1)), AWAKE, luck)
        yield Occasion(at, events.COUPON_ACTIVATED, facts)


def after_activation(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Two thirds of the activated coupons are redeemed, just before the bill; some too late, which is not possible."""
    if luck.random() < 0.7:
        evening = later(member, occasion.at, int(luck.triangular(0, 12, 2)), EVENING, luck)
        yield Occasion(evening, events.COUPON_REDEEMED, {"coupon": occasion.facts["coupon"]})


def after_redemption(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Whoever redeems a coupon buys something with it."""
    bill = occasion.at + timedelta(seconds=luck.randrange(5, 60))
    yield Occasion(bill, events.TRANSACTION, {"venue": somewhere(member, luck)})


def after_transaction(member: Member, occasion: Occasion, _: Chance) -> Iterator[Occasion]:
    """Points for what was bought: at once at a venue, after the time to send it back online."""
    purchase: Purchase = member.last_purchase or Purchase("", 0)
    delay = ONLINE_CREDIT_DELAY if occasion.facts["venue"] is None else timedelta(0)
    points = int(purchase.total * MULTIPLIERS[member.tier])
    yield Occasion(occasion.at + delay, events.CREDITED, {"transaction_id": purchase.id, "points": points})
    if member.visits >= REGULAR_VISITS and REGULARS not in member.segments:
        yield Occasion(occasion.at, events.SEGMENT_ADDED, {"segment": REGULARS})


def after_credit(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """With enough points, some buy a coupon."""
    affordable = [
        coupon for coupon in member.programme.coupons.values() if coupon.price and coupon.price * 100 <= member.balance
    ]
    if affordable and luck.random() < 0.25:
        coupon = luck.choice(affordable)
        at = later(member, occasion.at, luck.randrange(5), AWAKE, luck)
        facts = {"points": (coupon.price or 0) * 100, "note": coupon.card["internal_name"], "coupon": coupon.id}
        yield Occasion(at, events.DEBITED, facts)


def after_debit(_: Member, occasion: Occasion, __: Chance) -> Iterator[Occasion]:
    """The coupon that was paid for with points."""
    yield Occasion(occasion.at, events.COUPON_ASSIGNED, {"coupon": occasion.facts["coupon"]})


def after_joining_segment(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Half of those who enter a segment where one comes and goes leave it again."""
    segment = next(reversed(member.segments.values()))
    if segment["is_open"] and luck.random() < 0.5:
        at = later(member, occasion.at, luck.randint(1, 90), OFFICE, luck)
        yield Occasion(at, events.SEGMENT_REMOVED, {"segment": segment["slug"]})


def after_opening(member: Member, occasion: Occasion, _: Chance) -> Iterator[Occasion]:
    """TRIFFT itself notes who uses the app."""
    if APP_USERS not in member.segments:
        yield Occasion(occasion.at, events.SEGMENT_ADDED, {"segment": APP_USERS})


def after_invitation(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Half of the invited friends come, and the member is rewarded."""
    yield Occasion(occasion.at + timedelta(seconds=luck.randrange(5, 600)), events.CODE_INVITED)
    if luck.random() < 0.5:
        rewarded = later(member, occasion.at, luck.randint(1, 20), AWAKE, luck)
        yield Occasion(rewarded, events.REFERRER_REWARDED)
        yield Occasion(rewarded, events.CREDITED, {"points": 5_000, "note": "Thank you for bringing a friend"})


CONSEQUENCES: Mapping[str, Consequence] = {
    events.VERIFIED: after_verification,
    events.COUPON_ASSIGNED: after_assignment,
    events.COUPON_ACTIVATED: after_activation,
    events.COUPON_REDEEMED: after_redemption,
    events.TRANSACTION: after_transaction,
    events.CREDITED: after_credit,
    events.DEBITED: after_debit,
    events.SEGMENT_ADDED: after_joining_segment,
    events.APP_OPENED: after_opening,
    events.INVITATION_SENT: after_invitation,
}
