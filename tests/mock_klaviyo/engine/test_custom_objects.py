"""Segments that ask about custom objects."""

from __future__ import annotations

from tests.calling import profile
from tests.mock_klaviyo.engine.definitions import segment
from tests.mock_klaviyo.resources.test_custom_objects import make_source
from tests.mock_klaviyo.resources.test_object_records import related, send


def walks(type_id, relationship_id, least, *filters):
    """The condition on how many walks somebody took."""
    return {
        "type": "profile-has-custom-object",
        "object_type_id": type_id,
        "object_type_relationship_id": relationship_id,
        "filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": least},
        "filters": [*filters],
    }


def test_members_follow_the_records_that_lead_to_them(client):
    source = make_source(client)
    named = related(client, source, update_strategy="additive")
    once = client.create("/api/segments", segment(walks(*named, 1)))
    twice = client.create("/api/segments", segment(walks(*named, 2)))
    by_id = {"property_id": 1, "filter": {"type": "string", "operator": "equals", "value": "park"}}
    in_the_park = client.create("/api/segments", segment(walks(*named, 1, by_id)))
    ana, bob = (client.create("/api/profiles", profile(email=f"{name}@example.org")) for name in ("ana", "bob"))
    before = client.ids(f"/api/segments/{once}/profiles")
    send(client, source, {"id": "park", "walkers": ["ana@example.org", "bob@example.org"]})
    send(client, source, {"id": "lake", "walkers": ["bob@example.org"]})

    assert [[], [ana, bob]] == [before, client.ids(f"/api/segments/{once}/profiles")]
    assert [bob] == client.ids(f"/api/segments/{twice}/profiles")
    assert [ana, bob] == client.ids(f"/api/segments/{in_the_park}/profiles")
