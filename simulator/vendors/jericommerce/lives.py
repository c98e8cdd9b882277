"""Lives: what happens to a customer at JeriCommerce, when, and what that brings about."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from simulator.agenda import Agenda
from simulator.chance import Chance, moments
from simulator.event import Occasion
from simulator.vendors.jericommerce import events
from simulator.vendors.jericommerce.member import REFUND, Member
from simulator.vendors.jericommerce.programme import POINTS_PER_UNIT, REWARDS

Consequence: TypeAlias = Callable[[Member, Occasion, Chance], Iterator[Occasion]]

ORDERED = "the customer orders"
REFUNDED = "the customer sends an order back"
RECALCULATED = "the tier is recalculated"
SWITCHED_OFF = "automatic updates of the pass are switched off for a while"
"""What JeriCommerce sends no event for, but what events follow from."""

DAYTIME = (8, 9, 10, 11, 12, 12, 13, 15, 16, 17, 17, 18, 18, 19, 19, 20, 20, 21)
BIRTHDAY_JOB = timedelta(hours=9)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

HABITS: tuple[tuple[str, float], ...] = (
    # event, how often a year for an average customer
    (ORDERED, 7),
    (events.CAMPAIGN_ASSIGNED, 14),
    (events.WALLET_VISIT, 4),
    (events.CHECKED_IN, 1),
    (events.TAPPED, 1),
    (events.BALANCE_CHANGED, 0.3),
    (events.REFERRAL_COMPLETED, 0.3),
    (events.PASS_REQUESTED, 0.3),
    (SWITCHED_OFF, 0.2),
    (events.PASS_UNINSTALLED, 0.12),
)


def live(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What happens to a customer between two times."""
    agenda: Agenda[Occasion] = Agenda(start)
    agenda.plan_all(routine(member, start, end, luck) if member.is_created else registration(start, end, luck))
    for _, occasion in agenda.until(end):
        if not is_possible(member, occasion):
            continue
        if occasion.name in events.EVENTS:
            yield occasion
        if occasion.name in CONSEQUENCES:
            agenda.plan_all(CONSEQUENCES[occasion.name](member, occasion, luck))
        if occasion.name == events.CREATED:
            agenda.plan_all(routine(member, occasion.at, end, luck))


