"""The server on its ports."""

from __future__ import annotations

import socket

import pytest
import requests

from mock_klaviyo.app import create_app
from mock_klaviyo.serving import Server


@pytest.fixture
def two_ports(klaviyo):
    server = Server(create_app(klaviyo=klaviyo), control_port=0)
    server.start()
    yield server
    server.stop()


def test_the_control_port_answers_control_routes_and_nothing_else(two_ports):
    assert two_ports.control_url != two_ports.url
    assert 200 == requests.get(f"{two_ports.control_url}/__mock/health", timeout=10).status_code
    assert 404 == requests.get(f"{two_ports.control_url}/api/lists", timeout=10).status_code
    assert 401 == requests.get(f"{two_ports.url}/api/lists", timeout=10).status_code
    assert 200 == requests.get(f"{two_ports.url}/__mock/health", timeout=10).status_code


def test_both_ports_are_of_one_account(two_ports, client):
    client.create("/api/tags", {"data": {"type": "tag", "attributes": {"name": "New"}}})

    assert 1 == requests.get(f"{two_ports.control_url}/__mock/requests/count", timeout=10).json()["total"]


def test_without_one_the_only_port_has_the_control_routes(server):
    assert server.url == server.control_url


def test_a_server_lets_go_of_both_ports(klaviyo):
    server = Server(create_app(klaviyo=klaviyo), control_port=0)
    server.start()
    control_port = int(server.control_url.rpartition(":")[2])
    server.stop()

    for port in (server.port, control_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_control_port_that_is_taken_frees_the_other(klaviyo):
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        with pytest.raises(OSError, match="in use"):
            Server(create_app(klaviyo=klaviyo), port=port, control_port=taken.getsockname()[1])

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
