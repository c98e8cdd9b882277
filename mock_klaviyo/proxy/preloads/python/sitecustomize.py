"""Runs before a Python program under `mock-klaviyo exec`: Klaviyo's hosts lead here, others only where allowed."""

from __future__ import annotations

import os
import socket
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

HERE = str(Path(__file__).parent)
KLAVIYO = frozenset(filter(None, os.environ.get("MOCK_KLAVIYO_EXEC_HOSTS", "").split(",")))
ALLOWED = frozenset(filter(None, os.environ.get("MOCK_KLAVIYO_EXEC_ALLOWED", "").split(",")))
PORT = int(os.environ.get("MOCK_KLAVIYO_EXEC_PORT", "0"))
resolved = socket.getaddrinfo


def redirected(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
    """What an address resolves to: Klaviyo's to a port of this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in KLAVIYO and port in (443, "443", "https"):
        return resolved("127.0.0.1", PORT, *rest, **named)
    if name and not is_here(name) and not {name, f"{name}:{port}"} & ALLOWED:
        remedy = f"--allow-host {name}:{port} lets the program reach it"
        raise socket.gaierror(socket.EAI_NONAME, f"mock-klaviyo exec: {name}:{port} is not Klaviyo's; {remedy}")
    return resolved(host, port, *rest, **named)


def is_here(name: str) -> bool:
    """Whether a host is this machine, by name or by an address of it."""
    return name in ("localhost", "::1", "::", "0.0.0.0", socket.gethostname()) or name.startswith("127.")


def run_next() -> None:
    """Run the sitecustomize that ours stands in front of, if there is one."""
    spec = PathFinder.find_spec("sitecustomize", [folder for folder in sys.path if folder != HERE])
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


if PORT:
    socket.getaddrinfo = redirected
run_next()
