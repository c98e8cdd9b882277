"""Ingestion: object records made of what data sources took in, by the mapping of each type's current schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.resources.custom_objects import (
    BETWEEN,
    DELETED_RECORD,
    INGESTION_LOG,
    OBJECT_RECORD,
    SOURCE_RECORD,
)
from mock_klaviyo.resources.record_links import link
from mock_klaviyo.resources.record_values import Fault, is_id, problem_with
from mock_klaviyo.resources.selectors import Found, selected
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

AT_ONCE = 1000
"""How many records are worked on, or looked up, at once."""


@dataclass(frozen=True)
class Recipe:
    """How records of one source become records of one object type."""

    type_id: str
    source_id: str
    properties: dict[int, Json]
    required: frozenset[str]
    mappings: list[Json]
    relationships: list[Json]

    @cached_property
    def simple(self) -> list[Json]:
        """The mappings that read from the source, of properties that the schema has."""
        return [
            each
            for each in self.mappings
            if each["type"] == "simple" and each["source"]["source_id"] == self.source_id and self.has(each)
        ]

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of the properties that the source gives."""
        return frozenset(self.name(each) for each in self.simple)

    @cached_property
    def constants(self) -> Json:
        """The properties that every record gets."""
        return {
            self.name(each): each["value"] for each in self.mappings if each["type"] == "constant" and self.has(each)
        }

    def has(self, mapping: Json) -> bool:
        """Whether the schema has the property of a mapping."""
        return mapping["id"] in self.properties

    def name(self, mapping: Json) -> str:
        """The name of the property of a mapping."""
        return str(self.properties[mapping["id"]]["name"])


@dataclass
class Extract:
    """What a source's record says of one object record: properties by name, and what is wrong with it."""

    id: str | None
    properties: Json = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def ingest(world: World, source_id: str, records: list[Json]) -> None:
    """Make object records of what a source took in, of every type whose current mapping reads from it."""
    for type_row in world.store.rows("object-type"):
        recipe = recipe_of(world, type_row, source_id)
        if recipe is not None:
            apply(world, recipe, [(record, None) for record in records])


def ingest_again(world: World, type_row: Row) -> None:
    """Apply an object type's mapping to all that its sources took in before."""
    _, mapping = at_work(world, type_row)
    for source_id in source_ids(mapping):
        recipe = recipe_of(world, type_row, source_id)
        rows = world.store.rows(SOURCE_RECORD.type, data_source_id=source_id)
        if recipe is not None:
            apply(world, recipe, [(row.document["record"], row.number) for row in rows])


def source_ids(mapping: Json) -> list[str]:
    """The sources that a mapping reads from."""
    parts = [*mapping["property_mappings"], *mapping["relationship_mappings"]]
    return list(dict.fromkeys(each["source"]["source_id"] for each in parts if each["type"] == "simple"))


def at_work(world: World, type_row: Row) -> tuple[Json, Json]:
    """The current schema of an object type and its mapping; empty ones while it has only a draft."""
    schema = world.store.row("object-schema", type_row.document["current_schema_id"] or "")
    mapping = world.store.row("source-mapping", schema.document["source_mapping_id"]) if schema else None
    if schema is None or mapping is None:
        return {"properties": [], "required": []}, {"property_mappings": [], "relationship_mappings": []}
    return schema.document, mapping.document


def recipe_of(world: World, type_row: Row, source_id: str) -> Recipe | None:
    """How a source's records become records of a type; None when they do not."""
    schema, mapping = at_work(world, type_row)
    if source_id not in source_ids(mapping):
        return None
    return Recipe(
        type_id=type_row.id,
        source_id=source_id,
        properties={each["id"]: each for each in schema["properties"]},
        required=frozenset(schema["required"]),
        mappings=mapping["property_mappings"],
        relationships=[each for each in mapping["relationship_mappings"] if each["source"]["source_id"] == source_id],
    )


def apply(world: World, recipe: Recipe, records: list[tuple[Json, int | None]]) -> None:
    """Make object records of a source's records, in order; a number marks one that came before."""
    for start in range(0, len(records), AT_ONCE):
        Batch(world, recipe).work(records[start : start + AT_ONCE])


