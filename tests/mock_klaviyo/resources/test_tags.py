"""Tags and tag groups."""

from __future__ import annotations

import pytest

from mock_klaviyo.resources.reference import RESOURCES
from mock_klaviyo.store.rows import Row
from tests.calling import reference, references, resource

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def make_group(client, name, **attributes):
    return client.post("/api/tag-groups", resource("tag-group", name=name, **attributes))["data"]["id"]


def make_tag(client, name, group=None):
    relationships = {"tag-group": reference("tag-group", group)} if group else None
    return client.post("/api/tags", resource("tag", None, relationships, name=name))["data"]["id"]


def make_list(client, name="Newsletter"):
    return client.post("/api/lists", resource("list", name=name))["data"]["id"]


def default_group(client):
    return client.ids("/api/tag-groups", filter="equals(default,true)")[0]


# groups


def test_an_account_has_a_default_group(client):
    [group] = client.get("/api/tag-groups")["data"]

    assert {"name": "Ungrouped Tags", "exclusive": False, "default": True} == group["attributes"]


def test_the_default_group_is_the_same_after_a_reset(client, klaviyo):
    before = default_group(client)
    klaviyo.reset()

    assert [before] == client.ids("/api/tag-groups")


def test_a_group_lives(client):
    id = make_group(client, "Seasons", exclusive=True)
    shown = client.get(f"/api/tag-groups/{id}")["data"]["attributes"]
    renamed = client.patch(f"/api/tag-groups/{id}", resource("tag-group", id, name="Year", return_fields=["name"]))
    found = client.ids("/api/tag-groups", filter='equals(exclusive,true),starts-with(name,"Y")')
    client.delete(f"/api/tag-groups/{id}")

    assert {"name": "Seasons", "exclusive": True, "default": False} == shown
    assert renamed is None
    assert [id] == found
    assert 404 == client.error("GET", f"/api/tag-groups/{id}")[0]


def test_a_group_is_not_exclusive_unless_it_says_so(client):
    id = make_group(client, "Seasons", exclusive=None)

    assert client.get(f"/api/tag-groups/{id}")["data"]["attributes"]["exclusive"] is False


def test_groups_are_sorted_and_paged(client):
    for name in ("B", "A"):
        make_group(client, name)
    first = client.get("/api/tag-groups", sort="name", **{"page[size]": "2"})
    second = client.get("/api/tag-groups", sort="name", **{"page[cursor]": first["links"]["next"]})
    names = [group["attributes"]["name"] for page in (first, second) for group in page["data"]]

    assert ["A", "B", "Ungrouped Tags"] == names


def test_the_default_group_cannot_be_deleted(client):
    id = default_group(client)
    status, error = client.error("DELETE", f"/api/tag-groups/{id}")

    assert (400, "tag_service_error") == (status, error["code"])
    assert [id] == client.ids("/api/tag-groups")


def test_deleting_a_group_deletes_its_tags(client):
    group = make_group(client, "Seasons")
    tag, other = make_tag(client, "spring", group), make_tag(client, "vip")
    wanted = make_list(client)
    client.post(f"/api/tags/{tag}/relationships/lists", references("list", wanted))
    client.delete(f"/api/tag-groups/{group}")

    assert [other] == client.ids("/api/tags")
    assert [] == client.ids(f"/api/lists/{wanted}/tags")


def test_a_group_knows_its_tags(client):
    group = make_group(client, "Seasons")
    tags = [make_tag(client, f"season {number}", group) for number in range(25)]

    assert tags == client.ids(f"/api/tag-groups/{group}/tags")
    assert tags == client.ids(f"/api/tag-groups/{group}/relationships/tags")


# tags


def test_a_tag_lives(client):
    id = make_tag(client, "vip")
    shown = client.get(f"/api/tags/{id}")["data"]["attributes"]
    renamed = client.patch(f"/api/tags/{id}", resource("tag", id, name="gold"))
    found = client.ids("/api/tags", filter='ends-with(name,"ld")')
    client.delete(f"/api/tags/{id}")

    assert {"name": "vip"} == shown
    assert renamed is None
    assert [id] == found
    assert 404 == client.error("GET", f"/api/tags/{id}")[0]


def test_an_unknown_tag_is_not_found(client):
    status, error = client.error("GET", f"/api/tags/{UNKNOWN}")

    assert (404, "not_found", f"A tag with id {UNKNOWN} does not exist.") == (status, error["code"], error["detail"])


