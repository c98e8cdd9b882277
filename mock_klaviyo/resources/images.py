"""Images: taken from a URL, a data URI or a form; their bytes are kept and served by us."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from itertools import chain, count
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.outbound import Unreachable
from mock_klaviyo.resources.call import Call, Reply, Upload
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

LARGEST = 5 * 1024 * 1024
FILES = "/__mock/images/"
"""Where this server gives the bytes of images."""

MAGIC: Mapping[bytes, str] = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"GIF87a": "gif", b"GIF89a": "gif"}
"""How a file begins → its format."""

DATA_URI = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)
NAMELESS = "image"
URL_FIELD = "/data/attributes/import_from_url"


def image_url(world: World, row: Row) -> str:
    """Where the bytes of an image are."""
    return f"{world.base_url}{FILES}{row.id}"


def replace_all(_: Call, row: Row) -> None:
    """Begin anew: what a change does not say becomes what it was at first, as it does live."""
    row.document |= {"name": row.document["file_name"], "hidden": False}


def settle_name(call: Call, row: Row) -> None:
    """Give an image a name that no other has."""
    row.document["name"] = free_name(call.world, row.document["name"], row.id)


IMAGE = declare(
    Resource(
        type="image",
        make_id=lambda world: world.ids.numeric(),
        fields=(Field("name", is_indexed=True), Field("size", type="integer"), Field("updated_at")),
        never_null=("name", "hidden"),
        stamps=("updated_at", "updated_at"),
        computed={"image_url": image_url},
        before_update=replace_all,
        before_write=settle_name,
    )
)
IMAGE_FILE = declare(Resource(type="image-file", make_id=lambda world: world.ids.numeric()))
"""Ours: the bytes of an image, under the image's id; no operation of Klaviyo's leads here."""


@operation("upload_image_from_url")
def upload_image_from_url(call: Call) -> Reply:
    """A new image, from a data URI or from a URL that leads to this machine or to an allowed host."""
    source: str = call.attributes["import_from_url"]
    content = inline(source) if DATA_URI.match(source) else fetched(call, source)
    name = call.attributes.get("name") or file_name(source)
    return created(call, content, name, URL_FIELD, is_hidden=bool(call.attributes.get("hidden")))


@operation("upload_image_from_file")
def upload_image_from_file(call: Call) -> Reply:
    """A new image, from a file in a form."""
    upload = call.body["file"]
    if not isinstance(upload, Upload):
        raise error("invalid", reason="The file must be sent as a file, with a file name.", pointer="/file")
    name = call.body.get("name") or upload.filename or NAMELESS
    return created(call, upload.content, name, "/file", is_hidden=bool(call.body.get("hidden")))


def created(call: Call, content: bytes, name: str, pointer: str, *, is_hidden: bool) -> Reply:
    """Keep a new image and its bytes."""
    world = call.world
    document: Json = {
        "name": free_name(world, name),
        "file_name": name,
        "format": image_format(content, pointer),
        "size": len(content),
        "hidden": is_hidden,
        "updated_at": world.second,
    }
    row = Row(IMAGE.type, IMAGE.make_id(world), document)
    world.store.insert(row)
    keep_file(world, row.id, content, document["format"])
    return single(call, row, call.operation.success)


def keep_file(world: World, id: str, content: bytes, format: str) -> None:
    """Keep the bytes of an image."""
    world.store.insert(Row(IMAGE_FILE.type, id, {"content": b64encode(content).decode(), "format": format}))


def image_format(content: bytes, pointer: str) -> str:
    """The format of an image, which its first bytes tell; refuses what is none, or too large."""
    if len(content) > LARGEST:
        raise error("invalid", reason="The image must be no larger than 5 MB.", pointer=pointer)
    for magic, format in MAGIC.items():
        if content.startswith(magic):
            return format
    raise error("invalid", reason="The image must be a jpeg, png or gif file.", pointer=pointer)


def inline(source: str) -> bytes:
    """The bytes in a data URI."""
    try:
        return b64decode(source.partition(",")[2], validate=True)
    except binascii.Error:
        raise error("invalid", reason="The data URI is not valid base64.", pointer=URL_FIELD) from None


def fetched(call: Call, url: str) -> bytes:
    """The bytes that a URL gives; a URL of ours is not called but looked up."""
    own = f"{call.world.base_url}{FILES}"
    if url.startswith(own):
        file = call.world.store.row(IMAGE_FILE.type, url.removeprefix(own))
        return b64decode(file.document["content"]) if file else b""
    try:
        return call.world.outbound.get(url, LARGEST)
    except Unreachable as reason:
        raise error("image_unreachable", hint=str(reason), pointer=URL_FIELD) from None


def file_name(source: str) -> str:
    """The name of the file that a URL leads to.

    >>> file_name("https://shop.example.org/images/red%20hat.png?v=2"), file_name("data:image/png;base64,AA==")
    ('red hat.png', 'image')
    """
    if DATA_URI.match(source):
        return NAMELESS
    try:
        return PurePosixPath(unquote(urlsplit(source).path)).name or NAMELESS
    except ValueError:
        return NAMELESS


def free_name(world: World, name: str, own_id: str | None = None) -> str:
    """The name, or with a number behind it when another image has it."""
    candidates = chain([name], (f"{name}_{number}" for number in count(1)))
    return next(each for each in candidates if not is_taken(world, each, own_id))


def is_taken(world: World, name: str, own_id: str | None) -> bool:
    """Whether another image has a name."""
    return any(row.id != own_id for row in world.store.rows(IMAGE.type, name=name))
