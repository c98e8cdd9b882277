"""A Smile customer and what belongs to them, as Smile keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import ascii_letters, digits

from simulator.chance import Chance
from simulator.json import Json
from simulator.population import Person
from simulator.shop import Shop
from simulator.vendors.smile import objects
from simulator.vendors.smile.program import POINTS_LAST, SIGN_UP_POINTS, Offer, Program, Tier, program

CANDIDATE, MEMBER, DISABLED = "candidate", "member", "disabled"
ISSUED, PENDING = "issued", "pending"
UNUSED, USED, UNTRACKED = "unused", "used", "untracked"

END_OF_DAY = {"hour": 23, "minute": 59, "second": 59, "microsecond": 999_000}
LETTERS = ascii_letters + digits


@dataclass(slots=True)
class Reward:
    """A reward that a customer was given, which Smile calls a reward fulfillment."""

    id: int
    customer_id: int
    offer: Offer
    code: str | None
    image_url: str
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    fulfillment_status: str = ISSUED
    usage_status: str = UNUSED
    used_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is issued and still unused."""
        return self.fulfillment_status == ISSUED and self.usage_status == UNUSED

    def use(self, at: datetime, *, is_noted: bool) -> None:
        """Use the code in an order; the shop does not always tell when."""
        self.usage_status = USED
        self.used_at = at if is_noted else None
        self.updated_at = at


@dataclass(slots=True)
class Referral:
    """A friend whom a customer referred; `receiver` is the friend's customer once they have ordered."""

    id: int
    friend: Person
    receiver_reward: Reward
    created_at: datetime
    updated_at: datetime
    receiver: Member | None = None
    sender_reward: Reward | None = None


@dataclass(slots=True)
class Member:
    """One customer; `year_points` are those that count for the tier, `open_referrals` the ones not completed."""

    id: int
    person: Person
    program: Program
    state: str
    referral_url: str
    date_of_birth: str | None
    created_at: datetime
    updated_at: datetime
    points: int = 0
    year_points: int = 0
    tier: Tier | None = None
    points_expire_at: datetime | None = None
    rewards: list[Reward] = field(default_factory=list)
    open_referrals: list[Referral] = field(default_factory=list)
    referred: int = 0

    def enrol(self, at: datetime) -> None:
        """Make a candidate a member, with the points that signing up earns."""
        self.state = MEMBER
        self.earn(SIGN_UP_POINTS, at)

    def earn(self, points: int, at: datetime) -> None:
        """Add points, or take them back, of which there are never less than none; any activity defers their expiry."""
        self.points = max(self.points + points, 0)
        self.year_points += points
        self.touch(at)

    def spend(self, points: int, at: datetime) -> None:
        """Take points away."""
        self.points -= points
        self.touch(at)

    def touch(self, at: datetime) -> None:
        """Note some activity."""
        self.updated_at = at
        self.points_expire_at = at + POINTS_LAST


def new_id(luck: Chance) -> int:
    """A number as Smile gives to everything: nine digits."""
    return 100_000_000 + int(luck.random() * 900_000_000)


def new_reward(member: Member, offer: Offer, at: datetime, luck: Chance) -> Reward:
    """A reward, issued to a member, who keeps it."""
    reward = Reward(
        id=new_id(luck),
        customer_id=member.id,
        offer=offer,
        code=new_code(offer, luck),
        image_url=f"https://{member.program.domain}/smile/rewards/{offer.slug}.png",
        expires_at=None if offer.valid is None else (at + offer.valid).replace(**END_OF_DAY),  # type: ignore[arg-type]
        created_at=at,
        updated_at=at,
    )
    member.rewards.append(reward)
    return reward


def new_code(offer: Offer, luck: Chance) -> str:
    """A discount code, `5off-e26d02e39149`."""
    return f"{offer.slug}-{luck.getrandbits(48):012x}"


def date_of_birth(person: Person, luck: Chance) -> str | None:
    """The birthday as Smile writes it, if the customer told it; the year 1004 says that they kept the year."""
    if person.birthdate is None or (luck.random() < 0.5 and not person.tells_birthdate):
        return None
    if luck.random() < 0.5:
        return person.birthdate.isoformat()
    return f"1004-{person.birthdate:%m-%d}"


def customer(person: Person, programme: Program, luck: Chance, at: datetime) -> Member:
    """A customer whom Smile has just come to know: a candidate."""
    token = "".join(luck.choices(LETTERS, k=luck.choice((6, 7, 8))))
    return Member(
        id=new_id(luck),
        person=person,
        program=programme,
        state=CANDIDATE,
        referral_url=f"{luck.choice(('https', 'https', 'http'))}://i.refs.cc/{token}",
        date_of_birth=date_of_birth(person, luck),
        created_at=at,
        updated_at=at,
    )


def join(person: Person, shop: Shop, luck: Chance, at: datetime) -> Member:
    """The person as a customer: mostly a member for some time, sometimes still a candidate."""
    since = at - timedelta(milliseconds=int(luck.random() * 60 * 86_400_000))
    member = customer(person, program(shop), luck, since)
    if luck.random() < 0.85:
        member.enrol(since)
        member.points += 10 * int(luck.expovariate(1 / 20))
        member.tier = member.program.tier_at(member.year_points)
    return member


def record(member: Member) -> Json:
    """The customer as Smile's API tells it when asked for the VIP status too, with the tier's name beside it."""
    tier = member.tier
    return {
        **objects.customer(member),
        "vip_status": objects.vip_status(member),
        "vip_tier": None if tier is None else objects.vip_tier(tier),
    }