def test_an_unknown_group_is_not_found(client):
    status, error = client.error("GET", f"/api/tag-groups/{UNKNOWN}")

    assert (404, f"A tag group with id {UNKNOWN} does not exist.") == (status, error["detail"])


def test_a_tag_without_a_group_goes_into_the_default_group(client):
    tag = client.get(f"/api/tags/{make_tag(client, 'vip')}", include="tag-group")

    assert reference("tag-group", default_group(client)) == tag["data"]["relationships"]["tag-group"]["data"]
    assert ["Ungrouped Tags"] == [group["attributes"]["name"] for group in tag["included"]]


def test_a_tag_leads_to_its_group(client):
    group = make_group(client, "Seasons")
    tag = make_tag(client, "spring", group)

    assert group == client.get(f"/api/tags/{tag}/tag-group")["data"]["id"]
    assert reference("tag-group", group) == client.get(f"/api/tags/{tag}/relationships/tag-group")["data"]


def test_tags_are_sorted(client):
    for name in ("b", "c", "a"):
        make_tag(client, name)
    names = [tag["attributes"]["name"] for tag in client.get("/api/tags", sort="-name")["data"]]

    assert ["c", "b", "a"] == names


def test_tags_of_several_names_are_found(client):
    ids = [make_tag(client, name) for name in ("a", "b", "c")]

    assert ids[:2] == client.ids("/api/tags", filter='equals(name,["a","b"])')


def test_tags_come_in_pages(client):
    ids = [make_tag(client, f"tag {number}") for number in range(51)]
    first = client.get("/api/tags")
    second = client.ids("/api/tags", **{"page[cursor]": first["links"]["next"]})

    assert ids == [tag["id"] for tag in first["data"]] + second


def test_a_tag_of_an_unknown_group_is_refused(client):
    relationships = {"tag-group": reference("tag-group", UNKNOWN)}
    status, error = client.error("POST", "/api/tags", resource("tag", None, relationships, name="vip"))

    assert (404, "tag_service_error", "Tag Service Error") == (status, error["code"], error["title"])
    assert f"Tag Group with id {UNKNOWN} not found" == error["detail"]
    assert [] == client.ids("/api/tags")


def test_a_tag_name_can_be_taken(client):
    make_tag(client, "popular")
    status, error = client.error("POST", "/api/tags", resource("tag", name="popular"))

    assert (409, "tag_service_error") == (status, error["code"])
    assert "Tag with name 'popular' already exists" == error["detail"]
    assert {"pointer": "/data/"} == error["source"]


def test_a_tag_cannot_be_renamed_to_a_taken_name(client):
    make_tag(client, "popular")
    id = make_tag(client, "vip")

    assert 409 == client.error("PATCH", f"/api/tags/{id}", resource("tag", id, name="popular"))[0]
    assert client.patch(f"/api/tags/{id}", resource("tag", id, name="vip")) is None


def test_a_tag_needs_a_name(client):
    status, error = client.error("POST", "/api/tags", resource("tag"))

    assert (400, {"pointer": "/data/attributes/name"}) == (status, error["source"])


def test_a_tag_cannot_move_to_another_group(client):
    id = make_tag(client, "vip")
    body = resource("tag", id, {"tag-group": reference("tag-group", make_group(client, "Seasons"))}, name="vip")

    assert 400 == client.error("PATCH", f"/api/tags/{id}", body)[0]


@pytest.mark.parametrize(("path", "type", "most"), [("tags", "tag", 500), ("tag-groups", "tag-group", 50)])
def test_an_account_has_no_room_for_more(client, path, type, most):
    for number in range(most - len(client.ids("/api/tag-groups")) * (type == "tag-group")):
        client.post(f"/api/{path}", resource(type, name=str(number)))
    status, error = client.error("POST", f"/api/{path}", resource(type, name="more"))

    assert (400, "tag_service_error") == (status, error["code"])


# what is tagged


def test_a_list_is_tagged_and_untagged(client):
    tag, wanted = make_tag(client, "vip"), make_list(client)
    path = f"/api/tags/{tag}/relationships/lists"
    client.post(path, references("list", wanted))
    client.post(path, references("list", wanted))
    tagged, tags = client.ids(path), client.ids(f"/api/lists/{wanted}/tags")
    client.delete(path, references("list", wanted))

    assert ([wanted], [tag]) == (tagged, tags)
    assert [] == client.ids(path)
    assert [] == client.ids(f"/api/lists/{wanted}/relationships/tags")


