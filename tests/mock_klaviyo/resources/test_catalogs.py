"""Catalogs: items, variants, categories, and the jobs that write many."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from tests.calling import reference, references, resource

NAMES = {"items": "catalog-item", "variants": "catalog-variant", "categories": "catalog-category"}
PATHS = {"items": "catalog-items", "variants": "catalog-variants", "categories": "catalog-categories"}


def composite(external_id):
    return f"$custom:::$default:::{external_id}"


def path(name, external_id, *rest):
    return "/".join(["/api", PATHS[name], quote(composite(external_id), safe=""), *rest])


def item(external_id="SHIRT", relationships=None, **attributes):
    needed = {"title": f"The {external_id}", "description": "Blue", "url": f"https://shop.test/{external_id}"}
    return resource("catalog-item", None, relationships, external_id=external_id, **needed | attributes)


def variant(external_id="SHIRT-M", of="SHIRT", **attributes):
    needed = {"title": f"The {external_id}", "description": "Blue", "url": f"https://shop.test/{external_id}"}
    needed |= {"sku": external_id, "inventory_quantity": 3, "price": 10.5}
    relationships = {"item": reference("catalog-item", composite(of))}
    return resource("catalog-variant", None, relationships, external_id=external_id, **needed | attributes)


def category(external_id="CLOTHES", relationships=None, **attributes):
    needed = {"name": f"All {external_id}"}
    return resource("catalog-category", None, relationships, external_id=external_id, **needed | attributes)


BODIES = {"items": item, "variants": variant, "categories": category}


def make(client, name, *args, **attributes):
    return client.post(f"/api/{PATHS[name]}", BODIES[name](*args, **attributes))["data"]["id"]


def tick(klaviyo, second):
    klaviyo.move_clock(datetime(2026, 1, 1, 0, 0, second, 123456, tzinfo=UTC))


# items


def test_an_item_shows_what_it_was_given_and_empties(client):
    id = make(client, "items", price=19.99)
    shown = client.get(path("items", "SHIRT"))["data"]

    assert "$custom:::$default:::SHIRT" == id == shown["id"]
    assert {
        "external_id": "SHIRT",
        "title": "The SHIRT",
        "description": "Blue",
        "price": 19.99,
        "url": "https://shop.test/SHIRT",
        "image_full_url": "",
        "image_thumbnail_url": "",
        "images": [],
        "custom_metadata": {},
        "published": True,
        "created": "2026-01-01T00:00:00+00:00",
        "updated": "2026-01-01T00:00:00+00:00",
    } == shown["attributes"]


@pytest.mark.parametrize("id", ["$custom:::$default:::SHIRT", "%24custom%3A%3A%3A%24default%3A%3A%3ASHIRT"])
def test_an_item_is_found_however_its_id_is_written(client, id):
    make(client, "items")

    assert composite("SHIRT") == client.get(f"/api/catalog-items/{id}")["data"]["id"]


def test_an_external_id_can_hold_anything(client):
    make(client, "items", "a/b c?é")

    shown = client.get(path("items", "a/b c?é"))["data"]
    assert "a/b c?é" == shown["attributes"]["external_id"]
    assert "https://a.klaviyo.com/api/catalog-items/$custom:::$default:::a%2Fb%20c%3F%C3%A9/" == shown["links"]["self"]


def test_times_have_milliseconds(client, klaviyo):
    tick(klaviyo, 1)
    make(client, "items")

    assert "2026-01-01T00:00:01.123000+00:00" == client.get(path("items", "SHIRT"))["data"]["attributes"]["created"]


def test_an_item_changes_where_it_is_told_to(client, klaviyo):
    make(client, "items", price=1, images=["https://a.test/1"], custom_metadata={"color": "blue"})
    tick(klaviyo, 1)
    body = resource("catalog-item", composite("SHIRT"), title="New", price=None, images=None, published=None)
    changed = client.patch(path("items", "SHIRT"), body)["data"]["attributes"]

    assert ("New", None, [], True) == tuple(changed[name] for name in ("title", "price", "images", "published"))
    assert ("Blue", {"color": "blue"}) == (changed["description"], changed["custom_metadata"])
    assert changed["created"] < changed["updated"]
    assert changed == client.get(path("items", "SHIRT"))["data"]["attributes"]


def test_an_item_is_deleted_with_its_variants(client):
    make(client, "items")
    make(client, "variants")
    client.delete(path("items", "SHIRT"))

    assert 404 == client.error("GET", path("items", "SHIRT"))[0]
    assert [] == client.ids("/api/catalog-variants")


def test_an_external_id_can_be_taken(client):
    make(client, "items")
    status, error = client.error("POST", "/api/catalog-items", item(title="Another"))

    assert (409, {"pointer": "/data/attributes"}) == (status, error["source"])
    assert "The SHIRT" == client.get(path("items", "SHIRT"))["data"]["attributes"]["title"]


def test_an_item_variant_and_category_can_share_an_external_id(client):
    make(client, "categories", "X")
    make(client, "items", "X", {"categories": [reference("catalog-category", composite("X"))]})
    make(client, "variants", "X", "X")
    client.delete(path("variants", "X"))

    assert [composite("X")] == client.ids(path("items", "X", "categories"))
    client.delete(path("categories", "X"))
    assert [] == client.ids(path("items", "X", "categories"))


def test_a_deleted_category_takes_no_other_links_with_it(client):
    for external_id in ("X", "Y"):
        make(client, "categories", external_id)
    make(client, "items", "X", {"categories": [reference("catalog-category", composite("Y"))]})
    client.delete(path("categories", "X"))

    assert [composite("Y")] == client.ids(path("items", "X", "categories"))


def test_items_are_filtered(client):
    make(client, "categories")
    inside = {"categories": [reference("catalog-category", composite("CLOTHES"))]}
    make(client, "items", "A", inside, title="Blue shirt")
    make(client, "items", "B", None, title="Red shirt", published=False)
    make(client, "items", "C", inside, title="Hat")

    def found(filter):
        return [id.rpartition(":::")[2] for id in client.ids("/api/catalog-items", filter=filter)]

    assert ["A", "B"] == found('contains(title,"shirt")')
    assert ["A", "C"] == found("equals(published,true)")
    assert ["B"] == found("equals(published,false)")
    assert ["A", "C"] == found(f'equals(category.id,"{composite("CLOTHES")}")')
    assert ["A", "B"] == found(f'any(ids,["{composite("A")}","{composite("B")}"])')
    assert ["A"] == found(f'equals(category.id,"{composite("CLOTHES")}"),contains(title,"shirt")')


def test_items_are_sorted_and_paged(client, klaviyo):
    for second, external_id in enumerate("ABC"):
        tick(klaviyo, second)
        make(client, "items", external_id)
    first = client.get("/api/catalog-items", sort="-created", **{"page[size]": "2"})
    second = client.ids("/api/catalog-items", sort="-created", **{"page[cursor]": first["links"]["next"]})

    assert [composite(each) for each in "CBA"] == [each["id"] for each in first["data"]] + second


def test_items_include_their_variants(client):
    make(client, "items")
    ids = [make(client, "variants", external_id) for external_id in ("SHIRT-M", "SHIRT-L")]
    shown = client.get(path("items", "SHIRT"), include="variants", **{"fields[catalog-variant]": "sku"})

    assert ids == [each["id"] for each in shown["data"]["relationships"]["variants"]["data"]]
    assert [{"sku": "SHIRT-M"}, {"sku": "SHIRT-L"}] == [each["attributes"] for each in shown["included"]]


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"integration_type": "$shopify"}, "integration_type"),
        ({"catalog_type": "other"}, "catalog_type"),
        ({"external_id": ""}, "external_id"),
        ({"title": None}, "title"),
        ({"price": "cheap"}, "price"),
        ({"custom_metadata": {"size": {"eu": 40}}}, "custom_metadata/size"),
        ({"custom_metadata": {"text": "x" * 100_000}}, "custom_metadata"),
        ({"inventory": 1}, "inventory"),
    ],
)
def test_a_bad_item_is_refused(client, attributes, pointer):
    body = item()
    body["data"]["attributes"] |= attributes
    status, error = client.error("POST", "/api/catalog-items", body)

    assert (400, {"pointer": f"/data/attributes/{pointer}"}) == (status, error["source"])
    assert [] == client.ids("/api/catalog-items")


def test_an_external_id_cannot_change(client):
    make(client, "items")
    body = resource("catalog-item", composite("SHIRT"), external_id="HAT")

    assert 400 == client.error("PATCH", path("items", "SHIRT"), body)[0]


def test_an_item_of_an_unknown_category_is_refused(client):
    body = item("SHIRT", {"categories": [reference("catalog-category", composite("NOPE"))]})
    status, error = client.error("POST", "/api/catalog-items", body)

    assert (400, {"pointer": "/data/relationships/categories/data/0/id"}) == (status, error["source"])


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("items", "An item with the id `$custom:::$default:::NOPE` does not exist."),
        ("variants", "A variant with id $custom:::$default:::NOPE does not exist."),
        ("categories", "No category with the ID `$custom:::$default:::NOPE` exists."),
    ],
)
def test_what_is_unknown_is_not_found(client, name, detail):
    status, error = client.error("GET", path(name, "NOPE"))

    assert (404, "not_found", detail) == (status, error["code"], error["detail"])
    assert 404 == client.error("PATCH", path(name, "NOPE"), resource(NAMES[name], composite("NOPE")))[0]
    assert 404 == client.error("DELETE", path(name, "NOPE"))[0]


# variants


def test_a_variant_lives(client):
    make(client, "items")
    id = make(client, "variants", custom_metadata=None)
    body = resource("catalog-variant", id, inventory_quantity=0, inventory_policy=1, sku=None)
    changed = client.patch(path("variants", "SHIRT-M"), body)["data"]["attributes"]
    client.delete(path("variants", "SHIRT-M"))

    assert (0, 1, "SHIRT-M", {}) == tuple(
        changed[name] for name in ("inventory_quantity", "inventory_policy", "sku", "custom_metadata")
    )
    assert 404 == client.error("GET", path("variants", "SHIRT-M"))[0]


def test_a_variant_shows_links_to_its_item_only(client):
    make(client, "items")
    make(client, "variants")
    shown = client.get(path("variants", "SHIRT-M"))["data"]

    assert 0 == shown["attributes"]["inventory_policy"]
    assert ["links"] == list(shown["relationships"]["item"])


def test_variants_are_filtered(client):
    for external_id in ("A", "B"):
        make(client, "items", external_id)
        make(client, "variants", f"{external_id}-1", external_id, published=external_id == "A")
    ids = [composite("A-1"), composite("B-1")]

    assert ids[:1] == client.ids("/api/catalog-variants", filter='equals(sku,"A-1")')
    assert ids[1:] == client.ids("/api/catalog-variants", filter=f'equals(item.id,"{composite("B")}")')
    assert ids[1:] == client.ids("/api/catalog-variants", filter="equals(published,false)")
    assert ids == client.ids("/api/catalog-variants", filter='contains(title,"-1")', sort="created")
    assert ids[:1] == client.ids("/api/catalog-variants", filter=f'any(ids,["{ids[0]}"])')


def test_an_item_leads_to_its_variants(client):
    make(client, "items")
    make(client, "items", "HAT")
    ids = [make(client, "variants", external_id) for external_id in ("SHIRT-M", "SHIRT-L")]
    make(client, "variants", "HAT-M", "HAT")

    assert ids == client.ids(path("items", "SHIRT", "variants"))
    assert ids == client.ids(path("items", "SHIRT", "relationships", "variants"))
    assert ids[1:] == client.ids(path("items", "SHIRT", "variants"), filter='equals(sku,"SHIRT-L")')


@pytest.mark.parametrize("item", [None, {}, {"data": reference("catalog-item", "NOPE")}])
def test_a_variant_needs_an_item(client, item):
    body = variant()
    body["data"]["relationships"] = {"item": item} if item is not None else {}

    assert 400 == client.error("POST", "/api/catalog-variants", body)[0]
    assert [] == client.ids("/api/catalog-variants")


# categories


def test_a_category_lives(client):
    id = make(client, "categories")
    shown = client.get(path("categories", "CLOTHES"))["data"]["attributes"]
    changed = client.patch(path("categories", "CLOTHES"), resource("catalog-category", id, name="Wear"))["data"]
    found = client.ids("/api/catalog-categories", filter='contains(name,"ea")', sort="-created")
    client.delete(path("categories", "CLOTHES"))

    assert {"external_id": "CLOTHES", "name": "All CLOTHES", "updated": "2026-01-01T00:00:00+00:00"} == shown
    assert "Wear" == changed["attributes"]["name"]
    assert [id] == found
    assert 404 == client.error("GET", path("categories", "CLOTHES"))[0]


def test_a_category_can_begin_with_items(client):
    make(client, "items")
    make(client, "categories", "CLOTHES", {"items": [reference("catalog-item", composite("SHIRT"))]})

    assert [composite("CLOTHES")] == client.ids(path("items", "SHIRT", "categories"))
    assert [composite("CLOTHES")] == client.ids(
        "/api/catalog-categories", filter=f'equals(item.id,"{composite("SHIRT")}")'
    )


@pytest.mark.parametrize(("owner", "name"), [("items", "categories"), ("categories", "items")])
def test_items_and_categories_are_joined_from_both_sides(client, owner, name):
    make(client, owner, "X")
    ids = [make(client, name, external_id) for external_id in "ABC"]
    relationship = path(owner, "X", "relationships", name)
    client.post(relationship, references(NAMES[name], *ids[:2]))
    added, inverse = client.ids(relationship), client.ids(path(name, "A", owner))
    client.patch(relationship, references(NAMES[name], *ids[1:]))
    replaced = client.ids(path(owner, "X", name))
    client.delete(relationship, references(NAMES[name], ids[1]))

    assert (ids[:2], [composite("X")], ids[1:]) == (added, inverse, replaced)
    assert ids[2:] == client.ids(relationship)


@pytest.mark.parametrize(("owner", "name"), [("items", "categories"), ("categories", "items")])
def test_what_is_joined_cannot_be_joined_again(client, owner, name):
    make(client, owner, "X")
    ids = [make(client, name, external_id) for external_id in "AB"]
    relationship = path(owner, "X", "relationships", name)
    client.post(relationship, references(NAMES[name], ids[1]))
    status, error = client.error("POST", relationship, references(NAMES[name], *ids))

    assert (409, {"pointer": "/data/1/id"}) == (status, error["source"])
    assert ids[1:] == client.ids(relationship)


def test_something_unknown_cannot_be_joined(client):
    make(client, "items")
    relationship = path("items", "SHIRT", "relationships", "categories")

    for method in ("POST", "PATCH", "DELETE"):
        assert 400 == client.error(method, relationship, references("catalog-category", composite("NOPE")))[0]


def test_a_category_shows_its_items_filtered(client):
    make(client, "categories")
    inside = {"categories": [reference("catalog-category", composite("CLOTHES"))]}
    ids = [make(client, "items", external_id, inside) for external_id in ("SHIRT", "HAT")]
    make(client, "variants")
    shown = client.get(path("categories", "CLOTHES", "items"), filter='contains(title,"SHIRT")', include="variants")

    assert ids[:1] == [each["id"] for each in shown["data"]]
    assert [composite("SHIRT-M")] == [each["id"] for each in shown["included"]]
    assert ids == client.ids(path("categories", "CLOTHES", "relationships", "items"), sort="created")


# jobs


def job_path(name, action):
    return f"/api/{NAMES[name]}-bulk-{action}-jobs"


def run_job(client, name, action, *entries):
    body = resource(f"{NAMES[name]}-bulk-{action}-job", **{name: {"data": [each["data"] for each in entries]}})
    return client.post(job_path(name, action), body)["data"]


def named(name, *external_ids):
    return [{"data": reference(NAMES[name], composite(external_id))} for external_id in external_ids]


def test_a_job_is_first_processing(client, klaviyo):
    tick(klaviyo, 1)
    job = run_job(client, "items", "create", item("A"), item("B"))

    assert 26 == len(job["id"])
    assert {
        "status": "processing",
        "created_at": "2026-01-01T00:00:01.123456+00:00",
        "total_count": 2,
        "completed_count": 0,
        "failed_count": 0,
        "completed_at": None,
        "errors": [],
        "expires_at": "2026-01-08T00:00:01.123456+00:00",
    } == job["attributes"]


def test_a_job_is_then_complete(client):
    id = run_job(client, "items", "create", item("A"), item("B"))["id"]
    job = client.get(f"{job_path('items', 'create')}/{id}", include="items")
    counts = [job["data"]["attributes"][f"{name}_count"] for name in ("total", "completed", "failed")]

    assert ("complete", [2, 2, 0]) == (job["data"]["attributes"]["status"], counts)
    assert [composite("A"), composite("B")] == [each["id"] for each in job["data"]["relationships"]["items"]["data"]]
    assert ["The A", "The B"] == [each["attributes"]["title"] for each in job["included"]]


@pytest.mark.parametrize("name", NAMES)
def test_jobs_create_update_and_delete(client, name):
    if name == "variants":
        make(client, "items")
    title = "name" if name == "categories" else "title"
    created = run_job(client, name, "create", BODIES[name]("A"), BODIES[name]("B"))
    update = resource(NAMES[name], composite("A"), **{title: "Changed"})
    updated = run_job(client, name, "update", update)
    shown = client.get(path(name, "A"))["data"]["attributes"][title]
    deleted = run_job(client, name, "delete", *named(name, "A", "B"))

    assert "Changed" == shown
    assert [] == client.ids(f"/api/{PATHS[name]}")
    for action, job in (("create", created), ("update", updated), ("delete", deleted)):
        assert [job["id"]] == client.ids(job_path(name, action), filter='equals(status,"complete")')
        found = client.get(f"{job_path(name, action)}/{job['id']}")["data"]["attributes"]
        assert (0, []) == (found["failed_count"], found["errors"])


def test_a_job_keeps_the_ids_of_what_it_deleted(client):
    make(client, "items", "A")
    id = run_job(client, "items", "delete", *named("items", "A"))["id"]
    job = client.get(f"{job_path('items', 'delete')}/{id}")["data"]

    assert [reference("catalog-item", composite("A"))] == job["relationships"]["items"]["data"]


def test_what_a_job_cannot_do_is_among_its_errors(client):
    make(client, "items", "TAKEN")
    bad = item("BAD", {"categories": [reference("catalog-category", composite("NOPE"))]})
    id = run_job(client, "items", "create", item("A"), item("TAKEN"), bad, item("A"))["id"]
    job = client.get(f"{job_path('items', 'create')}/{id}")["data"]["attributes"]

    assert (4, 1, 3) == tuple(job[f"{name}_count"] for name in ("total", "completed", "failed"))
    assert ["duplicate", "invalid", "duplicate"] == [error["code"] for error in job["errors"]]
    assert [
        "/data/attributes/items/data/1/attributes",
        "/data/attributes/items/data/2/relationships/categories/data/0/id",
        "/data/attributes/items/data/3/attributes",
    ] == [error["source"]["pointer"] for error in job["errors"]]
    assert [composite("TAKEN"), composite("A")] == client.ids("/api/catalog-items")


def test_an_entry_that_fails_leaves_nothing_behind(client):
    make(client, "categories")
    inside = {"categories": [reference("catalog-category", composite("CLOTHES"))]}
    bad = item("BAD", inside, custom_metadata={"not": {"flat": True}})
    run_job(client, "items", "create", bad)
    make(client, "items", "BAD")

    assert [] == client.ids(path("items", "BAD", "categories"))


def test_a_job_says_why_beside_its_answer(client):
    body = resource("catalog-item-bulk-delete-job", items=references("catalog-item", composite("NOPE")))
    response = client.call("POST", job_path("items", "delete"), body)

    assert "1 of 1 items failed" in response.headers["X-Mock-Hint"]


def test_an_update_of_something_unknown_fails(client):
    id = run_job(client, "categories", "update", resource("catalog-category", composite("NOPE"), name="X"))["id"]
    [error] = client.get(f"{job_path('categories', 'update')}/{id}")["data"]["attributes"]["errors"]

    assert "No category with the ID `$custom:::$default:::NOPE` exists." == error["detail"]
    assert "/data/attributes/categories/data/0" == error["source"]["pointer"]


def test_jobs_are_listed_newest_first(client, klaviyo):
    ids = []
    for second in range(3):
        tick(klaviyo, second)
        ids.append(run_job(client, "items", "create", item(str(second)))["id"])

    assert ids[::-1] == client.ids(job_path("items", "create"))
    assert [] == client.ids(job_path("items", "create"), filter='equals(status,"queued")')


@pytest.mark.parametrize("action", ["create", "update", "delete"])
@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_job_is_not_found(client, name, action):
    status, error = client.error("GET", f"{job_path(name, action)}/nope")

    assert (404, f"A {NAMES[name]} bulk {action} job with id nope does not exist.") == (status, error["detail"])


def test_a_job_takes_at_most_a_hundred(client):
    entries = [item(str(number))["data"] for number in range(101)]
    body = resource("catalog-item-bulk-create-job", items={"data": entries})
    status, error = client.error("POST", job_path("items", "create"), body)

    assert (400, {"pointer": "/data/attributes/items/data"}) == (status, error["source"])
    assert [] == client.ids("/api/catalog-items")


def test_a_job_with_an_entry_against_the_schema_is_refused(client):
    bad = item("B")
    del bad["data"]["attributes"]["title"]
    body = resource("catalog-item-bulk-create-job", items={"data": [item("A")["data"], bad["data"]]})
    status, error = client.error("POST", job_path("items", "create"), body)

    assert (400, {"pointer": "/data/attributes/items/data/1/attributes/title"}) == (status, error["source"])
    assert [] == client.ids(job_path("items", "create"))
