"""Copying: requests as other tools take them, HAR and curl, and which of Klaviyo's operations they called."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from shlex import quote
from urllib.parse import parse_qsl, urlsplit

from flask import Response

from mock_klaviyo import __version__
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import answer, blueprint
from mock_klaviyo.control.finding import REQUESTS
from mock_klaviyo.json import Json
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.wire.journal import Entry

PHRASES = {each.value: each.phrase for each in HTTPStatus}
JSON_TYPE = "application/vnd.api+json"
KEY = '"Authorization: {scheme}-API-Key $KLAVIYO_API_KEY"'
"""A shell fills the key in: keys are not kept."""


@blueprint.get("/requests/har", arguments=REQUESTS.arguments)
def har() -> Response:
    """The latest requests as a HAR file, for browsers and HTTP tools; keys and answers' bodies are not in it."""
    entries = [har_entry(entry) for entry in REQUESTS.find(klaviyo(), REQUESTS.wanted(), 0)]
    creator = {"name": "mock-klaviyo", "version": __version__}
    return answer({"log": {"version": "1.2", "creator": creator, "entries": entries}})


@blueprint.get("/requests/curl", arguments=REQUESTS.arguments)
def curl() -> Response:
    """The latest requests as shell commands, the key to be taken from KLAVIYO_API_KEY."""
    commands = [curl_command(entry) for entry in REQUESTS.find(klaviyo(), REQUESTS.wanted(), 0)]
    return Response("".join(f"{each}\n" for each in commands), content_type="text/plain; charset=utf-8")


@blueprint.get("/requests/coverage")
def operations_called() -> Response:
    """Which of Klaviyo's operations were called since the last reset, how often, and which were not."""
    called = klaviyo().journal.operations
    known = recording(revisions()[-1]).operations
    counts = {id: count for id, count in sorted(called.items()) if id in known}
    missing = sorted(known.keys() - counts.keys())
    total = {"operations": len(known), "called": len(counts), "share": round(len(counts) / len(known), 4)}
    return answer({**total, "calls": counts, "not_called": missing})


def har_entry(entry: Entry) -> Json:
    """A request with its answer as HAR has it; what is not known is -1 there. http://www.softwareishard.com/blog/har-12-spec"""
    sizes = {"headersSize": -1, "cookies": [], "httpVersion": "HTTP/1.1"}
    headers = [{"name": name, "value": value} for name, value in known_headers(entry)]
    query = [{"name": name, "value": value} for name, value in parse_qsl(urlsplit(entry.url).query)]
    request: Json = {"method": entry.method, "url": entry.url, "headers": headers, "queryString": query, **sizes}
    request["bodySize"] = len(entry.body)
    if entry.body:
        request["postData"] = {"mimeType": JSON_TYPE, "text": entry.body.decode("utf-8", "replace")}
    told = PHRASES.get(entry.status, "")
    response = {"status": entry.status, "statusText": told, "headers": [], "redirectURL": "", **sizes}
    response |= {"bodySize": -1, "content": {"size": -1, "mimeType": JSON_TYPE}}
    timings = {"send": 0, "wait": 0, "receive": 0}
    times = {"startedDateTime": entry.at, "time": 0, "timings": timings, "cache": {}}
    return {**times, "request": request, "response": response, "comment": entry.operation or ""}


def curl_command(entry: Entry) -> str:
    """A request as a shell command."""
    scheme = "Omnisend" if urlsplit(entry.url).path.startswith("/omnisend/") else "Klaviyo"
    parts = ["curl -X", entry.method, quote(entry.url), "-H", KEY.format(scheme=scheme)]
    parts += [f"-H {quote(f'{name}: {value}')}" for name, value in known_headers(entry)]
    if entry.body:
        parts.append(f"--data-binary {quote(entry.body.decode('utf-8', 'replace'))}")
    return " ".join(parts)


def known_headers(entry: Entry) -> Iterator[tuple[str, str]]:
    """The headers that are known of a request."""
    if entry.revision:
        yield "revision", entry.revision
    if entry.body:
        yield "content-type", JSON_TYPE
