"""Member: what JeriCommerce knows of one customer of the shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from simulator.chance import Chance, uuid
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.population import Person
from simulator.shop import Shop
from simulator.vendors.jericommerce.programme import REWARDS, Campaign, Programme, Reward, Tier, programme, tier_for

INITIAL_SYNC = "INITIAL_SYNC"
ORIGINS = ("SHOPIFY", "SHOPIFY", "SHOPIFY", "JERICOMMERCE", "UNKNOWN")
"""Where customers come from who are new to JeriCommerce."""

SYNCED_SHARE = 0.4
"""How many of a crowd were the shop's customers before it connected JeriCommerce."""

REFUND = "Refund"
YEAR = timedelta(days=365)


@dataclass
class Member:
    """A customer: the person, their points, their two counters of tier points, passes and campaigns.

    `recalculated` is when the tier will be recalculated; `carried` is what counts towards the tier from then on.
    """

    person: Person
    programme: Programme
    id: str
    origin: str
    birthdate: date | None
    activity: float
    browser: str
    recalculated: datetime
    is_created: bool = False
    is_verified: bool = False
    balance: int = 0
    counted: int = 0
    carried: int = 0
    tier: Tier | None = None
    entered: datetime | None = None
    requested: list[str] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    referrals: int = 0
    last_reward: Reward = REWARDS[0]

    @property
    def multiplier(self) -> float:
        """How many times the points the member earns."""
        return self.tier.multiplier if self.tier else 1

    @property
    def due_tier(self) -> Tier | None:
        """The tier that the counted points give: none without any, unless there was one already."""
        return tier_for(self.counted) if self.counted or self.tier else None

    @property
    def is_promoted(self) -> bool:
        """Whether the counted points give a higher tier than the member's."""
        return self.due_tier is not None and (self.tier is None or self.due_tier.threshold > self.tier.threshold)

    @property
    def is_demoted(self) -> bool:
        """Whether the counted points give a lower tier than the member's."""
        return self.due_tier is not None and self.tier is not None and self.due_tier.threshold < self.tier.threshold

    def count(self, amount: int, reason: str | None) -> None:
        """Let points earned, or taken back with a refund, count towards the tier; points spent do not."""
        if amount > 0 or (reason or "").startswith(REFUND):
            self.counted = max(self.counted + amount, 0)
            self.carried = max(self.carried + amount, 0)

    def enter(self, tier: Tier, at: datetime) -> None:
        """Be in a tier from now on."""
        self.tier = tier
        self.entered = at

    def recalculate(self) -> None:
        """What was carried counts from now on, and the carrying begins anew; the tier itself is not touched."""
        self.counted, self.carried = self.carried, 0
        self.recalculated += YEAR


def join(person: Person, shop: Shop, luck: Chance, at: datetime) -> Member:
    """Make a person a customer: a new one, or one whom the initial sync brings along with a history."""
    is_synced = luck.random() < SYNCED_SHARE
    member = Member(
        person=person,
        programme=programme(shop),
        id=uuid(luck),
        origin=INITIAL_SYNC if is_synced else luck.choice(ORIGINS),
        birthdate=person.birthdate if luck.random() < 0.85 or person.tells_birthdate else None,
        activity=luck.triangular(0.3, 2.4, 0.6),
        browser=f"{luck.choice(('Chrome', 'Chrome', 'Safari', 'Firefox'))} {luck.randint(110, 130)}",
        recalculated=at + YEAR,
    )
    if is_synced:
        remember(member, luck, at)
    return member


def remember(member: Member, luck: Chance, at: datetime) -> None:
    """Give a member the history of a customer of long standing."""
    enrolled_for = timedelta(days=luck.randint(5, 360))
    member.is_created = member.is_verified = True
    member.recalculated = at + YEAR - enrolled_for
    if luck.random() < 0.8:
        member.counted = luck.choice((80, 240, 620, 900, 1_400, 2_300, 5_600))
        member.carried = int(member.counted * luck.random())
        member.balance = luck.randrange(0, member.counted, 5)
        member.enter(tier_for(member.counted), at - enrolled_for)
    if luck.random() < 0.5:
        platform = luck.choice(("apple", "google"))
        member.requested.append(platform)
        member.installed.append(platform)


def record(member: Member) -> Json | None:
    """The customer as JeriCommerce's API tells it."""
    return {
        "id": member.id,
        "email": member.person.email or None,
        "firstName": member.person.first_name,
        "lastName": member.person.last_name,
        "origin": member.origin,
        "birthdate": member.birthdate and member.birthdate.isoformat(),
        "balance": member.balance,
        "tier": {
            "name": member.tier and member.tier.name,
            "balance": member.counted,
            "enteredAt": member.entered and iso_z(member.entered),
            "expiresAt": iso_z(member.recalculated) if member.tier else None,
        },
        "downloadWalletPassUrl": f"https://{member.programme.domain}/wallet/pass?customer={member.id}",
    }
