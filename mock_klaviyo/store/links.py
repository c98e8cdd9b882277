"""Links: relationships between resources, each kept once and read from both sides."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, delete, func, or_, update

from mock_klaviyo.store import prepared
from mock_klaviyo.store.database import Database
from mock_klaviyo.store.prepared import LIMIT, ONE
from mock_klaviyo.store.watching import Watcher


class Links:
    """The links of a store; each has a name, a left and a right end, and the time it was made."""

    def __init__(self, database: Database, watchers: list[Watcher]) -> None:
        self._database = database
        self._watchers = watchers
        self._table = database.tables.links

    def add(self, name: str, left: str, rights: Iterable[str], since: str) -> None:
        """Join resources; a link that exists already keeps its time."""
        wanted = list(dict.fromkeys(rights))
        if not wanted:
            return
        before = self._last_number()
        rows = [{"name": name, "left": left, "right": right, "since": since} for right in wanted]
        self._database.run(prepared.link(self._table), rows)
        if self._watchers:
            given = {"before": before, "name": name, "left": left}
            made = [row[0] for row in self._database.fetch(prepared.links_made(self._table), given)]
            for watcher in self._watchers if made else ():
                watcher.links_made(name, left, made, since)
        self._tell(name, wanted)

    def _last_number(self) -> int:
        """The number of the link that was made last."""
        return int(self._database.value(prepared.greatest(self._table)) or 0)

    def remove(self, name: str, left: str, rights: Iterable[str]) -> None:
        """Part resources."""
        parted = list(rights)
        rows = [{"name": name, "left": left, "right": right} for right in parted]
        self._database.run(prepared.removal(self._table, ONE), rows)
        self._tell(name, parted)

    def ids(self, name: str, anchor: str, *, is_inverse: bool = False) -> list[str]:
        """The ids at the other ends, in the order in which the links were made."""
        near, far = ("right", "left") if is_inverse else ("left", "right")
        found = self._database.fetch(prepared.ends(self._table, near, far), {"name": name, near: anchor})
        return [row[0] for row in found]

    def joined(self, name: str, rights: Iterable[str]) -> list[tuple[str, str, str]]:
        """The links to right ends: left, right and since when."""
        found = self._database.fetch(prepared.linked(self._table), {"name": name, "right": list(rights)})
        return [(left, right, since) for left, right, since in found]

    def lefts(self, name: str, rights: Iterable[str]) -> dict[str, str]:
        """The left end that each of the right ends has, where it has one."""
        return {right: left for left, right, _ in self.joined(name, rights)}

    def has(self, name: str, left: str, right: str) -> bool:
        """Whether the two are joined."""
        given = {"name": name, "left": left, "right": right, LIMIT: 1}
        return bool(self._database.fetch(prepared.lookup(self._table, ONE, ("number",)), given))

    def forget(self, id: str, *, foreign_lefts: Iterable[str] = (), foreign_rights: Iterable[str] = ()) -> None:
        """Part a resource from all others; the foreign ends belong to other types, where an id may be the same."""
        links = self._table.c
        is_left = and_(links.left == id, links.name.not_in(list(foreign_lefts)))
        is_right = and_(links.right == id, links.name.not_in(list(foreign_rights)))
        self._database.run(delete(self._table).where(or_(is_left, is_right)))

    def delete_ends(self, words: Iterable[str], ends: Iterable[str]) -> None:
        """Remove the links of which an end is one of these, or holds one of the words."""
        links = self._table.c
        sides = (links.left, links.right)
        holding = [func.instr(func.lower(side), word.lower()) > 0 for side in sides for word in words]
        self._database.run(delete(self._table).where(or_(*(side.in_(list(ends)) for side in sides), *holding)))

    def move(self, name: str, source: str, destination: str) -> None:
        """Give the right end's links of one resource to another."""
        links = self._table.c
        for left in self.ids(name, source, is_inverse=True):
            if self.has(name, left, destination):
                self.remove(name, left, [source])
        self._database.run(
            update(self._table).where(links.name == name, links.right == source).values(right=destination)
        )
        self._tell(name, [destination])

    def _tell(self, name: str, rights: list[str]) -> None:
        """Tell the watchers of links that were made or removed."""
        for watcher in self._watchers if rights else ():
            watcher.links_written(name, rights)
