"""Records a definition that Klaviyo published: what the server needs of it, small and without prose."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.spec.attributes import attributes_of
from mock_klaviyo.spec.corrections import STATUSES, corrected, corrected_request
from mock_klaviyo.spec.json_schema import Translator
from mock_klaviyo.spec.openapi import Definition, RecordError, Source
from mock_klaviyo.spec.operation import Form
from mock_klaviyo.spec.query_parameters import query

DATA = Path(__file__).parent / "data"

BETA = ".pre"
REVISION = re.compile(r"\d{4}-\d{2}-\d{2}(\.pre)?", re.ASCII)
RATE = re.compile(r"(\d+)/[smd]")

NAME = r"[^/{}]+"
COLLECTION = rf"/(?:api|client)/{NAME}"
ITEM = rf"{COLLECTION}/{{{NAME}}}"

FORMS: Mapping[str, Mapping[str, Form]] = {
    COLLECTION: {"GET": Form.LIST, "POST": Form.CREATE},
    ITEM: {"GET": Form.RETRIEVE, "PATCH": Form.UPDATE, "DELETE": Form.DELETE},
    rf"{ITEM}/{NAME}": {"GET": Form.LIST_RELATED},
    rf"{ITEM}/relationships/{NAME}": {
        "GET": Form.LIST_RELATED_IDS,
        "POST": Form.ADD_RELATED,
        "PATCH": Form.REPLACE_RELATED,
        "DELETE": Form.REMOVE_RELATED,
    },
}
"""The form of an operation by the pattern of its path and its method."""


def record(source: Path, target: Path | None = None) -> Path:
    """Record a definition file; gives the recorded file, by default the one shipped for its revision."""
    try:
        recording = recorded(definition_in(source))
        if target is None and recording["revision"].endswith(BETA):
            raise RecordError("a beta is not shipped; record it with --to DIRECTORY, and serve it with --recordings")
    except RecordError as error:
        raise RecordError(f"{source}: {error}") from None
    target = target or DATA / f"{recording['revision']}.json.gz"
    replace_contents(target, gzip.compress(json.written(recording), mtime=0))
    return target


def definition_in(source: Path) -> Json:
    """The JSON object that a file holds."""
    try:
        definition = json.read(source.read_bytes())
    except OSError as error:
        raise RecordError(f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise RecordError(f"is not JSON: {error}") from None
    if not isinstance(definition, dict):
        raise RecordError("is not a JSON object")
    return definition


def replace_contents(target: Path, contents: bytes) -> None:
    """Write a file in one step: who reads it sees the old contents or the new, never a part."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        written = Path(file.name)
        try:
            file.write(contents)
            file.close()
            written.chmod(0o644)
            written.replace(target)
        except BaseException:
            written.unlink(missing_ok=True)
            raise


def recorded(definition: Json) -> Json:
    """The recording of a definition; raises `RecordError` when it is no such definition."""
    revision = checked_revision(definition)
    source = Definition(definition)
    requests = Translator(source, is_request=True, correct=corrected_request)
    responses = Translator(source, is_request=False, correct=corrected)
    operations: dict[str, Json] = {}
    for each in source.sources():
        with placed(each.place):
            operations[checked_id(each, operations)] = operation(each, requests, responses)
    if not operations:
        raise RecordError("paths has no operation")
    with placed("components"):
        return {
            "revision": revision,
            "operations": operations,
            "error": error_schema(source, responses),
            "request_schemas": requests.shared(requests_of(operations)),
            "response_schemas": responses.shared(responses_of(operations)),
        }


@contextmanager
def placed(place: str) -> Iterator[None]:
    """Whatever is wrong with the definition in here, name the place."""
    try:
        yield
    except RecordError as error:
        raise RecordError(f"{place}: {error}") from None
    except KeyError as error:
        raise RecordError(f"{place}: {error.args[0]} is missing") from None
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise RecordError(f"{place}: has an unexpected form ({error})") from None


