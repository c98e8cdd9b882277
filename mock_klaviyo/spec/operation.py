"""Operation: what one method on one path takes and answers, as the recording tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mock_klaviyo.json import Json


class Form(StrEnum):
    """The ten forms that an operation can have; each has one generic handler."""

    LIST = "list"
    RETRIEVE = "retrieve"
    LIST_RELATED = "list_related"
    LIST_RELATED_IDS = "list_related_ids"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADD_RELATED = "add_related"
    REPLACE_RELATED = "replace_related"
    REMOVE_RELATED = "remove_related"


@dataclass(frozen=True)
class RateLimit:
    """Calls allowed per account: in a second, in a minute and, for some operations, in a day."""

    burst: int
    steady: int
    daily: int | None = None


@dataclass(frozen=True)
class FilterField:
    """A field that a list can be filtered by: its operators, those that take a list, and its type."""

    operators: tuple[str, ...]
    list_operators: tuple[str, ...] = ()
    type: str = "string"
    format: str | None = None


@dataclass(frozen=True)
class PageSize:
    """How many resources a page holds."""

    default: int
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Parameter:
    """A query parameter beside filter, sort, fields, include and page: its schema, and whether it must be there."""

    schema: Json
    is_required: bool = False


@dataclass(frozen=True, eq=False)
class Operation:
    """One recorded operation; `responses` maps each success status to a schema, or to None for an empty body."""

    id: str
    method: str
    path: str
    form: Form
    tag: str
    scopes: tuple[str, ...]
    rate_limit: RateLimit
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    additional_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    filters: Mapping[str, FilterField] = field(default_factory=dict)
    is_filter_required: bool = False
    page_size: PageSize | None = None
    has_cursor: bool = False
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    media_type: str | None = None
    request: Json | None = None
    responses: Mapping[int, Json | None] = field(default_factory=dict)
    asked: Operation | None = None
    """The older revision's operation that this one answers for, if it does."""

    @property
    def is_client(self) -> bool:
        """Whether browsers call it, with a public key."""
        return self.path.startswith("/client/")

    @property
    def success(self) -> int:
        """The status that the recording names first for success."""
        return next(iter(self.responses))
