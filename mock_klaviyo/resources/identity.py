"""Profiles: finding, creating and changing them, each read and written once in a piece of work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from mock_klaviyo.json import Json
from mock_klaviyo.resources.identifiers import IDENTIFIERS, OF_A_PERSON, normal_email
from mock_klaviyo.resources.profile_checks import listed
from mock_klaviyo.resources.properties import patched
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

SECONDARY_EMAIL = "profile-secondary-email"
"""The link between a profile and a further email address that finds it."""

LOCATION = ("address1", "address2", "city", "country", "latitude", "longitude", "region", "zip", "timezone", "ip")
FRESH: Json = {
    "email": None,
    "phone_number": None,
    "external_id": None,
    "anonymous_id": None,
    "first_name": None,
    "last_name": None,
    "organization": None,
    "locale": None,
    "title": None,
    "image": None,
    "created": None,
    "updated": None,
    "last_event_date": None,
    "location": dict.fromkeys(LOCATION),
    "properties": {},
}
"""The attributes of a new profile, in Klaviyo's order."""

NEVER_CLEARED = ("anonymous_id", "_kx")
"""Attributes that null leaves alone."""

Identifier: TypeAlias = tuple[str, str]
"""An identifier's name and its value as text; Klaviyo's external ids may be integers."""


class Profiles:
    """The profiles that a piece of work touches; `keep` writes those that changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows: dict[str, Row] = {}
        self._ids: dict[Identifier, str] = {}
        self._fetched: set[Identifier] = set()
        self._created: dict[str, Row] = {}
        self._changed: dict[str, Row] = {}
        self._merged: dict[str, Row] = {}

    def find(self, identifiers: Json) -> Row | None:
        """The profile that the strongest known identifier names."""
        return next((row for name in IDENTIFIERS if (row := self.named(name, identifiers.get(name)))), None)

    def find_or_create(self, identifiers: Json) -> Row | None:
        """The profile that the identifiers name, or a new one; None for an unknown id and nothing else."""
        row = self.find(identifiers)
        if row is None and identifiers.keys() != {"id"}:
            return self.create(identifiers)
        return row

    def fetch(self, many: Iterable[Json]) -> None:
        """Read the profiles that many identifiers name at once, so that finding them asks the store no more."""
        values: dict[str, set[str]] = {}
        for identifiers in many:
            for name, value in identifiers.items():
                values.setdefault(name, set()).add(str(value))
        for name, wanted in values.items():
            named: dict[str, Any] = {name: sorted(wanted)}
            for row in self._world.store.rows("profile", **named):
                if row.id not in self._rows:
                    self._known(row)
            self._fetched |= {(name, value) for value in wanted}
        self._fetch_secondary({email for email in values.get("email", ()) if ("email", email) not in self._ids})

    def matches(self, identifiers: Json) -> list[Row]:
        """All different profiles that the identifiers name, the one of the strongest first."""
        found = (self.named(name, identifiers.get(name)) for name in IDENTIFIERS)
        return list({row.id: row for row in found if row is not None}.values())

    def named(self, name: str, value: Any) -> Row | None:
        """The profile that has an identifier."""
        if value in (None, ""):
            return None
        key = (name, str(value))
        id = value if name == "id" else self._ids.get(key)
        if id in self._rows:
            return self._rows[id]
        if key in self._fetched:
            return None
        row = self._world.store.first("profile", **{name: str(value)})
        if row is None and name == "email":
            row = self._secondary(value)
        return self._known(row) if row else None

    def create(self, identifiers: Json) -> Row:
        """A new profile with these identifiers; an `id` among them is Klaviyo's to give and is left out."""
        document = FRESH | {"location": dict(FRESH["location"]), "properties": {}}
        document |= {"created": self._world.second, "updated": self._world.second}
        row = Row("profile", self._world.ids.ulid(self._world.now), document)
        self._created[row.id] = row
        self.identify(row, identifiers)
        return self._known(row)

    def identify(self, row: Row, identifiers: Json) -> None:
        """Give a profile identifiers."""
        for name in IDENTIFIERS[1:]:
            if name in identifiers:
                self._free(row, name)
                row.document[name] = identifiers[name]
                self._ids[name, str(identifiers[name])] = row.id
        self._written(row)

    def clear(self, row: Row, names: Iterable[str]) -> None:
        """Take identifiers from a profile."""
        for name in names:
            self._free(row, name)
            row.document[name] = None
        self._written(row)

    def _free(self, row: Row, name: str) -> None:
        """Let nobody be found by an identifier of a profile, whatever the store still says."""
        if row.document.get(name) is not None:
            key = (name, str(row.document[name]))
            self._ids.pop(key, None)
            self._fetched.add(key)

    def complete(self, row: Row, identifiers: Json) -> None:
        """Give a profile the identifiers that it lacks and nobody else has."""
        missing = {
            name: value
            for name, value in identifiers.items()
            if name != "id" and row.document.get(name) is None and self.named(name, value) is None
        }
        if missing:
            self.identify(row, missing)

    def write(self, row: Row, attributes: Json, meta: Json | None = None) -> None:
        """Change a profile: what is absent stays, null clears, properties and location are merged."""
        document = row.document
        for name, value in attributes.items():
            if name == "location":
                document["location"] = document["location"] | (located(value) if value else dict.fromkeys(LOCATION))
            elif name == "properties":
                document["properties"] = document["properties"] | (value or {})
            elif name in FRESH and not (value is None and name in NEVER_CLEARED):
                document[name] = value
        if attributes.get("locale"):
            document["properties"] = document["properties"] | locale_properties(attributes["locale"])
        self._patch(row, meta or {})
        self._written(row)

    def _patch(self, row: Row, meta: Json) -> None:
        """Do what `meta` asks for: single properties, and further email addresses that nobody else has."""
        row.document["properties"] = patched(row.document["properties"], meta.get("patch_properties") or {})
        links, added = self._world.store.links, [each for each in appended(meta) if self.named("email", each) is None]
        links.add(SECONDARY_EMAIL, row.id, added, self._world.second)
        self._ids |= {("email", each): row.id for each in added}
        for each in emails(meta, "unappend"):
            links.remove(SECONDARY_EMAIL, row.id, [each])
            if row.document.get("email") != each:
                self._ids.pop(("email", each), None)

    def change(self, row: Row) -> None:
        """Note that a profile has changed."""
        row.document["updated"] = self._world.second
        self._changed[row.id] = row

    def _written(self, row: Row) -> None:
        """Note that a profile has changed, and what that came from."""
        if self._world.lineage or "lineage" in row.document:
            row.document["lineage"] = self._world.lineage
        self.change(row)

    def delete(self, row: Row) -> None:
        """Remove a profile."""
        self.keep()
        self._world.store.delete(row)
        self._rows.pop(row.id, None)
        self._ids = {key: id for key, id in self._ids.items() if id != row.id}

    def merge(self, source: Row, destination: Row, identifiers: Json) -> None:
        """Remove a profile that became part of another, which takes those of its identifiers that it lacks."""
        self.delete(source)
        self._merged[source.id] = destination
        self.complete(destination, identifiers)
        self.change(destination)

    def current(self, row: Row) -> Row:
        """The profile that a profile has become part of in the course of the work, or the profile itself."""
        while row.id in self._merged:
            row = self._merged[row.id]
        return row

    def keep(self) -> None:
        """Write what has changed."""
        self._world.store.insert(*self._created.values())
        self._world.store.update(*(row for id, row in self._changed.items() if id not in self._created))
        self._created, self._changed = {}, {}

    def _known(self, row: Row) -> Row:
        """Remember a profile for the rest of the work."""
        self._rows[row.id] = row
        for name in IDENTIFIERS[1:]:
            if row.document.get(name) is not None:
                self._ids[name, str(row.document[name])] = row.id
        return row

    def _secondary(self, email: str) -> Row | None:
        """The profile that has a further email address."""
        ids = self._world.store.links.ids(SECONDARY_EMAIL, email, is_inverse=True)
        return self._world.store.row("profile", ids[0]) if ids else None

    def _fetch_secondary(self, addresses: set[str]) -> None:
        """Read the profiles that have these as further email addresses, which no profile has as its first."""
        if not addresses:
            return
        owners = self._world.store.links.lefts(SECONDARY_EMAIL, addresses)
        unknown = [id for id in owners.values() if id not in self._rows]
        for row in self._world.store.rows("profile", id=unknown) if unknown else ():
            self._known(row)
        self._ids = {("email", email): id for email, id in owners.items()} | self._ids


