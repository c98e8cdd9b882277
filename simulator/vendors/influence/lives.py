"""A customer's life with Influence.io: what follows what, when and how often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from simulator.agenda import Agenda, Step
from simulator.chance import Chance
from simulator.event import Occasion
from simulator.habits import in_the_day, later, next_birthday, within
from simulator.vendors.influence import events
from simulator.vendors.influence.member import GUEST, Member, Referral

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
    agenda: Agenda[Step] = Agenda(start)
    life = Life(member, agenda, luck)
    if member.status != GUEST:
        life.begin(start)
    elif luck.random() < SIGN_UP_CHANCE:
        agenda.plan(later(start, 60, luck), life.sign_up)
    for at, step in agenda.until(end):
        yield from step(at)


class Life:
    """A customer's life: its steps, each of which plans the next."""

    def __init__(self, member: Member, agenda: Agenda[Step], luck: Chance) -> None:
        self.member = member
        self.agenda = agenda
        self.luck = luck
        self.gap = luck.uniform(*DAYS_BETWEEN_ORDERS)

    def begin(self, at: datetime) -> None:
        """Plan a member's life from what they have by now."""
        member, luck = self.member, self.luck
        self.agenda.plan(later(at, self.gap, luck), self.order)
        self.agenda.plan(next_review(member.created_at, at), self.review)
        for chance, days, step in (
            (FOLLOW_CHANCE, 120, self.follow),
            (REFER_CHANCE, 365, self.share),
            (MANUAL_TIER_CHANCE, 365, self.change_by_hand),
        ):
            if luck.random() < chance:
                self.agenda.plan(within(at, days, luck), step)
        born = member.person.birthdate
        if member.has_birthday and born is not None:
            self.agenda.plan(next_birthday(born, at, luck), partial(self.birthday, born=born))
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
            self.agenda.plan(later(at, 3, self.luck), self.redeem)
        self.agenda.plan(later(at, self.gap, self.luck), self.order)
        self.plan_expiry()

    def plan_tier(self, at: datetime) -> None:
        """Plan the tier that the points lead to, when it is a higher one."""
        if is_higher_tier_due(self.member):
            self.agenda.plan(at + timedelta(milliseconds=self.luck.randrange(500, 50_000)), self.reach_tier)

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
        self.agenda.plan(at + YEAR, self.review)

    def change_by_hand(self, at: datetime) -> Iterator[Occasion]:
        """The merchant puts a member in another tier, up or down."""
        yield Occasion(at, events.TIER_CHANGED)

    def follow(self, at: datetime) -> Iterator[Occasion]:
        """Points for following the shop on a network, once for each."""
        if self.member.follows_left:
            rule = self.member.follows_left.pop(0)
            yield Occasion(at, events.POINTS_EARNED, {"action": rule.title})
            self.plan_tier(at)
            self.agenda.plan(later(at, 60, self.luck), self.follow)

    def birthday(self, at: datetime, born: date) -> Iterator[Occasion]:
        """Points once a year."""
        yield Occasion(at, events.POINTS_EARNED, {"action": self.member.program.birthday.title})
        self.plan_tier(at)
        self.agenda.plan(next_birthday(born, at + timedelta(days=1), self.luck), partial(self.birthday, born=born))

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
            self.agenda.plan(later(at, 90, self.luck), self.share)

    def plan_completion(self, referral: Referral, at: datetime) -> None:
        """Some friends open an account and order, half of them within a week."""
        if self.luck.random() < COMPLETE_CHANCE:
            due = in_the_day(at + timedelta(days=1 + self.luck.lognormvariate(1.8, 0.7)), self.luck)
            if self.luck.random() < 0.7:
                self.agenda.plan(due - timedelta(minutes=5), partial(self.befriend, referral=referral))
            self.agenda.plan(due, partial(self.complete, referral=referral))

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
            self.agenda.plan(self.member.points_expire_at, self.expire)

    def expire(self, at: datetime) -> Iterable[Occasion]:
        """Points that nothing happened to for long are gone, and nobody is told."""
        if self.member.points_expire_at is not None and self.member.points_expire_at <= at:
            self.member.points = 0
        return ()


def is_higher_tier_due(member: Member) -> bool:
    """Whether the points lead to a higher tier than the member has."""
    return member.tier is not None and member.program.tier_at(member.tier_points).threshold > member.tier.threshold


def next_review(since: datetime, at: datetime) -> datetime:
    """The end of the membership year that a time is in."""
    return since + ((at - since) // YEAR + 1) * YEAR
