"""Control: the control routes of one world of a server, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mock_klaviyo import json
from mock_klaviyo.json import Json

PAGE_SIZE = 1000
PATIENCE = 30.0
"""How many seconds a server may take for an answer, long polls apart."""


class MockError(RuntimeError):
    """The mock cannot be reached, or cannot do what it was asked; says what it answered."""


class Control:
    """The control routes that a key leads to."""

    def __init__(self, url: str, key: str | None = None) -> None:
        import urllib3

        self.url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Klaviyo-API-Key {key}"
        self._pool = urllib3.PoolManager(retries=False, timeout=PATIENCE)

    def call(self, method: str, path: str, body: Json | None = None, **arguments: Any) -> Any:
        """What a control route answers; refuses an answer that says no."""
        status, answer = self.answer(method, path, body, arguments=arguments)
        if status >= 400:
            raise MockError(f"{method} /__mock/{path} answered {status}: {answer}")
        return answer

    def answer(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        arguments: Mapping[str, Any] | None = None,
        patience: float = PATIENCE,
    ) -> tuple[int, Any]:
        """The status of an answer, and what it says."""
        from urllib3.exceptions import HTTPError

        query = f"?{urlencode(arguments)}" if arguments else ""
        url = f"{self.url}/__mock/{quote(path)}{query}"
        content = json.written(body) if body is not None else None
        try:
            response = self._pool.request(method, url, body=content, headers=self._headers, timeout=patience)
        except HTTPError as reason:
            raise MockError(f"{self.url} does not answer: {reason}") from None
        try:
            return response.status, json.read(response.data) if response.data else None
        except ValueError:
            raise MockError(f"{method} {url} answered {response.status}: is this a mock-klaviyo?") from None

    def pages(self, path: str) -> Iterator[Any]:
        """Everything that a route gives in pages."""
        following: int | None = 0
        while following is not None:
            page = self.call("GET", path, after=following, limit=PAGE_SIZE)
            yield from page["data"]
            following = page.get("next")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()
