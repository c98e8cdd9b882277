"""World: one account's whole state, and what everything in it draws on: store, clock, ids and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from mock_klaviyo.clock import Clock
from mock_klaviyo.config import DEFAULT_PORT, LATE_LIMIT, Account
from mock_klaviyo.contracts.contract import Contracts
from mock_klaviyo.ids import Ids
from mock_klaviyo.json import Json
from mock_klaviyo.outbound import Outbound
from mock_klaviyo.resources.lineage import Lineage
from mock_klaviyo.store.store import Store

if TYPE_CHECKING:
    from mock_klaviyo.resources.erasure import Erasure
    from mock_klaviyo.resources.intake import Intake

Crew: TypeAlias = Callable[[list[Json], datetime], None]
"""Does tasks of one kind, given what each was given when it was put off, and when they were due."""

DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
DELAYS = ("processing_delay", "job_delay")
"""What of a world tells how long things take; it can be changed while the world goes on."""

HALF_SECOND = timedelta(microseconds=500_000)


@dataclass
class World:
    """One account's state."""

    store: Store
    clock: Clock
    ids: Ids
    account: Account = field(default_factory=Account)
    drops_placeholder_domains: bool = True
    outbound: Outbound = field(default_factory=Outbound)
    webhooks_need_plan: bool = False
    processing_delay: timedelta = timedelta(0)
    contracts: Contracts = field(default_factory=Contracts)
    base_url: str = DEFAULT_URL
    """Where this server was last called; what its answers link to."""
    link_base: str | None = None
    """What the links of messages begin with, if that is always the same."""
    intake: Intake = field(init=False)
    lineage: Lineage | None = None
    """Where what is done at the moment came from."""
    no_task_before: datetime | None = None
    """A time before which no task falls due; unknown at first."""
    job_delay: timedelta = timedelta(0)
    """How long jobs take; half of it they are queued."""
    late_limit: timedelta = LATE_LIMIT
    """How late an event may come and still start a flow."""
    starts_flows: bool = True
    """Whether joining a list starts flows; a historical import starts none."""
    merged: set[str] = field(default_factory=set)
    """The profiles that took others in and have not been judged by segments since; joining these starts no flows."""
    crews: dict[str, Crew] = field(default_factory=dict)
    """What does many tasks of a kind at once that are due at the same time: each is what it was given."""
    alarms: list[Callable[[], datetime]] = field(default_factory=list)
    """When the clock must stop on its way, beside for tasks, so that what upkeep changes is seen at its own time."""
    forgetting: list[Callable[[Erasure], None]] = field(default_factory=list)
    """What else must forget a person who is erased."""
    upkeep: list[Callable[[], None]] = field(default_factory=list)
    """What makes true again, once accepted events are processed, all that is worked out from them."""

    @property
    def message_base(self) -> str:
        """What the links of messages begin with."""
        return self.link_base or self.base_url

    def catch_up(self) -> None:
        """Process all accepted events, and what follows from them."""
        self.intake.catch_up()
        for each in self.upkeep:
            each()

    @property
    def delays(self) -> dict[str, timedelta]:
        """How long things take."""
        return {name: getattr(self, name) for name in DELAYS}

    def delay(self, **delays: timedelta) -> None:
        """Let things take so long from now on."""
        for name, wait in delays.items():
            setattr(self, name, wait)

    def remember(self) -> dict[str, timedelta]:
        """What of it is kept neither in the store nor in the clock."""
        return self.delays

    def recall(self, state: dict[str, timedelta]) -> None:
        """Let things take as long as then."""
        self.delay(**state)

    @contextmanager
    def without_flows(self, *, when: bool = True) -> Iterator[None]:
        """Let joining a list start no flows meanwhile, when that is asked for."""
        self.starts_flows = not when
        try:
            yield
        finally:
            self.starts_flows = True

    @contextmanager
    def coming_from(self, lineage: Lineage | None) -> Iterator[None]:
        """What is done inside comes from there."""
        before, self.lineage = self.lineage, lineage
        try:
            yield
        finally:
            self.lineage = before

    @property
    def now(self) -> datetime:
        """The time now."""
        return self.clock.now

    @property
    def second(self) -> str:
        """The time now as Klaviyo keeps it: rounded to the second."""
        return rounded(self.now)


def iso(at: datetime) -> str:
    """A time as Klaviyo writes it: `+00:00`, never `Z`; microseconds only when there are any."""
    return at.isoformat()


def rounded(at: datetime) -> str:
    """A time rounded, not cut, to the second: this is what a later read gives.

    >>> from datetime import UTC
    >>> rounded(datetime(2026, 4, 28, 11, 17, 52, 969907, tzinfo=UTC))
    '2026-04-28T11:17:53+00:00'
    """
    return (at + HALF_SECOND).replace(microsecond=0).isoformat()
