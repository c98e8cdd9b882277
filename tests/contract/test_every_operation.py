"""Every operation of the newest revision, called by the official Python SDK where it has a method."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pytest
import requests
from klaviyo_api import KlaviyoAPI
from openapi_client.api_arg_options import USE_DICTIONARY_FOR_RESPONSE_DATA
from pydantic import ValidationError

from mock_klaviyo import json
from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.reference import handler
from mock_klaviyo.serving import Server
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.recorded import recording
from mock_klaviyo.spec.validation import response_problems
from tests.calling import REVISION, Client
from tests.contract.arrangements import ARRANGEMENTS, scene
from tests.contract.arranging import OPERATIONS, Arrangement, Asked, Scene, Upload

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@dataclass
class Stage:
    """A server, the Klaviyo behind it, and an SDK that calls it."""

    klaviyo: Klaviyo
    url: str

    @cached_property
    def sdk(self) -> KlaviyoAPI:
        """The SDK."""
        return KlaviyoAPI(PRIVATE_KEY, test_host=self.url)

    def scene(self) -> Scene:
        """A fresh account."""
        self.klaviyo.reset()
        return scene(Client(self.klaviyo))

    def api(self, operation: Operation) -> Any:
        """The part of the SDK that has an operation, if any has it."""
        return getattr(self.sdk, operation.tag.replace(" ", "_"))

    def way(self, arrangement: Arrangement) -> Callable[[Asked], tuple[int, Any]]:
        """How an operation is called."""
        if arrangement.over_http:
            return self.call_over_http
        return self.call_without_models if arrangement.unreadable else self.call

    def call(self, asked: Asked, **options: bool) -> tuple[int, Any]:
        """The status and the document that an operation answers with, through the SDK."""
        method = getattr(self.api(asked.operation), f"{asked.operation.id}_with_http_info")
        answer = method(*arguments(asked), **keywords(method, asked), options=options)
        return answer.status_code, json.read(answer.raw_data) if answer.raw_data else None

    def call_without_models(self, asked: Asked) -> tuple[int, Any]:
        """The same where the SDK's own models cannot read the answer."""
        with pytest.raises(ValidationError):
            self.call(asked)
        return self.call(asked, **{USE_DICTIONARY_FOR_RESPONSE_DATA: True})

    def call_over_http(self, asked: Asked) -> tuple[int, Any]:
        """The same without the SDK, as a browser calls."""
        answer = requests.request(
            asked.operation.method,
            f"{self.url}{asked.path}",
            params=dict(asked.query),
            json=asked.body,
            headers={"revision": REVISION},
            timeout=5,
        )
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One server for all operations; each begins with a fresh account."""
    klaviyo = Klaviyo(Config(clock=NOW))
    running = Server(create_app(klaviyo=klaviyo))
    running.start()
    yield Stage(klaviyo, running.url)
    running.stop()
    klaviyo.close()


def arguments(asked: Asked) -> list[Any]:
    """What the SDK takes in order: ids, then the body, whose parameter has the name of its type."""
    if isinstance(asked.body, Upload):
        return [asked.body.file]
    return [*asked.ids.values(), *([asked.body] if asked.body is not None else [])]


def keywords(method: Any, asked: Asked) -> dict[str, Any]:
    """What the SDK takes by name: `page[size]` is `page_size`, and several values are a list."""
    given = {re.sub(r"\W+", "_", name).strip("_"): value(name, text) for name, text in asked.query.items()}
    if isinstance(asked.body, Upload):
        given |= {"name": asked.body.texts["name"], "hidden": asked.body.texts["hidden"] == "true"}
    return given | ({"revision": REVISION} if "revision" in inspect.signature(method).parameters else {})


def value(name: str, text: str) -> Any:
    """An argument of a query as the SDK takes it."""
    if name == "page[size]":
        return int(text)
    return text.split(",") if name == "include" or name.startswith("additional-fields") else text


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_it_is_recorded(stage: Stage, name: str) -> None:
    asked, arrangement = stage.scene().asked(name), ARRANGEMENTS.get(name, Arrangement())

    status, document = stage.way(arrangement)(asked)

    assert [] == response_problems(recording(REVISION), asked.operation, status, document), document
    assert status < 300
    assert name == list(stage.klaviyo.journal.entries())[-1].operation
    if asked.operation.method == "GET":
        assert document["data"] or arrangement.is_empty, "what it reads should be there"


def test_345_operations_are_recorded_and_answered() -> None:
    unanswered = [name for name, operation in OPERATIONS.items() if handler(operation) is None]

    assert (345, []) == (len(OPERATIONS), unanswered)


def test_arrangements_are_for_recorded_operations() -> None:
    assert [] == sorted(ARRANGEMENTS.keys() - OPERATIONS.keys())


def test_only_what_the_sdk_does_not_have_is_called_over_http(stage: Stage) -> None:
    missing = {name for name, each in OPERATIONS.items() if not hasattr(stage.api(each), name)}

    assert missing == {name for name, arrangement in ARRANGEMENTS.items() if arrangement.over_http}
