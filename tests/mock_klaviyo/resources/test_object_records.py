"""Object records: what becomes of a data source's records, and what the logs tell of those that do not fit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mock_klaviyo.resources.record_links import records_of_profile
from tests.calling import Client, profile
from tests.conftest import START
from tests.mock_klaviyo.resources.test_custom_objects import (
    UNKNOWN,
    body,
    change,
    change_mapping,
    make_source,
    make_type,
    make_version,
    property_mapping,
    relate,
    relationships,
    schema_id,
)

PROPERTIES = [
    {"id": 1, "name": "pet_id", "type": "string"},
    {"id": 2, "name": "age", "type": "int"},
    {"id": 3, "name": "weight", "type": "float"},
    {"id": 4, "name": "is_tame", "type": "boolean"},
    {"id": 5, "name": "born", "type": "timestamp"},
]


@pytest.fixture
def source(client: Client) -> str:
    """The id of a data source."""
    return make_source(client)


@pytest.fixture
def pet(client: Client, source: str) -> str:
    """The id of an active object type whose properties come from the source, each by its own name."""
    mappings = [property_mapping(source, each["id"], f"$.{each['name']}") for each in PROPERTIES[1:]]
    mappings = [property_mapping(source, 1, "$.id"), *mappings]
    mapping = {"data": {"type": "source-mapping", "attributes": {"property_mappings": mappings}}}
    attributes = {
        "properties": PROPERTIES,
        "required": ["pet_id", "age"],
        "status": "active",
        "source-mapping": mapping,
    }
    return make_type(client, **attributes)


def send(client: Client, source: str, *records: Any) -> int:
    """The status of sending records in one request."""
    data = [{"type": "data-source-record", "attributes": {"record": record}} for record in records]
    return client.call("POST", "/api/data-source-record-bulk-create-jobs", job(source, data)).status


def job(source: str, data: Any) -> Any:
    """The body of a job that takes in one record, or many."""
    name = "data-source-records" if isinstance(data, list) else "data-source-record"
    type = f"data-source-record-{'bulk-' if isinstance(data, list) else ''}create-job"
    related = {"data-source": {"data": {"type": "data-source", "id": source}}}
    return {"data": {"type": type, "attributes": {name: {"data": data}}, "relationships": related}}


def records(client: Client, type_id: str) -> dict[str, Any]:
    """The records of a type: their properties by their own ids."""
    found = client.get(f"/api/object-types/{type_id}/object-records", **{"page[size]": "100"})["data"]
    return {each["id"].partition(":::")[2]: each["attributes"]["record_properties"] for each in found}


def logs(client: Client, type_id: str, **query: str) -> list[Any]:
    """What the logs of a type hold."""
    return client.get(f"/api/object-types/{type_id}/object-ingestion-logs", **query)["data"]


def test_a_record_becomes_an_object_record(client, source, pet):
    record = {"id": "rex", "age": 3, "weight": 12, "is_tame": True, "born": "2023-01-01T00:00:00Z", "colour": "red"}
    data = {"type": "data-source-record", "attributes": {"record": record}}

    response = client.call("POST", "/api/data-source-record-create-jobs", job(source, data))

    assert (204, b"") == (response.status, response.body)
    found = client.get(f"/api/object-records/{pet}:::rex")["data"]
    expected = {"pet_id": "rex", "age": 3, "weight": 12, "is_tame": True, "born": "2023-01-01T00:00:00Z"}
    assert expected == found["attributes"]["record_properties"]
    assert f"https://a.klaviyo.com/api/object-records/{pet}:::rex/" == found["links"]["self"]


def test_records_have_pages(client, source, pet):
    send(client, source, *({"id": f"pet-{number}", "age": number} for number in range(5)))

    for path in ("object-records", "relationships/object-records"):
        first = client.get(f"/api/object-types/{pet}/{path}", **{"page[size]": "3"})
        cursor = first["links"]["next"]
        rest = client.get(f"/api/object-types/{pet}/{path}", **{"page[size]": "3", "page[cursor]": cursor})
        ids = [each["id"] for each in [*first["data"], *rest["data"]]]
        assert [f"{pet}:::pet-{number}" for number in range(5)] == ids


def test_a_record_that_comes_again_replaces_what_its_source_said(client, source, pet):
    send(client, source, {"id": "rex", "age": 3, "weight": 12.5}, {"id": "rex", "age": 4})

    assert {"rex": {"pet_id": "rex", "age": 4}} == records(client, pet)


def test_several_sources_make_one_record(client, source, pet):
    scales = make_source(client, "Scales")
    mapping = client.get(f"/api/object-schemas/{schema_id(client, pet, 'current-schema')}/source-mapping")["data"]
    kept = [each for each in mapping["attributes"]["property_mappings"] if each["id"] not in (3, 4)]
    weight = {"source_id": scales, "id_path": "$.weighed[*].pet", "data_path": "$.weighed[*].kilos"}
    mappings = [*kept, {"id": 3, "type": "simple", "source": weight}, {"id": 4, "type": "constant", "value": True}]
    assert 200 == change_mapping(client, schema_id(client, pet, "current-schema"), property_mappings=mappings).status

    send(client, source, {"id": "rex", "age": 3}, {"id": "tom", "age": 9})
    send(client, scales, {"weighed": [{"pet": "rex", "kilos": 12.5}, {"pet": "tom"}]})

    assert {
        "rex": {"pet_id": "rex", "age": 3, "weight": 12.5, "is_tame": True},
        "tom": {"pet_id": "tom", "age": 9, "is_tame": True},
    } == records(client, pet)


def test_what_came_before_a_schema_is_published_becomes_records_then(client, source):
    type_id = make_type(client, "Toy")
    draft = schema_id(client, type_id)
    change_mapping(client, draft, property_mappings=[property_mapping(source, 1, "$.name")])
    send(client, source, {"id": "ball", "name": "Ball"})

    assert {} == records(client, type_id)
    change(client, draft, status="active")
    assert {"ball": {"pet_id": "Ball"}} == records(client, type_id)


@pytest.mark.parametrize(
    ("property", "value", "code"),
    [
        ("pet_id", 7, "string_type"),
        ("age", "3", "int_type"),
        ("age", 3.5, "int_type"),
        ("age", True, "int_type"),
        ("weight", "12", "float_type"),
        ("is_tame", 1, "bool_type"),
        ("born", "yesterday", "datetime_type"),
    ],
)
def test_a_value_of_the_wrong_type_is_logged_and_makes_no_record(client, source, pet, property, value, code):
    mappings = [property_mapping(source, each["id"], f"$.{each['name']}") for each in PROPERTIES]
    change_mapping(client, schema_id(client, pet, "current-schema"), property_mappings=mappings)

    assert 204 == send(client, source, {"id": "rex", "pet_id": "rex", "age": 3, property: value})

    (entry,) = logs(client, pet)
    (found,) = entry["attributes"]["errors"]
    assert (code, property) == (found["code"], found["property"])
    assert {} == records(client, pet)


def test_a_log_tells_all_that_is_wrong_with_a_record(client, source, pet):
    send(client, source, {"id": "A3LD92", "weight": ["heavy"]})

    (entry,) = logs(client, pet)
    assert {
        "status": "error",
        "event_type": "validation_error",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "summary": "2 validation errors for A3LD92",
        "errors": [
            {"code": "missing", "message": "Field required", "property": "age", "invalid_value": None},
            {
                "code": "float_type",
                "message": "Input should be a valid number",
                "property": "weight",
                "invalid_value": '["heavy"]',
            },
        ],
    } == entry["attributes"]
    assert f"{pet}:::A3LD92" == entry["relationships"]["object-record"]["data"]["id"]


def test_a_record_without_an_id_is_logged_without_a_record(client, source, pet):
    send(client, source, {"age": 3}, {"id": {"a": 1}, "age": 3}, {"id": True, "age": 3})

    found = logs(client, pet)
    assert ["1 validation error for a record without an id"] * 3 == [each["attributes"]["summary"] for each in found]
    assert "data" not in found[0]["relationships"]["object-record"]


def test_logs_include_the_type_and_the_record_that_is_there(client, source, pet):
    send(client, source, {"id": "rex", "age": 3}, {"id": "rex", "age": "old"}, {"id": "tom", "age": "old"})

    path = f"/api/object-types/{pet}/object-ingestion-logs"
    included = client.get(path, include="object-type,object-record")["included"]
    assert {("object-type", pet), ("object-record", f"{pet}:::rex")} == {
        (each["type"], each["id"]) for each in included
    }


def test_logs_are_filtered(client, klaviyo, source, pet):
    send(client, source, {"id": "rex"})
    klaviyo.move_clock(START + timedelta(hours=2))
    send(client, source, {"id": "tom"})

    filters = {
        "equals(record_id,'rex')": ["rex"],
        "any(status,['error','info']),any(event_type,['validation_error'])": ["tom", "rex"],
        "equals(status,'info')": [],
        "greater-or-equal(timestamp,2026-01-01T01:00:00Z)": ["tom"],
        "less-than(timestamp,2026-01-01T02:00:00Z)": ["rex"],
    }
    for text, expected in filters.items():
        found = [each["attributes"]["summary"].split()[-1] for each in logs(client, pet, filter=text)]
        assert expected == found, text


def test_logs_are_kept_for_14_days(client, klaviyo, source, pet):
    send(client, source, {"id": "rex"})

    klaviyo.move_clock(START + timedelta(days=14))
    assert 1 == len(logs(client, pet))
    klaviyo.move_clock(START + timedelta(days=14, seconds=1))
    assert [] == logs(client, pet)


def test_logs_have_pages_of_50_newest_first(client, source, pet):
    send(client, source, *({"id": str(number)} for number in range(60)))

    for path in ("object-ingestion-logs", "relationships/object-ingestion-logs"):
        first = client.get(f"/api/object-types/{pet}/{path}")
        rest = client.get(f"/api/object-types/{pet}/{path}", **{"page[cursor]": first["links"]["next"]})
        assert (50, 10) == (len(first["data"]), len(rest["data"]))
    summaries = [each["attributes"]["summary"].split()[-1] for each in logs(client, pet)]
    assert ["59", "58"] == summaries[:2]


def test_a_page_size_of_logs_cannot_be_chosen(client, pet):
    status, problem = client.error("GET", f"/api/object-types/{pet}/object-ingestion-logs", **{"page[size]": "10"})

    assert (400, "page[size]") == (status, problem["source"]["parameter"])


@pytest.mark.parametrize("revision", ["2025-07-15", "2025-10-15", "2026-01-15", "2026-04-15"])
def test_older_revisions_take_in_records_too(klaviyo, revision):
    older, newest = Client(klaviyo, {"revision": revision}), Client(klaviyo)
    attributes = {"title": "Shop", "visibility": "private", "description": ""}
    source = older.post("/api/data-sources", body("data-source", **attributes))["data"]["id"]
    mapping = {
        "data": {"type": "source-mapping", "attributes": {"property_mappings": [property_mapping(source, 1, "$.id")]}}
    }
    type_id = make_type(newest, **{"status": "active", "source-mapping": mapping})

    assert 204 == send(older, source, {"id": "rex"})

    assert [source] == [each["id"] for each in older.get("/api/data-sources")["data"]]
    assert {"rex": {"pet_id": "rex"}} == records(newest, type_id)


# limits and refusals


def test_a_request_takes_500_records(client, source, pet):
    assert 204 == send(client, source, *({"id": str(number), "age": 1} for number in range(500)))
    assert 400 == send(client, source, *({"id": f"x{number}", "age": 1} for number in range(501)))
    assert "x0" not in records(client, pet)


def test_a_record_may_have_512_kilobytes(client, source, pet):
    assert 204 == send(client, source, {"id": "rex", "age": 1, "x": "x" * 500_000})
    data = [
        {"type": "data-source-record", "attributes": {"record": {"id": str(each), "x": "x" * each}}}
        for each in (1, 530_000)
    ]
    status, problem = client.error("POST", "/api/data-source-record-bulk-create-jobs", job(source, data))

    assert (400, "/data/attributes/data-source-records/data/1") == (status, problem["source"]["pointer"])


def test_a_record_may_be_nested_100_levels_deep(client, source, pet):
    deep: Any = "x"
    for _ in range(99):
        deep = [deep]

    assert 204 == send(client, source, {"id": "rex", "age": 1, "x": deep})
    assert 400 == send(client, source, {"id": "tom", "age": 1, "x": [deep]})
    assert ["rex"] == [*records(client, pet)]


def test_records_of_an_unknown_source_are_refused(client):
    data = [{"type": "data-source-record", "attributes": {"record": {}}}]
    status, problem = client.error("POST", "/api/data-source-record-bulk-create-jobs", job(UNKNOWN, data))

    assert (404, f"Data source with ID {UNKNOWN} not found.") == (status, problem["detail"])


def test_records_must_name_their_source(client, source):
    body = job(source, [])
    del body["data"]["relationships"]

    status, problem = client.error("POST", "/api/data-source-record-bulk-create-jobs", body)

    assert (400, "/data/relationships/data-source") == (status, problem["source"]["pointer"])


@pytest.mark.parametrize(
    "path",
    [
        f"object-records/{UNKNOWN}:::rex",
        f"object-types/{UNKNOWN}/object-records",
        f"object-types/{UNKNOWN}/object-ingestion-logs",
    ],
)
def test_an_unknown_type_is_told_in_klaviyos_words(client, path):
    status, problem = client.error("GET", f"/api/{path}")

    assert (404, f"Object type `{UNKNOWN}` not found") == (status, problem["detail"])


def test_records_of_a_deleted_source_stay_and_it_takes_in_no_more(client, source, pet):
    send(client, source, {"id": "rex", "age": 3})
    client.call("DELETE", f"/api/data-sources/{source}")

    assert (404, ["rex"]) == (send(client, source, {"id": "tom", "age": 3}), [*records(client, pet)])


# deleting


def delete(client: Client, *ids: str) -> Any:
    """The answer to a job that deletes records."""
    data = [{"type": "object-record", "id": id} for id in ids]
    related = {"object-records": {"data": data}}
    return client.call(
        "POST",
        "/api/object-record-bulk-delete-jobs",
        {"data": {"type": "object-record-bulk-delete-job", "relationships": related}},
    )


def test_records_are_deleted_and_unknown_ones_do_no_harm(client, source, pet):
    send(client, source, {"id": "rex", "age": 3}, {"id": "tom", "age": 9})

    response = delete(client, f"{pet}:::rex", f"{pet}:::nobody")

    assert (202, b"", ["tom"]) == (response.status, response.body, [*records(client, pet)])
    assert 404 == client.error("GET", f"/api/object-records/{pet}:::rex")[0]


def test_a_deleted_record_comes_back_with_a_new_record_only(client, source, pet):
    send(client, source, {"id": "rex", "age": 3})
    delete(client, f"{pet}:::rex")
    mapping = [property_mapping(source, 1, "$.id"), property_mapping(source, 2, "$.age")]
    change_mapping(client, schema_id(client, pet, "current-schema"), property_mappings=mapping)
    assert {} == records(client, pet)

    send(client, source, {"id": "rex", "age": 4})
    assert {"rex": {"pet_id": "rex", "age": 4}} == records(client, pet)


def test_nothing_is_deleted_when_a_type_is_unknown_or_there_are_too_many(client, source, pet):
    send(client, source, {"id": "rex", "age": 3})

    unknown = delete(client, f"{pet}:::rex", f"{UNKNOWN}:::rex")
    many = delete(client, *(f"{pet}:::rex" for _ in range(501)))

    assert (404, f"Object type `{UNKNOWN}` not found") == (unknown.status, unknown.document["errors"][0]["detail"])
    assert (400, ["rex"]) == (many.status, [*records(client, pet)])


def test_a_deleted_type_takes_its_records_along(client, source, pet):
    send(client, source, {"id": "rex", "age": 3})
    client.call("DELETE", f"/api/object-types/{pet}")

    assert 404 == client.error("GET", f"/api/object-records/{pet}:::rex")[0]


# what records lead to


def related(client: Client, source: str, *, update_strategy: str) -> tuple[str, str]:
    """The ids of a type whose records lead to profiles by email address, and of that relationship."""
    type_id = make_type(client, "Walk", required=[])
    draft = schema_id(client, type_id)
    relate(client, draft, "profile", name="walkers")
    id = relationships(client, draft)[0]["meta"]["relationship_id"]
    link = {"source_id": source, "type": "profile", "id_path": "$.id", "update_strategy": update_strategy}
    link["related_id_paths"] = [{"identifier_type": "email", "path": "$.walkers[*]"}]
    change_mapping(
        client,
        draft,
        property_mappings=[property_mapping(source, 1, "$.id")],
        relationship_mappings=[{"relationship_id": id, "type": "simple", "source": link}],
    )
    change(client, draft, status="active")
    return type_id, id


def walks_of(klaviyo: Any, relationship_id: str, email: str) -> list[str]:
    """The records that lead to a profile, by their own ids."""
    row = klaviyo.store.first("profile", email=email)
    return [id.partition(":::")[2] for id in records_of_profile(klaviyo.world, relationship_id, row)]


def test_a_record_leads_to_a_profile_that_comes_into_being_later(client, klaviyo, source):
    _, id = related(client, source, update_strategy="additive")
    send(
        client,
        source,
        {"id": "1", "walkers": ["Anna@example.org", 7, None]},
        {"id": "2", "walkers": ["anna@example.org"]},
    )

    client.post("/api/profiles", profile(email="anna@example.org"))

    assert ["1", "2"] == walks_of(klaviyo, id, "anna@example.org")


@pytest.mark.parametrize(("update_strategy", "expected"), [("additive", ["1"]), ("replace_from_origin", [])])
def test_a_record_that_comes_again_adds_to_or_replaces_what_it_leads_to(
    client, klaviyo, source, update_strategy, expected
):
    _, id = related(client, source, update_strategy=update_strategy)
    client.post("/api/profiles", profile(email="anna@example.org"))

    send(client, source, {"id": "1", "walkers": ["anna@example.org"]})
    send(client, source, {"id": "1", "walkers": ["ben@example.org"]})

    assert expected == walks_of(klaviyo, id, "anna@example.org")


def test_a_deleted_record_leads_nowhere(client, klaviyo, source):
    type_id, id = related(client, source, update_strategy="additive")
    client.post("/api/profiles", profile(email="anna@example.org"))
    send(client, source, {"id": "1", "walkers": ["anna@example.org"]})

    delete(client, f"{type_id}:::1")

    assert [] == walks_of(klaviyo, id, "anna@example.org")


def test_a_changed_mapping_is_applied_to_what_came_before(client, source, pet):
    send(client, source, {"id": "rex", "age": 3, "years": 4})
    mapping = [property_mapping(source, 1, "$.id"), property_mapping(source, 2, "$.years")]

    change_mapping(client, schema_id(client, pet, "current-schema"), property_mappings=mapping)

    assert {"rex": {"pet_id": "rex", "age": 4}} == records(client, pet)


def test_a_new_version_is_applied_to_what_came_before(client, source, pet):
    send(client, source, {"id": "rex", "age": 3, "name": "Rex"})
    mappings = [property_mapping(source, 1, "$.id"), property_mapping(source, 6, "$.name")]
    attributes = {
        "properties": [PROPERTIES[0], {"id": 6, "name": "name", "type": "string"}],
        "status": "active",
        "source-mapping": {"data": {"type": "source-mapping", "attributes": {"property_mappings": mappings}}},
    }

    client.post("/api/object-schemas", make_version(client, pet, **attributes))

    assert {"rex": {"pet_id": "rex", "name": "Rex"}} == records(client, pet)
