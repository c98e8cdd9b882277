"""Routes: which operation answers a method and a path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass
class Node:
    """What can follow a part of a path: literal segments, any segment, or a method."""

    literals: dict[str, Node] = field(default_factory=dict)
    any: Node | None = None
    methods: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Method → operation id and the names of its path parameters."""

    def add(self, segments: list[str]) -> Node:
        """The node at the end of a path template, made if need be."""
        if not segments:
            return self
        if segments[0].startswith("{"):
            self.any = self.any or Node()
            return self.any.add(segments[1:])
        return self.literals.setdefault(segments[0], Node()).add(segments[1:])

    def find(self, segments: list[str]) -> tuple[Node, tuple[str, ...]] | None:
        """The node of a path and the segments that stand for parameters; a literal segment goes first."""
        if not segments:
            return (self, ()) if self.methods else None
        first, *rest = segments
        literal = self.literals.get(first)
        found = literal.find(rest) if literal else None
        if found or self.any is None or not first:
            return found
        beyond = self.any.find(rest)
        return (beyond[0], (first, *beyond[1])) if beyond else None


class Routes:
    """A table of routes, made of (operation id, method, path template)."""

    def __init__(self, routes: Iterable[tuple[str, str, str]]) -> None:
        self.root = Node()
        for operation_id, method, path in routes:
            template = segments(path)
            names = tuple(segment[1:-1] for segment in template if segment.startswith("{"))
            self.root.add(template).methods[method] = (operation_id, names)

    def route(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The id of the operation that answers, and its path parameters.

        >>> Routes([("get_list", "GET", "/api/lists/{id}")]).route("GET", "/api/lists/a%2Fb/")
        ('get_list', {'id': 'a/b'})
        """
        found = self.root.find(segments(path))
        if found is None or method not in found[0].methods:
            return None
        operation_id, names = found[0].methods[method]
        return operation_id, dict(zip(names, found[1], strict=True))

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path knows, in the recorded order; none for an unknown path."""
        found = self.root.find(segments(path))
        return tuple(found[0].methods) if found else ()


def segments(path: str) -> list[str]:
    """The decoded segments of a path; one slash at its end means nothing.

    >>> segments("/api/lists/a%20b/")
    ['api', 'lists', 'a b']
    """
    raw = path.removeprefix("/").removesuffix("/").split("/")
    return [unquote(segment) for segment in raw] if "%" in path else raw
