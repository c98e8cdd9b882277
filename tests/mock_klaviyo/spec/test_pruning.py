from __future__ import annotations

import pytest

from mock_klaviyo.spec.pruning import Pruning, Schemas

TEXT = {"type": "string"}
CIRCLE = {"type": "object", "properties": {"kind": {"enum": ["circle"]}, "radius": {"type": "number"}}}
SQUARE = {"type": "object", "properties": {"kind": {"enum": ["square"]}, "side": {"type": "number"}}}
TREE = {
    "type": "object",
    "properties": {"name": TEXT, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
}
LEAFY = {"type": "object", "properties": TREE["properties"] | {"leaves": TEXT}}
ANY_SHAPE = {"anyOf": [CIRCLE, SQUARE, {"type": "null"}]}


def an_object(needed=(), **members):
    return {"type": "object", "properties": members, "required": list(needed)}


CASES = {
    "what came later goes": (an_object(a=TEXT), an_object(a=TEXT, b=TEXT), {"a": "1", "b": "2"}, {"a": "1"}),
    "what is published nowhere stays": (an_object(), an_object(a=TEXT), {"c": "3"}, {"c": "3"}),
    "free objects stay": (
        an_object(a={"type": "object"}),
        an_object(a=an_object(x=TEXT)),
        {"a": {"x": "1", "y": 2}},
        {"a": {"x": "1", "y": 2}},
    ),
    "objects in objects and lists": (
        an_object(a={"type": "array", "items": an_object(x=TEXT)}),
        an_object(a={"type": "array", "items": an_object(x=TEXT, y=TEXT)}),
        {"a": [{"x": "1", "y": "2"}]},
        {"a": [{"x": "1"}]},
    ),
    "the schema that is meant counts": (
        an_object(a=ANY_SHAPE),
        an_object(a=an_object(kind=TEXT, radius=TEXT, side=TEXT)),
        {"a": {"kind": "square", "side": 2, "radius": 1}},
        {"a": {"kind": "square", "side": 2}},
    ),
    "null where it may be": (an_object(a=ANY_SHAPE), an_object(a=ANY_SHAPE), {"a": None}, {"a": None}),
    "null where it may not be": (an_object(a=TEXT), an_object(a=TEXT), {"a": None}, {}),
    "null of what has to be there": (an_object(["a"], a=TEXT), an_object(), {"a": None}, {"a": None}),
    "schemas that name themselves": (
        {"$ref": "#/$defs/Tree", "$defs": {"Tree": TREE}},
        {"$ref": "#/$defs/Tree", "$defs": {"Tree": LEAFY}},
        {"name": "a", "leaves": "x", "children": [{"name": "b", "leaves": "y", "children": []}]},
        {"name": "a", "children": [{"name": "b", "children": []}]},
    ),
    "what a request includes stays": (an_object(), an_object(included={}), {"included": [1]}, {"included": [1]}),
}  # fmt: skip


@pytest.mark.parametrize(("older", "newest", "value", "expected"), CASES.values(), ids=CASES)
def test_an_answer_is_pruned(older, newest, value, expected):
    assert expected == Pruning(Schemas(older), Schemas(newest)).document(value)


def test_what_is_pruned_is_not_changed():
    value = {"a": "1", "b": "2"}
    Pruning(Schemas(an_object(a=TEXT)), Schemas(an_object(a=TEXT, b=TEXT))).document(value)

    assert {"a": "1", "b": "2"} == value
