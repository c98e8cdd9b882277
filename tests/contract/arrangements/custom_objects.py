"""Data sources, object types, their schemas, mappings and records."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement, Scene

PROPERTIES = [{"id": 1, "name": "pet_id", "type": "string"}, {"id": 2, "name": "age", "type": "int"}]
ACTIVE = "active object-type"
RECORD = {"type": "data-source-record", "attributes": {"record": {"id": "rex", "age": 3}}}
BROKEN = {"type": "data-source-record", "attributes": {"record": {"age": "three"}}}


def mappings(scene: Scene):
    """Both properties, as they stand in the records of the source."""
    source = {"source_id": scene.one("data-source"), "id_path": "$.id"}
    paths = {1: "$.id", 2: "$.age"}
    return [{"id": id, "type": "simple", "source": {**source, "data_path": path}} for id, path in paths.items()]


def object_type(scene: Scene, title="Pet", status="draft"):
    """A type whose records come from the source."""
    mapping = resource("source-mapping", property_mappings=mappings(scene))
    attributes = {"properties": PROPERTIES, "required": ["pet_id"], "status": status, "source-mapping": mapping}
    schema = resource("object-schema", **attributes)
    return resource("object-type", title=f"{title} of {scene.name}", **{"object-schema": schema})


def active_type(scene: Scene) -> str:
    """The type whose schema is published; it becomes the one that paths name."""
    if ACTIVE not in scene.made:
        scene.made[ACTIVE] = scene.client.create("/api/object-types", object_type(scene, "Tame pet", "active"))
    scene.made["object-type"] = scene.made[ACTIVE]
    return scene.made[ACTIVE]


def schema(scene: Scene) -> str:
    """The only schema of the type, a draft unless the type is the one with records."""
    return scene.one_of(f"/api/object-types/{scene.one('object-type')}/schema-versions")


def mapping(scene: Scene) -> str:
    """The mapping of the draft."""
    return scene.client.get(f"/api/object-schemas/{scene.one('object-schema')}/source-mapping")["data"]["id"]


def version(scene: Scene):
    """A further version of a published schema."""
    related = {"object-type": reference("object-type", active_type(scene))}
    return resource("object-schema", None, related, title="Pet", properties=PROPERTIES)


def records(scene: Scene, *data):
    related = {"data-source": reference("data-source", scene.one("data-source"))}
    members = {"data-source-records": {"data": [*data]}}
    return resource("data-source-record-bulk-create-job", None, related, **members)


def one_record(scene: Scene):
    active_type(scene)
    related = {"data-source": reference("data-source", scene.one("data-source"))}
    return resource("data-source-record-create-job", None, related, **{"data-source-record": {"data": RECORD}})


def many_records(scene: Scene):
    active_type(scene)
    return records(scene, RECORD, BROKEN)


def record(scene: Scene) -> str:
    """The record that came from the source."""
    scene.do("create_data_source_record")
    return f"{scene.one('object-type')}:::rex"


def other_schema(scene: Scene) -> str:
    """The draft of another type."""
    id = scene.client.create("/api/object-types", object_type(scene, "Owner"))
    return scene.client.get(f"/api/object-types/{id}/draft-schema")["data"]["id"]


def related(name: str):
    """What leads the draft to another schema, or to profiles."""

    def body(scene: Scene):
        id = "profile" if name == "profile-object-schema" else other_schema(scene)
        return {"data": [reference(name, id) | {"meta": {"name": "owner"}}]}

    return body


def relationship(type: str, scene: Scene, **meta: str):
    """The relationship that the draft has, as it is named when it changes."""
    (found,) = scene.client.get(f"/api/object-schemas/{scene.one('object-schema')}/relationships/{type}s")["data"]
    own = {"relationship_id": found["meta"]["relationship_id"]}
    return reference(type, found["id"].partition(":::")[0]) | {"meta": own | meta}


ARRANGEMENTS = {
    "create_data_source": Arrangement(lambda scene: resource("data-source", title=f"Shop of {scene.name}")),
    "update_source_mapping": Arrangement(
        lambda scene: resource("source-mapping", scene.one("source-mapping"), property_mappings=mappings(scene))
    ),
    "create_object_type": Arrangement(object_type),
    "create_object_schema": Arrangement(version),
    "update_object_schema": Arrangement(
        lambda scene: resource("object-schema", scene.one("object-schema"), title="Animal")
    ),
    "create_data_source_record": Arrangement(one_record),
    "bulk_create_data_source_records": Arrangement(many_records),
    "bulk_delete_object_records": Arrangement(
        lambda scene: {
            "data": {
                "type": "object-record-bulk-delete-job",
                "relationships": {"object-records": {"data": [reference("object-record", scene.one("object-record"))]}},
            }
        }
    ),
    "get_records_for_object_type": Arrangement(after=("create_data_source_record",)),
    "get_record_ids_for_object_type": Arrangement(after=("create_data_source_record",)),
    "get_ingestion_logs_for_object_type": Arrangement(after=("bulk_create_data_source_records",)),
    "get_ingestion_log_ids_for_object_type": Arrangement(after=("bulk_create_data_source_records",)),
    "get_current_schema_for_object_type": Arrangement(after=("create_data_source_record",)),
    "get_current_schema_id_for_object_type": Arrangement(after=("create_data_source_record",)),
    "get_object_type_relationships": Arrangement(after=("create_object_schema_relationship",)),
    "get_profile_type_relationships": Arrangement(after=("create_profile_schema_relationship",)),
    "get_object_schema_relationships": Arrangement(after=("create_object_schema_relationship",)),
    "create_object_schema_relationship": Arrangement(related("object-schema")),
    "update_object_schema_relationship": Arrangement(
        lambda scene: {"data": relationship("object-schema", scene, name="keeper")},
        after=("create_object_schema_relationship",),
    ),
    "delete_object_schema_relationship": Arrangement(
        lambda scene: {"data": [relationship("object-schema", scene)]},
        after=("create_object_schema_relationship",),
    ),
    "get_profile_schema_relationships": Arrangement(after=("create_profile_schema_relationship",)),
    "create_profile_schema_relationship": Arrangement(related("profile-object-schema")),
    "update_profile_schema_relationship": Arrangement(
        lambda scene: {"data": relationship("profile-object-schema", scene, name="keeper")},
        after=("create_profile_schema_relationship",),
    ),
    "delete_profile_schema_relationship": Arrangement(
        lambda scene: {"data": [relationship("profile-object-schema", scene)]},
        after=("create_profile_schema_relationship",),
    ),
}
MAKERS = {"object-schema": schema, "source-mapping": mapping, "object-record": record}
