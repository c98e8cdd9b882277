"""What goes wrong on a real socket, and that it keeps nobody else waiting."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from time import monotonic

import pytest

from mock_klaviyo import json
from mock_klaviyo.api.parking import Parking
from mock_klaviyo.app import create_app
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.serving import Server
from tests.calling import event

HEADERS = {
    "Authorization": "Klaviyo-API-Key pk_0123456789abcdef0123456789abcdef01",
    "revision": "2026-07-15",
    "Content-Type": "application/json",
}
PATIENCE = 10
"""Seconds after which a test is lost."""


@pytest.fixture
def running(klaviyo):
    server = Server(create_app(klaviyo=klaviyo))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def arm(klaviyo: Klaviyo):
    return lambda **given: klaviyo.faults.add([given], klaviyo.clock.now)


@dataclass
class Clients:
    """Clients of a server, whose connections end with the test."""

    server: Server
    ends: ExitStack

    def connect(self, timeout=PATIENCE):
        return self.ends.enter_context(closing(HTTPConnection(self.server.host, self.server.port, timeout=timeout)))

    def call(self, path="/api/metrics", method="GET", body=None, connection=None, timeout=PATIENCE):
        """The answer to a call, its body still unread."""
        connection = connection or self.connect(timeout)
        connection.request(method, path, json.written(body) if body else None, HEADERS)
        return self.ends.enter_context(closing(connection.getresponse()))

    def send(self, **options):
        """The answer to an event."""
        body = event("Bought", {"email": "anna@shop.example.org"}, unique_id="1")
        return self.call("/api/events", "POST", body, **options)


@pytest.fixture
def clients(running):
    with ExitStack() as ends:
        yield Clients(running, ends)


def test_a_reset_is_a_reset(clients, arm):
    arm(kind="reset")

    with pytest.raises(ConnectionResetError) as broken:
        clients.call()

    assert not isinstance(broken.value, RemoteDisconnected)


def test_an_empty_answer_ends_the_connection_without_a_byte(clients, arm):
    arm(kind="empty")

    with pytest.raises(RemoteDisconnected):
        clients.call()


def test_a_cut_body_ends_in_the_middle(clients, arm):
    arm(kind="cut_body")
    answer = clients.call()

    with pytest.raises(IncompleteRead) as partial:
        answer.read()

    assert int(answer.headers["Content-Length"]) // 2 == len(partial.value.partial) > 0


def test_a_timeout_lasts_until_the_client_gives_up(clients, arm):
    arm(kind="timeout")

    with pytest.raises(TimeoutError):
        clients.call(timeout=0.1)


def test_the_body_comes_slowly_and_whole(clients, arm):
    arm(kind="slow_body", latency="40ms", match="GET *")
    began = monotonic()
    content = clients.call().read()

    assert [] == json.read(content)["data"]
    assert monotonic() - began >= 0.04


def test_headers_come_before_a_slow_body(clients, arm):
    arm(kind="slow_body", latency="1h")

    assert 200 == clients.call().status


def test_a_late_answer_is_late(clients, arm):
    arm(latency="50ms")
    began = monotonic()

    assert 200 == clients.call().status
    assert monotonic() - began >= 0.05


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("kind", ["reset", "timeout", "empty"])
def test_what_is_not_answered_took_effect_or_not(clients, arm, klaviyo, kind, phase):
    arm(kind=kind, phase=phase, times=1)

    with pytest.raises(OSError):
        clients.send(timeout=0.2)

    while not klaviyo.faults.documents()[0]["hits"]:
        pass
    assert (phase == "after") == bool(klaviyo.rows("event", 0, 10))
    assert 202 == clients.send().status
    assert 1 == len(klaviyo.rows("event", 0, 10))


@pytest.mark.parametrize("given", [{"latency": "1h"}, {"kind": "timeout"}, {"kind": "slow_body", "latency": "1h"}])
def test_who_waits_keeps_nobody_waiting(clients, arm, given):
    arm(**given, match="GET /api/lists")
    waiting = [clients.connect() for _ in range(20)]
    for connection in waiting:
        connection.request("GET", "/api/lists", headers=HEADERS)

    assert [200] * 50 == [clients.call("/__mock/health").status for _ in range(50)]


def test_a_connection_serves_on_after_a_late_answer(clients, arm):
    connection = clients.connect()
    arm(latency="1ms")
    for _ in range(3):
        clients.call(connection=connection).read()

    assert 200 == clients.call(connection=connection).status


def test_a_server_stops_at_once_while_somebody_waits(klaviyo):
    server = Server(create_app(klaviyo=klaviyo))
    server.start()
    klaviyo.faults.add([{"latency": "1h"}], klaviyo.clock.now)
    with closing(HTTPConnection(server.host, server.port)) as connection:
        connection.request("GET", "/api/lists", headers=HEADERS)
        while not klaviyo.faults.documents()[0]["hits"]:
            pass
        began = monotonic()
        server.stop()

    assert monotonic() - began < 4.5  # after five seconds it would give up on the thread


def test_control_routes_are_never_hit(clients, arm):
    arm(kind="reset")

    assert 200 == clients.call("/__mock/faults").status


def test_without_a_port_a_broken_connection_is_an_error(klaviyo, arm):
    arm(kind="reset")

    with pytest.raises(ConnectionResetError):
        create_app(klaviyo=klaviyo).test_client().get("/api/lists")


# threads


def test_there_is_a_thread_more_than_requests_that_wait():
    parking, asked = Parking(), []
    parking.serve(asked.append)
    with parking.parked(), parking.parked():
        pass

    assert [2, 3, 2, 1] == asked


def test_a_closed_parking_starts_no_threads():
    parking, asked = Parking(), []
    with parking.parked():
        parking.serve(asked.append)
        parking.close()

    assert [] == asked


def test_a_connection_that_is_reset_is_seen_by_a_plain_socket(clients, arm):
    arm(kind="reset")
    with socket.create_connection((clients.server.host, clients.server.port), timeout=PATIENCE) as client:
        client.sendall(b"GET /api/lists HTTP/1.1\r\nHost: here\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
