"""Account: reads back what Klaviyo holds at the end, as any client reads it; and from a mock what only it can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from simulator.delivery import Delivery
from simulator.json import Json
from simulator.server import Control


class OnlyMock(ValueError):
    """What only a mock can tell is asked of real Klaviyo."""


class Account:
    """The state of an account; `control` is None for real Klaviyo."""

    def __init__(self, delivery: Delivery, control: Control | None = None) -> None:
        self._delivery = delivery
        self._control = control

    def profile(self, identifier: str) -> Json | None:
        """The profile that has an e-mail address or phone number, with its id and subscriptions."""
        found = self._delivery.read(profile_path(identifier))["data"]
        return {"id": found[0]["id"], **found[0]["attributes"]} if found else None

    def groups_of(self, kind: str, profile_id: str) -> list[str]:
        """The names of the lists or segments that a profile is on."""
        found = self._delivery.read(f"/api/profiles/{profile_id}/{kind}")["data"]
        return [each["attributes"]["name"] for each in found]

    def members(self, kind: str, name: str) -> list[Json] | None:
        """The attributes of the profiles on a list or segment, None when there is none of that name."""
        found = self._delivery.read(f"/api/{kind}?filter={equals('name', name)}")["data"]
        if not found:
            return None
        path = f"/api/{kind}/{found[0]['id']}/profiles?page%5Bsize%5D=100"
        return [each["attributes"] for each in self._pages(path)]

    def messages(self) -> list[Json]:
        """Every message that was sent or skipped."""
        return list(self.control("messages").pages("/__mock/messages"))

    def flow_runs(self, name: str) -> list[Json] | None:
        """The runs of a flow, None when there is none of that name."""
        found = self._delivery.read(f"/api/flows?filter={equals('name', name)}")["data"]
        control = self.control("flows")
        return list(control.pages(f"/__mock/flows/{found[0]['id']}/runs")) if found else None

    def requests(self) -> Json:
        """How many requests came: in total, rejected, tried again, and by method and path."""
        control = self.control("requests")
        counts = control.document("/__mock/requests/count")
        kept = list(control.requests())
        same = Counter((each["method"], each["url"], each["body"]) for each in kept if each["method"] != "GET")
        return {
            "total": counts["total"],
            "rejected": counts["rejected"],
            "retried": sum(count - 1 for count in same.values()),
            "kept": len(kept),
            "by_path": Counter(f"{each['method']} {path_of(each['url'])}" for each in kept),
        }

    def control(self, what: str) -> Control:
        """The mock's own routes."""
        if self._control is None:
            raise OnlyMock(f"{what} can be read from a mock only")
        return self._control

    def _pages(self, path: str) -> Iterator[Any]:
        following: str | None = path
        while following:
            page = self._delivery.read(following)
            yield from page["data"]
            link = (page.get("links") or {}).get("next")
            following = None if link is None else link[link.index("/api/") :]


def path_of(url: str) -> str:
    """The path of a URL, without query.

    >>> path_of("http://127.0.0.1:4747/api/events?x=1")
    '/api/events'
    """
    return urlsplit(url).path


def equals(name: str, text: str) -> str:
    """A filter, as a URL holds it.

    >>> equals("email", "ana@example.org")
    'equals%28email%2C%22ana%40example.org%22%29'
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return quote(f'equals({name},"{escaped}")')


def profile_path(identifier: str) -> str:
    """The path that lists the profile of an e-mail address or a phone number, with its subscriptions."""
    name = "email" if "@" in identifier else "phone_number"
    return f"/api/profiles?filter={equals(name, identifier)}&additional-fields%5Bprofile%5D=subscriptions"
