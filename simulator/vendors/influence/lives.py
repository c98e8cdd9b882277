"""A customer's life with Influence.io: what follows what, when and how often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from simulator.chance import Chance
from simulator.event import Occasion, Plans
from simulator.vendors.influence import events
from simulator.vendors.influence.member import GUEST, Member, Referral

HOURS = (*range(7, 23), *range(11, 14), *range(17, 22), *range(18, 21))
"""When people shop: the more often an hour stands here, the more of them; evenings most."""

SATURDAY = 5
WEEKEND_SHARE = 0.2
DAYS_BETWEEN_ORDERS = (8.0, 45.0)
SIGN_UP_CHANCE = 0.9
FOLLOW_CHANCE = 0.6
REDEEM_CHANCE = 0.15
REFER_CHANCE = 0.5
COMPLETE_CHANCE = 0.25
MANUAL_TIER_CHANCE = 0.08
MOST_REFERRED = 4
"""How many different friends a person has."""

YEAR = timedelta(days=365)


def live(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What happens to a customer between two times."""
    plans = Plans(start, end)
    life = Life(member, plans, luck)
    if member.status != GUEST:
        life.begin(start)
    elif luck.random() < SIGN_UP_CHANCE:
        plans.plan(later(start, 60, luck), life.sign_up)
    return iter(plans)


class Life:
    """A customer's life: its steps, each of which plans the next."""

    def __init__(self, member: Member, plans: Plans, luck: Chance) -> None:
        self.member = member
        self.plans = plans
        self.luck = luck
        self.gap = luck.uniform(*DAYS_BETWEEN_ORDERS)

    def begin(self, at: datetime) -> None:
        """Plan a member's life from what they have by now."""
        member, luck = self.member, self.luck
        self.plans.plan(later(at, self.gap, luck), self.order)
        self.plans.plan(next_review(member.created_at, at), self.review)
        for chance, days, step in (
            (FOLLOW_CHANCE, 120, self.follow),
            (REFER_CHANCE, 365, self.share),
            (MANUAL_TIER_CHANCE, 365, self.change_by_hand),
        ):
            if luck.random() < chance:
                self.plans.plan(within(at, days, luck), step)
        if member.has_birthday:
            self.plans.plan(next_birthday(member, at, luck), self.birthday)
        for referral in member.open_referrals:
            self.plan_completion(referral, at)
        self.plan_expiry()

    def sign_up(self, at: datetime) -> Iterator[Occasion]:
        """A guest opens an account, which pays points once; who has had one before never gets them."""
        rule = self.member.program.sign_up
        self.member.open_account(at)
        yield Occasion(at, events.POINTS_EARNED, {"action": rule.title})
        self.begin(at)

    def order(self, at: datetime) -> Iterator[Occasion]:
        """An order earns points, perhaps a tier within the minute; some points are spent soon."""
        yield Occasion(at, events.POINTS_EARNED)
        self.plan_tier(at)
        if self.luck.random() < REDEEM_CHANCE:
            self.plans.plan(later(at, 3, self.luck), self.redeem)
        self.plans.plan(later(at, self.gap, self.luck), self.order)
        self.plan_expiry()

    def plan_tier(self, at: datetime) -> None:
        """Plan the tier that the points lead to, when it is a higher one."""
        if is_higher_tier_due(self.member):
            self.plans.plan(at + timedelta(milliseconds=self.luck.randrange(500, 50_000)), self.reach_tier)

    def reach_tier(self, at: datetime) -> Iterator[Occasion]:
        """The tier that the points lead to."""
        member = self.member
        if is_higher_tier_due(member):
            tier = member.program.tier_at(member.tier_points)
            yield Occasion(at, events.TIER_CHANGED, {"tier": tier.title, "reason": events.REACHED})

    def review(self, at: datetime) -> Iterator[Occasion]:
        """A year after joining, and each year: whoever earned too little since falls one tier."""
        member = self.member
        earned = member.program.tier_at(member.tier_points)
        if member.tier is not None and earned.threshold < member.tier.threshold:
            tier = member.program.neighbour(member.tier, -1)
            yield Occasion(at, events.TIER_CHANGED, {"tier": tier.title, "reason": events.EXPIRED})
        member.tier_points = 0
        self.plans.plan(at + YEAR, self.review)

    def change_by_hand(self, at: datetime) -> Iterator[Occasion]:
        """The merchant puts a member in another tier, up or down."""
        yield Occasion(at, events.TIER_CHANGED)

    def follow(self, at: datetime) -> Iterator[Occasion]:
        """Points for following the shop on a network, once for each."""
        if self.member.follows_left:
            rule = self.member.follows_left.pop(0)
            yield Occasion(at, events.POINTS_EARNED, {"action": rule.title})
            self.plan_tier(at)
            self.plans.plan(later(at, 60, self.luck), self.follow)

    def birthday(self, at: datetime) -> Iterator[Occasion]:
        """Points once a year."""
        yield Occasion(at, events.POINTS_EARNED, {"action": self.member.program.birthday.title})
        self.plan_tier(at)
        self.plans.plan(next_birthday(self.member, at + timedelta(days=1), self.luck), self.birthday)

    def redeem(self, at: datetime) -> Iterator[Occasion]:
        """Points are spent, if there are enough for anything."""
        member = self.member
        if member.points >= min(rule.cost for rule in member.program.redeem_rules):
            yield Occasion(at, events.POINTS_REDEEMED)

    def share(self, at: datetime) -> Iterator[Occasion]:
        """A friend submits their e-mail; one has only so many friends."""
        member = self.member
        if member.referred < MOST_REFERRED:
            yield Occasion(at, events.REFERRALS_STARTED)
            self.plan_completion(member.open_referrals[-1], at)
            self.plans.plan(later(at, 90, self.luck), self.share)

    def plan_completion(self, referral: Referral, at: datetime) -> None:
        """Some friends open an account and order, half of them within a week."""
        if self.luck.random() < COMPLETE_CHANCE:
            due = in_the_day(at + timedelta(days=1 + self.luck.lognormvariate(1.8, 0.7)), self.luck)
            if self.luck.random() < 0.7:
                self.plans.plan(due - timedelta(minutes=5), partial(self.befriend, referral=referral))
            self.plans.plan(due, partial(self.complete, referral=referral))

    def befriend(self, at: datetime, referral: Referral) -> Iterable[Occasion]:
        """The friend opens an account and is no guest any more, which is no event."""
        referral.friend.open_account(at)
        return ()

    def complete(self, at: datetime, referral: Referral) -> Iterator[Occasion]:
        """The friend's order with the code, or with the same e-mail, completes the referral."""
        if referral in self.member.open_referrals:
            yield Occasion(at, events.REFERRALS_COMPLETED, {"referral": referral})

    def plan_expiry(self) -> None:
        """Plan that the points expire, unless something happens before."""
        if self.member.points_expire_at is not None:
            self.plans.plan(self.member.points_expire_at, self.expire)

    def expire(self, at: datetime) -> Iterable[Occasion]:
        """Points that nothing happened to for long are gone, and nobody is told."""
        if self.member.points_expire_at is not None and self.member.points_expire_at <= at:
            self.member.points = 0
        return ()