@pytest.mark.parametrize("name", ["lists", "segments", "campaigns", "flows"])
def test_something_unknown_cannot_be_tagged(client, name):
    path = f"/api/tags/{make_tag(client, 'vip')}/relationships/{name}"
    body = references(name.removesuffix("s"), "NOPE01")

    assert [] == client.ids(path)
    assert 400 == client.error("POST", path, body)[0]
    assert 400 == client.error("DELETE", path, body)[0]


@pytest.mark.parametrize("type", ["segment", "campaign", "flow"])
def test_segments_campaigns_and_flows_are_tagged_and_untagged(client, klaviyo, type):
    if type not in RESOURCES:
        pytest.skip(f"{type} is not declared yet")
    with klaviyo.store.transaction():
        klaviyo.store.insert(Row(type, "Abc123", {"name": "Spring", "is_active": False}))
    path = f"/api/tags/{make_tag(client, 'vip')}/relationships/{type}s"
    client.post(path, references(type, "Abc123"))
    tagged = client.ids(path)
    client.delete(path, references(type, "Abc123"))

    assert ["Abc123"] == tagged
    assert [] == client.ids(path)


def test_a_deleted_list_has_no_tag(client):
    tag, wanted = make_tag(client, "vip"), make_list(client)
    client.post(f"/api/tags/{tag}/relationships/lists", references("list", wanted))
    client.delete(f"/api/lists/{wanted}")

    assert [] == client.ids(f"/api/tags/{tag}/relationships/lists")


def test_a_deleted_tag_is_on_no_list(client):
    tag, wanted = make_tag(client, "vip"), make_list(client)
    client.post(f"/api/tags/{tag}/relationships/lists", references("list", wanted))
    client.delete(f"/api/tags/{tag}")

    assert [] == client.ids(f"/api/lists/{wanted}/tags")


def test_of_an_exclusive_group_a_list_has_one_tag(client):
    group, wanted = make_group(client, "Seasons", exclusive=True), make_list(client)
    spring, autumn = make_tag(client, "spring", group), make_tag(client, "autumn", group)
    client.post(f"/api/tags/{spring}/relationships/lists", references("list", wanted))
    status, error = client.error("POST", f"/api/tags/{autumn}/relationships/lists", references("list", wanted))

    assert (400, "tag_service_error") == (status, error["code"])
    assert [spring] == client.ids(f"/api/lists/{wanted}/tags")
    client.post(f"/api/tags/{spring}/relationships/lists", references("list", wanted))


def test_of_a_shared_group_a_list_has_many_tags(client):
    group, wanted = make_group(client, "Seasons"), make_list(client)
    tags = [make_tag(client, name, group) for name in ("spring", "autumn")]
    for tag in tags:
        client.post(f"/api/tags/{tag}/relationships/lists", references("list", wanted))

    assert tags == client.ids(f"/api/lists/{wanted}/tags")


def test_a_list_has_at_most_a_hundred_tags(client):
    wanted = make_list(client)
    tags = [make_tag(client, str(number)) for number in range(101)]
    for tag in tags[:100]:
        client.post(f"/api/tags/{tag}/relationships/lists", references("list", wanted))

    assert 400 == client.error("POST", f"/api/tags/{tags[100]}/relationships/lists", references("list", wanted))[0]
    assert tags[:100] == client.ids(f"/api/lists/{wanted}/relationships/tags")


def test_a_tag_on_many_lists_shows_all(client):
    tag = make_tag(client, "vip")
    lists = [make_list(client, str(number)) for number in range(30)]
    client.post(f"/api/tags/{tag}/relationships/lists", references("list", *lists))

    assert lists == client.ids(f"/api/tags/{tag}/relationships/lists")


@pytest.mark.parametrize("path", ["tags", "relationships/tags"])
def test_tags_of_something_have_no_pages_and_no_links_to_any(client, path):
    list_id = client.create("/api/lists", resource("list", None, name="News"))

    assert {"self"} == client.get(f"/api/lists/{list_id}/{path}")["links"].keys()
    assert {"self", "next", "prev"} == client.get("/api/tags")["links"].keys()
