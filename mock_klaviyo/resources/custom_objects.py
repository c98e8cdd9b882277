"""Custom objects: data that an account defines; what belongs to it, and how its parts hang together.

A data source takes in records of any form. An object type has versions of a schema; each version has a source mapping,
which makes object records out of what the sources took in. Only the current version's mapping is at work.
"""

from __future__ import annotations

from typing import Any

from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

NAMESPACE = "custom-objects"
OBJECT_STAMPS = ("created_at", "updated_at")
ALL_ON_ONE_PAGE = 10_000
LOGS_ON_A_PAGE = 50
BETWEEN = ":::"
"""What stands between the parts of a compound id."""


def new_ulid(world: World) -> str:
    """The id of a new part of a custom object."""
    return world.ids.ulid(world.now)


def schema_row(world: World, type_row: Row) -> Row | None:
    """The schema that speaks for an object type: the current one, else its draft."""
    id = type_row.document["current_schema_id"] or type_row.document["draft_schema_id"]
    return world.store.row("object-schema", id) if id else None


def status_of_type(world: World, type_row: Row) -> Any:
    """The status of the schema that speaks for an object type."""
    schema = schema_row(world, type_row)
    return schema.document["status"] if schema else "undefined"


DATA_SOURCE = declare(
    Resource(
        type="data-source",
        make_id=new_ulid,
        fields=(Field("title", is_indexed=True), Field("namespace")),
        not_found="unknown_data_source",
    )
)
SOURCE_RECORD = declare(
    Resource(type="data-source-record", make_id=new_ulid, fields=(Field("data_source_id", is_indexed=True),))
)
"""What a data source took in; nothing answers it, but mappings that come later are applied to it."""

OBJECT_TYPE = declare(
    Resource(
        type="object-type",
        make_id=new_ulid,
        relationships=(
            one("current-schema", to="object-schema", field="current_schema_id"),
            one("draft-schema", to="object-schema", field="draft_schema_id"),
            many_by("schema-versions", to="object-schema", field="object_type_id"),
            many_by("object-records", to="object-record", field="object_type_id"),
            many_by("object-ingestion-logs", to="object-ingestion-log", field="object_type_id"),
        ),
        fields=(Field("title", is_indexed=True), Field("namespace")),
        computed={"status": status_of_type},
        stamps=OBJECT_STAMPS,
        fixed_page_size=ALL_ON_ONE_PAGE,
        has_page_links=False,
        not_found="unknown_object_type",
    )
)
OBJECT_SCHEMA = declare(
    Resource(
        type="object-schema",
        make_id=new_ulid,
        relationships=(one("source-mapping", to="source-mapping", field="source_mapping_id"),),
        fields=(Field("object_type_id", is_indexed=True),),
        stamps=OBJECT_STAMPS,
        fixed_page_size=ALL_ON_ONE_PAGE,
        has_page_links=False,
        not_found="unknown_object_schema",
    )
)
SOURCE_MAPPING = declare(
    Resource(
        type="source-mapping",
        make_id=new_ulid,
        fields=(Field("object_schema_id", is_indexed=True),),
        stamps=OBJECT_STAMPS,
        not_found="unknown_source_mapping",
    )
)
SCHEMA_RELATIONSHIP = declare(
    Resource(
        type="object-schema-relationship",
        make_id=new_ulid,
        fields=(Field("object_schema_id", is_indexed=True), Field("related_schema_id", is_indexed=True)),
        stamps=OBJECT_STAMPS,
    )
)
"""What a schema leads to: another schema, or profiles; Klaviyo shows it under the type of what it leads to."""

OBJECT_RECORD = declare(
    Resource(
        type="object-record",
        make_id=new_ulid,
        fields=(Field("object_type_id", is_indexed=True),),
        stamps=OBJECT_STAMPS,
        not_found="unknown_object_record",
    )
)
DELETED_RECORD = declare(Resource(type="deleted-object-record", make_id=new_ulid))
"""A record that was deleted, and the number of the last source record that may not bring it back."""

INGESTION_LOG = declare(
    Resource(
        type="object-ingestion-log",
        make_id=lambda world: world.ids.uuid(),
        relationships=(
            one("object-type", to="object-type", field="object_type_id"),
            one("object-record", to="object-record", field="object_record_id"),
        ),
        fields=(Field("object_type_id", is_indexed=True), Field("timestamp")),
        default_sort="-timestamp",
        fixed_page_size=LOGS_ON_A_PAGE,
    )
)
