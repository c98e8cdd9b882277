"""Replaying: sends what was recorded again, and compares the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulator.delivery import Delivery
from simulator.mapping.requests import KlaviyoRequest
from simulator.recording.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Replayed:
    """An exchange, and the status and the problems of the answer that it got this time."""

    exchange: Exchange
    status: int
    problems: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the answer has the recorded status."""
        return self.status == self.exchange.status

    @property
    def line(self) -> str:
        """What happened, in one line."""
        recorded = "" if self.is_same else f", recorded was {self.exchange.status}"
        told = f": {'; '.join(self.problems)}" if self.problems and not self.is_same else ""
        return f"{self.exchange.method} {self.exchange.path} {self.status}{recorded}{told}"


def replayed(exchanges: Iterable[Exchange], delivery: Delivery) -> Iterator[Replayed]:
    """Each exchange sent again, in order, each at its recorded time when a mock takes it."""
    for exchange in exchanges:
        body = exchange.body if isinstance(exchange.body, dict) else {}
        request = KlaviyoRequest(exchange.method, exchange.path, body)
        sent = delivery.send(request, at=exchange.moment, cause=exchange.headers.get("x-mock-cause", ""))
        yield Replayed(exchange, sent.status, tuple(sent.problems))