def is_higher_tier_due(member: Member) -> bool:
    """Whether the points lead to a higher tier than the member has."""
    return member.tier is not None and member.program.tier_at(member.tier_points).threshold > member.tier.threshold


def later(at: datetime, days: float, luck: Chance) -> datetime:
    """A time when people shop, so many days later on average."""
    return in_the_day(at + timedelta(days=0.02 + luck.expovariate(1 / days)), luck, after=at)


def within(at: datetime, days: float, luck: Chance) -> datetime:
    """A time when people shop, within so many days."""
    return in_the_day(at + timedelta(days=luck.random() * days), luck, after=at)


def in_the_day(at: datetime, luck: Chance, *, after: datetime | None = None) -> datetime:
    """A time on the same day, or on the Saturday after it, when people shop; always later than `after`."""
    if at.weekday() < SATURDAY and luck.random() < WEEKEND_SHARE:
        at += timedelta(days=SATURDAY - at.weekday())
    millisecond = int(luck.random() * 3_600_000)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(hours=HOURS[int(luck.random() * len(HOURS))], milliseconds=millisecond)
    return moment if after is None or moment > after else after + timedelta(seconds=30, milliseconds=millisecond)


def next_review(since: datetime, at: datetime) -> datetime:
    """The end of the membership year that a time is in."""
    return since + ((at - since) // YEAR + 1) * YEAR


def next_birthday(member: Member, at: datetime, luck: Chance) -> datetime:
    """The morning of the next birthday; who was born on 29 February has it on the 28th."""
    born = member.person.birthdate
    if born is None:
        raise ValueError("nobody knows this birthday")
    morning = timedelta(hours=8, milliseconds=luck.randrange(3_600_000))
    day = min(born.day, 28) if born.month == 2 else born.day
    birthdays = (datetime(year, born.month, day, tzinfo=UTC) + morning for year in (at.year, at.year + 1))
    return next(birthday for birthday in birthdays if birthday > at)
