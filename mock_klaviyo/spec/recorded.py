"""Recordings: what each shipped revision of Klaviyo's API takes and answers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import references
from mock_klaviyo.spec.operation import FilterField, Form, Operation, PageSize, Parameter, RateLimit
from mock_klaviyo.spec.record import DATA
from mock_klaviyo.spec.routes import Routes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENDING = ".json.gz"


class SharedSchemas:
    """Schemas that refer to each other by name."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        self.schemas = schemas
        self.neighbours: dict[str, tuple[str, ...]] = {}

    def document(self, schema: Json) -> Json:
        """The schema as a document of its own, together with all that it reaches."""
        reached = self.reached(references(schema))
        document = {"$schema": DIALECT, **schema}
        return document | {"$defs": {name: self.schemas[name] for name in reached}} if reached else document

    def reached(self, names: Iterator[str]) -> dict[str, None]:
        """The names, and those that their schemas refer to directly or through others."""
        reached: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached[name] = None
                waiting += self.next_to(name)
        return reached

    def next_to(self, name: str) -> tuple[str, ...]:
        """The names that one schema refers to itself."""
        if name not in self.neighbours:
            self.neighbours[name] = tuple(dict.fromkeys(references(self.schemas[name])))
        return self.neighbours[name]


class Operations(Mapping[str, Operation]):
    """Operations by id, each made when it is first asked for."""

    def __init__(self, recorded: Json) -> None:
        self.recorded: Mapping[str, Json] = recorded["operations"]
        self.requests = SharedSchemas(recorded["request_schemas"])
        self.responses = SharedSchemas(recorded["response_schemas"])
        self.made: dict[str, Operation] = {}

    def __getitem__(self, operation_id: str) -> Operation:
        if operation_id not in self.made:
            self.made[operation_id] = self.operation(operation_id, self.recorded[operation_id])
        return self.made[operation_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.recorded)

    def __len__(self) -> int:
        return len(self.recorded)

    def operation(self, operation_id: str, recorded: Json) -> Operation:
        """The operation that a recorded entry describes."""
        return Operation(
            id=operation_id,
            method=recorded["method"],
            path=recorded["path"],
            form=Form(recorded["form"]),
            tag=recorded["tag"],
            scopes=tuple(recorded.get("scopes", ())),
            rate_limit=RateLimit(**recorded["rate_limit"]),
            fields=tuples(recorded.get("fields", {})),
            additional_fields=tuples(recorded.get("additional_fields", {})),
            include=tuple(recorded.get("include", ())),
            sort=tuple(recorded.get("sort", ())),
            filters={name: filter_field(field) for name, field in recorded.get("filters", {}).items()},
            is_filter_required=recorded.get("is_filter_required", False),
            page_size=PageSize(**recorded["page_size"]) if "page_size" in recorded else None,
            has_cursor=recorded.get("has_cursor", False),
            parameters={name: self.parameter(found) for name, found in recorded.get("parameters", {}).items()},
            media_type=recorded.get("media_type"),
            request=document(recorded.get("request"), self.requests),
            responses={
                int(status): document(schema, self.responses) for status, schema in recorded["responses"].items()
            },
        )

    def parameter(self, recorded: Json) -> Parameter:
        """The query parameter that a recorded entry describes."""
        return Parameter(self.requests.document(recorded["schema"]), recorded["is_required"])


class Recording:
    """One revision: its operations, the routes to them, and the document that answers errors."""

    def __init__(self, recorded: Json) -> None:
        self.revision: str = recorded["revision"]
        self.operations: Mapping[str, Operation] = Operations(recorded)
        self.error: Json = SharedSchemas(recorded["response_schemas"]).document(recorded["error"])
        self.routes = Routes((name, each["method"], each["path"]) for name, each in recorded["operations"].items())

    def route(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that answers a method on a percent-encoded path, and its decoded path parameters."""
        found = self.routes.route(method, path)
        return (self.operations[found[0]], found[1]) if found else None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path knows, in the recorded order; none for an unknown path."""
        return self.routes.methods(path)


def document(schema: Json | None, shared: SharedSchemas) -> Json | None:
    """The schema as a document of its own; an empty body has none."""
    return None if schema is None else shared.document(schema)


def tuples(lists: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    """The mapping with its lists made tuples."""
    return {name: tuple(members) for name, members in lists.items()}


def filter_field(recorded: Json) -> FilterField:
    """The filter field that a recorded entry describes."""
    return FilterField(
        operators=tuple(recorded["operators"]),
        list_operators=tuple(recorded.get("list_operators", ())),
        type=recorded["type"],
        format=recorded.get("format"),
    )


def read(path: Path) -> Recording:
    """The recording in a file."""
    return Recording(json.read(gzip.decompress(path.read_bytes())))


class RecordingsError(Exception):
    """A folder whose recordings cannot be served: what is wrong with it."""


class Recordings:
    """The shipped recordings and those of a folder; where both have a revision, the folder's counts."""

    def __init__(self, folder: Path | None = None) -> None:
        self._added = {} if folder is None else added(folder)
        self.revisions = tuple(sorted({*revisions(), *self._added}))

    def __getitem__(self, revision: str) -> Recording:
        return self._added.get(revision) or recording(revision)


def added(folder: Path) -> dict[str, Recording]:
    """The recordings in a folder, by revision."""
    found = [readable(path) for path in sorted(folder.glob(f"*{ENDING}"))]
    if not found:
        raise RecordingsError(f"{folder} has no recordings; `mock-klaviyo record FILE --to {folder}` makes them")
    return {each.revision: each for each in found}


def readable(path: Path) -> Recording:
    """The recording in a file that somebody else made."""
    try:
        return read(path)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as reason:
        raise RecordingsError(f"{path} is no recording ({reason}); `mock-klaviyo record` makes them") from None


@cache
def shipped() -> Recordings:
    """The shipped recordings alone."""
    return Recordings()


@cache
def revisions() -> tuple[str, ...]:
    """The shipped revisions, oldest first."""
    return tuple(sorted(path.name.removesuffix(ENDING) for path in DATA.glob(f"*{ENDING}")))


@cache
def recording(revision: str) -> Recording:
    """The shipped recording of a revision."""
    if revision not in revisions():
        raise LookupError(f"no recording of revision {revision}; there are {', '.join(revisions())}")
    return read(DATA / f"{revision}{ENDING}")
