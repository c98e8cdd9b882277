"""Measures what isolation costs: reset, making a world, snapshots, in an empty account and with 10,000 profiles.

python benchmarks/worlds.py [--profiles 10000]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config
from mock_klaviyo.serving import Server
from simulator.delivery import pool

HEADERS = {"authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": "2026-07-15"}
TURNS = 30


def median_ms(call: Callable[[], Any]) -> float:
    """The median time of a call over HTTP, in milliseconds; the first one warms up."""
    times = []
    for _ in range(TURNS + 1):
        began = perf_counter()
        call()
        times.append((perf_counter() - began) * 1000)
    return median(times[1:])


def profiles(count: int) -> list[Any]:
    """Bodies that import so many profiles, a thousand at a time."""
    known = {"first_name": "Ana", "properties": {"tier": 1}}
    people = [{"type": "profile", "attributes": {"email": f"p{n}@shop.org"} | known} for n in range(count)]
    return [
        {"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": people[at : at + 1000]}}}}
        for at in range(0, count, 1000)
    ]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--profiles", type=int, default=10_000)
    chosen = options.parse_args()
    server = Server(create_app(Config()))
    server.start()
    _, connections = pool(server.url)

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = connections.request(method, path, body=json.dumps(body) if body else None, headers=HEADERS)
        if answer.status >= 300:
            raise SystemExit(f"{method} {path} answered {answer.status}: {answer.data[:500]!r}")

    for count in (0, chosen.profiles):
        for body in profiles(count):
            call("POST", "/api/profile-bulk-import-jobs", body)
        call("PUT", "/__mock/baseline")
        sys.stdout.write(f"{count:>7} profiles in the baseline\n")
        for name, method, path in (
            ("reset", "POST", "/__mock/reset"),
            ("make a world", "POST", "/__mock/worlds"),
            ("keep a snapshot", "POST", "/__mock/snapshots/one"),
            ("restore it", "POST", "/__mock/snapshots/one/restore"),
        ):
            body = {"name": "again"} if path.endswith("worlds") else None
            taken = median_ms(partial(call, method, path, body))
            sys.stdout.write(f"        {taken:6.1f} ms  {name}\n")
    server.stop()


if __name__ == "__main__":
    main()
