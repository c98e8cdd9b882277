"""Shared: one server for many tests, in this process or anywhere, that gives each test a world of its own."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mock_klaviyo.config import Config
from mock_klaviyo.testing.control import Control
from mock_klaviyo.testing.mock import KlaviyoMock, timed

if TYPE_CHECKING:
    from mock_klaviyo.serving import Server

LONGEST_NAME = 150


class SharedServer:
    """A server whose worlds do not see each other; it is started here unless the URL of a running one is given."""

    def __init__(self, config: Config | None = None, url: str | None = None) -> None:
        self._config = config or Config()
        self._server: Server | None = None if url else started(self._config)
        self.url = (url or (self._server.url if self._server else "")).rstrip("/")
        self.control = Control(self.url)

    def world(
        self,
        name: str,
        *,
        clock: datetime | str | None = None,
        seed: int | None = None,
        revision: str | None = None,
    ) -> KlaviyoMock:
        """A fresh world."""
        asked: dict[str, Any] = {"name": world_name(name)}
        if clock is not None:
            asked["clock"] = timed(clock)
        if seed is not None:
            asked["seed"] = seed
        made = self.control.call("POST", "worlds", asked)
        return KlaviyoMock.at(self.url, made, config=self._config, revision=revision)

    def remove(self, name: str) -> None:
        """End a world."""
        self.control.answer("DELETE", f"worlds/{world_name(name)}")

    def stop(self) -> None:
        """Stop the server if it is ours."""
        self.control.close()
        if self._server is not None:
            self._server.close()


def started(config: Config) -> Server:
    """A server in a thread of this process."""
    from mock_klaviyo.app import create_app  # Flask and SQLAlchemy are loaded when a server starts, not before
    from mock_klaviyo.serving import Server

    server = Server(create_app(config))
    server.start()
    return server


def world_name(text: str) -> str:
    """A name that a world can have, and that no other text gets.

    >>> world_name("gw0:tests/test_a.py::test_b"), world_name("täst")[:5]
    ('gw0:tests/test_a.py::test_b', 't_st-')
    """
    name = re.sub(r"[^A-Za-z0-9_.:/@\[\]-]", "_", text)[:LONGEST_NAME]
    return name if name == text else f"{name}-{sha256(text.encode()).hexdigest()[:12]}"
