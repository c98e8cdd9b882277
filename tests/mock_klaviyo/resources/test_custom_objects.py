"""Custom objects: data sources, object types, schemas, mappings and relationships."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calling import Client

UNKNOWN = "01K61DKJ7EKJ0ES9VE456XF5JG"
PET = [{"id": 1, "name": "pet_id", "type": "string"}, {"id": 2, "name": "age", "type": "int"}]


def body(type: str, *, id: str | None = None, **attributes: Any) -> Any:
    """A body with attributes."""
    named = {} if id is None else {"id": id}
    return {"data": {"type": type, **named, "attributes": attributes}}


def schema(**attributes: Any) -> Any:
    """An object schema as it is embedded in the body of an object type."""
    return body("object-schema", **{"properties": PET, **attributes})


def make_source(client: Client, title: str = "Shop") -> str:
    """The id of a new data source."""
    return client.post("/api/data-sources", body("data-source", title=title))["data"]["id"]


def make_type(client: Client, title: str = "Pet", **attributes: Any) -> str:
    """The id of a new object type; the attributes are its schema's."""
    made = client.post("/api/object-types", body("object-type", title=title, **{"object-schema": schema(**attributes)}))
    return made["data"]["id"]


def make_version(client: Client, type_id: str, **attributes: Any) -> Any:
    """The body of a further version of a schema."""
    made = body("object-schema", **{"title": "Pet", "properties": PET, **attributes})
    made["data"]["relationships"] = {"object-type": {"data": {"type": "object-type", "id": type_id}}}
    return made


def schema_id(client: Client, type_id: str, name: str = "draft-schema") -> str:
    """The id of a type's draft, or of its current schema."""
    return client.get(f"/api/object-types/{type_id}/relationships/{name}")["data"]["id"]


def change(client: Client, id: str, **attributes: Any) -> Any:
    """The schema, changed."""
    response = client.call("PATCH", f"/api/object-schemas/{id}", body("object-schema", id=id, **attributes))
    assert 200 == response.status, response.document
    return response.document["data"]


def relate(client: Client, id: str, related: str, **meta: Any) -> None:
    """Let a schema lead to another, or to profiles."""
    is_profile = related == "profile"
    name = "profile-object-schemas" if is_profile else "object-schemas"
    data = [{"type": name.removesuffix("s"), "id": related, "meta": meta}]
    client.post(f"/api/object-schemas/{id}/relationships/{name}", {"data": data})


def relationships(client: Client, id: str, name: str = "profile-object-schemas") -> Any:
    """What a schema leads to."""
    return client.get(f"/api/object-schemas/{id}/relationships/{name}")["data"]


@pytest.fixture
def pet(client: Client) -> str:
    """The id of an object type with a draft schema."""
    return make_type(client)


@pytest.fixture
def draft(client: Client, pet: str) -> str:
    """The id of that draft."""
    return schema_id(client, pet)


# data sources


def test_a_data_source_gets_klaviyos_defaults(client):
    made = client.post("/api/data-sources", body("data-source", title="Shop"))

    expected = {"title": "Shop", "visibility": "private", "description": "", "namespace": "custom-objects"}
    assert expected == made["data"]["attributes"]


def test_a_data_source_is_read_listed_and_deleted(client):
    first, second = make_source(client, "One"), make_source(client, "Two")

    page = client.get("/api/data-sources", **{"page[size]": "1"})
    assert [first] == [each["id"] for each in page["data"]]
    cursor = page["links"]["next"]
    rest = client.get("/api/data-sources", **{"page[size]": "1", "page[cursor]": cursor})
    assert [second] == [each["id"] for each in rest["data"]]
    assert "One" == client.get(f"/api/data-sources/{first}")["data"]["attributes"]["title"]
    assert 204 == client.call("DELETE", f"/api/data-sources/{first}").status
    status, problem = client.error("GET", f"/api/data-sources/{first}")
    assert (404, f"Data source with ID {first} not found.") == (status, problem["detail"])


