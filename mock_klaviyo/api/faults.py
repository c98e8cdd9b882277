"""What goes wrong on the way to the client: late answers, bodies in bits, broken connections."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from flask import Response, current_app, request
from waitress.channel import ClientDisconnected

from mock_klaviyo.api.parking import Parking
from mock_klaviyo.wire.faults import Hit

LOOK = 0.25
"""How many seconds pass before it is looked again whether a client has given up."""

LONGEST_SILENCE = 600.0
"""After how many seconds a connection without an answer is closed, if the client does not do so."""

PIECES = 20
"""In how many pieces a slow body comes."""

RESET = struct.pack("ii", 1, 0)
"""Linger for no time: closing such a socket resets the connection."""

Body = Iterator[bytes]


def parking() -> Parking:
    """Where requests wait."""
    found: Parking = current_app.extensions["parking"]
    return found


def faulted(response: Response, hit: Hit) -> Response:
    """An answer with what goes wrong on its way."""
    spoil = BODIES.get(hit.fault.kind)
    if hit.delay and spoil is not slow_body:
        parking().wait(hit.delay)
    if spoil is not None:
        content = response.get_data()
        response.response = spoil(content, hit, parking(), request.environ)
        response.headers["Content-Length"] = str(len(content))
    return response


def slow_body(content: bytes, hit: Hit, parking: Parking, _environ: Mapping[str, Any]) -> Body:
    """The body in pieces with a wait between them; the headers come with the first."""
    size = -(-len(content) // PIECES) or 1
    yield content[:size]
    starts = range(size, len(content), size)
    for start in starts or [size]:
        parking.wait(hit.delay / max(len(starts), 1))
        yield content[start : start + size]


def cut_body(content: bytes, _hit: Hit, _parking: Parking, environ: Mapping[str, Any]) -> Body:
    """Half of the body, and then nothing more."""
    yield content[: len(content) // 2]
    break_off(environ)


def reset(_content: bytes, _hit: Hit, _parking: Parking, environ: Mapping[str, Any]) -> Body:
    """A reset of the connection."""
    connection(environ).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    yield b""
    break_off(environ)


def empty(_content: bytes, _hit: Hit, _parking: Parking, environ: Mapping[str, Any]) -> Body:
    """The end of the connection."""
    yield b""
    break_off(environ)


def timeout(_content: bytes, _hit: Hit, parking: Parking, environ: Mapping[str, Any]) -> Body:
    """Nothing, until the client gives up."""
    client = connection(environ)
    with parking.parked():
        for _ in range(round(LONGEST_SILENCE / LOOK)):
            if has_given_up(client) or parking.pause(LOOK):
                break
    yield b""
    break_off(environ)


BODIES: Mapping[str, Callable[[bytes, Hit, Parking, Mapping[str, Any]], Body]] = {
    "slow_body": slow_body,
    "cut_body": cut_body,
    "reset": reset,
    "empty": empty,
    "timeout": timeout,
}
"""What becomes of the body, by the kind of fault."""


def connection(environ: Mapping[str, Any]) -> socket.socket:
    """The socket that a request came through; only a server on a port has one."""
    channel = getattr(environ.get("waitress.client_disconnected"), "__self__", None)
    if channel is None:
        raise ConnectionResetError("a fault broke the connection, and without a port that is all there is to see of it")
    found: socket.socket = channel.socket
    return found


def break_off(environ: Mapping[str, Any]) -> NoReturn:
    """Let the server close the connection without another byte."""
    connection(environ)
    raise ClientDisconnected


def has_given_up(client: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
