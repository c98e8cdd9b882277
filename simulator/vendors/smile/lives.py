"""A Smile customer's life: what follows what, when and how often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import takewhile

from simulator.agenda import Agenda, Step
from simulator.chance import Chance
from simulator.event import Occasion
from simulator.habits import in_the_day, later, next_birthday, within
from simulator.vendors.smile import events
from simulator.vendors.smile.member import (
    CANDIDATE,
    DISABLED,
    ISSUED,
    MEMBER,
    PENDING,
    Member,
    Referral,
    Reward,
    new_code,
    new_reward,
)
from simulator.vendors.smile.program import LAST_CHANCE, POINTS_STEP, SOCIAL_POINTS, WARNING

DAYS_BETWEEN_ORDERS = (10.0, 60.0)
"""On average, from the keenest customer to the laziest; actives order every 30 to 60 days, some more often."""

SIGN_UP_CHANCE = 0.9
REDEEM_CHANCE = 0.25
USE_CHANCE = 0.65
REFER_CHANCE = 0.5
COMPLETE_CHANCE = 0.22
MANUAL_TIER_CHANCE = 0.05
DISABLE_CHANCE = 0.02
MOST_REFERRED = 4
"""How many different friends a person has."""

YEAR = 365


def live(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What happens to a customer between two times; the merchant may shut them out."""
    agenda: Agenda[Step] = Agenda(start)
    life = Life(member, agenda, luck)
    if member.state == CANDIDATE and luck.random() < SIGN_UP_CHANCE:
        agenda.plan(later(start, 60, luck), life.sign_up)
    elif member.state == MEMBER:
        life.begin(start)
    occasions = (occasion for at, step in agenda.until(end) for occasion in step(at))
    return takewhile(lambda _: member.state != DISABLED, occasions)


