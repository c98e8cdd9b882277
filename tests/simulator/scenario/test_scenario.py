"""What a scenario file may say, and what it is told when it says something else."""

from __future__ import annotations

import pytest

from simulator.document import document
from simulator.scenario.expectations import EXPECTATIONS
from simulator.scenario.scenario import ScenarioErrors, scenario
from simulator.scenario.timeline import ENTRIES

GOOD = """\
scenario: 1
name: A cup is sold
population: {ana: {email: ana@example.org}, crowd: {count: 3}}
timeline: [{send: tea/Cup Sold, for: ana, with: {cups: 2}}]
expect: {clean: true, events: [{metric: Cup Sold, for: ana, count: 1}]}
"""


@pytest.fixture
def read(tea):
    return lambda text: scenario(document("tea.yaml", text), {"tea": tea})


@pytest.fixture
def problems(read):
    def of(text: str) -> list[str]:
        with pytest.raises(ScenarioErrors) as caught:
            read(text)
        return str(caught.value).splitlines()

    return of


def test_five_lines_are_enough(read):
    found = read(GOOD)

    assert ("A cup is sold", 0, ["tea"]) == (found.name, found.seed, found.vendors)
    assert ["send"] == [entry.kind for entry in found.entries]
    assert 2 == len(found.makers)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name:", "nam:", "tea.yaml:2:1: nam is unknown (name?)"),
        ("scenario: 1", "scenario: 2", "tea.yaml:1:11: scenario: 2 is no version"),
        ("metric:", "metrc:", "tea.yaml:5:33: expect.events[0].metrc is unknown (metric?)"),
        (
            "for: ana, with",
            "for: anna, with",
            "tea.yaml:4:38: timeline[0].for: anna is nobody in the population (ana?)",
        ),
        ("tea/Cup Sold", "tea/Cup Solt", "tea.yaml:4:19: timeline[0].send: 'Cup Solt' is no event of tea (Cup Sold?)"),
        ("tea/Cup Sold", "te/Cup Sold", "tea.yaml:4:19: timeline[0].send: te is no vendor (tea?)"),
        ("send:", "sent:", "tea.yaml:4:12: timeline[0] must have one of the keys send, live, connect"),
        ("email:", "mail:", "tea.yaml:3:20: population.ana.mail is unknown (email?)"),
        ("count: 3", "count: many", "tea.yaml:3:60: population.crowd.count: 'many' must be a whole number"),
        ("clean: true", "clean: yes", "tea.yaml:5:17: expect.clean: 'yes' must be true or false"),
        ("expect:", "expct:", "tea.yaml:5:1: expct is unknown (expect?)"),
        (
            "{clean",
            "{faults_hit: 1, clean",
            "tea.yaml:5:10: expect.faults_hit is part of the language but does not work yet",
        ),
        ("with: {cups: 2}", "save: {a: b}", "timeline[0].save is part of the language but does not work yet"),
        ("expect:", "faults: []\nexpect:", "tea.yaml:5:1: faults is part of the language but does not work yet"),
        (
            "for: ana, count",
            "for: ana, where: {cups: {near: 1}}, count",
            "near is part of the language but does not work",
        ),
        (
            "send: tea/Cup Sold, for",
            "journey: x.yaml, for",
            "timeline[0].journey is part of the language but does not work",
        ),
        ("with: {cups: 2}", "times: 4..1", "timeline[0].times: '4..1' must not begin above its end"),
        ("with: {cups: 2}", "chance: 2", "timeline[0].chance: 2 must be a number from 0 to 1"),
        ("with: {cups: 2}", "at: soon", "timeline[0].at: 'soon' is no time"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_nearest_word(problems, old, new, message):
    assert any(message in problem for problem in problems(GOOD.replace(old, new, 1)))


def test_profiles_are_of_single_persons(problems):
    text = GOOD.replace("expect: {", "expect: {profiles: {crowd: {}, anna: {}}, ")

    assert [
        "tea.yaml:5:21: expect.profiles.crowd is a crowd, not a person",
        "tea.yaml:5:32: expect.profiles.anna is nobody in the population (ana?)",
    ] == problems(text)


def test_all_mistakes_are_told_at_once(problems):
    text = GOOD.replace("metric:", "metrc:").replace("send:", "sent:")

    assert 3 == len(problems(text))


def test_the_first_key_must_be_the_version(problems):
    assert ["tea.yaml:1:1: the first key must be scenario: 1"] == problems(GOOD.replace("scenario: 1\n", ""))


def test_clean_is_the_default(read):
    assert read(GOOD.replace("clean: true, ", "")).is_clean
    assert not read(GOOD.replace("clean: true", "clean: false")).is_clean


@pytest.mark.parametrize("function", [*ENTRIES.values(), *(kind.make for kind in EXPECTATIONS.values())])
def test_every_word_of_the_language_is_documented_with_an_example(function):
    assert "`" in function.__doc__
