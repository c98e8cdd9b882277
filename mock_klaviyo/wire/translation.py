"""Translation: an older revision's request put to the newest revision, and the answer put back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from mock_klaviyo.errors import ApiError, raise_all
from mock_klaviyo.jsonapi.fields import pruned
from mock_klaviyo.jsonapi.query import Query
from mock_klaviyo.resources.call import Reply
from mock_klaviyo.spec.counterparts import counterpart, stand_in
from mock_klaviyo.spec.differences import Difference, differences
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.pruning import Pruning, Schemas
from mock_klaviyo.spec.recorded import revisions
from mock_klaviyo.spec.validation import problems
from mock_klaviyo.wire.bodies import checkable

RESOURCES_IN = ("data", "included")


@dataclass(frozen=True)
class Translation:
    """Between the operation that was asked for, under its newest id, and the one that answers."""

    asked: Operation
    answering: Operation
    differences: tuple[Difference, ...]

    def body(self, body: Any) -> Any:
        """A body as the newest revision has it; refused when that would not take it."""
        if self.asked.request is None:
            return body
        for difference in self.differences:
            body = difference.upgrade(body)
        raise_all(problems(counterpart(self.asked), checkable(self.judged(body))))
        return body

    def judged(self, body: Any) -> Any:
        """An upgraded body as the newest schema can judge it."""
        for difference in self.differences:
            body = difference.judged(body)
        return body

    def query(self, query: Query) -> Query:
        """A query as the newest revision has it; which fields the client sees is settled when it gets its answer."""
        return replace(query, fields={}, include=self._include(query.include))

    def _include(self, names: Iterable[str]) -> tuple[str, ...]:
        """The relationships to include, as they are called now."""
        for difference in self.differences:
            names = [difference.include.get(name, name) for name in names]
        return tuple(names)

    def refusal(self, refusal: ApiError) -> ApiError:
        """A refusal whose pointers lead into the older body."""
        problems = [replace(each, pointer=self._place(each.pointer)) for each in refusal.problems]
        return ApiError(*problems, headers=refusal.headers, hint=refusal.hint)

    def _place(self, pointer: str | None) -> str | None:
        """Where in the older body something stands."""
        for difference in reversed(self.differences):
            for now, before in difference.places.items():
                pointer = pointer and pointer.replace(now, before)
        return pointer

    def reply(self, reply: Reply, query: Query) -> Reply:
        """An answer as the older revision has it."""
        status = reply.status if reply.status in self.asked.responses else self.asked.success
        if self.asked.responses[status] is None or reply.document is None:
            return replace(reply, status=status, document=None)
        document = reply.document
        for difference in reversed(self.differences):
            document = difference.downgrade(document)
        kept = pruning(self.asked, status).document(document)
        if query.include:
            kept = kept | {"data": linked(kept["data"], document["data"], query.include)}
        members = {name: with_fields(kept[name], query) for name in RESOURCES_IN if name in kept}
        return replace(reply, status=status, document=kept | members)


def with_fields(data: Any, query: Query) -> Any:
    """Resources with the fields that the client asked for."""
    if not query.fields:
        return data
    if isinstance(data, list):
        return [with_fields(each, query) for each in data]
    if not data or data["type"] not in query.fields or "attributes" not in data:
        return data
    names = (*query.fields[data["type"]], *query.additional_fields.get(data["type"], ()))
    return data | {"attributes": pruned(data["attributes"], names)}


def linked(data: Any, whole: Any, names: Iterable[str]) -> Any:
    """Pruned resources with the linkage of what they include, also where the older schema lists links only."""
    if isinstance(whole, list):
        return [linked(*each, names) for each in zip(data, whole, strict=True)]
    related = (whole or {}).get("relationships", {})
    shown = {name: related[name] for name in names if name in related}
    return data | {"relationships": data.get("relationships", {}) | shown} if shown else data


@cache
def translation(revision: str, operation: Operation) -> Translation | None:
    """The translation of an operation of a revision; none for what needs none."""
    newest = counterpart(operation)
    if revision[:10] >= revisions()[-1] or newest is operation:
        return None
    return Translation(replace(operation, id=newest.id), stand_in(operation), differences(revision, newest.id))


@cache
def pruning(asked: Operation, status: int) -> Pruning:
    """What keeps of an answer the members that an older operation's schema lists too."""
    newest = counterpart(asked)
    later = newest.responses.get(status) or newest.responses[newest.success]
    return Pruning(Schemas(asked.responses[status] or {}), Schemas(later or {}))
