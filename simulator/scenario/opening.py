"""Opening: what a shop has told Klaviyo of its people before anything happens, as the calls that it would make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

from simulator import json
from simulator.delivery import Delivered
from simulator.document import Place
from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest, profile_request, resource
from simulator.population import Person
from simulator.scenario.cast import Group
from simulator.targets.target import Happening, Outgoing
from simulator.verdict import Finding, Kind

SHOP = "shop"
"""What stands in place of a vendor's name."""

BEFORE = timedelta(days=1)
"""How long before the start people agreed."""

BATCH = 1000
"""How many profiles one bulk call takes."""

IDENTIFIERS = {"email": "email", "sms": "phone_number", "whatsapp": "phone_number"}
"""What a person is known by on each channel."""


class Opening:
    """Writes the population to Klaviyo: profiles one by one, consent in bulk, lists by name."""

    def __init__(self, seed: int, at: datetime, place: Place) -> None:
        self._seed = seed
        self._at = at
        self._place = place
        self._ids: dict[str, str] = {}
        self._lists: dict[str, str] = {}

    def happenings(self, groups: list[tuple[Group, tuple[Person, ...]]]) -> Iterator[Happening]:
        """The calls; each is made when the answer to the one before is known."""
        for group, people in groups:
            if not group.is_known_before:
                continue
            for person in people:
                yield self._call(profile(person, group.properties), self._note(self._ids, person.key))
            agreed = [(person, channels) for person in people if (channels := group.channels(person, self._seed))]
            for batch in batches(agreed):
                yield self._call(subscription(batch, self._at))
            for name in group.lists:
                yield from self._fill(name, people)

    def _fill(self, name: str, people: tuple[Person, ...]) -> Iterator[Happening]:
        """Put people on a list, which is made unless it is there."""
        yield self._call(find_list(name), self._note(self._lists, name))
        if name not in self._lists:
            body = resource("list", name=name)
            yield self._call(KlaviyoRequest("POST", "/api/lists", body), self._note(self._lists, name))
        for batch in batches([self._ids.get(person.key, f"{{{person.key}}}") for person in people]):
            body = {"data": [{"type": "profile", "id": id} for id in batch]}
            id = self._lists.get(name, f"{{{name}}}")
            yield self._call(KlaviyoRequest("POST", f"/api/lists/{id}/relationships/profiles", body))

    def _call(self, request: KlaviyoRequest, note: Callable[[Any], None] | None = None) -> Happening:
        def answered(delivered: Delivered) -> Iterator[Finding]:
            if not delivered.is_accepted:
                got = f"{delivered.status}: {'; '.join(delivered.problems)}"
                yield Finding(Kind.REJECTED, self._place, f"population {request.path}", "accepted", got)
            elif note is not None:
                note(json.read(delivered.body)["data"])

        return Happening(None, [Outgoing(self._at, SHOP, request, answered=answered)])

    @staticmethod
    def _note(ids: dict[str, str], name: str) -> Callable[[Any], None]:
        """Keeps the id of what was answered: of a resource, or of the first of a list of them."""

        def note(found: Any) -> None:
            first = found if isinstance(found, dict) else next(iter(found), None)
            if first is not None:
                ids[name] = first["id"]

        return note


def profile(person: Person, properties: Json) -> KlaviyoRequest:
    """A person as a profile."""
    known = {
        "email": person.email or None,
        "phone_number": person.phone or None,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "locale": person.locale.replace("_", "-"),
        "properties": properties,
    }
    return profile_request({name: value for name, value in known.items() if value is not None}, cause=person.key)


def subscription(agreed: list[tuple[Person, list[str]]], at: datetime) -> KlaviyoRequest:
    """The job that tells what people agreed to before; an import of the past needs no confirmation."""
    profiles = [{"type": "profile", "attributes": consents(person, channels, at)} for person, channels in agreed]
    kind = "profile-subscription-bulk-create-job"
    body = resource(kind, profiles={"data": profiles}, historical_import=True)
    return KlaviyoRequest("POST", "/api/profile-subscription-bulk-create-jobs", body)


def consents(person: Person, channels: list[str], at: datetime) -> Json:
    """What a person agreed to, as attributes of a profile."""
    identifiers = {"email": person.email, "phone_number": person.phone}
    marketing = {"marketing": {"consent": "SUBSCRIBED", "consented_at": (at - BEFORE).isoformat()}}
    return {
        **{IDENTIFIERS[channel]: identifiers[IDENTIFIERS[channel]] for channel in channels},
        "subscriptions": dict.fromkeys(channels, marketing),
    }


def find_list(name: str) -> KlaviyoRequest:
    """The call that looks for a list of a name."""
    text = name.replace("\\", "\\\\").replace('"', '\\"')
    return KlaviyoRequest("GET", "/api/lists?filter=" + quote(f'equals(name,"{text}")'), {})


def batches(items: list[Any]) -> Iterator[list[Any]]:
    """The items, as many at a time as one call takes."""
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