class Batch:
    """Some records of a source on their way to become object records of one type."""

    def __init__(self, world: World, recipe: Recipe) -> None:
        self._world = world
        self._recipe = recipe
        self._known: dict[str, Row] = {}
        self._deleted: dict[str, int] = {}
        self._kept: dict[str, Row] = {}
        self._failed: set[str] = set()
        self._logs: list[Row] = []

    def work(self, records: list[tuple[Json, int | None]]) -> None:
        """Keep what fits and log what does not."""
        extracts = [(each, number) for record, number in records for each in extracted(self._recipe, record)]
        self._fetch(sorted({self._id(each) for each, _ in extracts}))
        for each, number in extracts:
            self._take(each, number)
        store = self._world.store
        store.insert(*(row for id, row in self._kept.items() if id not in self._known))
        store.update(*(row for id, row in self._kept.items() if id in self._known))
        store.insert(*self._logs)
        for record, _ in records:
            for relationship in self._recipe.relationships:
                link(self._world, self._recipe.type_id, relationship, record, without=self._failed)

    def _fetch(self, ids: list[str]) -> None:
        """Read what is kept of the object records already."""
        store = self._world.store
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            self._known |= {row.id: row for row in store.rows(OBJECT_RECORD.type, id=some)}
            self._deleted |= {row.id: row.document["upto"] for row in store.rows(DELETED_RECORD.type, id=some)}

    def _id(self, extract: Extract) -> str:
        """The id of an object record: its type's id and its own."""
        return f"{self._recipe.type_id}{BETWEEN}{extract.id or ''}"

    def _take(self, extract: Extract, number: int | None) -> None:
        """Keep an object record, or log why not; what was deleted comes back only with a newer record."""
        id = self._id(extract)
        if number is not None and number <= self._deleted.get(id, 0):
            self._failed.add(id)
            return
        row = self._merged(id, extract)
        faults = extract.faults or list(faults_of(self._recipe, row.document["record_properties"]))
        if faults:
            self._failed.add(id)
            self._logs.append(log(self._world, self._recipe, extract.id, faults))
        else:
            self._kept[id] = row

    def _merged(self, id: str, extract: Extract) -> Row:
        """The object record with what a source's record says of it; what other sources said stays."""
        recipe, second = self._recipe, self._world.second
        before = self._kept.get(id) or self._known.get(id)
        old: Json = before.document if before else {"object_type_id": recipe.type_id, "created_at": second}
        others = {name: value for name, value in old.get("record_properties", {}).items() if name not in recipe.own}
        values = others | extract.properties | recipe.constants
        properties = {
            each["name"]: values[each["name"]] for each in recipe.properties.values() if each["name"] in values
        }
        return Row(OBJECT_RECORD.type, id, old | {"record_properties": properties, "updated_at": second})


def extracted(recipe: Recipe, record: Json) -> list[Extract]:
    """What a record says of the object records that it holds."""
    found: dict[str, Extract] = {}
    nameless: list[Extract] = []
    for mapping in recipe.simple:
        path = mapping["source"]["id_path"]
        values, ids = Found(mapping["source"]["data_path"], record), selected(path, record)
        for place, id in ids:
            if is_id(id):
                extract = found.setdefault(str(id), Extract(str(id)))
                extract.properties |= {recipe.name(mapping): value for value in values.beside(place)[:1]}
            else:
                nameless.append(
                    Extract(None, faults=[Fault("string_type", "Input should be a valid string", path, id)])
                )
        if not ids:
            nameless.append(Extract(None, faults=[Fault("missing", "Field required", path)]))
    return [*found.values(), *nameless[:1]]


def faults_of(recipe: Recipe, properties: Json) -> Iterator[Fault]:
    """What is wrong with the properties of an object record."""
    for each in recipe.properties.values():
        name = each["name"]
        value = properties.get(name)
        if value is None:
            if name in recipe.required:
                yield Fault("missing", "Field required", name)
        elif (fault := problem_with(name, each["type"], value)) is not None:
            yield fault


def log(world: World, recipe: Recipe, record_id: str | None, faults: list[Fault]) -> Row:
    """The entry that tells why a record did not become an object record."""
    count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''}"
    document: Json = {
        "status": "error",
        "event_type": "validation_error",
        "timestamp": world.second,
        "summary": f"{count} for {record_id or 'a record without an id'}",
        "errors": [written(each) for each in faults],
        "object_type_id": recipe.type_id,
        "record_id": record_id,
        "object_record_id": f"{recipe.type_id}{BETWEEN}{record_id}" if record_id is not None else None,
    }
    return Row(INGESTION_LOG.type, INGESTION_LOG.make_id(world), document)


def written(fault: Fault) -> Json:
    """A fault as the log shows it."""
    value = json.written(fault.value).decode() if fault.value is not None else None
    return {"code": fault.code, "message": fault.message, "property": fault.property, "invalid_value": value}
