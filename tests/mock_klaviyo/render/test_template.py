"""The template language: cases in tests/data/templates.yaml, and what hostile templates get."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template.base import tag_re
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mock_klaviyo.render.filters import FILTERS, surrounded
from mock_klaviyo.render.lexing import tags
from mock_klaviyo.render.meter import MOST_STEPS, TOO_MUCH, Meter
from mock_klaviyo.render.surroundings import Surroundings, TemplateError
from mock_klaviyo.render.tags import library
from mock_klaviyo.render.template import LONGEST_KEPT, MOST_KEPT, Shelf, render

CASES = YAML(typ="safe").load(Path(__file__).parents[2] / "data" / "templates.yaml")
CARS = [{"id": "c1", "make": "Volvo"}, {"id": "c2", "make": "Saab"}]
SHIRT = {"title": "A shirt", "categories": [{"name": "Summer"}]}

SURROUNDINGS = Surroundings(
    datetime(2026, 1, 1, 9, 30, tzinfo=ZoneInfo("US/Eastern")),
    link="https://k/{}".format,
    catalog_item=lambda id, _: {"SHIRT": SHIRT}.get(id),
    custom_objects=lambda _, id: [car for car in CARS if id in (None, car["id"])],
    unavailable="[{}]".format,
)


def rendered(template: str, context: Any = None, *, is_html: bool = True) -> str:
    return render(template, CASES["context"] if context is None else context, SURROUNDINGS, is_html=is_html)


def fault(template: str, context: Any = None) -> TemplateError:
    with pytest.raises(TemplateError) as found:
        rendered(template, context)
    return found.value


@pytest.mark.parametrize("case", CASES["filters"] + CASES["tags"], ids=lambda case: case["template"])
def test_a_template_gives_what_its_case_says(case):
    assert case["expected"] == rendered(case["template"])


def test_every_filter_has_a_case():
    known = FILTERS.keys() | surrounded(SURROUNDINGS, Meter()).keys()

    assert known == {case["filter"] for case in CASES["filters"]}


def test_every_tag_has_a_case():
    assert set(library.tags) == {case["tag"] for case in CASES["tags"]}


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["template"])
def test_an_error_says_where_it_is(case):
    found = fault(case["template"])

    assert (case["reason"], case["line"], case["column"]) == (found.reason, found.line, found.column)


def test_what_is_missing_shows_as_nothing_and_is_false():
    assert "[] no" == rendered("[{{ event.a.b.7 }}] {% if event.a > 1 %}yes{% else %}no{% endif %}")


def test_values_are_escaped_in_html_only():
    assert "&lt;b&gt;" == rendered("{{ marked.0 }}")
    assert "<b>" == rendered("{{ marked.0 }}", is_html=False)


def test_links_are_words_and_address_in_a_text():
    assert "Leave (https://k/unsubscribe)" == rendered("{% unsubscribe 'Leave' %}", is_html=False)


def test_chance_is_the_same_each_time():
    template = "{{ 'abcdefghijklmnopqrstuvwxyz'|make_list|random }}"

    assert rendered(template) == rendered(template)


@pytest.mark.parametrize(
    "path", ["first_name.upper", "tags.clear", "event.keys", "event.items.pop", "forloop.__class__", "tags.-1"]
)
def test_methods_and_attributes_of_python_are_out_of_reach(path):
    context = {"first_name": "Jane", "tags": ["b"], "event": {"a": 1}}
    try:
        found = rendered("{{ " + path + " }}", context)
    except TemplateError:
        found = ""

    assert "" == found
    assert {"first_name": "Jane", "tags": ["b"], "event": {"a": 1}} == context


@pytest.mark.parametrize("tag", ["include '/etc/passwd'", "extends 'x'", "block x", "url 'x'", "debug", "csrf_token",
                                 "lorem 9999999", "querystring", "ssi '/etc/passwd'", "translate 'x'"])  # fmt: skip
def test_tags_that_reach_beyond_the_template_are_unknown(tag):
    assert "Invalid block tag" in fault("{% " + tag + " %}").reason


def test_load_gives_access_to_nothing():
    assert "Invalid block tag" in fault("{% load static %}{% static 'x' %}").reason


NUMBERS = list(range(1000))
HOSTILE = {
    "endless loop": "{% for a in n %}{% for b in n %}{% for c in n %}x{% endfor %}{% endfor %}{% endfor %}",
    "loop over filters": "{% for a in n %}{% for b in n %}{{ b|add:1|add:1|add:1 }}{% endfor %}{% endfor %}",
    "loop over long text": "{% for a in n %}" + "x" * 50_000 + "{% endfor %}",
    "doubling": "{% with a='x'|add:'x' %}" + "{% with a=a|add:a %}" * 40 + "{{ a }}" + "{% endwith %}" * 41,
    "doubling nested lists": "{% regroup n by x as g %}" + "{% with g=g|add:g %}{% regroup g by x as g %}" * 40
    + "{{ g }}" + "{% endwith %}" * 40,
    "padding": "{{ 'x'|ljust:999999999 }}",
    "number format": "{{ 1|stringformat:'999999999d' }}",
    "places": "{{ 1|floatformat:999999999 }}",
    "joining": "{{ n|join:t }}",
    "replacing": "{% with a='aaaaaaaaaa'|find_replace:'a|aaaaaaaaaa' %}"
    + "{% with a=a|find_replace:'a|aaaaaaaaaa' %}" * 9 + "{{ a }}" + "{% endwith %}" * 10,
    "slow expression": "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'|resplit:'a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaa' }}",
    "many tags": "{{ a }}{% if a %}{% endif %}" * (MOST_STEPS // 2),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_is_stopped(name):
    assert TOO_MUCH == fault(HOSTILE[name], {"n": NUMBERS, "t": "x" * 5000}).reason


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ 'x'|resplit:'(a+)+$' }}", "repeats a group"),
        ("{% if a %}" * 3000, "nested too deeply"),
        ("{{ a|" + "upper|" * 5000 + "upper }}", "at most 10000 characters"),
        ("{% barcode t %}", "at most 100 characters"),
    ],
)
def test_hostile_templates_are_told_why(template, reason):
    assert reason in fault(template, {"t": "x" * 5000}).reason


PIECES = [
    "{",
    "}",
    "%",
    "|",
    ":",
    ".",
    ",",
    "'",
    '"',
    "$",
    "_",
    "0",
    "1",
    "a",
    "b",
    "{{",
    "}}",
    "{%",
    "%}",
    "event",
    "items",
    "if",
    "endif",
    "endfor",
    "lookup",
    "date",
    "catalog",
    "barcode",
]
PIECES += [" ", "\n", "for x in ", "today ", "as "]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_template_breaks_the_renderer(pieces):
    with suppress(TemplateError):
        rendered("".join(pieces))


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_tags_are_found_where_django_finds_them(pieces):
    text = "".join(pieces)

    assert [match.span() for match in tag_re.finditer(text)] == list(tags(text))


@pytest.mark.parametrize(
    ("piece", "shown"), [("{", "{"), ("{%", "{%"), ("{{ ", "{{ "), ("{# ", "{# "), ("{{ a }}", "")]
)
def test_a_long_template_is_read_in_a_time_that_grows_with_its_length(piece, shown):
    """If the end of each tag were looked for to the end of the line, this would take minutes."""
    number = 400_000 // len(piece)

    assert shown * number == rendered(piece * number)


def at(year: int, template: str) -> str:
    """What a template says in a year."""
    surroundings = replace(SURROUNDINGS, now=SURROUNDINGS.now.replace(year=year))
    return render(template, {"born": "2020-01-01T00:00:00+00:00", "names": [*"abcdefgh"]}, surroundings)


@pytest.mark.parametrize("template", ["{{ born|timesince }}", "{{ born|weeks_since }}", "{% current_year %}"])
def test_a_template_is_rendered_again_with_the_time_of_then(template):
    first, later = at(2026, template), at(2031, template)
    assert first != later
    assert first == at(2026, template)


@pytest.mark.parametrize("case", CASES["filters"] + CASES["tags"], ids=lambda case: case["template"])
def test_a_template_says_the_same_again(case):
    assert rendered(case["template"]) == rendered(case["template"])


def test_each_rendering_is_counted_anew():
    heavy = (
        "{% for a in names %}{% for b in names %}{% for c in names %}{{ a|upper }}{% endfor %}{% endfor %}{% endfor %}"
    )
    assert len({len(rendered(heavy, {"names": ["x"] * 30})) for _ in range(4)}) == 1
    assert "does too much" in fault(heavy, {"names": ["x"] * 60}).reason
    assert len(rendered(heavy, {"names": ["x"] * 30})) == 30**3


def test_a_template_can_be_rendered_while_it_is_rendered():
    inner = replace(SURROUNDINGS, link=lambda page: page)
    outer = replace(SURROUNDINGS, link=lambda _: render("{% unsubscribe_link %}", {}, inner))
    assert render("{% unsubscribe_link %}", {}, outer) == "unsubscribe"


def test_no_more_templates_are_kept_than_can_be():
    shelf = Shelf()
    for number in range(MOST_KEPT + 5):
        with shelf.template(f"{number}", is_html=True):
            pass
    with shelf.template("x" * (LONGEST_KEPT + 1), is_html=True):
        pass
    assert len(shelf) == MOST_KEPT
