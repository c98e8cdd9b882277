"""Faults: those of an account, which requests they hit, and what a request that was hit is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar

from mock_klaviyo import json
from mock_klaviyo.errors import ApiError, Problem, framework, problem
from mock_klaviyo.json import Json
from mock_klaviyo.wire import chance
from mock_klaviyo.wire.fault import PHASES, UNSEEN, Fault, FaultError, fault
from mock_klaviyo.wire.messages import MEDIA_TYPE, Response
from mock_klaviyo.wire.presets import PRESETS
from mock_klaviyo.wire.rate_limits import throttled

T = TypeVar("T")

SHOWN: Mapping[int, str] = {
    401: "not_authenticated", 404: "unknown_path", 409: "duplicate_profile",
    500: "server_error", 502: "bad_gateway", 503: "service_unavailable", 504: "gateway_timeout",
}  # fmt: skip
"""Which error is answered for a status; others are named after the status."""

IN_TIME = timedelta(0)


@dataclass
class Armed:
    """A fault that is set: its id, and how often it was drawn for and hit."""

    id: str
    fault: Fault
    draws: Counter[str] = field(default_factory=Counter)
    hits: int = 0

    def is_drawn(self, method: str, path: str, now: datetime) -> bool:
        """Whether it hits a request; each collection's requests are counted for themselves."""
        if not self.fault.matches(method, path) or not self.fault.is_open(now):
            return False
        stream = f"{method} {'/'.join(path.split('/')[:3])}"
        number = self.draws[stream]
        self.draws[stream] += 1
        is_turn = self.draws.total() % self.fault.every == 0
        is_used_up = self.fault.times is not None and self.hits >= self.fault.times
        return is_turn and not is_used_up and chance.fraction(f"{self.fault.seed} {stream}", number) < self.fault.rate

    def delay(self) -> float:
        """The seconds by which it holds the answer at hand back."""
        return self.fault.latency.draw(f"{self.fault.seed} latency", self.hits) if self.fault.latency else 0.0

    def document(self) -> Json:
        """The fault as the control routes show it."""
        return {"id": self.id, **self.fault.given, "draws": self.draws.total(), "hits": self.hits}


@dataclass(frozen=True)
class Hit:
    """What goes wrong with one request: the fault that decides, its id, and the seconds of all delays together."""

    id: str
    fault: Fault
    delay: float = 0.0

    def around(self, answer: Callable[[], T]) -> T:
        """Answer a request under the fault: it takes effect or not, and what comes of it is seen or not."""
        if not self.fault.is_failure:
            return answer()
        if self.fault.is_after:
            with suppress(ApiError):
                found = answer()
                if self.is_unseen:
                    return found
        raise self.refusal()

    def response(self, answer: Callable[[], Response], request_id: str) -> Response:
        """The answer under the fault to a request that no operation answers."""
        try:
            found = self.around(answer)
        except ApiError as refusal:
            document = json.written(refusal.document(request_id))
            found = Response(refusal.status, {"Content-Type": MEDIA_TYPE, **refusal.headers}, document)
        hint = "; ".join(filter(None, (found.headers.get("X-Mock-Hint"), self.hint)))
        return replace(found, headers={**found.headers, "X-Mock-Hint": hint}, hit=self)

    @property
    def phase(self) -> str | None:
        """Whether it comes before the request takes effect or after; None when the client gets its answer."""
        return PHASES[self.fault.is_after] if self.fault.is_failure else None

    @property
    def is_unseen(self) -> bool:
        """Whether the client gets no answer at all."""
        return self.fault.kind in UNSEEN

    def refusal(self) -> ApiError:
        """The error that is answered; one that nobody sees is a 503."""
        status = self.fault.status or HTTPStatus.SERVICE_UNAVAILABLE
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            found = throttled(self.fault.retry_after)
        else:
            found = ApiError(failure(status))
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            found.headers["Retry-After"] = str(self.fault.retry_after)
        return found

    @property
    def hint(self) -> str:
        """What is said beside the answer."""
        when = f" {self.phase} the request took effect" if self.phase else ""
        late = f", {self.delay:g} s late" if self.delay else ""
        return f"{self.id}: {self.fault.status or self.fault.kind}{when}{late}"

    def document(self) -> Json:
        """The hit as the journal shows it."""
        return {
            "id": self.id,
            "kind": self.fault.kind,
            "status": self.fault.status,
            "phase": self.phase,
            "delay": self.delay,
        }


