"""Send strategies: when a campaign begins, and who of its recipients gets it when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json
from mock_klaviyo.resources.world import World
from mock_klaviyo.spec.formats import moment
from mock_klaviyo.store.rows import Row

IMMEDIATE: Json = {"method": "immediate"}
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200
FIRST_TIMEZONE = timedelta(hours=14)
"""How far ahead of UTC it is where a day begins first."""

Batch: TypeAlias = tuple[datetime, list[str]]
"""When the profiles with these ids get their messages."""


@dataclass(frozen=True)
class Method:
    """A way of sending: how a strategy is kept, when its recipients are chosen, and when each gets the message."""

    kept: Callable[[Json], Json]
    begins: Callable[[Json, World], datetime]
    batches: Callable[[Json, World, Sequence[Row], datetime], Iterator[Batch]]


def timed(strategy: Json) -> datetime:
    """The time that a strategy names."""
    return moment(strategy["datetime"])


def utc(strategy: Json) -> Json:
    """A strategy with its time as Klaviyo writes it."""
    return strategy | {"datetime": timed(strategy).isoformat()}


def static(strategy: Json) -> Json:
    """A static strategy with its options."""
    options = strategy.get("options") or {}
    if not options.get("is_local"):
        return utc(strategy) | {"options": {"is_local": False}}
    past = bool(options.get("send_past_recipients_immediately"))
    return utc(strategy) | {"options": {"is_local": True, "send_past_recipients_immediately": past}}


def is_local(strategy: Json) -> bool:
    """Whether each recipient gets the message when it is that time where they are."""
    return bool((strategy.get("options") or {}).get("is_local"))


def at_once(_strategy: Json, _world: World, profiles: Sequence[Row], now: datetime) -> Iterator[Batch]:
    """Everybody now."""
    yield now, [row.id for row in profiles]


def static_beginning(strategy: Json, _world: World) -> datetime:
    """When the message is first sent: for local times, when it is that time where days begin first."""
    return timed(strategy) - (FIRST_TIMEZONE if is_local(strategy) else timedelta())


def static_batches(strategy: Json, world: World, profiles: Sequence[Row], now: datetime) -> Iterator[Batch]:
    """Everybody at once, or each at their own time; those for whom it has passed only if the options say so."""
    if not is_local(strategy):
        yield from at_once(strategy, world, profiles, now)
        return
    wall, found = timed(strategy).replace(tzinfo=None), dict[datetime, list[str]]()
    for row in profiles:
        due = wall.replace(tzinfo=timezone_of(row, world)).astimezone(UTC)
        if due >= now or strategy["options"]["send_past_recipients_immediately"]:
            found.setdefault(max(due, now), []).append(row.id)
    yield from sorted(found.items())


def throttled_batches(strategy: Json, _world: World, profiles: Sequence[Row], now: datetime) -> Iterator[Batch]:
    """A part of all recipients each hour."""
    size = max(1, -(-len(profiles) * strategy["throttle_percentage"] // 100))
    for hour, first in enumerate(range(0, len(profiles), size)):
        yield now + timedelta(hours=hour), [row.id for row in profiles[first : first + size]]


def day_beginning(strategy: Json, world: World) -> datetime:
    """Midnight of the strategy's day in the account's timezone."""
    day = datetime.fromisoformat(strategy["date"])
    return day.replace(tzinfo=ZoneInfo(world.account.timezone)).astimezone(UTC)


METHODS: Mapping[str, Method] = {
    "immediate": Method(dict, lambda _strategy, world: world.now, at_once),
    "static": Method(static, static_beginning, static_batches),
    "throttled": Method(utc, lambda strategy, _world: timed(strategy), throttled_batches),
    "smart_send_time": Method(dict, day_beginning, at_once),
}
"""Every method of a send strategy."""


def kept(strategy: Json | None) -> Json:
    """A strategy as a campaign keeps it; immediate when none is given."""
    strategy = strategy or IMMEDIATE
    return METHODS[strategy["method"]].kept(strategy)


def begins(strategy: Json, world: World) -> datetime:
    """When the recipients are chosen and the first of them get the message."""
    return METHODS[strategy["method"]].begins(strategy, world)


def batches(strategy: Json, world: World, profiles: Sequence[Row], now: datetime) -> list[Batch]:
    """Who gets the message when, from now on."""
    return list(METHODS[strategy["method"]].batches(strategy, world, profiles, now))


def announced(strategy: Json, world: World) -> datetime:
    """The time at which a campaign is said to be sent."""
    return timed(strategy) if is_local(strategy) else begins(strategy, world)


def restarted(strategy: Json, now: datetime) -> Json:
    """The strategy of a copy: the time that it names becomes the time of copying, as live."""
    return strategy | {"datetime": now.isoformat()} if "datetime" in strategy else dict(strategy)


def problems(strategy: Json | None, pointer: str) -> Iterator[Problem]:
    """What is wrong with a strategy that its schema cannot tell."""
    for name in ("datetime", "date"):
        if strategy and name in strategy and not EARLIEST_YEAR <= moment(strategy[name]).year <= LATEST_YEAR:
            reason = f"{name} must lie between the years {EARLIEST_YEAR} and {LATEST_YEAR}."
            yield problem("invalid", reason=reason, pointer=f"{pointer}/{name}")


def timezone_of(profile: Row, world: World) -> ZoneInfo:
    """The timezone where a profile is; the account's when nobody knows."""
    name = (profile.document.get("location") or {}).get("timezone")
    return ZoneInfo(name if name in available_timezones() else world.account.timezone)
