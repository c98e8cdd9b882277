"""Measures flows: profiles that wait in a delay and then get an email, at one moment and each at its own.

    python benchmarks/flows.py                  about two minutes
    python benchmarks/flows.py --profiles 10000

The server runs in this process, with its store on a file.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from mock_klaviyo.config import PRIVATE_KEY, Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.wire.messages import Request

HEADERS = {
    "authorization": f"Klaviyo-API-Key {PRIVATE_KEY}",
    "revision": "2026-07-15",
    "content-type": "application/vnd.api+json",
}
START, SECOND, DELAY = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=1), timedelta(days=2)
AT_ONCE = 1000
HTML = "<p>Hi {{ first_name|default:'you' }}, you have {{ event.points }} points. {% unsubscribe %}</p>"


class Figures(NamedTuple):
    """What a run cost: runs per second that began and that went on, and MiB before and after they went on."""

    entered: float
    went_on: float
    before: int
    after: int


class Shop:
    """An account with a flow that an event starts: two days later an email is sent."""

    def __init__(self, file: Path) -> None:
        self.klaviyo = Klaviyo(Config(clock=START, data=file, journal_size=10))
        self.track([0], at=START - timedelta(days=999))
        (metric,) = self.klaviyo.rows("metric", 0, 10)
        html = {"name": "Points", "editor_type": "CODE", "html": HTML}
        template = self.call("POST", "/api/templates", document("template", html))
        flow = self.call("POST", "/api/flows", document("flow", definition(metric.id, template)))
        self.call("PATCH", f"/api/flows/{flow}", document("flow", {"status": "live"}, id=flow))

    def call(self, method: str, path: str, body: Any) -> Any:
        """The id in the answer to a request."""
        request = Request(method, path, "", HEADERS, json.dumps(body).encode(), "http://127.0.0.1")
        answer = self.klaviyo.answer(request)
        if answer.status >= 300:
            raise SystemExit(f"{method} {path} answered {answer.status}: {answer.document}")
        return ((answer.document or {}).get("data") or {}).get("id")

    def track(self, numbers: Iterable[int], at: datetime) -> None:
        """Let somebody of each number do what starts the flow."""
        events = [event(number, at) for number in numbers]
        self.call("POST", "/api/event-bulk-create-jobs", document("event-bulk-create-job", {
            "events-bulk-create": {"data": events},
        }))  # fmt: skip
        self.klaviyo.catch_up()


def document(type: str, attributes: Any, **given: str) -> Any:
    """A request body."""
    return {"data": {"type": type, "attributes": attributes, **given}}


def event(number: int, at: datetime) -> Any:
    """Somebody gets points."""
    person = {"email": f"p{number}@shop.org", "first_name": f"Ana {number}"}
    earned = {
        "properties": {"points": number},
        "time": at.isoformat(),
        "metric": document("metric", {"name": "Points"}),
    }
    attributes = {
        "profile": document("profile", person),
        "events": {"data": [{"type": "event", "attributes": earned}]},
    }
    return {"type": "event-bulk-create", "attributes": attributes}


def definition(metric_id: str, template_id: str) -> Any:
    """A flow of a delay and an email."""
    message = {
        "from_email": "shop@shop.org",
        "from_label": "Shop",
        "subject_line": "{{ event.points }} points",
        "template_id": template_id,
        "smart_sending_enabled": False,
    }
    wait = {"unit": "days", "value": DELAY.days, "secondary_value": 0, "timezone": "profile"}
    actions = [
        {"temporary_id": "wait", "type": "time-delay", "links": {"next": "mail"}, "data": wait},
        {"temporary_id": "mail", "type": "send-email", "links": {"next": None}, "data": {"message": message}},
    ]
    triggers = [{"type": "metric", "id": metric_id, "trigger_filter": None}]
    given = {"triggers": triggers, "profile_filter": None, "actions": actions, "entry_action_id": "wait"}
    return {"name": "Points", "definition": given}


def measured(profiles: int, apart: timedelta) -> Figures:
    """What it costs when profiles begin so far apart, those of no distance a thousand at once."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "flows.sqlite")
        began = perf_counter()
        size = 1 if apart else AT_ONCE
        for first in range(0, profiles, size):
            now = START + first * apart
            if apart:
                shop.klaviyo.clock.set(now)
            shop.track(range(first, min(first + size, profiles)), now)
        entered, before = perf_counter() - began, peak()
        began = perf_counter()
        shop.klaviyo.move_clock(START + profiles * apart + DELAY + SECOND)
        went_on = perf_counter() - began
        if shop.klaviyo.number_of("outbox-message") != profiles:
            raise SystemExit("not everybody got an email")
        figures = Figures(profiles / entered, profiles / went_on, before, peak())
        shop.klaviyo.close()
    return figures


def peak() -> int:
    """The most memory that this process had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--profiles", type=int, default=100_000)
    chosen = options.parse_args()
    rows = (
        ("due at one moment", chosen.profiles, timedelta()),
        ("each due at a second of its own", chosen.profiles // 10, SECOND),
    )
    sys.stdout.write(f"{'':32} {'profiles':>9} {'entered':>9} {'went on':>9} {'memory before → after':>24}\n")
    for name, profiles, apart in rows:
        with get_context("spawn").Pool(1) as process:  # a process of its own, to see no other's memory
            found = process.apply(measured, (profiles, apart))
        rates = f"{found.entered:>7,.0f}/s {found.went_on:>7,.0f}/s"
        sys.stdout.write(f"{name:32} {profiles:>9,} {rates} {found.before:>10,} → {found.after:,} MiB\n")


if __name__ == "__main__":
    main()
