"""Record links: what object records lead to, profiles and other records, as their type's mapping reads it.

A profile is linked by the identifier that the record names, so that it may come into being later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mock_klaviyo.json import Json
from mock_klaviyo.resources.custom_objects import BETWEEN
from mock_klaviyo.resources.identifiers import normal_email
from mock_klaviyo.resources.record_values import is_id
from mock_klaviyo.resources.selectors import Found, Place, selected
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

IDENTIFIERS: Mapping[str, str] = {
    "klaviyo-id": "id",
    "email": "email",
    "phone": "phone_number",
    "external-id": "external_id",
    "anonymous": "anonymous_id",
}
"""How mappings call an identifier → how profiles do."""


def link(world: World, type_id: str, relationship: Json, record: Json, *, without: set[str]) -> None:
    """Link the object records that a source's record holds to what it says they lead to, but for some of them."""
    source, name = relationship["source"], relationship["relationship_id"]
    ends = Ends(world, relationship, record)
    for place, id in selected(source["id_path"], record):
        left = f"{type_id}{BETWEEN}{id}"
        if is_id(id) and left not in without:
            rights = list(dict.fromkeys(ends.of(place)))
            if source.get("update_strategy") != "additive":
                world.store.links.remove(name, left, set(world.store.links.ids(name, left)) - set(rights))
            world.store.links.add(name, left, rights, world.second)


class Ends:
    """What the object records in a source's record lead to."""

    def __init__(self, world: World, relationship: Json, record: Json) -> None:
        source = relationship["source"]
        if source["type"] == "profile":
            self._found = [
                (f"{IDENTIFIERS[each['identifier_type']]}:", Found(each["path"], record))
                for each in source["related_id_paths"]
            ]
        else:
            type_id = related_type_id(world, relationship["relationship_id"])
            self._found = [(f"{type_id}{BETWEEN}", Found(source["related_id_path"], record))]

    def of(self, place: Place) -> Iterator[str]:
        """What the object record at a place leads to."""
        for prefix, found in self._found:
            for value in found.beside(place):
                if is_id(value):
                    yield f"{prefix}{normal_email(str(value)) if prefix == 'email:' else value}"


def related_type_id(world: World, relationship_id: str) -> str:
    """The object type that a relationship leads to."""
    relationship = world.store.row("object-schema-relationship", relationship_id)
    schema = world.store.row("object-schema", relationship.document["related_schema_id"]) if relationship else None
    return str(schema.document["object_type_id"]) if schema else ""


def records_of_profile(world: World, relationship_id: str, profile: Row) -> list[str]:
    """The ids of the object records that lead to a profile through a relationship."""
    values = {name: profile.document.get(name) for name in IDENTIFIERS.values()} | {"id": profile.id}
    found = (
        world.store.links.ids(relationship_id, f"{name}:{value}", is_inverse=True)
        for name, value in values.items()
        if value
    )
    return list(dict.fromkeys(id for ids in found for id in ids))
