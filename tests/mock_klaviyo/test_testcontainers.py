"""KlaviyoMockContainer, with Docker's part played by a server in this process."""

from __future__ import annotations

from typing import Any

import pytest
from testcontainers.core import container as containers
from testcontainers.core.config import ConnectionMode

from mock_klaviyo.app import create_app
from mock_klaviyo.cli.serving import serve
from mock_klaviyo.config import Account, Config, Key
from mock_klaviyo.serving import Server
from mock_klaviyo.testcontainers import KlaviyoMockContainer


class Docker:
    """What the container asks of Docker; the container itself is a server with the keys that were asked for."""

    created: dict[str, Any]

    def __init__(self, **_: Any) -> None:
        self.server: Server | None = None

    def create(self, image: str, **asked: Any) -> Docker:
        Docker.created = {"image": image, **asked}
        return self

    def start(self, _container: Any) -> None:
        told = Docker.created["environment"]
        config = Config(keys=(Key(told["MOCK_KLAVIYO_KEY"]),), account=Account(id=told["MOCK_KLAVIYO_PUBLIC_KEY"]))
        self.server = Server(create_app(config))
        self.server.start()

    @property
    def id(self) -> str:
        return "one"

    short_id = id
    status = "running"

    def reload(self) -> None:
        """Docker's container knows how it is."""

    def get_connection_mode(self) -> ConnectionMode:
        return ConnectionMode.docker_host

    def host(self) -> str:
        return "127.0.0.1"

    def port(self, _id: str, _port: int) -> int:
        assert self.server
        return self.server.port

    def remove(self, **_: Any) -> None:
        assert self.server
        self.server.close()

    stop = remove

    @property
    def client(self) -> Docker:
        return self

    def close(self) -> None:
        """The connection to Docker ends."""


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "DockerClient", Docker)
    monkeypatch.setattr(containers.c, "ryuk_disabled", True)


@pytest.mark.usefixtures("docker")
def test_it_starts_when_the_mock_is_ready_and_gives_what_tests_need() -> None:
    with KlaviyoMockContainer().with_keys("pk_mine", "SHOP02") as container:
        mock = container.get_mock()
        assert mock.url == container.get_base_url()
        assert "pk_mine" == mock.control.call("GET", "config")["private_key"]
        assert [] == mock.events()
        mock.stop()


@pytest.mark.usefixtures("docker")
def test_the_builders_set_the_options_of_serve() -> None:
    built = KlaviyoMockContainer("mine:1", 5000).with_keys("pk_mine").with_clock("2026-01-01T00:00:00Z").with_seed(7)
    built = built.with_rate_limits().with_history().with_option("processing-delay", "30s")
    with built:
        created = Docker.created

    assert "mine:1" == created["image"]
    assert {"5000": None} == created["ports"]
    options = {name.removeprefix("MOCK_KLAVIYO_").lower() for name in created["environment"]}
    assert options == {"port", "key", "public_key", "clock", "seed", "rate_limits", "history", "processing_delay"}
    known = {option.lstrip("-").replace("-", "_") for each in serve.params for option in each.opts}
    assert set() == options - known