def test_a_title_is_unique_within_its_namespace(client):
    make_source(client)

    status, problem = client.error("POST", "/api/data-sources", body("data-source", title="Shop"))
    other = client.call("POST", "/api/data-sources", body("data-source", title="Shop", namespace="other"))

    assert (409, "/data/attributes/title", 201) == (status, problem["source"]["pointer"], other.status)


@pytest.mark.parametrize("title", ["", "x" * 256])
def test_a_title_has_1_to_255_characters(client, title):
    status, problem = client.error("POST", "/api/data-sources", body("data-source", title=title))

    assert (400, "/data/attributes/title") == (status, problem["source"]["pointer"])
    assert [] == client.get("/api/data-sources")["data"]


# object types


def test_an_object_type_begins_with_a_draft_and_an_empty_mapping(client):
    made = client.post("/api/object-types", body("object-type", title="Pet", description="Lives at home"))["data"]
    draft = client.get(f"/api/object-types/{made['id']}/draft-schema")["data"]
    mapping = client.get(f"/api/object-schemas/{draft['id']}/source-mapping")["data"]

    assert ("draft", "custom-objects") == (made["attributes"]["status"], made["attributes"]["namespace"])
    assert draft["id"] == made["relationships"]["draft-schema"]["data"]["id"]
    assert ("Pet", "Lives at home", [], [], None) == tuple(
        draft["attributes"][name] for name in ("title", "description", "properties", "required", "published_at")
    )
    assert {"property_mappings": [], "relationship_mappings": []} == mapping["attributes"]


def test_an_object_type_can_begin_with_an_active_schema(client):
    id = make_type(client, status="active", required=["pet_id"])

    found = client.get(f"/api/object-types/{id}", include="current-schema,draft-schema,schema-versions")
    (included,) = found["included"]
    assert "active" == found["data"]["attributes"]["status"] == included["attributes"]["status"]
    assert "2026-01-01T00:00:00+00:00" == included["attributes"]["published_at"]
    assert "data" not in found["data"]["relationships"]["draft-schema"]
    assert "meta" not in found["data"]["attributes"]


def test_object_types_are_filtered_by_namespace_and_include_their_schemas(client, pet):
    app = {"title": "Card", "namespace": f"applications/{UNKNOWN}"}
    card = client.post("/api/object-types", body("object-type", **app))["data"]["id"]

    found = client.get("/api/object-types", filter="equals(namespace,'custom-objects')", include="draft-schema")

    assert [pet] == [each["id"] for each in found["data"]]
    assert ["Pet"] == [each["attributes"]["title"] for each in found["included"]]
    assert [pet, card] == [each["id"] for each in client.get("/api/object-types")["data"]]


def test_a_list_that_has_no_pages_links_to_none(client, pet):
    assert {"self": "https://a.klaviyo.com/api/object-types"} == client.get("/api/object-types")["links"]


def test_a_deleted_object_type_takes_its_schemas_along(client, pet, draft):
    assert 204 == client.call("DELETE", f"/api/object-types/{pet}").status

    status, problem = client.error("GET", f"/api/object-types/{pet}")
    assert (404, f"object-type with id `{pet}` does not exist.") == (status, problem["detail"])
    status, problem = client.error("GET", f"/api/object-schemas/{draft}")
    assert (404, f"object-schema with id `{draft}` does not exist.") == (status, problem["detail"])


@pytest.mark.parametrize(
    ("attributes", "status", "pointer"),
    [
        ({"title": "Pet"}, 409, "/data/attributes/title"),
        ({"title": ""}, 400, "/data/attributes/title"),
        ({"title": "A", "namespace": "elsewhere"}, 400, "/data/attributes/namespace"),
        (
            {"title": "A", "object-schema": schema(required=["colour"])},
            400,
            "/data/attributes/object-schema/data/attributes/required/0",
        ),
        (
            {"title": "A", "object-schema": schema(properties=[*PET, PET[0]])},
            400,
            "/data/attributes/object-schema/data/attributes/properties/2/id",
        ),
        (
            {"title": "A", "object-schema": schema(properties=[{"id": 0, "name": "a", "type": "int"}])},
            400,
            "/data/attributes/object-schema/data/attributes/properties/0/id",
        ),
    ],
)
def test_an_object_type_that_cannot_be_is_refused_and_nothing_kept(client, pet, attributes, status, pointer):
    found, problem = client.error("POST", "/api/object-types", body("object-type", **attributes))

    assert (status, pointer) == (found, problem["source"]["pointer"])
    assert [pet] == [each["id"] for each in client.get("/api/object-types")["data"]]