class Life:
    """A customer's life: its steps, each of which plans the next."""

    def __init__(self, member: Member, agenda: Agenda[Step], luck: Chance) -> None:
        self.member = member
        self.agenda = agenda
        self.luck = luck
        self.gap = luck.uniform(*DAYS_BETWEEN_ORDERS)
        self.is_watched = False

    def begin(self, at: datetime) -> None:
        """Plan a member's life from what they have by now."""
        member, luck = self.member, self.luck
        self.agenda.plan(later(at, self.gap, luck), self.order)
        self.agenda.plan(later(at, 60, luck), self.follow)
        self.agenda.plan(datetime(at.year + 1, 1, 1, tzinfo=UTC), self.end_of_year)
        for chance, step in (
            (REFER_CHANCE, self.share),
            (MANUAL_TIER_CHANCE, self.put_in_tier),
            (DISABLE_CHANCE, self.disable),
        ):
            if luck.random() < chance:
                self.agenda.plan(within(at, YEAR, luck), step)
        if member.date_of_birth:
            born = date.fromisoformat(member.date_of_birth)
            self.agenda.plan(next_birthday(born, at, luck), partial(self.birthday, born=born))
        for reward in member.rewards:
            self.plan_reward(reward, at)
        for referral in member.open_referrals:
            self.plan_completion(referral, at)
        self.watch(at)

    def sign_up(self, at: datetime) -> Iterator[Occasion]:
        """A candidate becomes a member: points without an event, then the first tier."""
        self.member.enrol(at)
        yield from self.reach_tier(at)
        self.begin(at)

    def order(self, at: datetime) -> Iterator[Occasion]:
        """An order earns points, perhaps a tier a moment later; some points are spent soon."""
        member, luck = self.member, self.luck
        yield Occasion(at, events.POINTS_EARNED_ON_ORDER, {"points_change": member.program.order_points(luck)})
        if is_higher_tier_due(member):
            self.agenda.plan(at + timedelta(milliseconds=luck.randrange(500, 40_000)), self.reach_tier)
        if member.points >= POINTS_STEP and luck.random() < REDEEM_CHANCE:
            self.agenda.plan(later(at, 2, luck), self.redeem)
        self.agenda.plan(later(at, self.gap, luck), self.order)
        self.watch(at)

    def reach_tier(self, at: datetime) -> Iterator[Occasion]:
        """The tier that the points of this year lead to, with its entry reward, for which there is no event."""
        member = self.member
        if is_higher_tier_due(member):
            yield from self.enter_tier(at, Occasion(at, events.VIP_TIER_ACHIEVED, {"tier": tier_due(member)}))

    def put_in_tier(self, at: datetime) -> Iterator[Occasion]:
        """The merchant puts a member in the next higher tier."""
        tier = self.member.program.tier_after(self.member.tier)
        if tier is not None:
            facts = {"tier": tier.name, "description": f"Manually added to {tier.name}"}
            yield from self.enter_tier(at, Occasion(at, events.VIP_TIER_ACHIEVED, facts))

    def enter_tier(self, at: datetime, occasion: Occasion) -> Iterator[Occasion]:
        """A higher tier, whose entry reward comes without an event."""
        yield occasion
        member = self.member
        if member.tier is not None and member.tier.milestone:
            self.plan_reward(new_reward(member, member.program.tier_entry, at, self.luck), at)

    def end_of_year(self, at: datetime) -> Iterable[Occasion]:
        """The tier becomes the one that the past year's points lead to, never a higher one, and nobody is told."""
        member = self.member
        earned = member.program.tier_at(member.year_points)
        if member.tier is not None and earned.milestone < member.tier.milestone:
            member.tier = earned
        member.year_points = 0
        self.agenda.plan(at.replace(year=at.year + 1), self.end_of_year)
        return ()

    def follow(self, at: datetime) -> Iterable[Occasion]:
        """Points for something other than an order, for which there is no event."""
        self.member.earn(SOCIAL_POINTS, at)
        self.watch(at)
        return ()

    def redeem(self, at: datetime) -> Iterator[Occasion]:
        """Points are exchanged, if there still are enough."""
        member = self.member
        if member.points >= POINTS_STEP:
            yield Occasion(at, events.POINTS_REDEEMED)
            self.plan_reward(member.rewards[-1], at)

    def plan_reward(self, reward: Reward, at: datetime) -> None:
        """Plan what becomes of a reward: a late code comes, it is used or not, it expires."""
        luck = self.luck
        if reward.fulfillment_status == PENDING:
            self.agenda.plan(at + timedelta(seconds=luck.randrange(60, 3600)), partial(self.issue, reward=reward))
        if luck.random() < USE_CHANCE:
            self.agenda.plan(within(at, 14, luck), partial(self.use, reward=reward))
        if reward.expires_at is not None:
            self.agenda.plan(reward.expires_at - LAST_CHANCE, partial(self.warn_of_reward, reward=reward))
            self.agenda.plan(reward.expires_at, partial(self.forget, reward=reward))

    def issue(self, at: datetime, reward: Reward) -> Iterable[Occasion]:
        """The code of a pending reward is made."""
        reward.fulfillment_status, reward.code, reward.updated_at = ISSUED, new_code(reward.offer, self.luck), at
        return ()

    def use(self, at: datetime, reward: Reward) -> Iterable[Occasion]:
        """The code is used in an order, which nobody tells Klaviyo."""
        if reward.is_open:
            reward.use(at, is_noted=self.luck.random() < 0.8)
            self.forget(at, reward)
        return ()

    def warn_of_reward(self, at: datetime, reward: Reward) -> Iterator[Occasion]:
        """A reward that is still unused expires soon."""
        if reward.is_open:
            yield Occasion(at, events.REWARD_EXPIRING, {"reward": reward})

    def forget(self, _at: datetime, reward: Reward) -> Iterable[Occasion]:
        """A reward that is used or expired is of no further interest."""
        if reward in self.member.rewards:
            self.member.rewards.remove(reward)
        return ()

    def birthday(self, at: datetime, born: date) -> Iterator[Occasion]:
        """One reward a year."""
        yield Occasion(at, events.BIRTHDAY_REWARD_ISSUED)
        member = self.member
        self.plan_reward(member.rewards[-1], at)
        self.agenda.plan(next_birthday(born, at + timedelta(days=1), self.luck), partial(self.birthday, born=born))

    def share(self, at: datetime) -> Iterator[Occasion]:
        """A friend claims the reward of a referral; of each, one has only so many friends."""
        member = self.member
        if member.referred < MOST_REFERRED:
            yield Occasion(at, events.REFERRAL_STARTED)
            self.plan_completion(member.open_referrals[-1], at)
            self.agenda.plan(later(at, 90, self.luck), self.share)

    def plan_completion(self, referral: Referral, at: datetime) -> None:
        """Some friends order within their code's life, most of them in the first days."""
        if self.luck.random() < COMPLETE_CHANCE:
            delay = min(self.luck.lognormvariate(1.8, 0.7), 28)
            self.agenda.plan(
                in_the_day(at + timedelta(days=1 + delay), self.luck), partial(self.complete, referral=referral)
            )

    def complete(self, at: datetime, referral: Referral) -> Iterator[Occasion]:
        """The friend's order with the code completes the referral."""
        if referral in self.member.open_referrals:
            yield Occasion(at, events.REFERRAL_COMPLETED, {"referral": referral})
            self.plan_reward(self.member.rewards[-1], at)

    def watch(self, at: datetime) -> None:
        """See to it that the member is warned before their points expire, from a time on."""
        expires_at = self.member.points_expire_at
        if self.is_watched or expires_at is None:
            return
        self.is_watched = True
        for before, step in ((WARNING, self.warn), (LAST_CHANCE, self.warn_again)):
            if expires_at - before >= at:
                self.agenda.plan(expires_at - before, step)
                return
        self.agenda.plan(max(expires_at, at), self.expire)

    def warn(self, at: datetime) -> Iterator[Occasion]:
        """The first warning, unless something happened meanwhile."""
        if not self.is_moved_on(at, at + WARNING):
            yield from self.expiring(at)
            self.agenda.plan(at + WARNING - LAST_CHANCE, self.warn_again)

    def warn_again(self, at: datetime) -> Iterator[Occasion]:
        """The last warning, unless something happened meanwhile."""
        if not self.is_moved_on(at, at + LAST_CHANCE):
            yield from self.expiring(at)
            self.agenda.plan(at + LAST_CHANCE, self.expire)

    def expire(self, at: datetime) -> Iterable[Occasion]:
        """The whole balance falls to zero, and nobody is told."""
        if not self.is_moved_on(at, at):
            self.member.points, self.member.points_expire_at = 0, None
            self.is_watched = False
        return ()

    def is_moved_on(self, at: datetime, expected: datetime) -> bool:
        """Whether the points expire later than expected, or not at all; then the watch begins anew."""
        expires_at = self.member.points_expire_at
        if expires_at is not None and expires_at <= expected:
            return False
        self.is_watched = False
        self.watch(at)
        return True

    def expiring(self, at: datetime) -> Iterator[Occasion]:
        """A warning to who has points."""
        expires_at = self.member.points_expire_at
        if self.member.points:
            yield Occasion(at, events.POINTS_EXPIRING, {"extra.points_balance_expires_at": expires_at})

    def disable(self, at: datetime) -> Iterable[Occasion]:
        """The merchant shuts a member out; nothing happens to them from then on."""
        self.member.state, self.member.updated_at = DISABLED, at
        return ()


def is_higher_tier_due(member: Member) -> bool:
    """Whether the points of this year lead to a higher tier than the member has."""
    return member.tier is None or member.program.tier_at(member.year_points).milestone > member.tier.milestone


def tier_due(member: Member) -> str:
    """The name of the tier that the points of this year lead to."""
    return member.program.tier_at(member.year_points).name
