"""The forms of a declaration: Resource and Relationship."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.resources.world import World
from mock_klaviyo.spec.operation import Form
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field, TableForm

if TYPE_CHECKING:
    from mock_klaviyo.resources.call import Call

Computed: TypeAlias = Callable[[World, Row], Any]
"""An attribute that is worked out when it is read."""


Hook: TypeAlias = "Callable[[Call, Row], None]"
"""What happens to a row just before it is written or removed."""


@dataclass(frozen=True)
class Relationship:
    """What a resource leads to, kept as a link or as the other's id in a field.

    A link is kept once under a name; `is_inverse` reads it from its right end. A `field` is on this resource, or on
    the other one when `is_inverse`; a field of many holds a list of ids. A relationship that is `known` carries its
    data in every answer, instead of links unless it `has_links`; one that is `optional` is not shown while it leads
    nowhere. `not_found` is the error for a body that relates to something unknown, `taken` the one for joining what is
    joined already, if that is an error.
    """

    name: str
    to: str
    is_many: bool
    link: str | None = None
    field: str | None = None
    is_inverse: bool = False
    is_known: bool = False
    is_optional: bool = False
    has_links: bool = True
    not_found: str = "related_not_found"
    taken: str | None = None


def many(
    name: str, to: str, *, link: str | None = None, inverse_of: str | None = None, taken: str | None = None
) -> Relationship:
    """Leads to many resources through links; `inverse_of` names a link that another resource declares."""
    is_inverse = inverse_of is not None
    return Relationship(name, to, is_many=True, link=link or inverse_of or name, is_inverse=is_inverse, taken=taken)


def many_by(name: str, to: str, field: str, *, is_known: bool = False) -> Relationship:
    """Leads to the many resources whose field holds this one's id."""
    return Relationship(name, to, is_many=True, field=field, is_inverse=True, is_known=is_known)


def many_in(name: str, to: str, field: str, *, is_known: bool = True) -> Relationship:
    """Leads to the many resources whose ids a field lists."""
    return Relationship(name, to, is_many=True, field=field, is_known=is_known)


def one(
    name: str,
    to: str,
    field: str,
    *,
    is_known: bool = True,
    is_optional: bool = False,
    not_found: str = "related_not_found",
) -> Relationship:
    """Leads to the one resource whose id a field holds."""
    return Relationship(
        name, to, is_many=False, field=field, is_known=is_known, is_optional=is_optional, not_found=not_found
    )


def second(world: World) -> str:
    """The time now as most resources keep it."""
    return world.second


@dataclass(frozen=True)
class Resource:
    """A type of Klaviyo's; paths, bodies, filters and pages come from the recording, this adds what it cannot know.

    `defaults` are the attributes of a new one, or functions of the world that give them; null leaves those alone that
    are `never_null`. `aliases` are filter fields that go by another name in the document; `stamps` are the attributes
    that hold the times of creation and change, as `stamp` writes them; `fixed_page_size` is for operations that let
    nobody choose, and those that have no pages have links to them all the same, unless not `has_page_links`; an id that
    does not have the `id_form` (a regular expression) gets the error `malformed_id`, an unknown one `not_found`;
    `label` is what error texts call it, with its article. Ids are made by `make_id`, or are what `id_of` reads in the
    attributes, and then one that is taken is a conflict. The hooks run in the transaction of the write: they complete
    the row, or raise an error that refuses the call. `before_update` sees the row as it was, `before_write` sees it
    just before it is kept, when it is new and when it has changed. Lists show all, or those that satisfy `listed`.
    """

    type: str
    make_id: Callable[[World], str]
    defaults: Json = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    fields: tuple[Field, ...] = ()
    unique: tuple[str, ...] = ()
    never_null: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)
    stamps: tuple[str, str] = ("created", "updated")
    default_sort: str | None = None
    fixed_page_size: int = 20
    has_page_links: bool = True
    not_found: str = "unknown_resource"
    unanswered: tuple[Form, ...] = ()
    id_form: str | None = None
    malformed_id: str = "unknown_resource"
    id_of: Callable[[Json], str] | None = None
    before_create: Hook | None = None
    before_update: Hook | None = None
    before_delete: Hook | None = None
    before_write: Hook | None = None
    listed: Comparison | None = None
    label: str | None = None
    stamp: Callable[[World], str] = second

    def beginning(self, world: World) -> Json:
        """The attributes of a new one when nothing is said of them."""
        return {name: value(world) if callable(value) else value for name, value in self.defaults.items()}

    @property
    def table_form(self) -> TableForm:
        """What its table needs."""
        return TableForm(self.type, self.fields, self.unique)

    @property
    def link_ends(self) -> Iterator[tuple[str, str, str]]:
        """The name of each of its links, and the types at the left and the right end."""
        for each in self.relationships:
            if each.link is not None:
                left, right = (each.to, self.type) if each.is_inverse else (self.type, each.to)
                yield each.link, left, right

    def relationship(self, name: str) -> Relationship | None:
        """The relationship of a name."""
        return next((each for each in self.relationships if each.name == name), None)