# schemas


def test_a_draft_is_changed_and_the_type_is_called_as_it(client, pet, draft):
    changed = change(client, draft, title="Animal", properties=PET[:1], required=["pet_id"], description=None)

    assert ("Animal", ["pet_id"], "draft") == tuple(
        changed["attributes"][name] for name in ("title", "required", "status")
    )
    assert [{**PET[0], "description": ""}] == changed["attributes"]["properties"]
    assert "Animal" == client.get(f"/api/object-types/{pet}")["data"]["attributes"]["title"]


def test_a_published_schema_is_current_and_no_draft_any_more(client, pet, draft):
    assert "active" == change(client, draft, status="active")["attributes"]["status"]

    assert draft == schema_id(client, pet, "current-schema")
    assert draft == client.get(f"/api/object-types/{pet}/current-schema")["data"]["id"]
    for path in ("draft-schema", "relationships/draft-schema"):
        status, problem = client.error("GET", f"/api/object-types/{pet}/{path}")
        assert (404, f"object-type with id `{pet}` has no draft-schema.") == (status, problem["detail"])


def test_only_a_draft_can_be_changed(client, draft):
    change(client, draft, status="active")

    assert 400 == client.error("PATCH", f"/api/object-schemas/{draft}", body("object-schema", id=draft, title="A"))[0]
    assert (
        400 == client.error("PATCH", f"/api/object-schemas/{draft}", body("object-schema", id=draft, status="draft"))[0]
    )
    assert "active" == change(client, draft, status="active")["attributes"]["status"]


def test_a_further_version_is_a_draft_until_it_takes_the_place_of_the_current_one(client, pet, draft):
    change(client, draft, status="active")
    version = client.post("/api/object-schemas", make_version(client, pet, title="Animal"))["data"]

    assert ("draft", "Pet") == (
        version["attributes"]["status"],
        client.get(f"/api/object-types/{pet}")["data"]["attributes"]["title"],
    )
    change(client, version["id"], status="active")
    versions = client.get(f"/api/object-types/{pet}/schema-versions")["data"]
    assert {draft: "undefined", version["id"]: "active"} == {
        each["id"]: each["attributes"]["status"] for each in versions
    }
    assert [draft, version["id"]] == [
        each["id"] for each in client.get(f"/api/object-types/{pet}/relationships/schema-versions")["data"]
    ]
    assert "Animal" == client.get(f"/api/object-types/{pet}")["data"]["attributes"]["title"]


def test_a_type_has_one_draft_at_a_time(client, pet):
    assert 409 == client.error("POST", "/api/object-schemas", make_version(client, pet))[0]

    assert 1 == len(client.get(f"/api/object-types/{pet}/schema-versions")["data"])


def test_a_schema_of_an_unknown_type_is_refused_in_klaviyos_words(client):
    status, problem = client.error("POST", "/api/object-schemas", make_version(client, UNKNOWN))

    assert (404, f"object-type with id `{UNKNOWN}` does not exist") == (status, problem["detail"])


def test_a_schema_must_name_its_type(client):
    status, problem = client.error("POST", "/api/object-schemas", body("object-schema", title="A", properties=[]))

    assert (400, "/data/relationships/object-type") == (status, problem["source"]["pointer"])


# source mappings


def property_mapping(source: str, id: int, path: str) -> Any:
    """A property that comes out of a record."""
    return {"id": id, "type": "simple", "source": {"source_id": source, "id_path": "$['id']", "data_path": path}}


def change_mapping(client: Client, draft: str, **attributes: Any) -> Any:
    """The answer to a change of a schema's mapping."""
    id = client.get(f"/api/object-schemas/{draft}/relationships/source-mapping")["data"]["id"]
    return client.call("PATCH", f"/api/source-mappings/{id}", body("source-mapping", id=id, **attributes))


