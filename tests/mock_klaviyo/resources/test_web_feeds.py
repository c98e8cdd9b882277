"""Web feeds."""

from __future__ import annotations

import pytest

from tests.calling import Client, resource

FEED = {"name": "Blog_posts", "url": "https://shop.org/feed.json", "request_method": "get", "content_type": "json"}


def feed(client: Client, **attributes: object) -> str:
    return str(client.post("/api/web-feeds", resource("web-feed", **(FEED | attributes)))["data"]["id"])


def test_a_web_feed_lives_from_creation_to_deletion(client):
    id = feed(client)
    changed = client.patch(f"/api/web-feeds/{id}", resource("web-feed", id, content_type="xml", name=None))["data"]
    client.delete(f"/api/web-feeds/{id}")

    assert (FEED | {"content_type": "xml", "status": None}).items() <= changed["attributes"].items()
    assert 12 == len(id)
    assert 404 == client.error("GET", f"/api/web-feeds/{id}")[0]


def test_web_feeds_are_filtered_sorted_and_paged(client):
    ids = [feed(client, name=name) for name in ("Beta", "Alpha", "Gamma", "Delta", "Epsilon", "Zeta")]

    assert [ids[0], ids[5]] == client.ids("/api/web-feeds", filter='contains(name,"eta")')
    assert [ids[1]] == client.ids("/api/web-feeds", sort="name", **{"page[size]": "1"})
    assert ids[:5] == client.ids("/api/web-feeds")
    assert [] == client.ids("/api/web-feeds", filter="greater-than(created,2026-01-01T00:00:00Z)")


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"name": "Blog posts"}, "name"),
        ({"name": "Bücher"}, "name"),
        ({"name": ""}, "name"),
        ({"url": "shop.org"}, "url"),
        ({"url": "ftp://shop.org"}, "url"),
        ({"request_method": "put"}, "request_method"),
        ({"content_type": "csv"}, "content_type"),
    ],
)
def test_a_wrong_web_feed_is_refused(client, attributes, name):
    id = feed(client)
    before = client.get("/api/web-feeds")
    status, error = client.error("POST", "/api/web-feeds", resource("web-feed", **(FEED | attributes)))
    changed, _ = client.error("PATCH", f"/api/web-feeds/{id}", resource("web-feed", id, **attributes))

    assert (400, f"/data/attributes/{name}", 400) == (status, error["source"]["pointer"], changed)
    assert before == client.get("/api/web-feeds")
