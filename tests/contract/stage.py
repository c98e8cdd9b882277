"""A stage: one Klaviyo for many scenes, and a digest of all that it keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client
from tests.contract.arrangements import scene
from tests.contract.arranging import Asked, Scene

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


class Stage:
    """A Klaviyo in which one scene after the other is arranged."""

    def __init__(self) -> None:
        self.klaviyo = Klaviyo(Config(clock=NOW))
        self.scene: Scene = scene(Client(self.klaviyo))

    def fresh(self, name: str) -> Asked:
        """A call of an operation that would succeed, in a new account."""
        self.klaviyo.reset()
        self.scene = scene(Client(self.klaviyo))
        asked = self.scene.asked(name)
        self.klaviyo.catch_up()
        return asked

    def state(self) -> str:
        """A digest of all that is kept."""
        self.klaviyo.catch_up()
        connection: Any = self.klaviyo.store._database._connection.connection.driver_connection
        return sha256(connection.serialize()).hexdigest()

    def close(self) -> None:
        """End."""
        self.klaviyo.close()
