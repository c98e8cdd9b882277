"""What a scenario file may say, and what it is told when it says something else."""

from __future__ import annotations

import pytest

from simulator.document import document
from simulator.scenario.expectations import EXPECTATIONS
from simulator.scenario.scenario import ScenarioErrors, played
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
    return lambda text: next(played(document("tea.yaml", text), {"tea": tea}, {}))


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
    assert 2 == len(found.wanted)


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
        (
            "send:",
            "sent:",
            "tea.yaml:4:13: timeline[0].sent is unknown (send?)",
        ),
        (
            "send:",
            "x:",
            "tea.yaml:4:12: timeline[0] must have one of the keys send, live, connect, journey, call, advance, stop",
        ),
        ("email:", "mail:", "tea.yaml:3:20: population.ana.mail is unknown (email?)"),
        ("count: 3", "count: many", "tea.yaml:3:60: population.crowd.count: 'many' must be a whole number"),
        ("clean: true", "clean: yes", "tea.yaml:5:17: expect.clean: 'yes' must be true or false"),
        ("expect:", "expct:", "tea.yaml:5:1: expct is unknown (expect?)"),
        ("{clean", "{faultshit: 1, clean", "tea.yaml:5:10: expect.faultshit is unknown (faults_hit?)"),
        ("with: {cups: 2}", "save: code", "tea.yaml:4:49: timeline[0].save: 'code' must be a table"),
        ("expect:", "faults: {}\nexpect:", "tea.yaml:5:9: faults must be a list"),
        ("expect:", "faults: [{side: vendr}]\nexpect:", "faults[0].side must be one of vendor, klaviyo (vendor?)"),
        ("expect:", "faults: [{dupplicate: 1}]\nexpect:", "tea.yaml:5:11: faults[0].dupplicate is unknown"),
        ("expect:", "faults: [{duplicate: 2}]\nexpect:", "faults[0].duplicate: 2 must be a number from 0 to 1"),
        ("expect:", "faults: [{side: vendor, preset: forgd}]\nexpect:", "preset forgd is unknown (forged?)"),
        ("send: tea/Cup Sold, for", "journey: x.yaml, for", "timeline[0].journey: x.yaml cannot be read"),
        ("for: ana, count", "for: ana, where: {cups: '/(/'}, count", "expect.events[0].where: /(/ is no pattern"),
        ("with: {cups: 2}", "after: gold", "timeline[0].after: gold is the id of no entry above"),
        ("with: {cups: 2}", "with: {cups: '{{code}}'}", "{{code}} is saved by no entry"),
        ("with: {cups: 2}", "mutate: wrong", "timeline[0].mutate: wrong must be one of"),
        ("with: {cups: 2}", "from: x.json", "timeline[0].from: x.json cannot be read"),
        ("with: {cups: 2}", "gap: sometimes", "timeline[0].gap: 'sometimes' must be lognormal"),
        ("with: {cups: 2}", "rate: often", "timeline[0].rate: 'often' must be a rate such as 20/s"),
        ("with: {cups: 2}", "rate: 1/s, gap: uniform", "timeline[0].gap: rate says already how far apart they are"),
        ("send: tea/Cup Sold, for", "call: POST events, for", "timeline[0].call: 'POST events' must be a method"),
        ("email: ana@example.org", "consent: {mail: true}", "population.ana.consent.mail is unknown (email?)"),
        ("email: ana@example.org", "locale: xx", "population.ana.locale: xx is no locale"),
        ("email: ana@example.org", "birthdate: soon", "population.ana.birthdate must be a day"),
        ("expect:", "limits: {event: 3}\nexpect:", "tea.yaml:5:10: limits.event is unknown (events?)"),
        (
            "expect:",
            "klaviyo: {validation: rejct}\nexpect:",
            "klaviyo.validation: rejct must be accept or reject (reject?)",
        ),
        ("expect:", "clock: {mode: fast}\nexpect:", "clock.mode: 'fast' must be virtual, real, or a scale"),
        ("expect:", "target: bultin\nexpect:", "tea.yaml:5:9: target: target 'bultin' is unknown (builtin?)"),
        ("expect:", "env: [NOBODY_SETS_THIS]\nexpect:", "env.NOBODY_SETS_THIS is not set, and has no default"),
        ("tea/Cup Sold, for: ana, with", "'${env.X}', for: ana, with", "${env.X} must be declared in env"),
        ("expect:", "matrix: {seed: 3}\nexpect:", "matrix.seed must be a list of values"),
        ("{clean", "{invariants: [points never negativ], clean", "negativ is no invariant (points never negative?)"),
        ("{clean", "{check: 'length(', clean", "expect.check.that: length( is no JMESPath"),
        (
            "{clean",
            "{lists: {Tea: {members: [anna]}}, clean",
            "expect.lists.Tea: anna is nobody in the population (ana?)",
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
