"""Fixtures that every test can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.serving import Server
from tests.calling import Client

START = datetime(2026, 1, 1, tzinfo=UTC)

# The same examples in each run, and no deadlines: how long one takes says more of the machine than of the code.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


@pytest.fixture
def klaviyo() -> Iterator[Klaviyo]:
    """A fresh Klaviyo, seed 0, its clock held at 2026-01-01."""
    fresh = Klaviyo(Config(clock=START))
    yield fresh
    fresh.close()


@pytest.fixture
def client(klaviyo: Klaviyo) -> Client:
    """A client with the private key."""
    return Client(klaviyo)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server on a free port, its clock running."""
    running = Server(create_app())
    running.start()
    yield running
    running.stop()
