"""The forms of a declaration: Resource and Relationship."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_klaviyo.json import Json
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
    the other one when `is_inverse`. A relationship that is `known` carries its data in every answer.
    """

    name: str
    to: str
    is_many: bool
    link: str | None = None
    field: str | None = None
    is_inverse: bool = False
    is_known: bool = False


def many(name: str, to: str, *, link: str | None = None, inverse_of: str | None = None) -> Relationship:
    """Leads to many resources through links; `inverse_of` names a link that another resource declares."""
    return Relationship(name, to, is_many=True, link=link or inverse_of or name, is_inverse=inverse_of is not None)


def many_by(name: str, to: str, field: str) -> Relationship:
    """Leads to the many resources whose field holds this one's id."""
    return Relationship(name, to, is_many=True, field=field, is_inverse=True)


def one(name: str, to: str, field: str, *, is_known: bool = True) -> Relationship:
    """Leads to the one resource whose id a field holds."""
    return Relationship(name, to, is_many=False, field=field, is_known=is_known)


@dataclass(frozen=True)
class Resource:
    """A type of Klaviyo's; paths, bodies, filters and pages come from the recording, this adds what it cannot know.

    `defaults` are the attributes of a new one, or functions of the world that give them; null leaves those alone that
    are `never_null`. `aliases` are filter fields that go by another name in the document; `stamps` are the attributes
    that hold the times of creation and change; `fixed_page_size` is for operations that let nobody choose; an id that
    does not have the `id_form` (a regular expression) gets the error `malformed_id`, an unknown one `not_found`. Ids
    are made by `make_id`, or are what `id_of` reads in the attributes, and then one that is taken is a conflict. The
    hooks run in the transaction of the write: they complete the row, or raise an error that refuses the call.
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
    not_found: str = "unknown_resource"
    unanswered: tuple[Form, ...] = ()
    id_form: str | None = None
    malformed_id: str = "unknown_resource"
    id_of: Callable[[Json], str] | None = None
    before_create: Hook | None = None
    before_update: Hook | None = None
    before_delete: Hook | None = None

    def beginning(self, world: World) -> Json:
        """The attributes of a new one when nothing is said of them."""
        return {name: value(world) if callable(value) else value for name, value in self.defaults.items()}

    @property
    def table_form(self) -> TableForm:
        """What its table needs."""
        return TableForm(self.type, self.fields, self.unique)

    def relationship(self, name: str) -> Relationship | None:
        """The relationship of a name."""
        return next((each for each in self.relationships if each.name == name), None)
