"""The official Python SDK, pointed at a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from klaviyo_api import KlaviyoAPI

from mock_klaviyo.config import PRIVATE_KEY
from mock_klaviyo.serving import Server

NOW = "2026-08-01T12:00:00+00:00"

collect_ignore = ["quickstart.py"]  # it is run by test_quickstart.py; doctest would import it without a server


@pytest.fixture
def sdk(server: Server) -> Iterator[KlaviyoAPI]:
    """The SDK as its README makes it; the server begins anew, its clock held at NOW."""
    requests.post(f"{server.url}/__mock/reset", json={"clock": NOW}, timeout=5).raise_for_status()
    yield KlaviyoAPI(PRIVATE_KEY, test_host=server.url)
    requests.post(f"{server.url}/__mock/reset", timeout=5).raise_for_status()
