import pytest

from simulator.scenario.matchers import ABSENT, matcher


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
    ],
)
def test_a_matcher_takes_the_one_and_not_the_other(wanted, good, bad):
    assert matcher(wanted).accepts(good)
    assert not matcher(wanted).accepts(bad)


def test_a_matcher_that_does_not_work_yet_says_so():
    with pytest.raises(ValueError, match="does not work yet"):
        matcher({"near": 12.5, "by": 0.01})
