import re

import pytest

from simulator.scenario.matchers import ABSENT, marks, matcher
from simulator.scenario.saved import Saved


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        (3, 3, "3"),
        (True, True, 1),
        ("Gold", "Gold", "gold"),
        (">= 3", 3, 2),
        ("<= 3", 3, 4),
        ("> 3", 3.5, 3),
        ("< 3", 2, True),
        ("2..4", 2, 5),
        ("/^Go.d$/", "Gold", "Golden"),
        ("any", None, ABSENT),
        ("absent", ABSENT, None),
        ("null", None, ABSENT),
        (None, None, 0),
        ({"contains": "ol"}, "Gold", "Silver"),
        ({"contains": 3}, [1, 3], [1]),
        ({"contains": {"id": 1}}, [{"id": 1, "name": "x"}], [{"id": 2}]),
        ({"one_of": ["Gold", "absent"]}, ABSENT, "Silver"),
        ({"name": "Gold"}, {"name": "Gold", "id": 1}, {"id": 1}),
        ([1, 2], [1, 2], [2, 1]),
        ([">= 1", "any"], [1, None], [1]),
        ({"any_order": [1, "> 1"]}, [2, 1], [1, 1]),
        ({"type": "integer"}, 3, 3.5),
        ({"type": "string"}, "3", 3),
        ({"type": "gift"}, {"type": "gift", "id": 1}, {"type": "card"}),
        ({"near": 12.5, "by": 0.01}, 12.505, 12.52),
        ({"within": "5m", "of": "2026-03-01T08:00:00Z"}, "2026-03-01T09:04:00+01:00", "2026-03-01T08:06:00Z"),
        ({"within": "5m", "of": "2026-03-01T08:00:00Z"}, "2026-03-01T08:05:00Z", "soon"),
        ({"schema": {"type": "array", "minItems": 1}}, [1], []),
        ({"strict": True, "id": 1}, {"id": 1}, {"id": 1, "name": "x"}),
        ({"a": {"strict": True}}, {"a": {}}, {"a": {"b": 1}}),
    ],
)
def test_a_matcher_takes_the_one_and_not_the_other(wanted, good, bad):
    assert matcher(wanted).accepts(good)
    assert not matcher(wanted).accepts(bad)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("/(/", "is no pattern"),
        ({"one_of": 3}, "one_of wants a list"),
        ({"any_order": 3}, "any_order wants a list"),
        ({"near": "x", "by": 1}, "near and by want numbers"),
        ({"within": "soon", "of": "2026-03-01T08:00:00Z"}, "no length of time"),
        ({"schema": {"type": "nonsense"}}, "schema is none"),
        ({"schema": "nowhere.json"}, "schema nowhere.json cannot be read"),
    ],
)
def test_a_matcher_that_makes_no_sense_is_refused(wanted, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        matcher(wanted)


def test_a_schema_may_stand_in_a_file_beside_the_scenario(tmp_path):
    (tmp_path / "card.json").write_text('{"required": ["id"]}')
    wanted = matcher({"schema": "card.json"}, tmp_path)

    assert wanted.accepts({"id": 1})
    assert not wanted.accepts({})


def test_saved_values_are_put_into_a_matcher_at_the_end():
    saved = Saved()
    saved.put("code", "X7", "ana")
    saved.put("code", "Y8", "ben")
    wanted = matcher({"contains": "{{code}}"})

    assert not wanted.accepts("X7")
    assert wanted.filled(saved, "ana").accepts("card X7")
    assert wanted.filled(saved).accepts("card Y8")


def test_marks_tell_member_by_member_what_matches():
    wanted = matcher({"id": 1, "card": {"kind": "gift"}})

    assert ["✓ x.id 1", "✗ x.card.kind expected 'gift', got absent"] == list(marks(wanted, {"id": 1, "card": {}}, "x"))


def test_marks_tell_what_is_too_much():
    assert ["✓ x.id 1", "✗ x has more: n"] == list(marks(matcher({"id": 1, "strict": True}), {"id": 1, "n": 2}, "x"))
