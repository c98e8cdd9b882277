"""Resource objects, documents and links as Klaviyo writes them.

Links to resources and relationships end with a slash; a document's own link repeats the request's URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from mock_klaviyo.json import Json

IRREGULAR_PLURALS = {
    name: name for name in ("event-bulk-create", "profile-merge", "push-token-unregister", "template-universal-content")
}
"""Types whose collections have the type's own name."""


SAFE = "$:@!*'(),;=+~"
"""What Klaviyo's links write as it is; a catalog id has some of it."""


def plural(type: str) -> str:
    """The path segment of a type's collection.

    >>> plural("push-token"), plural("catalog-category"), plural("template-universal-content")
    ('push-tokens', 'catalog-categories', 'template-universal-content')
    """
    if type in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[type]
    return f"{type[:-1]}ies" if type.endswith("y") else f"{type}s"


def resource_link(base_url: str, type: str, id: str) -> str:
    """The URL of a resource.

    >>> resource_link("https://a.klaviyo.com", "profile", "01KQ9Z")
    'https://a.klaviyo.com/api/profiles/01KQ9Z/'
    >>> resource_link("https://a.klaviyo.com", "catalog-item", "$custom:::$default:::T 1/2")
    'https://a.klaviyo.com/api/catalog-items/$custom:::$default:::T%201%2F2/'
    """
    return f"{base_url}/api/{plural(type)}/{quote(id, safe=SAFE)}/"


def identifier(type: str, id: str) -> Json:
    """A reference to a resource: its type and id."""
    return {"type": type, "id": id}


def relationship(owner_link: str, name: str) -> Json:
    """The relationship of a resource, with links only.

    >>> relationship("https://a.klaviyo.com/api/lists/X/", "tags")["links"]["related"]
    'https://a.klaviyo.com/api/lists/X/tags/'
    """
    return {"links": {"self": f"{owner_link}relationships/{name}/", "related": f"{owner_link}{name}/"}}


def carrying(data: Json | list[Json] | None, member: Json) -> Json:
    """The relationship with the identifiers of what it leads to: one, several, or None.

    >>> carrying(identifier("tag", "T"), {"links": {}})
    {'data': {'type': 'tag', 'id': 'T'}, 'links': {}}
    """
    return {"data": data, **member}


def resource_object(
    type: str,
    id: str,
    attributes: Json,
    relationships: Mapping[str, Json] | None = None,
    *,
    self_link: str,
) -> Json:
    """A resource with its members in Klaviyo's order; relationships are left out when it has none."""
    related = {"relationships": dict(relationships)} if relationships else {}
    return {"type": type, "id": id, "attributes": attributes, **related, "links": {"self": self_link}}


def document(data: Any, self_link: str, *, included: Iterable[Json] | None = None) -> Json:
    """The document of one resource; `included` only when the request asked for it."""
    return {"data": data, **compound(included), "links": {"self": self_link}}


def collection(
    data: list[Json],
    self_link: str,
    next: str | None = None,
    previous: str | None = None,
    *,
    included: Iterable[Json] | None = None,
) -> Json:
    """The document of a page of resources; links to pages that do not exist are null."""
    links = {"self": self_link, "next": next, "prev": previous}
    return {"data": data, **compound(included), "links": links}


def compound(included: Iterable[Json] | None) -> Json:
    """The `included` member, with each resource once; nothing when the request did not ask for any."""
    if included is None:
        return {}
    unique: dict[tuple[str, str], Json] = {}
    for resource in included:
        unique.setdefault((resource["type"], resource["id"]), resource)
    return {"included": list(unique.values())}


def next_link(request_url: str, cursor: str, parameter: str = "page[cursor]") -> str:
    """The request's URL with another cursor, which comes last; serves for `prev` as well.

    >>> next_link("https://a.klaviyo.com/api/lists?page[cursor]=old&sort=name", "new")
    'https://a.klaviyo.com/api/lists?sort=name&page%5Bcursor%5D=new'
    """
    parts = urlsplit(request_url)
    kept = [
        quote(argument, safe="%=(),:;@/?!$'*+~")
        for argument in parts.query.split("&")
        if argument and unquote(argument.partition("=")[0]) != parameter
    ]
    return urlunsplit(parts._replace(query="&".join([*kept, f"{quote(parameter)}={quote(cursor)}"])))
