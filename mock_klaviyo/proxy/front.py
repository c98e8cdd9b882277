"""Front: listeners on this machine, in a thread of their own, that pass what comes on to a server behind them."""

from __future__ import annotations

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from threading import Thread

from mock_klaviyo.proxy.splice import BROKEN, splice

Answerer = Callable[[StreamReader, StreamWriter], Awaitable[None]]


class Front:
    """The listeners; each connection of one is answered by a function."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="mock-klaviyo front", daemon=True)
        self._thread.start()

    def listen(
        self, answer: Answerer, host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
    ) -> int:
        """Answer connections at an address, over TLS when it is given; gives the port."""
        begin = asyncio.start_server(partial(answered, answer), host, port, ssl=tls)
        server = asyncio.run_coroutine_threadsafe(begin, self._loop).result()
        return int(server.sockets[0].getsockname()[1])

    def terminate(self, tls: ssl.SSLContext, to: int, host: str = "127.0.0.1", port: int = 0) -> int:
        """Speak TLS at an address for the plain server at a port of this machine; gives the port."""
        return self.listen(partial(splice, host="127.0.0.1", port=to), host, port, tls=tls)

    def close(self) -> None:
        """Let go of every connection."""
        asyncio.run_coroutine_threadsafe(cancelled(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def answered(answer: Answerer, reader: StreamReader, writer: StreamWriter) -> None:
    """Answer one connection; one that breaks is nobody's fault here."""
    try:
        with suppress(*BROKEN, asyncio.CancelledError):
            await answer(reader, writer)
    finally:
        writer.close()


async def cancelled() -> None:
    """End all that goes on in this thread's loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
