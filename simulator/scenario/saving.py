"""Saving: what happened in a live server becomes a scenario of raw calls, which expects the state that it ended in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator import json
from simulator.json import Json
from simulator.scenario.minimizing import write
from simulator.scenario.words import Mistake
from simulator.server import Control, destination

WRITES = ("POST", "PATCH", "PUT", "DELETE")


def save(url: str, key: str | None, file: Path, *, name: str) -> str:
    """Write what happened at a mock as a scenario; what was written, in a line."""
    where = destination(url, key)
    if not where.is_mock:
        raise Mistake(f"{url} is no mock-klaviyo; only a mock remembers what happened")
    with closing(Control(url, where.key)) as control:
        document = happened(control, name)
    write(document, file)
    return f"{file}: {len(document['timeline'])} calls, {len(document['expect']['events'])} expectations of events"


def happened(control: Control, name: str) -> Json:
    """What happened, as a scenario's document."""
    requests = [entry for entry in control.requests() if entry["method"] in WRITES and is_api(entry["url"])]
    if not requests:
        raise Mistake("nothing has happened there yet: no call wrote anything")
    total = control.document("/__mock/requests/count")["total"]
    if total > len(list(control.requests())):
        raise Mistake(f"{total} requests came, and the server keeps fewer; start it with a larger --journal-size")
    start = datetime.fromisoformat(requests[0]["at"]).replace(microsecond=0)
    kept = [event for event in control.events() if event["outcome"] == "stored"]
    return {
        "scenario": 1,
        "name": name,
        "clock": start.isoformat(),
        "target": "none",
        "population": {},
        "timeline": list(calls(requests, start)),
        "expect": {"clean": False, "events": list(counts(kept)), "check": list(people(control))},
    }


def is_api(url: str) -> bool:
    """Whether a URL leads to Klaviyo's own API."""
    return "/api/" in url or "/client/" in url


def calls(requests: Sequence[Json], start: datetime) -> Iterator[Json]:
    """Each request as an entry."""
    for number, entry in enumerate(requests):
        at = datetime.fromisoformat(entry["at"])
        path = entry["url"][entry["url"].index("/api/") :] if "/api/" in entry["url"] else path_of(entry["url"])
        told: Json = {"at": offset(at, start), "id": f"call {number + 1}", "call": f"{entry['method']} {path}"}
        if entry["body"]:
            told["body"] = body_of(entry)
        yield {**told, "expect_status": entry["status"]}


def path_of(url: str) -> str:
    """The path of a call of the client API."""
    return url[url.index("/client/") :]


def body_of(entry: Json) -> Any:
    """The JSON that a request carried; one that was cut or is no JSON cannot be repeated."""
    try:
        return json.read(entry["body"])
    except ValueError as error:
        raise Mistake(f"request {entry['number']} has a body that is no whole JSON: {error}") from error


def offset(at: datetime, start: datetime) -> str:
    """A time as an offset, in milliseconds."""
    return f"{max(0, round((at - start).total_seconds() * 1000))}ms"


def counts(kept: Sequence[Json]) -> Iterator[Json]:
    """How many events of each metric there are."""
    for metric, count in sorted(Counter(str(event["metric"]) for event in kept).items()):
        yield {"metric": metric, "count": count}


def people(control: Control) -> Iterator[str]:
    """How many events each profile has, as checks."""
    kept = (event for event in control.events() if event["outcome"] == "stored")
    known = Counter(event["profile"].get("email") for event in kept if event["profile"])
    for email, count in sorted(item for item in known.items() if item[0]):
        yield f"length(events[?profile.email == '{email}']) == `{count}`"