def test_a_mapping_is_changed_part_by_part(client, draft):
    source = make_source(client)
    relate(client, draft, "profile", name="owner")
    (owner,) = relationships(client, draft)
    link = {"source_id": source, "type": "profile", "id_path": "$.id"}
    link["related_id_paths"] = [{"identifier_type": "email", "path": "$.email"}]
    properties = [property_mapping(source, 1, "$['id']"), {"id": 2, "type": "constant", "value": 7}]
    links = [{"relationship_id": owner["meta"]["relationship_id"], "type": "simple", "source": link}]

    assert 200 == change_mapping(client, draft, property_mappings=properties).status
    changed = change_mapping(client, draft, relationship_mappings=links).document["data"]

    assert {"property_mappings": properties, "relationship_mappings": links} == changed["attributes"]
    assert changed["attributes"] == client.get(f"/api/source-mappings/{changed['id']}")["data"]["attributes"]


def test_a_mapping_names_what_is_there_and_its_paths_can_be_read(client, draft):
    source = make_source(client)
    wrong = [
        property_mapping(source, 3, "$.id"),
        property_mapping(UNKNOWN, 1, "$.id"),
        property_mapping(source, 1, "id"),
        property_mapping(source, 2, "$..id"),
    ]
    link = {"source_id": source, "type": "custom-object", "id_path": "$.id", "related_id_path": "$["}

    response = change_mapping(
        client,
        draft,
        property_mappings=wrong,
        relationship_mappings=[{"relationship_id": UNKNOWN, "type": "simple", "source": link}],
    )

    assert 400 == response.status
    assert [
        "/data/attributes/property_mappings/0/id",
        "/data/attributes/property_mappings/1/source/source_id",
        "/data/attributes/property_mappings/2/id",
        "/data/attributes/property_mappings/2/source/data_path",
        "/data/attributes/property_mappings/3/source/data_path",
        "/data/attributes/relationship_mappings/0/relationship_id",
        "/data/attributes/relationship_mappings/0/source/related_id_path",
    ] == [each["source"]["pointer"] for each in response.document["errors"]]


def test_an_unknown_mapping_is_told_in_klaviyos_words(client):
    status, problem = client.error("GET", f"/api/source-mappings/{UNKNOWN}")

    assert (404, f"source-mapping with id `{UNKNOWN}` does not exist.") == (status, problem["detail"])


def test_a_property_that_is_dropped_is_mapped_no_more(client, draft):
    change_mapping(client, draft, property_mappings=[{"id": 2, "type": "constant", "value": 7}])
    change(client, draft, properties=PET[:1])

    mapping = client.get(f"/api/object-schemas/{draft}/source-mapping")["data"]
    assert [] == mapping["attributes"]["property_mappings"]


# relationships


def test_a_draft_leads_to_profiles(client, pet, draft):
    relate(client, draft, "profile", name="owner", description="Who feeds it")

    (owner,) = relationships(client, draft)
    assert ("profile-object-schema", "profile:::owner") == (owner["type"], owner["id"])
    assert {"name": "owner", "description": "Who feeds it"}.items() <= owner["meta"].items()
    (type_owner,) = client.get(f"/api/object-types/{pet}/relationships/profile-object-types")["data"]
    assert ("profile-object-type", "profile:::owner") == (type_owner["type"], type_owner["id"])


def test_a_draft_leads_to_other_schemas(client, pet, draft):
    vet = make_type(client, "Vet")
    vet_schema = schema_id(client, vet)
    relate(client, draft, vet_schema, name="doctors")

    (doctor,) = relationships(client, draft, "object-schemas")
    assert ("object-schema", f"{vet_schema}:::doctors") == (doctor["type"], doctor["id"])
    (type_doctor,) = client.get(f"/api/object-types/{pet}/relationships/object-types")["data"]
    assert ("object-type", f"{vet}:::doctors") == (type_doctor["type"], type_doctor["id"])
    assert [] == relationships(client, vet_schema, "object-schemas")


