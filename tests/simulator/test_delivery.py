"""Delivery against a little server that answers what a test tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from simulator.delivery import Delivery, Destination, Unreachable, pauses
from simulator.mapping.requests import profile_request

REQUEST = profile_request({"email": "ana@example.org"}, "tea e1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Script:
    """What the server answers, one after the other (the last one for ever), and what it was asked."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(202, {}, b"")])
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    url: str = ""


@pytest.fixture
def klaviyo() -> Iterator[Script]:
    script = Script()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            script.asked.append(({name.lower(): value for name, value in self.headers.items()}, body))
            script.connections.add(self.client_address[1])
            status, headers, content = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    script.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield script
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def deliver(klaviyo, waits):
    made = []

    def build(**options) -> Delivery:
        made.append(Delivery(Destination(klaviyo.url, "pk_1", **options), attempts=3, wait=waits.append))
        return made[-1]

    yield build
    for delivery in made:
        delivery.close()


def test_a_request_carries_key_revision_and_body(klaviyo, deliver):
    sent = deliver(revision="2026-07-15").send(REQUEST)
    headers, body = klaviyo.asked[0]

    assert (202, 1, True) == (sent.status, sent.attempts, sent.is_accepted)
    assert ("Klaviyo-API-Key pk_1", "2026-07-15") == (headers["authorization"], headers["revision"])
    assert REQUEST.body == json.loads(body)


def test_only_a_mock_is_told_time_and_cause(klaviyo, deliver):
    deliver().send(REQUEST, at=NOON)
    deliver(is_mock=True).send(REQUEST, at=NOON)
    (real, _), (mock, _) = klaviyo.asked

    assert not [name for name in real if name.startswith("x-mock")]
    assert ("2026-03-01T12:00:00+00:00", "tea e1") == (mock["x-mock-clock"], mock["x-mock-cause"])


def test_one_connection_serves_many_requests(klaviyo, deliver):
    delivery = deliver()
    for _ in range(5):
        delivery.send(REQUEST)

    assert 1 == len(klaviyo.connections)


@pytest.mark.parametrize("status", [429, 503, 504, 524])
def test_a_stumble_is_tried_again_with_the_same_body(klaviyo, deliver, waits, status):
    klaviyo.answers[:] = [(status, {}, b""), (202, {}, b"")]
    sent = deliver().send(REQUEST)

    assert (202, 2) == (sent.status, sent.attempts)
    assert klaviyo.asked[0][1] == klaviyo.asked[1][1]
    assert [0.25] == waits


def test_retry_after_is_honoured(klaviyo, deliver, waits):
    klaviyo.answers[:] = [(429, {"retry-after": "7"}, b""), (202, {}, b"")]
    deliver().send(REQUEST)

    assert [7.0] == waits


def test_it_gives_up_after_its_attempts(klaviyo, deliver, waits):
    klaviyo.answers[:] = [(503, {}, b"")]
    sent = deliver().send(REQUEST)

    assert (503, 3, False) == (sent.status, sent.attempts, sent.is_accepted)
    assert [0.25, 0.5] == waits


def test_a_refusal_is_not_tried_again_and_says_what_is_wrong(klaviyo, deliver):
    error = {"detail": "Invalid email", "source": {"pointer": "/data/attributes/email"}}
    klaviyo.answers[:] = [(400, {}, json.dumps({"errors": [error]}).encode())]
    sent = deliver().send(REQUEST)

    assert (400, 1) == (sent.status, sent.attempts)
    assert ["Invalid email at /data/attributes/email"] == sent.problems


def test_a_mocks_hint_is_kept(klaviyo, deliver):
    klaviyo.answers[:] = [(202, {"x-mock-hint": "unique_id belongs inside attributes"}, b"")]

    assert "unique_id belongs inside attributes" == deliver().send(REQUEST).hint


def test_nobody_there_is_an_error_of_its_own(waits):
    with pytest.raises(Unreachable, match="did not answer 3 times"):
        Delivery(Destination("http://127.0.0.1:9", "pk_1"), attempts=3, wait=waits.append).send(REQUEST)


def test_pauses_grow_but_not_for_ever():
    assert 60 == list(pauses(20))[-1].total_seconds()
