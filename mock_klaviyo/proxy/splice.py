"""Splice: the bytes of one connection into another, both ways, until either ends."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

CHUNK = 64 * 1024
BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""How connections end that did not end well; TLS errors are OSErrors."""


async def pour(source: StreamReader, sink: StreamWriter) -> None:
    """Everything that comes from a source, into a sink; then the sink is told that no more comes."""
    with suppress(*BROKEN):
        while chunk := await source.read(CHUNK):
            sink.write(chunk)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


async def splice(
    reader: StreamReader, writer: StreamWriter, host: str, port: int, *, begin: bytes = b"", greeting: bytes = b""
) -> None:
    """Join a connection to an address, which first gets what has been read; once it is reached the other is greeted."""
    inner_reader, inner_writer = await asyncio.open_connection(host, port)
    inner_writer.write(begin)
    writer.write(greeting)
    upward = asyncio.create_task(pour(reader, inner_writer))
    try:
        await pour(inner_reader, writer)
    finally:
        upward.cancel()
        inner_writer.close()