def test_included_relationships_tell_of_themselves(client, pet, draft):
    relate(client, draft, "profile", name="owner")

    found = client.get(f"/api/object-schemas/{draft}", include="profile-object-schemas,source-mapping,object-schemas")
    (mapping, owner) = found["included"]
    assert "source-mapping" == mapping["type"]
    assert relationships(client, draft)[0]["meta"] == owner["attributes"]["meta"]
    assert [{"type": owner["type"], "id": owner["id"]}] == found["data"]["relationships"]["profile-object-schemas"][
        "data"
    ]
    of_type = client.get(f"/api/object-types/{pet}", include="profile-object-types,object-types")
    assert ["profile:::owner"] == [each["id"] for each in of_type["included"]]


def relationship_change(client: Client, method: str, draft: str, **meta: Any) -> Any:
    """The answer to a change of a draft's relationship to profiles."""
    data = {"type": "profile-object-schema", "id": "profile", "meta": meta}
    path = f"/api/object-schemas/{draft}/relationships/profile-object-schemas"
    return client.call(method, path, {"data": data if method == "PATCH" else [data]})


def test_a_relationship_is_renamed_and_removed(client, draft):
    relate(client, draft, "profile", name="owner", description="Who feeds it")
    id = relationships(client, draft)[0]["meta"]["relationship_id"]

    assert 204 == relationship_change(client, "PATCH", draft, relationship_id=id, name="friend").status
    (friend,) = relationships(client, draft)
    assert {"relationship_id": id, "name": "friend", "description": "Who feeds it"} == friend["meta"]
    assert 204 == relationship_change(client, "DELETE", draft, relationship_id=id).status
    assert [] == relationships(client, draft)
    assert 404 == relationship_change(client, "DELETE", draft, relationship_id=id).status


def test_a_relationship_to_a_schema_is_renamed_and_removed(client, draft):
    vet = schema_id(client, make_type(client, "Vet"))
    relate(client, draft, vet, name="doctors")
    (doctor,) = relationships(client, draft, "object-schemas")
    data = {"type": "object-schema", "id": vet, "meta": {"relationship_id": doctor["meta"]["relationship_id"]}}
    path = f"/api/object-schemas/{draft}/relationships/object-schemas"

    renamed = {**data, "meta": {**data["meta"], "name": "vets"}}
    assert 204 == client.call("PATCH", path, {"data": renamed}).status
    assert [f"{vet}:::vets"] == [each["id"] for each in relationships(client, draft, "object-schemas")]
    assert 204 == client.call("DELETE", path, {"data": [data]}).status
    assert [] == relationships(client, draft, "object-schemas")


def test_the_name_of_a_relationship_is_taken_once(client, draft):
    relate(client, draft, "profile", name="owner")

    response = relationship_change(client, "POST", draft, name="owner")

    assert (409, 1) == (response.status, len(relationships(client, draft)))


def test_an_active_schema_gets_no_further_relationship(client, draft):
    change(client, draft, status="active")

    assert (400, []) == (relationship_change(client, "POST", draft, name="a").status, relationships(client, draft))


@pytest.mark.parametrize("name", ["object-schemas", "profile-object-schemas"])
def test_the_relationships_of_an_unknown_schema_are_told_as_404_where_klaviyo_fails(client, name):
    status, problem = client.error("GET", f"/api/object-schemas/{UNKNOWN}/relationships/{name}")

    assert (404, f"object-schema with id `{UNKNOWN}` does not exist.") == (status, problem["detail"])


def test_an_unknown_related_schema_is_told_before_an_unknown_schema(client):
    data = [{"type": "object-schema", "id": "01K61DKJ7EKJ0ES9VE456XF5JK", "meta": {"name": "a"}}]
    status, problem = client.error(
        "POST", f"/api/object-schemas/{UNKNOWN}/relationships/object-schemas", {"data": data}
    )

    assert (404, "object-schema with id `01K61DKJ7EKJ0ES9VE456XF5JK` does not exist.") == (status, problem["detail"])
