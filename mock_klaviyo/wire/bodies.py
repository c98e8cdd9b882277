"""Bodies: unpacking, media type, size and JSON."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.errors import ApiError, error, problem, raise_all
from mock_klaviyo.spec.explanation import pointer
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.wire.messages import MEDIA_TYPE, Request

LARGEST = 5 * 1024 * 1024
MEDIA_TYPES = (MEDIA_TYPE, "application/json")
"""Klaviyo takes plain JSON as well, whatever its definition says."""

GZIP = ("gzip", "x-gzip")
GZIP_WINDOW = zlib.MAX_WBITS | 16

NULL, ESCAPED_NULL = "\0", b"\\u0000"


def body(request: Request, operation: Operation) -> Any:
    """The value in a request's body; None for an operation that takes none."""
    if operation.request is None:
        return None
    check_media_type(request)
    content = unpacked(request)
    try:
        found = json.read(content)
    except ValueError as reason:
        raise error("malformed_json", reason=str(reason)) from None
    if ESCAPED_NULL in content:
        raise_all(problem("null_character", pointer=pointer(path)) for path in null_characters(found))
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
