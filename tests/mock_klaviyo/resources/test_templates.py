"""Templates and universal content as resources, and rendering them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.calling import Client, resource

TEXT_BLOCK = {"content_type": "block", "type": "text", "data": {"content": "Hi", "display_options": {}, "styles": {}}}
HTML_BLOCK = {"content_type": "block", "type": "html", "data": {"content": "<b>x</b>", "display_options": {}}}


def template(client: Client, html: str = "<p>{{ first_name }}</p>", /, **attributes: object) -> str:
    given = {"name": "Welcome", "editor_type": "CODE", "html": html} | attributes
    return str(client.post("/api/templates", resource("template", **given))["data"]["id"])


def render_body(id: str, **context: object) -> object:
    return resource("template", id, context=context)


def rendered(client: Client, id: str, part: str = "html", **context: object) -> str:
    return str(client.post("/api/template-render", render_body(id, **context))["data"]["attributes"][part])


def draggable(*blocks: dict[str, object]) -> dict[str, object]:
    data = {"properties": {}, "display_options": {}, "styles": {}}
    section = {"content_type": "section", "type": "section", "data": data,
               "rows": [{"data": {"styles": {}}, "columns": [{"blocks": list(blocks)}]}]}  # fmt: skip
    body = {"properties": {}, "styles": {}, "sections": [section] if blocks else []}
    return {"body": body, "styles": []}


DRAGGABLE = draggable(TEXT_BLOCK)


def block(type: str, **data: object) -> dict[str, object]:
    given = {"display_options": {}, "styles": {}} | data
    return {"content_type": "block", "type": type, "data": given}


def parts(type: str, **members: object) -> dict[str, object]:
    return {"subblocks": [{"type": type} | members]}


def test_a_template_lives_from_creation_to_deletion(client):
    id = template(client)
    changed = client.patch(f"/api/templates/{id}", resource("template", id, name="Hello", text="Hi"))["data"]
    client.delete(f"/api/templates/{id}")

    assert ("Hello", "Hi", "<p>{{ first_name }}</p>") == tuple(
        changed["attributes"][name] for name in ("name", "text", "html")
    )
    assert 404 == client.error("GET", f"/api/templates/{id}")[0]


def test_templates_are_filtered_sorted_and_paged(client):
    ids = [template(client, name=name) for name in ("Beta", "Alpha", "Gamma")]
    first = client.get("/api/templates", sort="-name", **{"page[size]": "1"})

    assert [ids[0]] == client.ids("/api/templates", filter='contains(name,"eta")')
    assert [ids[1], ids[0], ids[2]] == client.ids("/api/templates", sort="name")
    assert [ids[2]] == [each["id"] for each in first["data"]]
    assert first["links"]["next"]


def test_at_most_ten_templates_are_on_a_page(client):
    assert 400 == client.error("GET", "/api/templates", **{"page[size]": "11"})[0]


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"editor_type": "CODE"}, "/data/attributes/html"),
        ({"editor_type": "USER_DRAGGABLE", "html": None}, "/data/attributes/html"),
        ({"editor_type": "SIMPLE", "html": "x"}, "/data/attributes/editor_type"),
        ({"editor_type": "SYSTEM_DRAGGABLE"}, "/data/attributes/definition"),
        ({"editor_type": "SYSTEM_DRAGGABLE", "definition": draggable()}, "/data/attributes/definition/body/sections"),
        ({"editor_type": "SYSTEM_DRAGGABLE", "definition": DRAGGABLE, "html": "x"}, "/data/attributes/html"),
        ({"editor_type": "SYSTEM_DRAGGABLE", "definition": DRAGGABLE, "amp": "x"}, "/data/attributes/amp"),
    ],
)  # fmt: skip
def test_a_template_needs_what_its_editor_needs(client, attributes, pointer):
    status, error = client.error("POST", "/api/templates", resource("template", name="x", **attributes))

    assert (400, pointer) == (status, error["source"]["pointer"])
    assert [] == client.ids("/api/templates")


def test_a_template_of_blocks_has_html_and_a_definition(client):
    definition = draggable(block("text", content="<p>Hi {{ first_name }}</p>"))
    id = template(client, editor_type="SYSTEM_DRAGGABLE", html=None, definition=definition)
    found = client.get(f"/api/templates/{id}", **{"additional-fields[template]": "definition"})["data"]["attributes"]

    assert definition == found["definition"]
    assert "<p>Hi Anna</p>" in rendered(client, id, first_name="Anna")


def test_the_html_of_blocks_cannot_be_changed(client):
    id = template(client, editor_type="SYSTEM_DRAGGABLE", html=None, definition=draggable(TEXT_BLOCK))
    status, error = client.error("PATCH", f"/api/templates/{id}", resource("template", id, html="x"))

    assert (400, "/data/attributes/html") == (status, error["source"]["pointer"])


def test_new_blocks_make_new_html(client):
    id = template(client, editor_type="SYSTEM_DRAGGABLE", html=None, definition=draggable(TEXT_BLOCK))
    changed = client.patch(f"/api/templates/{id}", resource("template", id, definition=draggable(HTML_BLOCK)))

    assert "<b>x</b>" in changed["data"]["attributes"]["html"]


def test_every_block_is_written(client):
    href = {"href": "https://shop.org/?a=1"}
    image = {"src": "https://shop.org/a.png", "alt_text": "A hat", "dynamic": False}
    blocks = [
        block("button", content="Buy", properties=href),
        block("image", properties=image),
        block("horizontal_rule"),
        block("spacer"),
        block("coupon", content="", properties={"coupon": "SUMMER"}),
        block("header") | parts("header_link_bar_button", content="Shop", href="https://s"),
        block("social", properties={}) | parts("social_link_icon", label="X", link_url="https://x"),
        block("product", properties={"dynamic": False}) | parts("product", title="Hat", price="5"),
    ]  # fmt: skip
    id = template(client, editor_type="SYSTEM_DRAGGABLE", html=None, definition=draggable(*blocks))
    html = rendered(client, id)

    assert '<a href="https://shop.org/?a=1">Buy</a>' in html
    assert '<img src="https://shop.org/a.png" alt="A hat">' in html
    assert ["<hr>", "<br>", "SUMMER-PREVIEW", ">Shop<", ">X<", "Hat 5"] == [
        part for part in ("<hr>", "<br>", "SUMMER-PREVIEW", ">Shop<", ">X<", "Hat 5") if part in html
    ]


def test_blocks_are_shown_and_repeated_as_their_options_say(client):
    repeat = {"repeat_for": "tags", "item_alias": "tag"}
    blocks = [
        block("text", content="{{ tag }};", display_options={"content_repeat": repeat}),
        block("text", content="VIPs only", display_options={"visibility": {"check": "person.vip"}}),
    ]
    id = template(client, editor_type="SYSTEM_DRAGGABLE", html=None, definition=draggable(*blocks))

    assert "<div>a;</div><div>b;</div>" in rendered(client, id, tags=["a", "b"])
    assert "VIPs only" not in rendered(client, id)
    assert "VIPs only" in rendered(client, id, person={"vip": True})


def test_a_thousand_templates_are_enough(client, klaviyo):
    template(client)
    (row,) = klaviyo.rows("template", 0, 1)
    with klaviyo.store.transaction():
        for number in range(999):
            row.id, row.number = f"X{number}", 0
            klaviyo.store.insert(row)
    body = resource("template", name="x", editor_type="CODE", html="x")

    assert 400 == client.error("POST", "/api/templates", body)[0]
    assert 400 == client.error("POST", "/api/template-clone", resource("template", "X1"))[0]


def test_a_messages_own_copy_is_not_listed_and_cannot_be_changed(client, klaviyo):
    row = klaviyo.row("template", template(client))
    row.document["owner_id"] = "M1"
    with klaviyo.store.transaction():
        klaviyo.store.update(row)

    assert [] == client.ids("/api/templates")
    assert 404 == client.error("PATCH", f"/api/templates/{row.id}", resource("template", row.id, name="x"))[0]
    assert row.id == client.get(f"/api/templates/{row.id}")["data"]["id"]


def test_a_clone_is_a_template_of_its_own(client):
    id = template(client, name="Welcome")
    clone = client.post("/api/template-clone", resource("template", id, name="Bye"))["data"]
    client.delete(f"/api/templates/{id}")

    assert ("Bye", "<p>{{ first_name }}</p>") == (clone["attributes"]["name"], clone["attributes"]["html"])
    assert [clone["id"]] == client.ids("/api/templates")


def test_a_clone_without_a_name_is_named_after_its_original(client):
    clone = client.post("/api/template-clone", resource("template", template(client)))["data"]

    assert "Clone of Welcome" == clone["attributes"]["name"]


@pytest.mark.parametrize("path", ["/api/template-clone", "/api/template-render"])
def test_an_unknown_template_can_be_neither_cloned_nor_rendered(client, path):
    status, error = client.error("POST", path, resource("template", "nope", context={}))
    if path == "/api/template-clone":
        status, error = client.error("POST", path, resource("template", "nope"))

    assert (404, "A template with id nope does not exist.") == (status, error["detail"])


def test_rendering_escapes_html_and_not_text(client):
    id = template(client, text="Hi {{ first_name }}", amp="<i>{{ first_name }}</i>")
    found = client.post("/api/template-render", render_body(id, first_name="<Anna>"))["data"]

    assert ("<p>&lt;Anna&gt;</p>", "Hi <Anna>", "<i>&lt;Anna&gt;</i>") == tuple(
        found["attributes"][name] for name in ("html", "text", "amp")
    )
    assert id == found["id"]


def test_rendering_changes_nothing(client):
    id = template(client)
    rendered(client, id, first_name="Anna")

    assert "<p>{{ first_name }}</p>" == client.get(f"/api/templates/{id}")["data"]["attributes"]["html"]


def test_an_error_tells_part_line_and_column(client):
    id = template(client, "<p>\n  {{ a|nofilter }}</p>", text="{% if x %}")
    status, error = client.error("POST", "/api/template-render", render_body(id))

    assert (400, {"part": "html", "line": 2, "column": 3}) == (status, error["meta"])
    assert "The template's html cannot be rendered: line 2, column 3: Invalid filter: 'nofilter'" == error["detail"]


def test_all_parts_with_errors_are_reported(client):
    id = template(client, "{{ a|nofilter }}", text="{% if x %}")
    response = client.call("POST", "/api/template-render", render_body(id))

    assert ["html", "text"] == [each["meta"]["part"] for each in response.document["errors"]]


def test_the_time_in_a_template_is_the_accounts(client):
    id = template(client, "{% today '%Y-%m-%d %H:%M' %}")

    assert "2025-12-31 19:00" == rendered(client, id)


def test_a_template_shows_items_of_the_catalog(client):
    item = {"external_id": "HAT", "title": "A hat", "description": "Warm", "url": "https://shop.org/hat"}
    client.post("/api/catalog-items", resource("catalog-item", **item))
    id = template(client, "{% catalog 'HAT' %}{{ catalog_item.title }} {{ catalog_item.url }}{% endcatalog %}")

    assert "A hat https://shop.org/hat" == rendered(client, id)


def test_an_item_that_is_not_in_the_catalog_is_hinted_at(client):
    id = template(client, "[{% catalog 'HAT' %}{{ catalog_item.title }}{% endcatalog %}]")
    response = client.call("POST", "/api/template-render", render_body(id))

    assert "[]" == response.document["data"]["attributes"]["html"]
    assert "Catalog Item Unavailable" in response.headers["X-Mock-Hint"]


def test_a_template_shows_custom_objects(client, klaviyo):
    klaviyo.keep("object-type", {"title": "Car"})
    (type_row,) = klaviyo.rows("object-type", 0, 1)
    for make in ("Volvo", "Saab"):
        klaviyo.keep("object-record", {"object_type_id": type_row.id, "record_properties": {"make": make}})
    all_cars = "{% customobjects object_type_title='Car' as cars %}{{ cars|map:'make'|join:',' }}{% endcustomobjects %}"
    one_car = "{% customobject car object_type_title='Car' as found %}{{ found.make }}"
    id = template(client, f"{all_cars};{one_car}")

    assert "Volvo,Saab;Saab" == rendered(client, id, car=klaviyo.rows("object-record", 0, 2)[1].id)


def test_django_is_imported_only_when_something_is_rendered():
    code = "import sys, mock_klaviyo.app; sys.exit('django' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_universal_content_lives_from_creation_to_deletion(client):
    path = "/api/template-universal-content"
    made = client.post(path, resource("template-universal-content", name="Footer", definition=TEXT_BLOCK))["data"]
    other = client.post(path, resource("template-universal-content", name="Code", definition=HTML_BLOCK))["data"]
    changed = client.patch(f"{path}/{made['id']}", resource("template-universal-content", made["id"], name="Foot"))

    assert ("Foot", TEXT_BLOCK) == (changed["data"]["attributes"]["name"], changed["data"]["attributes"]["definition"])
    assert [other["id"]] == client.ids(path, filter='equals(definition.type,"html")')
    assert [other["id"], made["id"]] == client.ids(path, sort="name")
    assert changed["data"] == client.get(f"{path}/{made['id']}")["data"]
    client.delete(f"{path}/{made['id']}")
    assert 404 == client.error("GET", f"{path}/{made['id']}")[0]


def test_universal_content_takes_the_blocks_that_can_be_edited_only(client):
    definition = {"content_type": "block", "type": "product", "data": None}
    body = resource("template-universal-content", name="x", definition=definition)

    assert 400 == client.error("POST", "/api/template-universal-content", body)[0]
