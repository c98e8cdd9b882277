"""Segments: memberships that stay true while profiles and events change and time passes.

Nothing is worked out when something changes: it is noted which profiles were touched and when, and all that was noted
is judged before anybody reads. A verdict tells until when it holds, so time costs only where it changes something.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from heapq import heappop, heappush
from itertools import groupby
from operator import or_
from typing import Any

from mock_klaviyo.engine.conditions import satisfies
from mock_klaviyo.engine.places import Places
from mock_klaviyo.engine.segment_sight import UNSEEN, Active, mark_of
from mock_klaviyo.engine.subject import Needs, needs, subjects
from mock_klaviyo.engine.verdict import FOREVER, Verdict
from mock_klaviyo.resources import segment_changes
from mock_klaviyo.resources.lists import MEMBERS as LIST_MEMBERS
from mock_klaviyo.resources.segments import MEMBERS, SEGMENT
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.store.rows import Row

AT_ONCE = 500
"""How many profiles are read and judged at once."""

MOST_TURNS = 3
"""How often one membership is judged at one moment; segments that ask about each other could go on forever."""

DISTANCE = "profile-postal-code-distance"
CUSTOM_OBJECTS = "profile-has-custom-object"


class Segments:
    """The segments of a world; watches its store. With a delay they show who was in them that long ago."""

    def __init__(self, world: World, delay: Callable[[], timedelta] = timedelta) -> None:
        self._world = world
        self._delay = delay
        self._places = Places()
        self._active: dict[str, Active] = {}
        self._stale: dict[str, None] = {}
        self._touched: dict[str, datetime] = {}
        self._later: deque[tuple[datetime, str]] = deque()
        self._due: list[tuple[datetime, str, str]] = []
        self._until: dict[tuple[str, str], datetime] = {}
        self._judged: dict[str, int] = {}
        self._turns: Counter[tuple[datetime, str, str]] = Counter()
        for row in world.store.rows(SEGMENT.type):
            self._know(row)
        self._stale = dict.fromkeys(self._active)

    @property
    def is_any(self) -> bool:
        """Whether there is a segment that must be kept true."""
        return bool(self._active)

    @property
    def next_change(self) -> datetime:
        """The moment at which time alone changes a membership next."""
        first = min(queue[0][0] if queue else FOREVER for queue in (self._due, self._later))
        return first if first == FOREVER else first + self._delay()

    # what the store tells

    def rows_written(self, rows: Sequence[Row]) -> None:
        """Note whom new or changed rows are about."""
        type = rows[0].type if rows else ""
        if type == SEGMENT.type:
            for row in rows:
                self._know(row)
        elif self._active and type == "profile":
            sees_all = any(each.sees_writing for each in self._active.values())
            self._touch(row.id for row in rows if sees_all or self._judged.get(row.id) != mark_of(row))
        elif self._active and type == "event":
            self._touch(row.document["profile_id"] for row in rows if row.document["metric_id"] in self._metrics)
        elif self._active and rows and "profile_id" in rows[0].document and type not in UNSEEN:
            self._touch(row.document["profile_id"] for row in rows)
        elif type == "object-record":
            self._spoil(CUSTOM_OBJECTS)

    def row_removed(self, row: Row) -> None:
        """Note what a removed row was part of."""
        if row.type == SEGMENT.type:
            self._active.pop(row.id, None)
        elif row.type == "object-record":
            self._spoil(CUSTOM_OBJECTS)
        self._stale |= dict.fromkeys(each.id for each in self._active.values() if row.id in each.needs.groups)

    def fields_written(self, _type: str, fields: Mapping[str, Any]) -> None:
        """Note whom rows are about that were changed unread."""
        if self._active and "profile_id" in fields:
            self._touch([fields["profile_id"]])

    def links_made(self, name: str, left: str, rights: Sequence[str], since: str) -> None:
        """Who joins is noted together with who leaves."""

    def links_written(self, name: str, rights: Sequence[str]) -> None:
        """Note who joined or left a list, or got a custom object."""
        if name == LIST_MEMBERS:
            self._touch(rights)
        elif name != MEMBERS:
            self._spoil(CUSTOM_OBJECTS)

    def _know(self, row: Row) -> None:
        """Take note of a segment's definition; one that is inactive keeps the members that it has."""
        document = row.document
        if not document["is_active"]:
            self._active.pop(row.id, None)
            return
        self._active[row.id] = Active(row.id, document["definition"], needs(document["definition"]))
        if document["is_processing"]:
            self._stale[row.id] = None

    def _touch(self, ids: Iterable[str]) -> None:
        """Note that profiles must be judged again."""
        if self._active:
            now = self._world.now
            if self._delay():
                self._later.extend((now, id) for id in ids)
            else:
                self._touched.update((id, now) for id in ids)

    @property
    def _metrics(self) -> set[str]:
        """The metrics whose events segments ask about."""
        return {id for each in self._active.values() for id in each.needs.metrics}

    def _spoil(self, type: str) -> None:
        """Note that all profiles must be judged again by a type of condition."""
        self._stale |= dict.fromkeys(each.id for each in self._active.values() if type in each.needs.types)

    # making memberships true

    def catch_up(self) -> None:
        """Make all memberships true for the time now, or for the time that they are late."""
        now = self._world.now - self._delay()
        while self._later and self._later[0][0] <= now:
            at, id = self._later.popleft()
            self._touched[id] = at
        if not (self._touched or self._stale or (self._due and self._due[0][0] <= now)):
            self._world.merged.clear()
            return
        with self._world.store.transaction():
            self._turns.clear()
            self._judge_touched()
            self._judge_due(now)
            while self._stale:
                self._judge_stale(now)
                self._judge_due(now)
        if not self._later:
            self._world.merged.clear()

    def _judge_touched(self) -> None:
        """Judge the profiles that were touched, as of then."""
        touched, self._touched = sorted(self._touched.items(), key=lambda item: item[1]), {}
        for at, group in groupby(touched, key=lambda item: item[1]):
            self._judge_due(at)
            self._judge([id for id, _ in group], list(self._active.values()), at, marks=self._judged)

    def _judge_due(self, until: datetime) -> None:
        """Judge the memberships that time alone may have changed, each at its own moment."""
        while self._due and self._due[0][0] <= until:
            at = self._due[0][0]
            found: dict[str, list[str]] = defaultdict(list)
            while self._due and self._due[0][0] == at:
                _, id, segment_id = heappop(self._due)
                if self._until.get((id, segment_id)) == at:
                    del self._until[id, segment_id]
                    found[segment_id].append(id)
            for segment_id, ids in found.items():
                if segment_id in self._active:
                    self._judge(ids, [self._active[segment_id]], at)

    def _judge_stale(self, at: datetime) -> None:
        """Judge all profiles by the segments that are new or changed."""
        segments = [self._active[id] for id in self._stale if id in self._active]
        self._stale = {}
        if any(DISTANCE in each.needs.types for each in segments):
            for rows in self._everybody():
                self._learn(rows)
        for rows in self._everybody() if segments else ():
            self._judge_rows(rows, segments, at)
        done = self._world.store.rows(SEGMENT.type, id=[each.id for each in segments])
        for row in done:
            row.document["is_processing"] = False
        self._world.store.update(*done)

    def _everybody(self) -> Iterator[list[Row]]:
        """All profiles, some at a time."""
        number = 0
        while rows := self._world.store.after("profile", number, AT_ONCE):
            yield rows
            number = rows[-1].number

    def _judge(
        self, ids: list[str], segments: list[Active], at: datetime, *, marks: dict[str, int] | None = None
    ) -> None:
        """Judge profiles by segments at a moment; how those looked who were judged by all is noted in the marks."""
        for start in range(0, len(ids), AT_ONCE):
            rows = self._world.store.rows("profile", id=ids[start : start + AT_ONCE])
            if self._learn(rows):
                self._spoil(DISTANCE)
            if marks is not None:
                marks |= {row.id: mark_of(row) for row in rows}
            self._judge_rows(rows, segments, at)

    def _learn(self, rows: list[Row]) -> bool:
        """Learn from profiles where postal codes are; says whether anything was new."""
        return sum(self._places.learn(row.document["location"]) for row in rows) > 0

    def _judge_rows(self, rows: list[Row], segments: list[Active], at: datetime) -> None:
        """Judge some profiles by segments, and let them join and leave."""
        needed = reduce(or_, (each.needs for each in segments), Needs())
        everybody = list(subjects(self._world, rows, at, needed, self._places))
        members = set(self._members(rows))
        moved: dict[str, list[str]] = {}
        for segment in segments:
            joining: list[str] = []
            leaving: list[str] = []
            for subject in everybody:
                id = subject.profile.id
                verdict = satisfies(subject, segment.definition)
                self._await(id, segment.id, verdict)
                if verdict.is_true is not ((segment.id, id) in members):
                    (joining if verdict.is_true else leaving).append(id)
            self._world.store.links.add(MEMBERS, segment.id, joining, rounded(at))
            self._world.store.links.remove(MEMBERS, segment.id, leaving)
            segment_changes.note(self._world, segment.id, at, added=len(joining), removed=len(leaving))
            moved[segment.id] = [*joining, *leaving]
        for segment_id, ids in moved.items():
            self._pass_on(segment_id, ids, at)

    def _members(self, rows: list[Row]) -> Iterator[tuple[str, str]]:
        """The segments that profiles are in now: pairs of a segment and a profile."""
        for segment_id, id, _ in self._world.store.links.joined(MEMBERS, [row.id for row in rows]):
            yield segment_id, id

    def _await(self, id: str, segment_id: str, verdict: Verdict) -> None:
        """Note when a verdict ends."""
        if verdict.until < FOREVER:
            self._until[id, segment_id] = verdict.until
            heappush(self._due, (verdict.until, id, segment_id))
        else:
            self._until.pop((id, segment_id), None)

    def _pass_on(self, segment_id: str, ids: list[str], at: datetime) -> None:
        """Judge who joined or left a segment by those that ask about it."""
        for other in self._active.values() if ids else ():
            if segment_id not in other.needs.groups:
                continue
            for id in ids:
                self._turns[at, id, other.id] += 1
                if self._turns[at, id, other.id] <= MOST_TURNS:
                    self._until[id, other.id] = at
                    heappush(self._due, (at, id, other.id))
