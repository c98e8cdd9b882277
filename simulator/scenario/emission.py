"""Emission: single events of a vendor, made to order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simulator import json
from simulator.chance import chance
from simulator.delivery import Delivered, Delivery
from simulator.event import Occasion, VendorEvent
from simulator.json import Json
from simulator.mapping.omnisend import OMNISEND, omnisend_request
from simulator.population import Person, person
from simulator.scenario.asking import STDOUT, beginning, line, setting
from simulator.scenario.settings import START
from simulator.scenario.shaping import MUTATIONS, Mutation, Shape, shaped
from simulator.scenario.words import Mistake, known_event, nearest
from simulator.server import control, destination
from simulator.shop import shop
from simulator.targets.builtin import Builtin
from simulator.targets.target import Outgoing
from simulator.vendor import Vendor
from simulator.vendors import vendors

APART = timedelta(seconds=1)


@dataclass(frozen=True)
class Emission:
    """Events that are asked for."""

    vendor: Vendor
    event: str
    count: int
    seed: int
    start: datetime | None
    shape: Shape
    email: str | None
    to: str | None
    key: str | None
    is_omnisend: bool

    @classmethod
    def asked(cls, vendor: Vendor, event: str, **options: Any) -> Emission:
        """What the command line asks for."""
        is_omnisend = options["destination"] == OMNISEND
        if is_omnisend and OMNISEND not in vendor.mapping.destinations:
            others = [other.name for other in vendors().values() if OMNISEND in other.mapping.destinations]
            raise Mistake(f"{vendor.name} does not send to Omnisend; only {' and '.join(others)} does")
        if not is_omnisend and options["to"] is None:
            raise Mistake("where to? Say --to URL, or --to - to print the requests, or set MOCK_KLAVIYO_URL")
        return cls(
            vendor=vendor,
            event=known_event(vendor, event).name,
            count=options["count"],
            seed=options["seed"],
            start=beginning(options["start"]),
            shape=shape(options),
            email=options["profile"],
            to=options["to"],
            key=options["key"],
            is_omnisend=is_omnisend,
        )

    @property
    def is_printed(self) -> bool:
        """Whether requests are printed and not sent."""
        return self.to in (None, STDOUT)

    def events(self, start: datetime) -> Iterator[VendorEvent]:
        """The events, a second apart: all of one member when a profile is named, else of a new one each."""
        where = shop(self.seed)
        member = None
        for number in range(self.count):
            luck = chance(self.seed, "emit", self.vendor.name, self.event, number)
            at = start + APART * number
            if member is None or self.email is None:
                member = self.vendor.join(self.someone(number), where, luck, at)
            yield shaped(self.vendor, member, Occasion(at, self.event), luck, shape=self.shape)

    def someone(self, number: int) -> Person:
        """The person whom an event is about."""
        known = {} if self.email is None else {"email": self.email}
        return person(f"somebody-{number + 1}", number + 1, chance(self.seed, "emit", "person", number), **known)


def requests(emission: Emission, start: datetime) -> Iterator[Outgoing]:
    """The requests that the events lead to."""
    mapping = emission.vendor.mapping
    if emission.is_omnisend:
        found = ((event, omnisend_request(event, mapping)) for event in emission.events(start))
        yield from (Outgoing(event.occurred_at, mapping.vendor, one, event) for event, one in found if one)
        return
    target = Builtin({mapping.vendor: mapping})
    for event in emission.events(start):
        yield from target.take(event)
    yield from target.flush()


def lines(emission: Emission) -> Iterator[bytes]:
    """The requests, or the Omnisend events, as JSON lines."""
    for one in requests(emission, emission.start or START):
        yield json.written(one.request.body) if emission.is_omnisend else line(one)


def shape(options: Mapping[str, Any]) -> Shape:
    """What makes the events other than the vendor would."""
    words = dict(map(broken, options["mutations"]))
    return Shape(
        overrides=dict(setting(text) for text in options["settings"]),
        drop=tuple(options["drop"]),
        mutation=Mutation(words) if words else None,
        captured=None if options["captured"] is None else captured(options["captured"]),
    )


def broken(text: str) -> tuple[str, str]:
    """A path and the way in which it is broken; without a path chance chooses the field.

    >>> broken("card.balance=huge"), broken("missing")
    (('card.balance', 'huge'), ('', 'missing'))
    """
    path, _, word = text.rpartition("=")
    if word not in MUTATIONS:
        raise Mistake(f"--mutate {text}: {word} must be {', '.join(MUTATIONS)}{nearest(word, MUTATIONS)}")
    return path, word


def captured(file: Path) -> Json:
    """The payload that a file holds."""
    try:
        found = json.read(file.read_bytes())
    except ValueError as error:
        raise Mistake(f"--from {file}: {error}") from error
    if not isinstance(found, dict):
        raise Mistake(f"--from {file} must hold one JSON object: the vendor's payload")
    return found


@dataclass(frozen=True)
class Sent:
    """What came of one request, in a line."""

    line: str
    is_accepted: bool


def send(emission: Emission) -> Sequence[Sent]:
    """Send the requests; without a start they happen now, by the clock of the mock."""
    url = str(emission.to)
    where, start = destination(url, emission.key), emission.start
    if start is None and where.is_mock:
        with control(url) as routes:
            start = routes.now()
    outgoing = requests(emission, start or START)
    with closing(Delivery(where)) as delivery:
        sent = [told(delivery.send(one.request, at=one.at, target="builtin")) for one in outgoing]
    return sent or [
        Sent(f"nothing to send: {emission.vendor.skip_reason(emission.event) or 'the rules say no'}", is_accepted=True)
    ]


def told(delivered: Delivered) -> Sent:
    """One line about a request; what is wrong with it and the mock's hint below."""
    request = delivered.request
    hint = [f"hint: {delivered.hint}"] if delivered.hint else []
    problems = "".join(f"\n  {problem}" for problem in [*delivered.problems, *hint])
    return Sent(f"{delivered.status} {request.method} {request.path}  {request.cause}{problems}", delivered.is_accepted)
