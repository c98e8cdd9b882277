"""Whatever definition the schema takes, whatever a profile holds: judging never fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION, resource

SCHEMA = recording(REVISION).operations["create_segment"].request
WORDS = st.sampled_from(
    ["ordered", "properties['a']", "properties['b']", "location['city']", "email", "created", "(", "US", ""]
)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)).map(lambda at: at.replace(tzinfo=UTC).isoformat())  # noqa: DTZ001
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-400, 400)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | WORDS | TIMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)


def allowed(schema: Any) -> st.SearchStrategy[Any]:
    """Values that a schema takes."""
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return st.sampled_from(schema["anyOf"]).flatmap(allowed)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "object")
    return st.sampled_from([kinds] if isinstance(kinds, str) else kinds).flatmap(lambda kind: KINDS[kind](schema))


def an_object(schema: Any) -> st.SearchStrategy[Any]:
    members, required = schema.get("properties", {}), schema.get("required", ())
    return st.fixed_dictionaries(
        {name: allowed(members[name]) for name in required},
        optional={name: allowed(member) for name, member in members.items() if name not in required},
    )


KINDS = {
    "object": an_object,
    "array": lambda schema: st.lists(allowed(schema["items"]), min_size=1, max_size=3),
    "string": lambda schema: TIMES if schema.get("format") == "date-time" else WORDS,
    "integer": lambda _: NUMBERS,
    "number": lambda _: NUMBERS | st.floats(allow_nan=False, allow_infinity=False),
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}
DEFINITIONS = allowed({"$ref": "#/$defs/SegmentDefinition"})
PROPERTIES = st.dictionaries(st.sampled_from("ab"), VALUES, max_size=2)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(definition=DEFINITIONS, properties=PROPERTIES, country=WORDS, number=NUMBERS)
def test_judging_never_fails(client, klaviyo, definition, properties, country, number):
    klaviyo.reset(klaviyo.clock.now)
    client.track("Ordered", "ana@example.org", properties=properties, value=number)
    ids = {"ordered": client.ids("/api/metrics")[0]}
    profile = {"email": "ana@example.org", "properties": properties, "location": {"country": country, "zip": country}}
    client.post("/api/profile-import", resource("profile", **profile))
    id = client.create("/api/segments", resource("segment", name="x", definition=named(definition, ids)))

    assert 200 == client.call("GET", f"/api/segments/{id}/profiles").status


def named(value: Any, ids: dict[str, str]) -> Any:
    """A definition that asks about metrics that exist."""
    if isinstance(value, dict):
        return {
            name: named(ids.get(member, member) if name == "metric_id" else member, ids)
            for name, member in value.items()
        }
    return [named(item, ids) for item in value] if isinstance(value, list) else value
