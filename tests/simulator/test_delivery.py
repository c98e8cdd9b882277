"""Delivery against a little server that answers what a test tells it."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from simulator.contract.inspection import Wire
from simulator.delivery import Delivery, Destination, Unreachable, pauses
from simulator.mapping.requests import KlaviyoRequest, profile_request
from simulator.server import control

REQUEST = profile_request({"email": "ana@example.org"}, "tea e1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


RESET = 0
"""The status with which the connection breaks instead of an answer."""


def numbered(number: int) -> KlaviyoRequest:
    """A request that can be told apart from others."""
    return profile_request({"external_id": str(number)}, f"tea e{number}")


@dataclass
class Script:
    """What the server answers, one after the other (the last one for ever), and what it was asked."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(202, {}, b"")])
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    url: str = ""

    @property
    def order(self) -> list[str]:
        """The external ids that it was asked for, in order."""
        return [json.loads(body)["data"]["attributes"]["external_id"] for _, body in self.asked]


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
            if status == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
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


def test_a_connection_that_was_closed_meanwhile_is_opened_again():
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(to(listener)) as delivery:
        for _ in range(2):
            server = Thread(target=answer, args=[listener, 202])
            server.start()
            sent = delivery.send(REQUEST)
            server.join()

            assert (202, 1) == (sent.status, sent.attempts)


def test_an_answer_that_comes_before_all_was_read_is_kept():
    """As a server answers that refuses a body for its size."""
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(to(listener)) as delivery:
        Thread(target=answer, args=[listener, 413], daemon=True).start()

        assert 413 == delivery.send(profile_request({"title": "x" * 20_000_000}, "tea e1")).status


def to(listener: socket.socket) -> Delivery:
    """A delivery that tries once."""
    return Delivery(Destination(f"http://127.0.0.1:{listener.getsockname()[1]}", "pk_1"), attempts=1)


def answer(listener: socket.socket, status: int) -> None:
    """Answer a request when a part of it has come, and close the connection without a word."""
    connection, _ = listener.accept()
    connection.recv(10_000)
    connection.sendall(f"HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n\r\n".encode())
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def test_what_is_on_its_way_arrives_before_what_follows_and_each_gets_its_own_answer(klaviyo, deliver):
    klaviyo.answers[:] = [(202, {}, str(number).encode()) for number in range(5)]
    delivery = deliver()
    underway = [delivery.begin(numbered(number)) for number in range(5)]
    got = [(each.outcome.request, each.outcome.body) for each in reversed(underway)]

    assert [(numbered(number), str(number).encode()) for number in (4, 3, 2, 1, 0)] == got
    assert ["0", "1", "2", "3", "4"] == klaviyo.order


@pytest.mark.parametrize("stumble", [429, 503, RESET])
def test_what_stumbles_on_its_way_is_tried_again_before_what_follows(klaviyo, deliver, stumble):
    klaviyo.answers[:] = [(202, {}, b""), (stumble, {}, b""), (202, {}, b"")]
    delivery = deliver()
    underway = [delivery.begin(numbered(number)) for number in range(3)]

    assert [1, 2, 1] == [each.outcome.attempts for each in underway]
    assert ["0", "1", "1", "2"] == klaviyo.order


def test_a_second_try_of_what_was_on_its_way_leaves_later_by_the_clock(klaviyo, deliver, waits):
    klaviyo.answers[:] = [(429, {"retry-after": "7"}, b""), (202, {}, b"")]
    delivery = deliver(is_mock=True).like(is_virtual=True)
    delivery.begin(numbered(0), at=NOON)
    delivery.begin(numbered(1), at=NOON).outcome  # noqa: B018 - waits for it

    assert ["12:00:00", "12:00:07", "12:00:00"] == [headers["x-mock-clock"][11:19] for headers, _ in klaviyo.asked]
    assert [] == waits


def test_deliveries_over_one_connection_share_what_is_on_its_way(klaviyo, deliver):
    klaviyo.answers[:] = [(503, {}, b""), (202, {}, b"")]
    delivery = deliver()
    first = delivery.begin(numbered(0))
    delivery.like(revision="2025-10-15").send(numbered(1))

    assert ["0", "0", "1"] == klaviyo.order
    assert 202 == first.outcome.status


def test_what_is_on_its_way_arrives_before_a_control_route_is_asked(klaviyo, deliver):
    klaviyo.answers[:] = [(503, {}, b""), (202, {}, b"")]
    with control(klaviyo.url) as routes:
        wire = Wire(deliver(), routes)
        wire.delivery.begin(numbered(0))
        routes.ask("POST", "/__mock/snapshots/now", {"data": {"attributes": {"external_id": "control"}}})

    assert ["0", "0", "control"] == klaviyo.order


@pytest.mark.parametrize("room", [2, 4, 16])
def test_as_many_are_on_their_way_as_there_is_room_for_and_each_gets_its_own_answer(klaviyo, deliver, room):
    klaviyo.answers[:] = [(202, {}, str(number).encode() * number) for number in range(9)]
    delivery = deliver(is_mock=True).like(is_virtual=True, room=room)
    underway = [delivery.begin(numbered(number)) for number in range(9)]
    settled = [each.is_settled for each in underway]
    delivery.settle()

    assert [True] * max(0, 9 - room) + [False] * min(9, room) == settled
    assert [str(number).encode() * number for number in range(9)] == [each.outcome.body for each in underway]
    assert [str(number) for number in range(9)] == klaviyo.order
    assert 1 == len(klaviyo.connections)


@pytest.mark.parametrize("stumble", [429, 503])
def test_what_stumbles_among_others_on_their_way_is_tried_again_after_them(klaviyo, deliver, stumble):
    klaviyo.answers[:] = [(202, {}, b"a"), (stumble, {}, b""), (202, {}, b"c"), (202, {}, b"d"), (202, {}, b"b")]
    delivery = deliver(is_mock=True).like(is_virtual=True, room=4)
    underway = [delivery.begin(numbered(number)) for number in range(4)]

    assert [b"a", b"b", b"c", b"d"] == [each.outcome.body for each in underway]
    assert [1, 2, 1, 1] == [each.outcome.attempts for each in underway]
    assert ["0", "1", "2", "3", "1"] == klaviyo.order


def test_what_was_on_its_way_when_the_connection_broke_is_sent_again_in_order(klaviyo, deliver):
    klaviyo.answers[:] = [(202, {}, b""), (RESET, {}, b""), (202, {}, b"")]
    delivery = deliver(is_mock=True).like(is_virtual=True, room=4)
    underway = [delivery.begin(numbered(number)) for number in range(4)]

    assert [202] * 4 == [each.outcome.status for each in underway]
    assert ["0", "1", "1", "2", "3"] == klaviyo.order
    assert 2 == len(klaviyo.connections)


def test_what_nobody_answered_is_told_to_who_sends_next(klaviyo, deliver):
    klaviyo.answers[:] = [(RESET, {}, b"")]
    delivery = deliver()
    delivery.begin(numbered(0))

    with pytest.raises(Unreachable, match="did not answer 3 times"):
        delivery.settle()


def test_pauses_grow_but_not_for_ever():
    assert 60 == list(pauses(20))[-1].total_seconds()
