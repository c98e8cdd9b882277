"""A customer of Influence.io and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.chance import Chance, uuid
from simulator.json import Json
from simulator.population import Person
from simulator.shop import Shop
from simulator.vendors.influence.program import POINTS_LAST, EarnRule, Program, ReferralReward, Tier, program

MEMBER, GUEST = "member", "guest"
ACTIVE, USED = "active", "used"
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(slots=True)
class Reward:
    """One side's reward of a referral; it has a code once it is given."""

    id: str
    reward: ReferralReward
    code: str | None
    status: str

    def give(self, luck: Chance) -> None:
        """Give the reward its code."""
        self.code, self.status = new_code(luck), ACTIVE


@dataclass(slots=True)
class Referral:
    """A friend whom a customer referred; the friend is a guest until they open a store account."""

    id: str
    friend: Member
    friend_reward: Reward
    customer_reward: Reward


@dataclass(slots=True)
class Member:
    """One customer; `tier_points` are all that were ever earned since the tiers last counted anew."""

    id: str
    external_id: str
    person: Person
    program: Program
    status: str
    referral_code: str
    card_lookup: str
    has_birthday: bool
    created_at: datetime
    updated_at: datetime
    points: int = 0
    tier_points: int = 0
    tier: Tier | None = None
    points_expire_at: datetime | None = None
    follows_left: list[EarnRule] = field(default_factory=list)
    open_referrals: list[Referral] = field(default_factory=list)
    referred: int = 0

    def open_account(self, at: datetime) -> None:
        """Become a member, in the lowest tier; this alone is no event."""
        self.status, self.tier = MEMBER, self.program.tiers[0]
        self.touch(at)

    def earn(self, points: int, at: datetime) -> None:
        """Add points, or take them back, of which there are never less than none."""
        self.points = max(self.points + points, 0)
        self.tier_points += points
        self.touch(at)

    def spend(self, points: int, at: datetime) -> None:
        """Take points away; the tier counts what was earned, so it stays."""
        self.points -= points
        self.touch(at)

    def touch(self, at: datetime) -> None:
        """Note some activity."""
        self.updated_at = at
        if self.program.have_points_end:
            self.points_expire_at = at + POINTS_LAST


def new_code(luck: Chance, prefix: str = "") -> str:
    """A discount code, `26ae98412711`."""
    return f"{prefix}{luck.getrandbits(48):012x}"


def new_reward(reward: ReferralReward, luck: Chance) -> Reward:
    """A reward that nobody has yet."""
    return Reward(uuid(luck), reward, None, "pending")


def customer(person: Person, programme: Program, luck: Chance, at: datetime) -> Member:
    """A customer without a store account."""
    return Member(
        id=uuid(luck),
        external_id=str(7_000_000_000_000 + luck.getrandbits(36)),
        person=person,
        program=programme,
        status=GUEST,
        referral_code="".join(luck.choices(CODE_LETTERS, k=8)),
        card_lookup=f"{luck.getrandbits(64):016x}",
        has_birthday=person.birthdate is not None and (luck.random() < 0.4 or person.tells_birthdate),
        created_at=at,
        updated_at=at,
        follows_left=list(programme.follows),
    )


def join(person: Person, shop: Shop, luck: Chance, at: datetime) -> Member:
    """The person as a customer: mostly a member for some time, sometimes still a guest."""
    since = at - timedelta(milliseconds=int(luck.random() * 90 * 86_400_000))
    member = customer(person, program(shop), luck, since)
    if luck.random() < 0.85:
        member.open_account(since)
        member.earn(10 * int(luck.expovariate(1 / 25)), since)
        member.tier = member.program.tier_at(member.tier_points)
    return member


def record(member: Member) -> Json:
    """The customer as Influence.io keeps it: the webhooks' customer, and what else the profile sync tells."""
    one, many = member.program.points_name
    expires_at = member.points_expire_at
    return {
        **webhook_customer(member),
        "memberStatus": member.status,
        "referralCode": member.referral_code,
        "lastSeenAt": moment(member.updated_at),
        "pointsExpireAt": None if expires_at is None or not member.points else moment(expires_at),
        "loyaltyCardLookup": member.card_lookup,
        "program": {"pointsName": {"one": one, "other": many}},
    }


def moment(at: datetime) -> str:
    """An instant as Influence.io writes it.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 1, 31, 9, 5, tzinfo=UTC))
    '2026-01-31T09:05:00.000Z'
    """
    return at.isoformat(timespec="milliseconds")[:23] + "Z"


def webhook_customer(member: Member) -> Json:
    """A customer as every webhook body has it; a guest has no store account and no tier."""
    person, birthdate = member.person, member.person.birthdate if member.has_birthday else None
    return {
        "id": member.id,
        "externalId": member.external_id if member.status == MEMBER else None,
        "email": person.email or None,
        "name": person.name.strip() or None,
        "birthdayMonth": None if birthdate is None else birthdate.month,
        "birthdayDay": None if birthdate is None else birthdate.day,
        "referralUrl": f"https://{member.program.domain}/?ref={member.referral_code}",
        "pointBalance": member.points,
        "currentLoyaltyTier": None if member.tier is None else {"id": member.tier.id, "title": member.tier.title},
        "createdAt": moment(member.created_at),
        "updatedAt": moment(member.updated_at),
    }
