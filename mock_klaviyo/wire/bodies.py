"""Bodies: unpacking, media type, size and JSON."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.errors import ApiError, error, problem, raise_all
from mock_klaviyo.resources.call import Upload
from mock_klaviyo.spec.explanation import pointer
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.shapes import resolved
from mock_klaviyo.wire.messages import MEDIA_TYPE, Request

LARGEST = 5 * 1024 * 1024
FORM = "multipart/form-data"
MEDIA_TYPES = (MEDIA_TYPE, "application/json")
"""Klaviyo takes plain JSON as well, whatever its definition says."""

FORM_FRAME = 10_000
"""How much longer than its file a form may be."""

BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

GZIP = ("gzip", "x-gzip")
GZIP_WINDOW = zlib.MAX_WBITS | 16

DEEPEST = 200
"""How deep a body may be nested; ours, for what is kept must be written again."""

NULL, ESCAPED_NULL = "\0", b"\\u0000"


def body(request: Request, operation: Operation) -> Any:
    """The value in a request's body; None for an operation that takes none."""
    if operation.request is None:
        return None
    if operation.media_type == FORM:
        return form(request, operation)
    check_media_type(request)
    content = unpacked(request)
    try:
        found = json.read(content)
    except ValueError as reason:
        raise error("malformed_json", reason=str(reason)) from None
    if content.count(b"[") + content.count(b"{") > DEEPEST and depth(found) > DEEPEST:
        raise error("invalid", reason=f"The request body is nested deeper than {DEEPEST} levels.", pointer="/data")
    if ESCAPED_NULL in content:
        raise_all(problem("null_character", pointer=pointer(path)) for path in null_characters(found))
    return found


def depth(value: Any) -> int:
    """How many arrays and objects stand in each other."""
    found, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        found += 1
        level = [member for each in level for member in (each.values() if isinstance(each, dict) else each)]
    return found


def null_characters(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of each text with a null character, which no database column holds whole."""
    if isinstance(value, str) and NULL in value:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from ((*path, name),) if NULL in str(name) else null_characters(member, (*path, name))


def check_media_type(request: Request) -> None:
    """Refuse a body that is not JSON; one that does not say what it is counts as JSON."""
    media_type = (request.headers.get("content-type") or MEDIA_TYPE).partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise error("unsupported_media_type", media_type=media_type)


def unpacked(request: Request) -> bytes:
    """The body's bytes, gzip undone, at most 5 MB of them."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in GZIP:
        return gunzipped(request.body)
    if encoding not in ("", "identity"):
        raise error("unsupported_media_type", media_type=encoding)
    if len(request.body) > LARGEST:
        raise too_large()
    return request.body


def gunzipped(content: bytes) -> bytes:
    """Unpacked bytes; stops at 5 MB, so that a small body cannot become a huge one."""
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        unpacked = unpacker.decompress(content, LARGEST + 1)
    except zlib.error as reason:
        raise not_gzip(str(reason)) from None
    if len(unpacked) > LARGEST:
        raise too_large()
    if not unpacker.eof:
        raise not_gzip("it ends too early")
    return unpacked


def too_large() -> ApiError:
    """The refusal of a body that is too large."""
    return error("payload_too_large", what="The request body", limit="5 MB")


def not_gzip(reason: str) -> ApiError:
    """The refusal of a body that says it is gzip and is not."""
    return error("malformed_json", reason=f"the body is not gzip: {reason}")


def form(request: Request, operation: Operation) -> dict[str, Any]:
    """The fields of a form: texts, and uploads for files; what the recording calls a boolean becomes one."""
    media_type = request.headers.get("content-type", "")
    if media_type.partition(";")[0].strip().lower() != FORM:
        raise error("unsupported_media_type", media_type=media_type.partition(";")[0])
    if len(request.body) > LARGEST + FORM_FRAME:
        raise too_large()
    header = f"Content-Type: {media_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(header + request.body)
    return {name: field(name, part, operation) for part in message.iter_parts() if (name := field_name(part))}


def field_name(part: Any) -> str:
    """The name of a form's field; empty when it has none."""
    return str(part.get_param("name", "", "content-disposition"))


def field(name: str, part: Any, operation: Operation) -> Any:
    """The value of a form's field."""
    content: bytes = part.get_payload(decode=True) or b""
    filename = part.get_filename()
    if filename is not None:
        return Upload(filename, content)
    text = content.decode(errors="replace")
    is_boolean = name in booleans(operation)
    return BOOLEANS.get(text.strip().lower(), text) if is_boolean else text


def booleans(operation: Operation) -> set[str]:
    """The fields of a form that are booleans."""
    members = resolved(operation.request or {}, operation.request or {}).get("properties", {})
    return {name for name, schema in members.items() if schema.get("type") == "boolean"}


def checkable(content: Any) -> Any:
    """A body as its schema can check it: files are texts there."""
    if not isinstance(content, dict) or not any(isinstance(each, Upload) for each in content.values()):
        return content
    return {name: each.filename if isinstance(each, Upload) else each for name, each in content.items()}
