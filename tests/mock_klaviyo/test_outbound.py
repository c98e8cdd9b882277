"""The only way out of the machine, and when it gives up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from threading import Event, Thread

import pytest

from mock_klaviyo import outbound
from mock_klaviyo.outbound import Outbound, Unreachable
from tests.receiver import receiver

HEAD = b"HTTP/1.1 200 OK\r\n"
SLOW = {"a status that never ends": (b"", b"H"), "heads": (HEAD, b"a: b\r\n"), "a body": (HEAD + b"\r\n", b"x")}


@contextmanager
def trickling(begin: bytes, rest: bytes) -> Iterator[str]:
    """The URL of a server that answers a little again and again and comes to no end."""
    done = Event()

    def answer() -> None:
        line, _ = listener.accept()
        with line, suppress(OSError):
            line.sendall(begin)
            for each in cycle([rest]):
                if done.wait(0.02):
                    return
                line.sendall(each)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(("begin", "rest"), SLOW.values(), ids=SLOW)
def test_a_call_ends_however_busily_its_answer_trickles(monkeypatch, begin, rest):
    monkeypatch.setattr(outbound, "LONGEST_CALL", 0.2)

    with trickling(begin, rest) as url, pytest.raises(Unreachable, match=r"not answered completely within 0\.2 s"):
        Outbound().post(url, {}, b"{}")


def test_what_is_answered_in_time_is_given():
    with receiver() as found:
        found.content = b"<feed/>"

        assert b"<feed/>" == Outbound().get(found.url, 100)
        assert 200 == Outbound().post(found.url, {"X": "1"}, b"{}")


def test_nobody_there_is_told_as_such():
    with pytest.raises(Unreachable, match="cannot be reached"):
        Outbound().get("http://127.0.0.1:9/", 100)
