"""Custom objects: what belongs to a profile of the objects that an account has made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.engine.subject import Subject
from mock_klaviyo.resources.custom_objects import OBJECT_RECORD, OBJECT_TYPE
from mock_klaviyo.resources.ingestion import at_work
from mock_klaviyo.resources.record_links import records_of_profile


@dataclass(frozen=True)
class OwnObject:
    """An object: its id, and its properties by their names and by the numbers that the type gives them."""

    id: str
    by_name: Mapping[str, Any]
    by_id: Mapping[int, Any]


def objects_of(subject: Subject, type_id: str, relationship_id: str) -> Iterator[OwnObject]:
    """The objects of a type that lead to a profile through a relationship."""
    store = subject.world.store
    type_row = store.row(OBJECT_TYPE.type, type_id)
    if type_row is None:
        return
    schema, _ = at_work(subject.world, type_row)
    names = {each["id"]: each["name"] for each in schema["properties"]}
    ids = records_of_profile(subject.world, relationship_id, subject.profile)
    for row in store.rows(OBJECT_RECORD.type, id=ids, object_type_id=type_id):
        properties = row.document["record_properties"]
        yield OwnObject(row.id, properties, {id: properties.get(name) for id, name in names.items()})
