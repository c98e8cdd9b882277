import pytest

from simulator.document import DocumentError, document


def test_only_core_types_are_magic():
    found = document("x.yaml", "{a: no, b: 2026-07-15, c: 1_000, d: 0x1f, e: 12, f: 1.5, g: true, h: , i: '12'}")

    expected = {
        "a": "no",
        "b": "2026-07-15",
        "c": "1_000",
        "d": "0x1f",
        "e": 12,
        "f": 1.5,
        "g": True,
        "h": None,
        "i": "12",
    }
    assert expected == found.plain


def test_each_part_knows_its_place():
    found = document("x.yaml", "a: 1\nb:\n  - {c: 2}\n")

    assert "x.yaml:3:6" == str(found.within(("b", 0, "c")))
    assert "x.yaml:2:1" == str(found.within(("b",)))


def test_a_path_that_leads_nowhere_gives_the_last_place_on_it():
    assert "x.yaml:1:1" == str(document("x.yaml", "a: {b: 1}").within(("a", "nothing")))


def test_merged_tables_stand_behind_a_tables_own_keys():
    assert {"a": 1, "b": 3} == document("x.yaml", "one: &x {a: 1, b: 2}\ntwo: {<<: *x, b: 3}").plain["two"]


def test_a_key_that_is_there_twice_is_refused():
    with pytest.raises(DocumentError, match=r"x.yaml:2:1: a is there twice"):
        document("x.yaml", "a: 1\na: 2\n")


def test_what_is_not_yaml_is_refused_with_its_place():
    with pytest.raises(DocumentError, match=r"x.yaml:2:1: not YAML"):
        document("x.yaml", "a: [1\n")
