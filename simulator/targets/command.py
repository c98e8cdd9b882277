"""Command: a user's program as a target; events in and requests out, a JSON line each."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any

from simulator import json
from simulator.event import VendorEvent
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets import reading
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import Handover, TargetFault
from simulator.webhook import Webhook

EXPECTED = 'a line such as {"requests": [{"method": "POST", "path": "/api/events", "body": {…}}]}'
STDERR_LINES = 8
STOP_SECONDS = 5
PLACEHOLDER = "{klaviyo}"
"""What stands for the URL of the Klaviyo that the program may call."""


class Program:
    """A program that lives through the run; its environment tells it the Klaviyo that it may call."""

    def __init__(self, command: str, surroundings: Surroundings) -> None:
        self.name = self.place = f"command:{command}"
        self._patience = surroundings.patience.total_seconds()
        self._complaints: IO[str] = TemporaryFile("w+")  # noqa: SIM115 it lives as long as the program
        self._process = started(command, surroundings, self._complaints)
        self._stdin, self._stdout = pipes(self._process)
        self._lines: Queue[str] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def receive(self, event: VendorEvent, sent: Webhook, handover: Handover) -> Iterator[KlaviyoRequest]:
        """Write the event as a line, and read the requests from the line that answers it."""
        self._write({"event": event_document(event, sent)})
        line = self._line()
        try:
            answer = json.read(line)
        except ValueError:
            raise TargetFault(EXPECTED, f"{line.strip()[:200]!r}", lines=self._stderr()) from None
        if not isinstance(answer, dict) or not answer.keys() & {"requests", "error"}:
            raise TargetFault(EXPECTED, reading.shown(answer), lines=self._stderr())
        if answer.get("error") and handover.is_genuine:
            raise TargetFault("no error", str(answer["error"]), lines=self._stderr())
        yield from reading.requests(answer.get("requests"), event.id, "")

    def close(self) -> None:
        """End the program: close its input, and stop it when it does not end by itself."""
        with suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._stdout.close()
        self._complaints.close()

    def _read(self) -> None:
        """Pass on every line; an empty text says that there are no more."""
        for line in self._stdout:
            self._lines.put(line)
        self._lines.put("")

    def _write(self, document: Mapping[str, Any]) -> None:
        try:
            self._stdin.write(json.written(document).decode() + "\n")
            self._stdin.flush()
        except (OSError, ValueError):
            raise self._ended() from None

    def _line(self) -> str:
        try:
            line = self._lines.get(timeout=self._patience)
        except Empty:
            raise TargetFault(EXPECTED, f"no line within {self._patience:g} s", lines=self._stderr()) from None
        if not line:
            self._lines.put("")
            raise self._ended()
        return line

    def _ended(self) -> TargetFault:
        try:
            got = f"the program ended with exit code {self._process.wait(STOP_SECONDS)}"
        except subprocess.TimeoutExpired:
            got = "the program closed its output"
        return TargetFault(EXPECTED, got, lines=self._stderr())

    def _stderr(self) -> list[str]:
        """The last lines that the program complained."""
        self._complaints.seek(0)
        return [line.rstrip() for line in self._complaints.readlines()[-STDERR_LINES:]]


def started(command: str, surroundings: Surroundings, complaints: IO[str]) -> subprocess.Popen[str]:
    """The program of a command, without a shell."""
    try:
        url = surroundings.klaviyo.url if surroundings.klaviyo else ""
        words = [word.replace(PLACEHOLDER, url) for word in shlex.split(command)]
        return subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
            env=environment(surroundings),
        )
    except (OSError, ValueError, IndexError) as error:
        complaints.close()
        raise TargetError(f"target {command!r} cannot be started: {error}") from None


def pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    """The input and the output of a program that was started with pipes."""
    if process.stdin is None or process.stdout is None:
        raise TargetError("a program without input and output cannot be a target")
    return process.stdin, process.stdout


def environment(surroundings: Surroundings) -> Mapping[str, str]:
    """Our own environment, and where Klaviyo is."""
    klaviyo = surroundings.klaviyo
    told = {"KLAVIYO_API_URL": klaviyo.url, "KLAVIYO_API_KEY": klaviyo.key} if klaviyo else {}
    return {**os.environ, **told}


def event_document(event: VendorEvent, sent: Webhook) -> Mapping[str, Any]:
    """An event as a program gets it."""
    return {
        "vendor": event.vendor,
        "event": event.name,
        "id": event.id,
        "occurred_at": event.occurred_at,
        "headers": sent.headers,
        "body": sent.body.decode(),
        "payload": event.payload,
        "customer": event.customer,
    }