def is_anonymous(row: Row) -> bool:
    """Whether a profile is a visitor of whom nothing is known that identifies a person."""
    return all(row.document.get(name) is None for name in OF_A_PERSON)


def appended(meta: Json | None) -> list[str]:
    """The further email addresses that `meta` adds to a profile."""
    return emails(meta or {}, "append")


def emails(meta: Json, action: str) -> list[str]:
    """The email addresses that `meta` adds or removes, in their normal form."""
    members = (meta.get("patch_identifiers") or {}).get(action) or {}
    return [normal_email(each) for each in listed(members.get("email"))]


def located(location: Json) -> Json:
    """A location as it is kept: coordinates are numbers."""
    return {
        name: number(value) if name in ("latitude", "longitude") else value
        for name, value in location.items()
        if name in LOCATION
    }


def number(value: Any) -> float | None:
    """A coordinate as a number."""
    return None if value is None else float(value)


def locale_properties(locale: str) -> Json:
    """What Klaviyo derives from a locale.

    >>> locale_properties("en-US"), locale_properties("zh-Hant-TW")["$locale_country"]
    ({'$locale_language': 'en', '$locale_country': 'US'}, 'TW')
    """
    language, *others = locale.split("-")
    country = next((each for each in others if len(each) == 2), None)
    return {"$locale_language": language} | ({"$locale_country": country} if country else {})
