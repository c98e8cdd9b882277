"""Where Klaviyo itself differs from its definition; the recording follows Klaviyo."""

from __future__ import annotations

from collections.abc import Mapping

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import or_null

STATUSES: Mapping[str, Mapping[int, int]] = {
    "merge_profiles": {201: 202},
    "clone_template": {201: 200},
}
"""Published status → status seen live, per operation. Rendering stays at 201: nobody has recorded its answer, and the
official Python SDK reads no document under another status."""

NULLABLE: Mapping[str, tuple[str, ...]] = {
    "CollectionLinks": ("next", "prev"),  # on the first and the last page
    "GetMetricResponse": ("data",),  # of a mapping that leads nowhere; published since 2026-04-15
    "GetCustomMetricResponse": ("data",),
    "GetMappedMetricMetricRelationshipResponse": ("data",),
    "GetMappedMetricCustomMetricRelationshipResponse": ("data",),
    "GetCampaignMessageTemplateRelationshipResponse": ("data",),  # of a message without one
    "GetCampaignMessageImageRelationshipResponse": ("data",),
    "GetTemplateResponse": ("data",),
    "GetImageResponse": ("data",),
}
"""Members of answers that can be null although they are not always published so."""

CONVERSATION: Json = {
    "type": "object",
    "properties": {
        "data": {
            "type": "object",
            "properties": {"type": {"type": "string", "enum": ["conversation"]}, "id": {"type": "string"}},
            "required": ["type", "id"],
        },
        "links": {"$ref": "#/$defs/RelationshipLinks"},
    },
}
STRING_OR_NULL: Json = {"type": ["string", "null"]}

ADDED: Mapping[str, Mapping[tuple[str, ...], Json]] = {
    "PostProfileResponse": {
        ("data", "attributes"): {"anonymous_id": STRING_OR_NULL, "whatsapp_bsuid": STRING_OR_NULL},
        ("data", "relationships"): {"conversation": CONVERSATION},
    },
    "ProfileResponseObjectResource": {("relationships",): {"conversation": CONVERSATION}},
}
"""Members that answers have although they are not published: schema → where in it → members."""

CLEARABLE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "MappedMetricPartialUpdateQueryResourceObject": (
        ("relationships", "metric", "data"),
        ("relationships", "custom-metric", "data"),
    ),
}
"""Members that requests may set to null although they are published as objects: schema → where in it."""

PERSON = frozenset({"email", "external_id"})
"""Members that together tell a profile; other resources have an external_id as well."""

SMALLEST, LARGEST = -(2**63), 2**63 - 1
VENDORS = ("APNs", "FCM")
"""How the mobile SDKs write the vendor of a push token; taken beside the published lower case."""


def corrected_request(name: str, schema: Json) -> Json:
    """The shared schema of that name, as requests that Klaviyo takes follow it."""
    schema = with_linkage(widened(schema))
    for path in CLEARABLE.get(name, ()):
        schema = clearable(schema, path)
    return schema


def corrected(name: str, schema: Json) -> Json:
    """The shared schema of that name, as answers follow it."""
    schema = widened(schema)
    for member in NULLABLE.get(name, ()):
        if member in schema["properties"]:
            schema = with_members(schema, (), {member: or_null(schema["properties"][member])})
    for path, members in ADDED.get(name, {}).items():
        schema = with_members(schema, path, members)
    return schema


def with_members(schema: Json, path: tuple[str, ...], members: Json) -> Json:
    """The schema with members added or replaced in the object at a path, if it has such an object."""
    properties = schema.get("properties", {})
    if not path:
        return schema | {"properties": properties | members}
    if path[0] not in properties:
        return schema
    return schema | {"properties": properties | {path[0]: with_members(properties[path[0]], path[1:], members)}}


def with_linkage(schema: Json) -> Json:
    """The schema of a resource whose relationships, where they must be there, must say what they lead to.

    >>> coupon = {"type": "object", "properties": {"data": {"type": "object"}}}
    >>> code = {"properties": {"relationships": {"properties": {"coupon": coupon}, "required": ["coupon"]}}}
    >>> with_linkage(code)["properties"]["relationships"]["properties"]["coupon"]["required"]
    ['data']
    """
    relationships = schema.get("properties", {}).get("relationships", {})
    named = {name: relationships["properties"][name] for name in relationships.get("required", ())}
    return with_members(
        schema, ("relationships",), {name: each | {"required": ["data"]} for name, each in named.items()}
    )


def clearable(schema: Json, path: tuple[str, ...]) -> Json:
    """The schema with null allowed for the member at a path, if it has such a member."""
    if not path:
        return or_null(schema)
    properties = schema.get("properties", {})
    if path[0] not in properties:
        return schema
    return schema | {"properties": properties | {path[0]: clearable(properties[path[0]], path[1:])}}


def widened(schema: Json) -> Json:
    """The schema with what it and the objects in it take beyond the definition.

    A profile's external_id may be an integer of 64 bits, which is given back as one.

    >>> person = {"properties": {"email": {"type": "string"}, "external_id": {"type": ["string", "null"]}}}
    >>> widened(person)["properties"]["external_id"]["type"]
    ['string', 'null', 'integer']
    """
    inner: Json = {}
    if "items" in schema:
        inner["items"] = widened(schema["items"])
    if "anyOf" in schema:
        inner["anyOf"] = [widened(branch) for branch in schema["anyOf"]]
    if "properties" in schema:
        inner["properties"] = widened_members(schema["properties"])
    return schema | inner


def widened_members(members: Json) -> Json:
    """The members of an object, with what they take beyond the definition."""
    members = {name: widened(member) for name, member in members.items()}
    if members.keys() >= PERSON:
        members["external_id"] = text_or_integer(members["external_id"])
    if "enum" in members.get("vendor", {}):
        members["vendor"] = members["vendor"] | {"enum": [*members["vendor"]["enum"], *VENDORS]}
    return members


def text_or_integer(schema: Json) -> Json:
    """The schema of a text, with integers allowed that a store can hold."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return schema | {"type": [*types, "integer"], "minimum": SMALLEST, "maximum": LARGEST}
