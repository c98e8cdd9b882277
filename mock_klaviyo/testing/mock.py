"""KlaviyoMock: a mock as tests use it, with its clock, its faults, and what it received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mock_klaviyo.config import Account, Config, Key
from mock_klaviyo.json import Json
from mock_klaviyo.testing import kinds, received
from mock_klaviyo.testing.control import Control
from mock_klaviyo.testing.looking import Look
from mock_klaviyo.testing.matching import Wanted

if TYPE_CHECKING:
    from mock_klaviyo.serving import Server

REVISION = "2026-07-15"


class KlaviyoMock:
    """A running Klaviyo of one's own: `with KlaviyoMock() as klaviyo:`, or `start()` and `stop()`.

    It runs in a thread, on a free port; the fixture `klaviyo` gives the same object for a world of a shared server.
    """

    def __init__(self, config: Config | None = None, *, revision: str | None = None) -> None:
        self._config = config or Config()
        self.revision = revision or REVISION
        self.url = ""
        self.api_key = self._config.private_key
        self.public_key = self._config.account.id
        self._server: Server | None = None
        self._control: Control | None = None

    @classmethod
    def at(cls, url: str, world: Json, *, config: Config | None = None, revision: str | None = None) -> KlaviyoMock:
        """The world of a server that runs already, as POST /__mock/worlds tells it."""
        mock = cls(config, revision=revision)
        mock.api_key, mock.public_key = world["private_key"], world["public_key"]
        mock._connect(url)
        return mock

    def _connect(self, url: str) -> None:
        """Speak to a server."""
        self.url = url
        self._control = Control(url, self.api_key)

    def start(self) -> KlaviyoMock:
        """Start to answer."""
        from mock_klaviyo.app import create_app  # Flask and SQLAlchemy are loaded when a server starts, not before
        from mock_klaviyo.serving import Server

        self._server = Server(create_app(self._config))
        self._server.start()
        self._connect(self._server.url)
        return self

    def stop(self) -> None:
        """Answer no more, and forget everything."""
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            self._server.close()
        self._server = self._control = None

    def __enter__(self) -> KlaviyoMock:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def control(self) -> Control:
        """Its control routes."""
        if self._control is None:
            raise RuntimeError("this mock does not run: use it in `with KlaviyoMock() as klaviyo:`, or call start()")
        return self._control

    # what a client needs

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a request to /api."""
        return {"Authorization": f"Klaviyo-API-Key {self.api_key}", "revision": self.revision}

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that `mock-klaviyo env` prints."""
        keys, account = (Key(self.api_key),), Account(id=self.public_key)
        found = Config(keys=keys, account=account, apps=self._config.apps).environment(self.url)
        return {**found, "KLAVIYO_REVISION": self.revision}

    # what happens

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return Clock(self.control)

    @property
    def faults(self) -> Faults:
        """The faults that it was asked for."""
        return Faults(self.control)

    def reset(self, clock: datetime | str | None = None) -> None:
        """Go back to the baseline; with the clock held at a time when one is given."""
        self.control.call("POST", "reset", {} if clock is None else {"clock": timed(clock)})

    def snapshot(self, name: str = "snapshot") -> Kept:
        """Keep how everything is now: `restore()` brings it back, and so does the end of a `with` block."""
        self.control.call("POST", f"snapshots/{name}")
        return Kept(self.control, name)

    # what it received

    def events(self) -> list[Json]:
        """Events in the order in which they were accepted, dropped ones among them, each with its outcome."""
        return [*self.control.pages("events")]

    def profiles(self) -> list[Json]:
        """Profiles in the order in which they were made."""
        return [*self.control.pages("profiles")]

    def requests(self) -> list[Json]:
        """The latest requests, oldest first."""
        return [*self.control.pages("requests")]

    def messages(self) -> list[Json]:
        """Messages in the order in which they were sent, skipped ones among them, each with its outcome."""
        return [*self.control.pages("messages")]

    def received(self) -> str:
        """What it received, in short."""
        return received.summary(self.requests(), self.events())

    def expect(self, *, count: int | None = None, **wanted: Wanted) -> list[Json]:
        """Assert that something arrived, and give it: `expect(event="Placed Order", profile="ana@shop.org", count=1)`.

        The first criterion is event, profile, request or message; the others are members of what the control routes
        show. A table needs only some of its members to match; a pattern is searched for; a function judges; `...`
        is anything but null. Without a count at least one must match, with 0 none.
        """
        __tracebackhide__ = True
        seen = self._look(wanted)
        is_met = bool(seen.matching) if count is None else len(seen.matching) == count
        if not is_met:
            raise AssertionError(seen.failure("at least 1" if count is None else str(count)))
        return seen.matching

    def wait(self, *, count: int = 1, timeout: float = 5.0, **wanted: Wanted) -> list[Json]:
        """Wait until at least so many arrived that match, as `expect` matches, and give them."""
        __tracebackhide__ = True
        ends = monotonic() + timeout
        while len((seen := self._look(wanted)).matching) < count:
            left = ends - monotonic()
            if left <= 0:
                raise AssertionError(f"{seen.failure(f'at least {count}')}\nwaited {timeout:g} s")
            seen.wait_for_more(self.control, left)
        return seen.matching

    def _look(self, wanted: dict[str, Wanted]) -> Look:
        """What there is of what is wanted."""
        __tracebackhide__ = True
        kind = kinds.kind(wanted)
        criteria = kind.criteria(wanted)
        there = [kind.shown(each) for each in self.control.pages(kind.route)]
        kinds.check_criteria(criteria, there)
        return Look(kind, criteria, there)


@dataclass(frozen=True)
class Clock:
    """The clock of a mock; it stands still once it has been set or moved."""

    control: Control

    @property
    def now(self) -> datetime:
        """The time now."""
        return datetime.fromisoformat(self.control.call("GET", "clock")["now"])

    def set(self, now: datetime | str) -> datetime:
        """Hold the clock at a time, not before the one at which it is held; what falls due on the way is done."""
        return datetime.fromisoformat(self.control.call("PUT", "clock", {"now": timed(now)})["now"])

    def hold(self) -> datetime:
        """Hold the clock where it is."""
        return self.set(self.now)

    def advance(self, by: str) -> datetime:
        """Move the clock forward by a duration such as `3d` or `1h 30m`; what falls due on the way is done."""
        return datetime.fromisoformat(self.control.call("POST", "clock/advance", {"by": by})["now"])


@dataclass(frozen=True)
class Faults:
    """The faults of a mock."""

    control: Control

    def add(self, **fault: Any) -> Any:
        """Ask for a fault, `add(match="POST /api/events", status=503, times=2)`, or for a preset, `add(preset="…")`."""
        return self.control.call("POST", "faults", fault)

    def clear(self) -> None:
        """End all faults."""
        self.control.call("DELETE", "faults")

    def list(self) -> Any:
        """All faults, with how often each was drawn and hit."""
        return self.control.call("GET", "faults")


@dataclass(frozen=True)
class Kept:
    """A snapshot of a mock."""

    control: Control
    name: str

    def restore(self) -> None:
        """Make everything as it was."""
        self.control.call("POST", f"snapshots/{self.name}/restore")

    def __enter__(self) -> Kept:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, reason: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()


def timed(at: datetime | str) -> str:
    """A time as text."""
    return at if isinstance(at, str) else at.isoformat()
