from __future__ import annotations

from mock_klaviyo.spec.coverage import Row, coverage

TABLE = """\
tag       recorded  answered  own behaviour
Lists            3         2              1
Profiles         1         0              0
all              4         2              1"""


def test_operations_are_counted_by_tag(small):
    found = coverage(small, answered={"get_lists", "create_list"}, own={"create_list"})

    assert (Row("Lists", 3, 2, 1), Row("Profiles", 1, 0, 0)) == found.rows
    assert Row("all", 4, 2, 1) == found.total
    assert TABLE == found.text()
    assert {"tag": "all", "recorded": 4, "answered": 2, "own": 1} == found.document()["total"]


def test_ids_that_are_not_recorded_do_not_count(small):
    assert 0 == coverage(small, answered={"get_events"}, own=set()).total.answered
