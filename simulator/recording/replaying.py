"""Replaying: sends what was recorded again, and compares the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulator.delivery import Delivery
from simulator.mapping.requests import KlaviyoRequest
from simulator.recording.answers import differences
from simulator.recording.exchange import Exchange, content


@dataclass(frozen=True, slots=True)
class Replayed:
    """An exchange, and the status and the problems of the answer that it got this time."""

    exchange: Exchange
    status: int
    problems: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    """Where the answer's shape is not the recorded one, when that was asked for."""

    @property
    def is_same(self) -> bool:
        """Whether the answer has the recorded status, and the recorded shape."""
        return self.status == self.exchange.status and not self.differences

    @property
    def line(self) -> str:
        """What happened, in one line."""
        is_other = self.status != self.exchange.status
        recorded = f", recorded was {self.exchange.status}" if is_other else ""
        told = "; ".join([*(self.problems if is_other else ()), *self.differences])
        return f"{self.exchange.method} {self.exchange.path} {self.status}{recorded}{f': {told}' if told else ''}"


def replayed(
    exchanges: Iterable[Exchange], delivery: Delivery, *, compares_answers: bool = False
) -> Iterator[Replayed]:
    """Each exchange sent again, in order and of its own revision, each at its recorded time when a mock takes it."""
    for exchange in exchanges:
        body = exchange.body if isinstance(exchange.body, dict) else {}
        request = KlaviyoRequest(exchange.method, exchange.path, body)
        way = delivery.like(revision=exchange.headers.get("revision"))
        sent = way.send(request, at=exchange.moment, cause=exchange.headers.get("x-mock-cause", ""))
        found = differences(exchange.answer, content(sent.body)) if compares_answers else ()
        yield Replayed(exchange, sent.status, tuple(sent.problems), tuple(found))