def checked_revision(definition: Json) -> str:
    """The revision that a definition describes."""
    if not str(definition.get("openapi")).startswith("3.0."):
        raise RecordError("openapi is not 3.0.x: this is no OpenAPI 3.0 definition")
    information = definition.get("info")
    version = information.get("version") if isinstance(information, dict) else None
    if not isinstance(version, str) or not REVISION.fullmatch(version):
        raise RecordError(f"info.version is {version!r}, not a revision such as 2026-07-15 or 2026-07-15.pre")
    if not isinstance(definition.get("paths"), dict):
        raise RecordError("paths is missing")
    return version


def checked_id(source: Source, known: Mapping[str, Json]) -> str:
    """The operation's id."""
    operation_id = source.body.get("operationId")
    if not isinstance(operation_id, str):
        raise RecordError("operationId is missing")
    if operation_id in known:
        raise RecordError(f"operationId {operation_id} is used twice")
    return operation_id


def operation(source: Source, requests: Translator, responses: Translator) -> Json:
    """One operation's recording, without what is empty."""
    body, definition = source.body, responses.definition
    path = source.path.removesuffix("/")
    media_type, request = content(definition.resolved(body.get("requestBody", {})), requests)
    answers = successes(body, responses)
    attributes = attributes_of(next(iter(answers.values())), responses)
    parameters = [definition.resolved(parameter) for parameter in source.parameters]
    whole: Json = {
        "method": source.method,
        "path": path,
        "form": form(source.method, path),
        "tag": body["tags"][0],
        "rate_limit": rate_limit(body["x-klaviyo-ratelimit"]),
        "scopes": body.get("x-klaviyo-scopes"),
        **query(parameters, body.get("x-klaviyo-filters"), attributes, requests),
        "media_type": media_type,
        "request": request,
        "responses": answers,
    }
    return {name: value for name, value in whole.items() if value}


def successes(body: Json, translator: Translator) -> Json:
    """The schema of each success, or null when its body is empty, by the status that is seen live."""
    live = STATUSES.get(body["operationId"], {})
    answers = {
        str(live.get(int(status), status)): content(translator.definition.resolved(answer), translator)[1]
        for status, answer in body["responses"].items()
        if status.startswith("2")
    }
    if not answers:
        raise RecordError("responses has no success")
    return answers


def form(method: str, path: str) -> Form:
    """The form of an operation, from its path and method.

    >>> form("PATCH", "/api/lists/{id}").value, form("GET", "/api/lists/{id}/relationships/tags").value
    ('update', 'list_related_ids')
    """
    for pattern, forms in FORMS.items():
        if re.fullmatch(pattern, path) and method in forms:
            return forms[method]
    raise RecordError("the path and method have none of the ten forms")


def rate_limit(limits: Json) -> Json:
    """Calls allowed per second, minute and day.

    >>> rate_limit({"burst": "350/s", "steady": "3500/m"})
    {'burst': 350, 'steady': 3500}
    """
    return {name: calls(limits[name]) for name in ("burst", "steady", "daily") if name in limits}


def calls(rate: str) -> int:
    """The number in a rate such as 350/s."""
    match = RATE.fullmatch(rate)
    if not match:
        raise RecordError(f"the rate limit {rate!r} is not one such as 350/s")
    return int(match[1])


def content(body: Json, translator: Translator) -> tuple[str | None, Json | None]:
    """The media type and schema of a body; none of both when it is empty."""
    for media_type, described in body.get("content", {}).items():
        return media_type, translator.schema(described["schema"])
    return None, None


def error_schema(definition: Definition, translator: Translator) -> Json:
    """The schema of the document that answers an error."""
    for source in definition.sources():
        for status, answer in source.body["responses"].items():
            if status.startswith("4"):
                return content(definition.resolved(answer), translator)[1] or {}
    return {}


def requests_of(operations: Mapping[str, Json]) -> Iterator[Any]:
    """Every schema that describes something a client sends."""
    for each in operations.values():
        yield each.get("request")
        yield from (parameter["schema"] for parameter in each.get("parameters", {}).values())


def responses_of(operations: Mapping[str, Json]) -> Iterator[Any]:
    """Every schema that describes an answer."""
    for each in operations.values():
        yield from each["responses"].values()
