"""Arranging: for every recorded operation, a call that succeeds, and what must be there before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import quote

from mock_klaviyo.jsonapi.document import plural
from mock_klaviyo.resources.reference import RESOURCES
from mock_klaviyo.spec.operation import Form, Operation
from mock_klaviyo.spec.recorded import recording
from mock_klaviyo.spec.shapes import resolved, type_name
from mock_klaviyo.wire.messages import Response
from tests.calling import REVISION, Client, reference, references, resource

OPERATIONS = recording(REVISION).operations

COMPANY = {"company_id": "MOCK01"}
BOUNDARY = "a-boundary"

Maker: TypeAlias = "Callable[[Scene], str]"
"""Makes a resource and gives its id."""


@dataclass(frozen=True)
class Arrangement:
    """What a call needs beside the ids in its path: its body, what happens before, and more of a query.

    `is_empty` tells why a GET answers with no data, `over_http` why the call does not go through the SDK, `unreadable`
    what keeps the SDK's own models from reading a right answer, so that it has to give a dictionary.
    """

    body: Callable[[Scene], Any] | None = None
    after: tuple[str | Callable[[Scene], object], ...] = ()
    query: Callable[[Scene], Mapping[str, str]] | None = None
    is_empty: str | None = None
    over_http: str | None = None
    unreadable: str | None = None


ARRANGEMENTS: dict[str, Arrangement] = {}
"""By operation id; what the path tells (the id of one resource, the ids that a relationship takes) needs no entry."""

MAKERS: dict[str, Maker] = {}
"""By type: how to make a resource, where that is more than to call the operation that creates one."""


@dataclass(frozen=True)
class Upload:
    """A body that is a form: a file and texts."""

    file: bytes
    texts: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        """The form as it is sent."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="dot.png"\r\n\r\n'
        texts = "".join(
            f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}'
            for name, text in self.texts.items()
        )
        return head.encode() + self.file + f"{texts}\r\n--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True)
class Asked:
    """A call of an operation."""

    operation: Operation
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    revision: str | None = None
    """The revision to ask for, if it is not the client's own."""

    @property
    def path(self) -> str:
        """The path with its ids."""
        return self.operation.path.format_map({name: quote(id, safe="") for name, id in self.ids.items()})

    @property
    def headers(self) -> dict[str, str]:
        """The media type of the body, and the revision."""
        media_type = self.operation.media_type
        content = {"content-type": f"{media_type}; boundary={BOUNDARY}"} if media_type and self.body else {}
        return content | ({"revision": self.revision} if self.revision else {})


@dataclass
class Scene:
    """A Klaviyo in which resources are made when a call needs them, one of each type.

    `name` stands in what must not be there twice, such as addresses.
    """

    client: Client
    name: str = "anna"
    made: dict[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """The address of the scene's profile."""
        return f"{self.name}@shop.example.org"

    def one(self, type: str) -> str:
        """The id of the resource of a type, which is made when there is none yet."""
        if type not in self.made:
            maker = MAKERS.get(type)
            self.made[type] = maker(self) if maker else self.do(creator(type))["data"]["id"]
        return self.made[type]

    def other(self, type: str) -> str:
        """The id of a second resource of a type, with nothing in common with the first."""
        return Scene(self.client, "otto").one(type)

    def one_of(self, path: str, **query: str) -> str:
        """The id of the first resource that a GET answers with; what was accepted is processed before."""
        return self.client.ids(path, **query)[0]

    def do(self, name: str) -> Any:
        """Call an operation that must succeed; gives the document of its answer."""
        response = self.call(self.asked(name))
        assert response.status < 300, (name, response.document)
        return response.document

    def call(self, asked: Asked) -> Response:
        """The answer to a call."""
        body = asked.body.written() if isinstance(asked.body, Upload) else asked.body
        return self.client.call(asked.operation.method, asked.path, body, headers=asked.headers, **asked.query)

    def asked(self, name: str) -> Asked:
        """A call of an operation that is about to succeed: what it refers to is made."""
        operation, arrangement = OPERATIONS[name], ARRANGEMENTS.get(name, Arrangement())
        for earlier in arrangement.after:
            self.do(earlier) if isinstance(earlier, str) else earlier(self)
        parameters = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        if operation.form is Form.LIST and not arrangement.is_empty:
            self.one(owner(operation))
        return Asked(
            operation,
            ids={each: self.one(owner(operation)) for each in parameters},
            query=everything(operation) | dict(arrangement.query(self) if arrangement.query else {}),
            body=self.body(operation, arrangement),
        )

    def body(self, operation: Operation, arrangement: Arrangement) -> Any:
        """The body of a call; that of a relationship names what it leads to."""
        if arrangement.body is not None:
            return arrangement.body(self)
        if operation.request is None:
            return None
        schema = resolved(operation.request, operation.request)["properties"]["data"]
        members = resolved(schema.get("items", schema), operation.request)["properties"]
        type = type_name(members["type"], operation.request)
        return references(type, self.one(type)) if "items" in schema else {"data": reference(type, self.one(type))}


def identified(type: str, id: str, /, **relationships: Any) -> Any:
    """The body of a resource without attributes."""
    found = resource(type, id, relationships)
    del found["data"]["attributes"]
    return found


def creator(type: str) -> str:
    """The operation that creates a resource of a type."""
    path = f"/api/{plural(type)}"
    return next(name for name, each in OPERATIONS.items() if each.form is Form.CREATE and each.path == path)


def owner(operation: Operation) -> str:
    """The type of the resources at the start of an operation's path."""
    segment = operation.path.split("/")[2]
    return types_by_segment().get(segment, segment.removesuffix("s"))


@cache
def types_by_segment() -> Mapping[str, str]:
    """What the path of a type's collection ends with → the type."""
    return {plural(type): type for type in RESOURCES}


def everything(operation: Operation) -> dict[str, str]:
    """A query that asks for all there is: what can be included, additional fields, a large page, an order."""
    query = {f"additional-fields[{type}]": ",".join(names) for type, names in operation.additional_fields.items()}
    if operation.include:
        query["include"] = ",".join(operation.include)
    if operation.sort:
        query["sort"] = operation.sort[-1]
    if operation.page_size:
        query["page[size]"] = str(operation.page_size.maximum)
    return query | (COMPANY if "company_id" in operation.parameters else {})
