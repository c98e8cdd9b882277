"""Measures generation, mapping, judging and delivery of events, and the memory of a long run.

    make bench                          everything, about two minutes
    python benchmarks/run.py --events 20000

Figures are per second on the machine at hand; quote the ratios, which hold when the machine's speed changes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter

import requests

from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received
from simulator.delivery import Delivery, Destination
from simulator.event import VendorEvent
from simulator.mapping.requests import KlaviyoRequest
from simulator.population import people
from simulator.shop import shop
from simulator.stream import stream
from simulator.vendors import vendors

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
KEY = "pk_0123456789abcdef0123456789abcdef01"
SEED = 4711
ACCEPTED = 202
PROGRAM = "import sys; from mock_klaviyo.cli import main; sys.argv[0] = 'mock-klaviyo'; main()"
SIMULATOR = "import sys; from simulator.cli import main; sys.argv[0] = 'vendor-sim'; main()"
WATCHED = f"""
import resource, subprocess, sys
subprocess.run([sys.executable, "-c", {SIMULATOR!r}, "run", sys.argv[1]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Runs a scenario and prints the memory of its largest process in KiB; in a process of its own, to see no other."""


def events(count: int) -> Iterator[VendorEvent]:
    """The first events of a crowd that is in all five programmes."""
    place = shop(SEED)
    lives = (
        vendor.life(vendor.join(person, place, chance(SEED, "join", name, person.key), START), START, END,
                    chance(SEED, "life", name, person.key))
        for person in people("crowd", max(40, count // 150), SEED)
        for name, vendor in vendors().items()
    )  # fmt: skip
    return islice(stream(lives), count)


def mapped(happened: Iterable[VendorEvent]) -> Iterator[KlaviyoRequest]:
    """The event requests that the mapping layer makes of them."""
    for event in happened:
        yield from vendors()[event.vendor].mapping.event_requests(event)


def judge(pairs: Iterable[tuple[VendorEvent, list[KlaviyoRequest]]]) -> int:
    """How many breaches the contracts find."""
    contracts = {name: load(vendor.folder / "contract.yaml") for name, vendor in vendors().items()}
    breaches = 0
    for event, sent in pairs:
        seen = [each for each in map(received, sent) if isinstance(each, ReceivedEvent)]
        none: list[ReceivedProfile] = []
        breaches += len(contracts[event.vendor].violations(event, seen, none))
    return breaches


def rate(work: Callable[[], object], count: int) -> float:
    """Things per second."""
    began = perf_counter()
    work()
    return count / (perf_counter() - began)


@contextmanager
def process(*command: str) -> Iterator[str]:
    """The URL of a server that lives as long as the block."""
    running = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield running.stdout.readline().strip() if running.stdout else ""
    finally:
        running.terminate()
        running.wait()


def delivered(url: str, sent: list[KlaviyoRequest], *, reads_back: bool) -> float:
    """Requests per second over one connection; reading back makes the server process what it took in."""
    delivery = Delivery(Destination(url, KEY, is_mock=False))
    began = perf_counter()
    for request in sent:
        answer = delivery.send(request)
        if answer.status != ACCEPTED:
            raise SystemExit(f"{url} answered {answer.status}: {answer.body[:500]!r}")
    if reads_back:
        delivery.read("/api/events?page[size]=1")
    return len(sent) / (perf_counter() - began)


def delivered_by_requests(url: str, sent: list[KlaviyoRequest]) -> float:
    """Requests per second of a plain requests.Session."""
    began = perf_counter()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Klaviyo-API-Key {KEY}"
        for request in sent:
            session.post(url + request.path, json=request.body).raise_for_status()
    return len(sent) / (perf_counter() - began)


def scenario(count: int) -> str:
    """A scenario that generates about so many events."""
    return f"""scenario: 1
name: {count} events
seed: {SEED}
clock: "2026-01-01T00:00:00Z"
population: {{crowd: {{count: {count // 55}}}}}
timeline: [{{at: 0s, live: smile, for: crowd, period: 365d}}, {{at: 0s, live: 99minds, for: crowd, period: 180d}}]
expect: {{clean: true}}
"""


def peak_memory(count: int) -> tuple[int, str]:
    """The memory of the largest process of a whole run in MiB, server included, and the last line of its report."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.yaml"
        file.write_text(scenario(count))
        command = [sys.executable, "-c", WATCHED, str(file)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    *_, verdict, kibibytes = answer.stdout.strip().splitlines()
    return int(kibibytes) // 1024, verdict


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=50_000, help="how many events to generate")
    options.add_argument("--sent", type=int, default=5_000, help="how many of them to send")
    options.add_argument("--long", type=int, default=100_000, help="how many events the long scenario has")
    chosen = options.parse_args()
    list(mapped(events(500)))

    rows: list[tuple[str, float]] = []
    happened: list[VendorEvent] = []
    rows.append(("generated", rate(lambda: happened.extend(events(chosen.events)), chosen.events)))
    rows.append(("mapped", rate(lambda: sum(1 for _ in mapped(happened)), len(happened))))
    pairs = [(event, list(mapped([event]))) for event in happened[:10_000]]
    judge(pairs[:100])
    rows.append(("judged by contract", rate(lambda: judge(pairs), len(pairs))))
    sent = list(islice(mapped(happened), chosen.sent))
    warm = sent[:300]
    with process("benchmarks/nothing.py") as nothing, tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "bench.sqlite")
        with process("-c", PROGRAM, "serve", "--port", "0", "--print-url", "--data", file) as real:
            delivered(nothing, warm, reads_back=False)
            delivered(real, warm, reads_back=True)
            rows.append(("delivered, validated, stored durably", delivered(real, sent, reads_back=True)))
            rows.append(("delivered to a Flask view that does nothing", delivered(nothing, sent, reads_back=False)))
            rows.append(("the same by requests.Session", delivered_by_requests(nothing, sent[:2000])))
    for name, figure in rows:
        print(f"{name:45} {figure:>10,.0f}/s")  # noqa: T201 - a report
    print(f"{'real server : do-nothing view':45} {rows[3][1] / rows[4][1]:>10.2f}")  # noqa: T201
    print(f"{'our delivery : requests.Session':45} {rows[4][1] / rows[5][1]:>10.2f}")  # noqa: T201
    for count in (chosen.long // 10, chosen.long):
        memory, verdict = peak_memory(count)
        print(f"{f'largest process of a run of {count:,} events':45} {memory:>7,} MiB   {verdict}")  # noqa: T201


if __name__ == "__main__":
    main()
