"""Klaviyo: one account's world and everything that answers for it, in one plain object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import RLock
from typing import TypeVar

from mock_klaviyo.clock import Clock, Pace, checked
from mock_klaviyo.config import Config
from mock_klaviyo.config import RateLimits as Switch
from mock_klaviyo.contracts.contract import Contracts
from mock_klaviyo.dispatch import Dispatch
from mock_klaviyo.engine.flows import Flows
from mock_klaviyo.engine.segments import Segments
from mock_klaviyo.errors import error
from mock_klaviyo.exchange import Exchange
from mock_klaviyo.ids import Ids
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.legacy import LegacyExchange
from mock_klaviyo.omnisend.events import TABLES as OMNISEND_TABLES
from mock_klaviyo.omnisend.exchange import PREFIX, OmnisendExchange
from mock_klaviyo.omnisend.rate_limit import SlidingLimit
from mock_klaviyo.outbound import Outbound
from mock_klaviyo.past import Past
from mock_klaviyo.resources import tasks, texting
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.intake import DROPPED, Intake
from mock_klaviyo.resources.lineage import Lineage
from mock_klaviyo.resources.reference import BEGINNINGS, INTAKES, RESOURCES, handler, table_form
from mock_klaviyo.resources.world import World
from mock_klaviyo.snapshots import Memory, Snapshot, Snapshots
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.recorded import Recordings
from mock_klaviyo.store.database import StoreError
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Position, Selection
from mock_klaviyo.store.store import Copy, Store
from mock_klaviyo.store.tables import Field, TableForm
from mock_klaviyo.wire.authentication import Authentication
from mock_klaviyo.wire.faults import Faults, Hit
from mock_klaviyo.wire.journal import Journal, entry
from mock_klaviyo.wire.legacy import replacement
from mock_klaviyo.wire.messages import Request, Response
from mock_klaviyo.wire.oauth import TABLES as OAUTH_TABLES
from mock_klaviyo.wire.oauth import OAuth
from mock_klaviyo.wire.oauth_journal import oauth_entry
from mock_klaviyo.wire.rate_limits import RateLimits
from mock_klaviyo.wire.unsupported import Unsupported

Result = TypeVar("Result")

TABLES = (
    *(table_form(resource) for resource in RESOURCES.values()),
    TableForm(DROPPED, (Field("profile_id", is_indexed=True), Field("cause"))),
    *OAUTH_TABLES,
    *OMNISEND_TABLES,
)
"""What the store keeps: a table for each resource, one for dropped events, and those of OAuth and Omnisend."""


class Klaviyo:
    """A whole Klaviyo account that answers requests; safe to share between threads."""

    def __init__(self, config: Config | None = None, baseline: Copy | None = None) -> None:
        self.config = config or Config()
        self.recordings = Recordings(self.config.recordings)
        self.clock = Clock(self.config.clock)
        self.store = Store(TABLES, self.config.data, keeps_history=self.config.keeps_history)
        self.journal = Journal(self.config.journal_size)
        self.authentication = Authentication(self.config, lambda token: self._oauth.key(token))
        self._rate_limits = RateLimits(is_on=self.config.rate_limits is Switch.REAL)
        self.omnisend_limit = SlidingLimit(is_on=self.config.rate_limits is Switch.REAL)
        self.contracts = Contracts()
        self._dispatch = Dispatch(self)
        self.faults = Faults(self.config.seed)
        self.unsupported = Unsupported()
        self.lineage: Lineage | None = None
        self.activity = 0
        self.listeners: list[Callable[[], None]] = []
        self.snapshots = Snapshots(self)
        self.past = Past(self)
        self._lock = self.store.lock
        self._ticking = RLock()
        self._is_closed = False
        self._baseline = baseline or self._loaded()
        if self._baseline is not None and self.store.setting("starts") is None:
            self.store.restore(self._baseline)
        self._begin()

    def _loaded(self) -> Copy | None:
        """The baseline that the configuration names."""
        if self.config.baseline is None:
            return None
        if not self.config.baseline.exists():
            raise StoreError(f"{self.config.baseline} does not exist; `serve --data` makes such a file")
        source = Store(TABLES, self.config.baseline)
        copy = source.copy()
        source.close()
        return copy

    def _begin(self) -> None:
        """Make the world; ids go on where an earlier run with the same store ended."""
        with self.store.transaction():
            starts = int(self.store.setting("starts") or 0)
            self.store.keep_setting("starts", str(starts + 1))
        self._make_world(starts)
        with self.store.transaction():
            for begin in BEGINNINGS:
                begin(self.world)

    def _make_world(self, starts: int) -> None:
        """Make what works on the store; ids are those of a start."""
        self.past.forget()
        self._request_ids = Ids(f"{self.config.seed} request {starts}")
        self.world = World(
            self.store,
            self.clock,
            Ids(f"{self.config.seed} {starts}"),
            self.config.account,
            self.config.drops_placeholder_domains,
            Outbound(self.config.allowed_hosts),
            self.config.webhooks_need_plan,
            self.config.processing_delay,
            self.contracts,
            job_delay=self.config.job_delay,
            late_limit=self.config.late_limit,
            link_base=self.config.link_base,
        )
        self.world.intake = Intake(self.world)
        self.segments = Segments(self.world, lambda: self.faults.segment_delay(self.clock.now))
        self.flows = Flows(self.world, self.segments)
        self.store.watchers[:] = [self.segments, self.flows, self._dispatch]
        self.world.upkeep.append(self.segments.catch_up)
        self.world.forgetting.append(self.journal.forget)
        self._oauth = OAuth(self.config, self.world)

    # requests

    def answer(self, request: Request) -> Response:
        """Answer a request as Klaviyo would, and note it in the journal."""
        with self._lock:
            request_id = self._request_ids.uuid()
            exchange = self._exchange(request, request_id)
            response = exchange.response()
            number, at = self.journal.last_number + 1, self.clock.now.isoformat()
            self.journal.add(entry(number, request, response, exchange.notes, id=request_id, at=at))
            self._tell()
            return response

    def _tell(self) -> None:
        """Tell those who wait that something has come."""
        self.activity += 1
        for listener in [*self.listeners] if self.listeners else ():
            listener()

    def hit(self, request: Request) -> Hit | None:
        """What goes wrong with a request."""
        return self.faults.hit(request.method, request.path, self.clock.now) if self.faults.is_any else None

    def _exchange(self, request: Request, request_id: str) -> Exchange | LegacyExchange | OmnisendExchange:
        """A request on its way to its answer; the oldest endpoints have a way of their own."""
        if request.path.startswith(PREFIX):
            return OmnisendExchange(self, request, request_id)
        replaced_by = replacement(request.path)
        if replaced_by is not None:
            return LegacyExchange(self, request, request_id, replaced_by)
        return Exchange(self, request, request_id)

    def oauth(self, request: Request) -> Response:
        """Answer a request to a path under /oauth/."""
        with self._lock, self.store.transaction():
            hit = self.hit(request)
            answer = partial(self._oauth.answer, request)
            response = hit.response(answer, self._request_ids.uuid()) if hit else answer()
            self.journal.add(oauth_entry(request, response, self.journal.last_number + 1, self.clock.now))
            return response

    def has_granted(self, token: str) -> bool:
        """Whether an access token is one of this account's."""
        with self._lock:
            return self._oauth.key(token) is not None

    def count(self, operation: Operation, app: str | None = None) -> Mapping[str, str]:
        """Count a call against its rate limit, an app's apart; gives the headers that tell what is left."""
        return self._rate_limits.count(operation, self.clock.now, app)

    def perform(self, call: Call) -> Reply:
        """Run what answers a call, in one transaction; accepted events are processed before anything reads."""
        answer = handler(call.operation)
        if answer is None:
            raise error("not_implemented", operation=call.operation.id)
        if call.operation.id not in INTAKES or self.world.intake.is_full:
            tasks.settle(self.world)
        with self.world.coming_from(call.lineage), self.store.transaction():
            return answer(call)

    # control

    def catch_up(self) -> None:
        """Process all events that were accepted, and do what is due."""
        with self._lock:
            tasks.settle(self.world)

    def delay(self, **delays: timedelta) -> None:
        """Let jobs and accepted events take so long from now on; what is due by now is done first."""
        with self._lock:
            tasks.settle(self.world)
            self.world.delay(**delays)

    def keep_baseline(self) -> None:
        """Let later resets go back to how things are now."""
        with self._lock:
            tasks.settle(self.world)
            self._baseline = self.store.copy()

    @property
    def baseline(self) -> Copy | None:
        """What a reset goes back to; None is an empty account."""
        return self._baseline

    def remember(self) -> Snapshot:
        """How everything is now."""
        with self._lock:
            tasks.settle(self.world)
            states = {name: each.remember() for name, each in self._memories().items()}
            return Snapshot(self.store.copy(), self.clock.remember(), self.clock.now, states)

    def recall(self, snapshot: Snapshot) -> None:
        """Make everything as it was: the same requests get the same answers again."""
        with self._lock:
            self.store.restore(snapshot.copy)
            self.clock.restart(snapshot.clock)
            self._make_world(starts=0)
            for name, each in self._memories().items():
                each.recall(snapshot.states[name])

    def _memories(self) -> Mapping[str, Memory]:
        """What beside the store and the clock decides how requests are answered."""
        return {
            "ids": self.world.ids,
            "request ids": self._request_ids,
            "intake": self.world.intake,
            "journal": self.journal,
            "rate limits": self._rate_limits,
            "Omnisend's limit": self.omnisend_limit,
            "contracts": self.contracts,
            "faults": self.faults,
            "delays": self.world,
        }

    def reset(self, clock: datetime | None = None, *, is_empty: bool = False) -> None:
        """Go back to the baseline, or to nothing; with the clock held at a time when one is given."""
        starts_at = checked(clock) if clock else self.config.clock  # refused before anything is forgotten
        with self._lock:
            if self._baseline is None or is_empty:
                self.store.clear()
            else:
                self.store.restore(self._baseline)
            self.journal.restart()
            self._rate_limits.restart()
            self.omnisend_limit.restart()
            self.faults.restart()
            self.unsupported.restart()
            self.lineage = None
            self.clock.restart(starts_at)
            self._begin()

    def move_clock(self, now: datetime) -> None:
        """Move the clock to a time; what was accepted before is processed first, what falls due is done on the way.

        A real clock stands still from then on, a scaled one runs on at its pace.
        """
        with self._lock:
            pace = self.clock.remember()
            journey = tasks.journey(self.world, now, self._dispatch.next_due)
        while self._goes_on(journey):
            self.deliver()
        if isinstance(pace, Pace):
            self.clock.scale(pace.rate)
        self.deliver()

    def _goes_on(self, journey: Iterator[datetime]) -> bool:
        """Go on with a journey until a call must be made, which may not be done while others wait for the account."""
        with self._lock:
            return any(self._dispatch.next_due() <= stop for stop in journey)

    def move_on(self, now: datetime) -> None:
        """Move a held clock forward; what flows do on the way and who is in a segment is worked out at its own time."""
        if self.segments.is_any or self.flows.is_any:
            tasks.settle_until(self.world, now)
        else:
            self.clock.set(now)

    def deliver(self) -> int:
        """Make the calls of webhooks that are due, in order; gives how many."""
        return self._dispatch.call()

    def next_call(self) -> datetime:
        """When a webhook is called next; the end of time when none waits."""
        with self._lock:
            return self._dispatch.next_due()

    def waiting_calls(self, limit: int) -> list[Row]:
        """The calls of webhooks that wait, those that are due first before the others."""
        with self._lock:
            return self._dispatch.waiting(limit)

    def mail(self) -> int:
        """Hand the emails that were sent since to the SMTP server, if there is one; gives how many."""
        return self._dispatch.mail()

    def tick(self) -> None:
        """Do what time brings about while the clock runs: what is due, and webhook calls; nothing once it is closed."""
        with self._ticking:
            if self._is_closed:
                return
            if not self.clock.is_frozen and (self.rows("webhook", 0, 1) or self.flows.is_any):
                self.deliver()
            self.mail()

    def events(self, after: int, limit: int) -> list[Row]:
        """Events in the order in which they were accepted, dropped ones among them."""
        with self._lock:
            tasks.settle(self.world)
            found = self.store.after("event", after, limit) + self.store.after(DROPPED, after, limit)
            return sorted(found, key=lambda row: row.number)[:limit]

    def rows(self, type: str, after: int, limit: int) -> list[Row]:
        """Resources of a type in the order in which they were made."""
        with self._lock:
            tasks.settle(self.world)
            return self.store.after(type, after, limit)

    def found(self, type: str, comparisons: tuple[Comparison, ...], after: int, limit: int) -> list[Row]:
        """Resources of a type that satisfy comparisons, in the order in which they were made."""
        with self._lock:
            tasks.settle(self.world)
            return self.store.page(Selection(type, comparisons), limit, Position(None, after)).rows

    def number_of(self, type: str) -> int:
        """How many resources of a type there are."""
        with self._lock:
            return self.store.count(Selection(type))

    def row(self, type: str, id: str) -> Row | None:
        """What is kept under an id."""
        with self._lock:
            return self.store.row(type, id)

    def keep(self, type: str, document: Json) -> Row:
        """Keep something that no operation of Klaviyo's makes."""
        with self._lock, self.store.transaction():
            row = Row(type, RESOURCES[type].make_id(self.world), document)
            self.store.insert(row)
            return row

    def alter(self, work: Callable[[World], Result]) -> Result:
        """Let something happen that no operation of Klaviyo's brings about: all or nothing of it, after what is due."""
        self.catch_up()
        with self._lock, self.store.transaction():
            return work(self.world)

    def receive(self, profile_id: str, channel: str, body: str) -> Row | None:
        """Take in what a profile writes; None when there is no such profile."""
        self.catch_up()
        with self._lock, self.store.transaction():
            profile = self.store.row("profile", profile_id)
            return texting.receive(self.world, profile, channel, body) if profile else None

    def close(self) -> None:
        """Close the store."""
        with self._ticking, self._lock:
            self._is_closed = True
            self.snapshots.close()
            self.past.forget()
            self.store.close()
