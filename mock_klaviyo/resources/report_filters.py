"""Report filters: the one string by which a report leaves out what its groupings do not match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from mock_klaviyo.errors import Problem, problem, raise_all
from mock_klaviyo.jsonapi.filters import Comparison, parse
from mock_klaviyo.jsonapi.problems import collecting

POINTER = "/data/attributes/filter"
MOST_ITEMS = 100
SEND_CHANNELS = ("email", "sms", "push-notification", "whatsapp")
SCALAR = ("equals", "contains-any")
LISTED = ("contains-any", "contains-all")
PLAIN = ("equals", "any")

OF_MESSAGES = {
    "send_channel": SCALAR,
    "text_message_format": SCALAR,
    "variation": SCALAR,
    "variation_name": SCALAR,
    "tag_id": LISTED,
    "tag_name": LISTED,
}
OF_CAMPAIGNS = {**dict.fromkeys(("campaign_id", "campaign_message_id", "campaign_message_name"), SCALAR), **OF_MESSAGES}
OF_FLOWS = {**dict.fromkeys(("flow_id", "flow_name", "flow_message_id", "flow_message_name"), SCALAR), **OF_MESSAGES}
OF_FORMS = dict.fromkeys(("form_id", "form_version_id"), PLAIN)
OF_SEGMENTS = {"segment_id": PLAIN}
"""The attribute → the operators that a filter may use on it."""


@dataclass(frozen=True)
class ReportFilter:
    """What something must be like to count."""

    comparisons: tuple[Comparison, ...] = ()

    def accepts(self, facts: Mapping[str, Set[Any]]) -> bool:
        """Whether something counts; of each attribute it has a set of values."""
        return all(is_satisfied(each, facts.get(each.field, frozenset())) for each in self.comparisons)


def is_satisfied(comparison: Comparison, values: Set[Any]) -> bool:
    """Whether values satisfy a comparison."""
    wanted = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    return values >= set(wanted) if comparison.operator == "contains-all" else not values.isdisjoint(wanted)


def report_filter(text: str | None, allowed: Mapping[str, tuple[str, ...]]) -> ReportFilter:
    """The filter that a text holds; what is wrong with it is said of the body."""
    if not text:
        return ReportFilter()
    found: list[Comparison] = []
    problems: list[Problem] = []
    with collecting(problems):
        found = list(parse(text))
        raise_all(filter_problems(found, allowed))
    raise_all(replace(each, parameter=None, pointer=POINTER) for each in problems)
    return ReportFilter(tuple(found))


def filter_problems(found: list[Comparison], allowed: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """What is wrong with the comparisons of a filter."""
    names = [each.field for each in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield problem("invalid", reason=f"Only one filter can be used for {name}.", pointer=POINTER)
    for each in found:
        if each.field not in allowed:
            yield problem("filter_field_not_allowed", field=each.field, allowed=", ".join(allowed))
        else:
            yield from value_problems(each, allowed[each.field])


def value_problems(comparison: Comparison, operators: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with one comparison of an attribute that may be filtered by."""
    field, operator, value = comparison.field, comparison.operator, comparison.value
    if operator not in operators:
        names = ", ".join(operators)
        yield problem("operator_not_allowed", operator=operator, field=field, allowed=names)
    items = value if isinstance(value, tuple) else (value,)
    if isinstance(value, tuple) is (operator == "equals"):
        reason = f"'{operator}' takes {'no' if operator == 'equals' else 'a'} list for {field}"
        yield problem("invalid_filter", reason=reason)
    if len(items) > MOST_ITEMS:
        yield problem("invalid_filter", reason=f"at most {MOST_ITEMS} items may be given for {field}")
    unknown = [item for item in items if field == "send_channel" and item not in SEND_CHANNELS]
    if unknown:
        yield problem("invalid_filter", reason=f"send_channel is one of {', '.join(SEND_CHANNELS)}")