class Faults:
    """The faults of an account, in the order in which they were set."""

    def __init__(self, seed: int | str = 0) -> None:
        self._seed = seed
        self._armed: list[Armed] = []
        self._last = 0

    @property
    def is_any(self) -> bool:
        """Whether there is a fault."""
        return bool(self._armed)

    def hit(self, method: str, path: str, now: datetime) -> Hit | None:
        """What goes wrong with a request; delays add up, of failures the first one counts."""
        about_requests = (each for each in self._armed if each.fault.kind != "segments_late")
        found = [each for each in about_requests if each.is_drawn(method, path, now)]
        return combined(found) if found else None

    def segment_delay(self, now: datetime) -> timedelta:
        """How late segments are."""
        if not self._armed:
            return IN_TIME
        late = (each.fault for each in self._armed if each.fault.kind == "segments_late" and each.fault.is_open(now))
        return max((each.latency.longest for each in late if each.latency), default=IN_TIME)

    def add(self, given: Iterable[Any], now: datetime) -> list[Armed]:
        """Set faults, all or none."""
        made = [fault(each, now, self._seed) for each in given]
        added = [Armed(f"fault-{number}", each) for number, each in enumerate(made, self._last + 1)]
        self._last += len(added)
        self._armed += added
        return added

    def remove(self, id: str | None = None) -> int:
        """Take a fault away, or all; gives how many."""
        kept = [each for each in self._armed if id is not None and each.id != id]
        removed = len(self._armed) - len(kept)
        self._armed = kept
        return removed

    def documents(self) -> list[Json]:
        """All faults, with how often each was drawn for and hit."""
        return [each.document() for each in self._armed]

    def restart(self) -> None:
        """Forget all faults."""
        self._armed, self._last = [], 0

    def remember(self) -> object:
        """All that it knows."""
        return [(each.id, each.fault, dict(each.draws), each.hits) for each in self._armed], self._last

    def recall(self, state: Any) -> None:
        """Know what it knew at that time."""
        armed, self._last = state
        self._armed = [Armed(id, each, Counter(draws), hits) for id, each, draws, hits in armed]


def combined(found: list[Armed]) -> Hit:
    """What several faults do to one request together: delays add up, of all others the first one counts."""
    decisive = next((each for each in found if each.fault.kind != "latency"), found[0])
    counted = [each for each in found if each is decisive or each.fault.kind == "latency"]
    delay = sum(each.delay() for each in counted)
    for each in counted:
        each.hits += 1
    return Hit(decisive.id, decisive.fault, delay)


def described(given: Json) -> list[Json]:
    """The faults that a body stands for: one, several, or those of a preset with members of its own."""
    if "preset" in given:
        name = given["preset"]
        if name not in PRESETS:
            raise FaultError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}")
        others = {key: value for key, value in given.items() if key != "preset"}
        return [each | others for each in PRESETS[name].faults]
    if "faults" in given:
        if len(given) > 1 or not isinstance(given["faults"], list):
            raise FaultError('several faults are given as {"faults": [{…}, {…}]}')
        return [nested for each in given["faults"] for nested in (described(each) if is_preset(each) else [each])]
    return [given]


def is_preset(given: Any) -> bool:
    """Whether an entry names a preset."""
    return isinstance(given, dict) and "preset" in given


def failure(status: int) -> Problem:
    """The problem that stands for a status."""
    if status in SHOWN:
        return problem(SHOWN[status])
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    return framework(status, phrase.lower().replace(" ", "_"), f"{phrase}.", f"{phrase}.")
