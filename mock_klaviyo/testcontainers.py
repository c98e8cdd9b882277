"""KlaviyoMockContainer: our image as testcontainers starts it; install `mock-klaviyo[testcontainers]`."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy

from mock_klaviyo.config import DEFAULT_PORT, PRIVATE_KEY, PUBLIC_KEY, Account, Config, Key
from mock_klaviyo.testing.mock import KlaviyoMock, timed

IMAGE = "mock-klaviyo:latest"
READY = "/__mock/ready"
START_SECONDS = 60


class KlaviyoMockContainer(DockerContainer):
    """A mock in a container: `with KlaviyoMockContainer().with_seed(7) as klaviyo: klaviyo.get_base_url()`."""

    def __init__(self, image: str = IMAGE, port: int = DEFAULT_PORT) -> None:
        ready = HttpWaitStrategy(port, READY).for_status_code(200).with_startup_timeout(START_SECONDS)
        super().__init__(image, _wait_strategy=ready)
        self.port = port
        self.private_key, self.public_key = PRIVATE_KEY, PUBLIC_KEY
        self.with_exposed_ports(port)
        self.with_option("port", str(port))

    def with_option(self, name: str, value: str = "true") -> Self:
        """Set an option of `mock-klaviyo serve`: `with_option("processing-delay", "30s")`, `with_option("legacy")`."""
        self.with_env(f"MOCK_KLAVIYO_{name.upper().replace('-', '_')}", value)
        return self

    def with_keys(self, private_key: str, public_key: str = PUBLIC_KEY) -> Self:
        """Choose the keys of the account."""
        self.private_key, self.public_key = private_key, public_key
        return self.with_option("key", private_key).with_option("public-key", public_key)

    def with_clock(self, at: datetime | str) -> Self:
        """Hold the clock at a time."""
        return self.with_option("clock", timed(at))

    def with_seed(self, seed: int) -> Self:
        """Choose the seed of all ids."""
        return self.with_option("seed", str(seed))

    def with_rate_limits(self) -> Self:
        """Let Klaviyo's rate limits hold."""
        return self.with_option("rate-limits", "real")

    def with_history(self) -> Self:
        """Keep what /__mock/at/N shows."""
        return self.with_option("history")

    def get_base_url(self) -> str:
        """Where it answers."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(self.port)}"

    def get_mock(self) -> KlaviyoMock:
        """Its clock, its faults and what it received, as the fixture `klaviyo` has them."""
        config = Config(keys=(Key(self.private_key),), account=Account(id=self.public_key))
        keys = {"private_key": config.private_key, "public_key": self.public_key}
        return KlaviyoMock.at(self.get_base_url(), keys, config=config)
