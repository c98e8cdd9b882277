"""Images: from URLs, data URIs and forms; their bytes are served back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest

from mock_klaviyo.app import create_app
from tests.calling import Client, resource
from tests.receiver import Receiver, receiver

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
GIF = b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x00;\r\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
UPLOAD = "/api/image-upload"


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def uri(content: bytes, type: str = "image/png") -> str:
    return f"data:{type};base64,{b64encode(content).decode()}"


def image(client: Client, content: bytes = PNG, /, **attributes: object) -> dict[str, object]:
    body = resource("image", import_from_url=uri(content), **attributes)
    return dict(client.post("/api/images", body)["data"])


def form(*fields: tuple[str, bytes]) -> bytes:
    parts = [b"--B\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + value for head, value in fields]
    return b"\r\n".join([*parts, b"--B--\r\n"])


def upload(client: Client, *fields: tuple[str, bytes]):
    return client.call("POST", UPLOAD, form(*fields), headers={"content-type": 'multipart/form-data; boundary="B"'})


def test_an_image_lives_from_creation_to_a_change(client):
    made = image(client, name="hat", hidden=True)
    changed = client.patch(f"/api/images/{made['id']}", resource("image", made["id"], name="cap", hidden=True))["data"]

    assert {"name": "hat", "format": "png", "size": len(PNG), "hidden": True}.items() <= made["attributes"].items()
    assert ("cap", True) == (changed["attributes"]["name"], changed["attributes"]["hidden"])
    assert changed == client.get(f"/api/images/{made['id']}")["data"]


def test_images_are_filtered_sorted_and_paged(client):
    small, large, hidden = image(client, name="b"), image(client, GIF + b"x" * 99, name="a"), image(client, hidden=True)

    assert [large["id"]] == client.ids("/api/images", filter='equals(format,"gif"),greater-than(size,100)')
    assert [hidden["id"]] == client.ids("/api/images", filter="equals(hidden,true)")
    assert [large["id"], small["id"], hidden["id"]] == client.ids("/api/images", sort="name")
    assert [large["id"]] == client.ids("/api/images", sort="-size", **{"page[size]": "1"})


def test_the_bytes_of_an_image_are_served(client, klaviyo):
    url = str(image(client, GIF)["attributes"]["image_url"])
    response = create_app(klaviyo=klaviyo).test_client().get(url.removeprefix("https://a.klaviyo.com"))

    assert (GIF, "image/gif") == (response.data, response.content_type)


def test_there_is_no_file_without_an_image(klaviyo):
    assert 404 == create_app(klaviyo=klaviyo).test_client().get("/__mock/images/1").status_code


def test_a_taken_name_gets_a_number(client):
    names = [image(client, name="hat")["attributes"]["name"] for _ in range(3)]

    assert ["hat", "hat_1", "hat_2"] == names


def test_a_change_to_a_taken_name_gets_a_number_too(client):
    image(client, name="hat")
    id = image(client, name="cap")["id"]

    assert "hat_1" == client.patch(f"/api/images/{id}", resource("image", id, name="hat"))["data"]["attributes"]["name"]
    assert "cap" == client.patch(f"/api/images/{id}", resource("image", id, name="cap"))["data"]["attributes"]["name"]


def test_an_image_keeps_a_name_that_it_has(client):
    id = image(client, name="hat")["id"]

    assert "hat" == client.patch(f"/api/images/{id}", resource("image", id, name="hat"))["data"]["attributes"]["name"]


def test_a_change_replaces_everything(client):
    id = image(client, name="hat", hidden=True)["id"]
    changed = client.patch(f"/api/images/{id}", resource("image", id, name="cap"))["data"]["attributes"]

    assert ("cap", False) == (changed["name"], changed["hidden"])


def test_an_image_comes_from_a_url_of_this_machine(client, shop):
    shop.content = JPEG
    body = resource("image", import_from_url=f"{shop.url}/images/red%20hat.jpg?v=2")
    found = client.post("/api/images", body)["data"]["attributes"]

    assert ("red hat.jpg", "jpeg", len(JPEG)) == (found["name"], found["format"], found["size"])


def test_an_image_of_ours_is_found_without_a_call(client):
    url = image(client, GIF)["attributes"]["image_url"]
    found = client.post("/api/images", resource("image", import_from_url=url))["data"]["attributes"]

    assert ("gif", len(GIF)) == (found["format"], found["size"])


@pytest.mark.parametrize("url", ["https://example.com/a.png", "http://127.0.0.1.example.com/a.png", "ftp://127.0.0.1/a",
                                 "file:///etc/passwd", "//127.0.0.1/a", "http://[", "", "a.png", "http://example.com\\@127.0.0.1/",
                                 "http://127.0.0.1@example.com/"])  # fmt: skip
def test_no_other_host_is_called(client, url):
    response = client.call("POST", "/api/images", resource("image", import_from_url=url))

    assert (400, "/data/attributes/import_from_url") == (
        response.status,
        response.document["errors"][0]["source"]["pointer"],
    )
    assert "--allow-host" in response.headers["X-Mock-Hint"]


def test_a_redirect_is_not_followed(client, shop):
    shop.statuses = [302]

    assert 400 == client.error("POST", "/api/images", resource("image", import_from_url=f"{shop.url}/redirect"))[0]


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"RIFF1234WEBP", b"BM6"])
def test_other_formats_are_refused(client, content):
    status, error = client.error("POST", "/api/images", resource("image", import_from_url=uri(content, "image/png")))

    assert (400, "The image must be a jpeg, png or gif file.") == (status, error["detail"])
    assert [] == client.ids("/api/images")


def test_a_data_uri_must_be_base64(client):
    body = resource("image", import_from_url="data:image/png;base64,???")

    assert "The data URI is not valid base64." == client.error("POST", "/api/images", body)[1]["detail"]


def test_an_image_from_a_url_is_no_larger_than_five_megabytes(client, shop):
    shop.content = PNG + bytes(5 * 1024 * 1024)
    status, error = client.error("POST", "/api/images", resource("image", import_from_url=f"{shop.url}/a.png"))

    assert (400, "The image must be no larger than 5 MB.") == (status, error["detail"])


def test_an_image_comes_in_a_form(client, klaviyo):
    response = upload(
        client, ('name="file"; filename="cat.gif"\r\nContent-Type: image/gif', GIF), ('name="hidden"', b"true")
    )
    found = response.document["data"]
    file = klaviyo.row("image-file", found["id"])

    assert (201, "cat.gif", True) == (response.status, found["attributes"]["name"], found["attributes"]["hidden"])
    assert GIF == b64decode(file.document["content"])


def test_a_form_can_name_the_image(client):
    response = upload(client, ('name="name"', "Größe".encode()), ('name="file"; filename="cat.gif"', GIF))

    assert "Größe" == response.document["data"]["attributes"]["name"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ((('name="name"', b"x"),), "/file"),
        ((('name="file"', GIF),), "/file"),
        ((('name="file"; filename="a"', GIF), ('name="hidden"', b"perhaps")), "/hidden"),
        ((('name="file"; filename="a"', GIF), ('name="color"', b"red")), "/color"),
        ((('name="file"; filename="a"', b"text"),), "/file"),
    ],
)
def test_a_wrong_form_is_refused(client, fields, pointer):
    response = upload(client, *fields)

    assert (400, pointer) == (response.status, response.document["errors"][0]["source"]["pointer"])
    assert [] == client.ids("/api/images")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_only_a_form_is_taken_for_a_file(client, media_type):
    assert 415 == client.call("POST", UPLOAD, form(), headers={"content-type": media_type}).status


@pytest.mark.parametrize(
    "content", [b"", b"--B", b"\xff\x00", b"--B\r\n\r\n\r\n--B--", b"--B\r\nContent-Disposition: x\r\n"]
)
def test_a_broken_form_is_refused(client, content):
    headers = {"content-type": "multipart/form-data; boundary=B"}

    assert 400 == client.call("POST", UPLOAD, content, headers=headers).status


def test_a_file_is_no_larger_than_five_megabytes(client):
    assert 400 == upload(client, ('name="file"; filename="a.gif"', GIF + bytes(5 * 1024 * 1024))).status
    assert 413 == upload(client, ('name="file"; filename="a.gif"', GIF + bytes(6 * 1024 * 1024))).status
