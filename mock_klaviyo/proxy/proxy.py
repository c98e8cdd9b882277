"""Proxy: what HTTPS_PROXY names; Klaviyo's hosts lead to the server on this machine, others only where allowed."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mock_klaviyo.proxy.hosts import HTTPS, KLAVIYO_HOSTS, Address, is_allowed
from mock_klaviyo.proxy.splice import BROKEN, splice

HOP_BY_HOP = (b"connection:", b"proxy-connection:", b"proxy-authorization:")
HERE = "127.0.0.1"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class Proxy:
    """A proxy between a program and the rest of the world: `plain` and `secure` are the server's ports here."""

    plain: int
    secure: int
    allowed: Sequence[Address] = ()
    refused: Counter[str] = field(default_factory=Counter)
    """What was refused, and how often."""

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answer one connection of the program."""
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, *_ = [*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", ""]
        try:
            if method == "CONNECT":
                await self._tunnel(reader, writer, Address.read(target))
            else:
                await self._forward(reader, writer, head, target)
        except ValueError as reason:
            writer.write(refusal(400, "Bad Request", f"mock-klaviyo exec: {reason}"))
            await writer.drain()

    async def _tunnel(self, reader: StreamReader, writer: StreamWriter, asked: Address) -> None:
        """Join the program to the host that it asked for, or to the server that stands for it."""
        if asked.host in KLAVIYO_HOSTS and asked.port == HTTPS:
            await splice(reader, writer, HERE, self.secure, greeting=ESTABLISHED)
        elif is_allowed(asked, self.allowed):
            await self._reach(reader, writer, asked, greeting=ESTABLISHED)
        else:
            await self._refuse(writer, asked)

    async def _forward(self, reader: StreamReader, writer: StreamWriter, head: bytes, target: str) -> None:
        """Pass on a request that names its whole URL, as plain HTTP does, and as some clients do for https too."""
        url = urlsplit(target)
        if not url.hostname:
            raise ValueError(f"this is a proxy; {target!r} is no URL that it could pass on")
        asked = Address(url.hostname, url.port or (HTTPS if url.scheme == "https" else 80))
        if asked.host in KLAVIYO_HOSTS:
            await splice(reader, writer, HERE, self.plain, begin=alone(head, target))
        elif is_allowed(asked, self.allowed) and url.scheme == "http":
            await self._reach(reader, writer, asked, begin=alone(head, target))
        else:
            await self._refuse(writer, asked)

    async def _reach(self, reader: StreamReader, writer: StreamWriter, asked: Address, **first: bytes) -> None:
        """Join the program to an allowed host; 502 when it cannot be reached."""
        try:
            await splice(reader, writer, asked.host, asked.port or HTTPS, **first)
        except BROKEN as reason:
            writer.write(refusal(502, "Bad Gateway", f"mock-klaviyo exec: {asked} cannot be reached: {reason}"))
            await writer.drain()

    async def _refuse(self, writer: StreamWriter, asked: Address) -> None:
        """Say that a host is not to be reached, and what allows it."""
        self.refused[str(asked)] += 1
        remedy = f"mock-klaviyo exec: {asked} is not Klaviyo's; --allow-host {asked} lets the program reach it"
        writer.write(refusal(403, "Forbidden by mock-klaviyo exec", remedy))
        await writer.drain()


def alone(head: bytes, target: str) -> bytes:
    """A request's head as a server takes it from a proxy: the path alone, and nothing after this request."""
    url = urlsplit(target)
    path = target.split(url.netloc, 1)[1] or "/"
    first, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, _, version = first.split(b" ")
    kept = [line for line in headers if not line.lower().startswith(HOP_BY_HOP)]
    return b"\r\n".join([b" ".join([method, path.encode("latin-1"), version]), *kept, b"Connection: close", b"", b""])


def refusal(status: int, reason: str, text: str) -> bytes:
    """A whole answer that says in a header and in the body why nothing else comes."""
    body = f"{text}\n".encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nX-Mock-Hint: {text}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1", "replace") + body