def registration(start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """New customers come within a month, most of them at once."""
    patience = timedelta(hours=3) if luck.random() < 0.5 else timedelta(days=30)
    after = min(patience * luck.random(), (end - start) / 2)
    yield Occasion((start + after).replace(microsecond=0) + SECOND, events.CREATED)


def routine(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What comes again and again: habits, birthdays, and the yearly recalculation."""
    for name, yearly in HABITS:
        rate = yearly * member.activity if yearly > 1 else yearly
        for at in moments(luck, start, end, yearly=rate, hours=DAYTIME):
            yield Occasion(at, name)
    for at in birthdays(member.birthdate, start, end):
        yield Occasion(at + timedelta(seconds=luck.randrange(240)), events.BIRTHDAY)
    yield Occasion(max(member.recalculated, start), RECALCULATED)


def birthdays(birthdate: date | None, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the daily job finds a birthday; one of 29 February is on the 28th in common years."""
    if birthdate is None:
        return
    is_leap_day = (birthdate.month, birthdate.day) == (2, 29)
    for year in range(start.year, end.year + 1):
        day = 28 if is_leap_day and not isleap(year) else birthdate.day
        at = datetime(year, birthdate.month, day, tzinfo=UTC) + BIRTHDAY_JOB
        if start <= at < end:
            yield at


def is_possible(member: Member, occasion: Occasion) -> bool:
    """Whether the customer is in a state in which this can happen."""
    name = occasion.name
    if name in (events.CAMPAIGN_ASSIGNED, SWITCHED_OFF, events.PASS_UNINSTALLED, events.WALLET_CLICK):
        return bool(member.installed)
    if name in (events.REDEEMED_ONLINE, events.REDEEMED_IN_STORE):
        return member.balance >= REWARDS[0].price
    if name == events.TIER_UPGRADED:
        return member.is_promoted
    return True


def later(at: datetime, days: int, luck: Chance) -> datetime:
    """So many days later in the daytime; a minute later if that is past already."""
    then = (at + days * DAY).replace(hour=luck.choice(DAYTIME), minute=luck.randrange(60), second=luck.randrange(60))
    return max(then, at + MINUTE)


def after_creation(_: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """A new customer confirms the address, asks for a pass, and buys something."""
    at = occasion.at
    if luck.random() < 0.85:
        at += timedelta(seconds=luck.randrange(30, 7_200))
        yield Occasion(at, events.VERIFIED)
    if luck.random() < 0.65:
        yield Occasion(at + timedelta(seconds=luck.randrange(20, 3_600)), events.PASS_REQUESTED)
    if luck.random() < 0.8:
        yield Occasion(later(at, luck.randint(0, 10), luck), ORDERED)


def after_request(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Two thirds of the passes that are asked for are installed, which makes a good 40 % of the customers."""
    if luck.random() < 0.67:
        at = occasion.at + timedelta(seconds=luck.randrange(10, 900))
        yield Occasion(at, events.PASS_INSTALLED, {"platform": member.requested[-1]})


def after_switch(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """The pass counts as removed, and as installed again without being asked for."""
    facts = {"platform": luck.choice(member.installed)}
    yield Occasion(occasion.at, events.PASS_UNINSTALLED, facts)
    yield Occasion(later(occasion.at, luck.randrange(4), luck), events.PASS_INSTALLED, facts)


def after_order(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Points for an order; in the store the pass is scanned first. Some orders are sent back."""
    at = occasion.at
    if luck.random() < 0.4:
        yield Occasion(at, events.SCANNED)
        at += timedelta(seconds=luck.randrange(20, 240))
    number = luck.randrange(1_001, 99_999)
    amount = int(luck.triangular(12, 160, 35) * POINTS_PER_UNIT * member.multiplier)
    yield Occasion(at, events.BALANCE_CHANGED, {"amount": amount, "reason": f"Order #{number}"})
    if luck.random() < 0.06:
        facts = {"amount": amount, "reason": f"{REFUND} of order #{number}"}
        yield Occasion(later(at, luck.randint(3, 20), luck), REFUNDED, facts)


def after_refund(member: Member, occasion: Occasion, _: Chance) -> Iterator[Occasion]:
    """The order's points are taken back, as far as they are still there."""
    amount = min(occasion.facts["amount"], member.balance)
    if amount:
        yield Occasion(occasion.at, events.BALANCE_CHANGED, occasion.facts | {"amount": -amount})


def after_balance_change(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """Maybe another tier; and with enough points, some redeem a reward."""
    if member.is_promoted:
        yield Occasion(occasion.at + SECOND, events.TIER_UPGRADED)
    has_earned = occasion.facts.get("amount", 0) > 0
    if has_earned and member.balance >= REWARDS[0].price and luck.random() < 0.35:
        at = later(occasion.at, luck.randrange(14), luck)
        if luck.random() < 0.7:
            yield Occasion(at, events.REDEEMED_ONLINE)
        else:
            yield Occasion(at - 5 * SECOND, events.SCANNED)
            yield Occasion(at, events.REDEEMED_IN_STORE)


def after_redemption(member: Member, occasion: Occasion, _: Chance) -> Iterator[Occasion]:
    """The balance has fallen by the price of the reward."""
    reward = member.last_reward
    facts = {"amount": -reward.price, "reason": f"Reward redeemed: {reward.title}", "is_settled": True}
    yield Occasion(occasion.at, events.BALANCE_CHANGED, facts)


def after_referral(_: Member, occasion: Occasion, __: Chance) -> Iterator[Occasion]:
    """The balance has risen."""
    facts = {"amount": events.REFERRAL_POINTS, "reason": "Referral", "is_settled": True}
    yield Occasion(occasion.at, events.BALANCE_CHANGED, facts)


def after_campaign(member: Member, occasion: Occasion, luck: Chance) -> Iterator[Occasion]:
    """One in twelve follows a campaign's link, two days after it at most."""
    if luck.random() < 0.08:
        at = occasion.at + timedelta(seconds=luck.randrange(20, 170_000))
        yield Occasion(at, events.WALLET_CLICK, {"campaignId": member.campaigns[-1].id})


def after_recalculation(member: Member, occasion: Occasion, _: Chance) -> Iterator[Occasion]:
    """A lower tier is told, the same one is not; and it comes again every year."""
    member.recalculate()
    if member.is_demoted:
        yield Occasion(occasion.at, events.TIER_DOWNGRADED)
    yield Occasion(member.recalculated, RECALCULATED)


CONSEQUENCES: Mapping[str, Consequence] = {
    events.CREATED: after_creation,
    events.PASS_REQUESTED: after_request,
    events.BALANCE_CHANGED: after_balance_change,
    events.REDEEMED_ONLINE: after_redemption,
    events.REDEEMED_IN_STORE: after_redemption,
    events.REFERRAL_COMPLETED: after_referral,
    events.CAMPAIGN_ASSIGNED: after_campaign,
    ORDERED: after_order,
    REFUNDED: after_refund,
    RECALCULATED: after_recalculation,
    SWITCHED_OFF: after_switch,
}
