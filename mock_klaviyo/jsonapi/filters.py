"""The filter language: `equals(email,"anna@example.com"),greater-than(created,2026-01-01)`.

    filter   := expr ("," expr)*                        a comma means AND
    expr     := operator "(" field ["," value] ")" | "and" "(" filter ")"
    value    := string | datetime | number | true | false | null | "[" [value ("," value)*] "]"
    field    := letters, digits, _ . - $, with single spaces within (`Campaign Name`)
    string   := in double or single quotes, with JSON's escapes
    datetime := ISO 8601 without quotes; UTC when it names no offset

Spaces may stand between any two of these. See https://developers.klaviyo.com/en/docs/filtering_
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mock_klaviyo.errors import ApiError, Problem, error, raise_all
from mock_klaviyo.jsonapi.problems import collecting
from mock_klaviyo.jsonapi.values import ANY_TYPE, FIELD_TYPES, SCALARS, Scalar, Value
from mock_klaviyo.spec.operation import FilterField, Operation

OPERATORS = (
    "equals",
    "less-than",
    "less-or-equal",
    "greater-than",
    "greater-or-equal",
    "contains",
    "contains-any",
    "contains-all",
    "starts-with",
    "ends-with",
    "any",
    "has",
)
LIST_OPERATORS = frozenset({"any", "contains-any", "contains-all"})
"""The operators that make sense with a list only."""

MAXIMUM_DEPTH = 20
"""How deep `and(...)` may be nested; ours, so that nobody exhausts the stack."""

MAXIMUM_VALUES = 500
"""How many values a filter may compare with, lists included; ours, for SQLite nests at most 1000 expressions."""


@dataclass(frozen=True)
class Comparison:
    """One condition of a filter; `has` compares with nothing, so its value is None."""

    operator: str
    field: str
    value: Value = None


def parse(text: str) -> tuple[Comparison, ...]:
    """The comparisons that a filter holds, all of which must be true.

    >>> parse("equals(email,'anna@example.com')")
    (Comparison(operator='equals', field='email', value='anna@example.com'),)
    >>> parse('any( id, ["A", "B"] ), has(profile)')[0].value
    ('A', 'B')
    >>> [comparison.field for comparison in parse("and(less-than(value,5),and(has(metric)))")]
    ['value', 'metric']
    >>> parse("greater-than(created,2026-01-01T12:00:00+02:00)")[0].value
    datetime.datetime(2026, 1, 1, 10, 0, tzinfo=datetime.timezone.utc)
    >>> parse("equals(name,Anna)")
    Traceback (most recent call last):
    mock_klaviyo.errors.ApiError: Invalid filter provided: expected a value (strings stand in quotes) \
at position 13, found 'Anna)'
    """
    reader = Reader(text)
    found = expressions(reader, depth=0)
    reader.require(END, "',' or the end")
    if sum(len(each.value) if isinstance(each.value, tuple) else 1 for each in found) > MAXIMUM_VALUES:
        raise error("invalid_filter", reason=f"more than {MAXIMUM_VALUES} values")
    return tuple(found)


OPERATOR = re.compile(rf"(?:{'|'.join(sorted(OPERATORS, reverse=True))})(?![\w.$-])")
AND = re.compile(r"and(?=\s*\()")
FIELD = re.compile(r"[\w.$-]+(?: [\w.$-]+)*")
OPEN, CLOSE, COMMA = re.compile(r"\("), re.compile(r"\)"), re.compile(r",")
OPEN_LIST, CLOSE_LIST = re.compile(r"\["), re.compile(r"\]")
SPACES, END = re.compile(r"\s*"), re.compile(r"\Z")


class Reader:
    """A place in a filter that moves on as words are taken."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """The next word when the pattern matches it; spaces before it do not count."""
        spaces = SPACES.match(self.text, self.position)
        start = spaces.end() if spaces else self.position
        word = pattern.match(self.text, start)
        if word is None:
            return None
        self.position = word.end()
        return word.group()

    def require(self, pattern: re.Pattern[str], expected: str) -> str:
        """The next word, which must match."""
        word = self.take(pattern)
        if word is None:
            raise self.refusal(expected)
        return word

    def refusal(self, expected: str) -> ApiError:
        """The error that says what should stand here."""
        rest = self.text[self.position :].lstrip()
        found = repr(rest[:20]) if rest else "the end"
        position = len(self.text) - len(rest) + 1
        return error("invalid_filter", reason=f"expected {expected} at position {position}, found {found}")


def expressions(reader: Reader, *, depth: int) -> list[Comparison]:
    """The comparisons of `expr ("," expr)*`."""
    found = expression(reader, depth=depth)
    while reader.take(COMMA):
        found += expression(reader, depth=depth)
    return found


def expression(reader: Reader, *, depth: int) -> list[Comparison]:
    """The comparisons of one `operator(...)` or `and(...)`."""
    if not reader.take(AND):
        return [comparison(reader)]
    if depth == MAXIMUM_DEPTH:
        raise reader.refusal(f"at most {MAXIMUM_DEPTH} nested 'and'")
    reader.require(OPEN, "'('")
    found = expressions(reader, depth=depth + 1)
    reader.require(CLOSE, "',' or ')'")
    return found


def comparison(reader: Reader) -> Comparison:
    """The comparison `operator(field,value)` or `has(field)`."""
    operator = reader.require(OPERATOR, f"an operator ({', '.join(OPERATORS)})")
    reader.require(OPEN, "'('")
    field = reader.require(FIELD, "the name of a field")
    if operator == "has":
        reader.require(CLOSE, "')'")
        return Comparison(operator, field)
    reader.require(COMMA, "','")
    compared_with = value(reader)
    reader.require(CLOSE, "')'")
    return Comparison(operator, field, compared_with)


def value(reader: Reader) -> Value:
    """The value, or the list of values, that stands next."""
    if not reader.take(OPEN_LIST):
        return scalar(reader)
    if reader.take(CLOSE_LIST):
        return ()
    values = [scalar(reader)]
    while reader.take(COMMA):
        values.append(scalar(reader))
    reader.require(CLOSE_LIST, "',' or ']'")
    return tuple(values)


def scalar(reader: Reader) -> Scalar:
    """The single value that stands next."""
    for pattern, meaning in SCALARS:
        start = reader.position
        word = reader.take(pattern)
        if word is not None:
            try:
                return meaning(word)
            except ValueError:
                reader.position = start
                raise reader.refusal("a datetime that exists") from None
    raise reader.refusal("a value (strings stand in quotes)")


def checked(comparisons: tuple[Comparison, ...], operation: Operation) -> tuple[Comparison, ...]:
    """The comparisons with values of their fields' types; refuses at once all that the operation does not allow."""
    allowed: list[Comparison] = []
    problems: list[Problem] = []
    for each in comparisons:
        with collecting(problems):
            allowed.append(checked_one(each, operation))
    raise_all(problems)
    return tuple(allowed)


def checked_one(comparison: Comparison, operation: Operation) -> Comparison:
    """The comparison with its value in the field's type."""
    field = operation.filters.get(comparison.field)
    if field is None:
        raise error("filter_field_not_allowed", field=comparison.field, allowed=", ".join(operation.filters) or "none")
    check_operator(comparison, field)
    check_list(comparison, field)
    return replace(comparison, value=converted(comparison, field))


def check_operator(comparison: Comparison, field: FilterField) -> None:
    """Refuse an operator that the field does not have."""
    allowed = dict.fromkeys((*field.operators, *field.list_operators))
    if comparison.operator not in allowed:
        raise error(
            "operator_not_allowed",
            operator=comparison.operator,
            field=comparison.field,
            allowed=", ".join(allowed),
        )


def check_list(comparison: Comparison, field: FilterField) -> None:
    """Refuse a list where one value belongs, and one value where a list belongs."""
    operator, is_list = comparison.operator, isinstance(comparison.value, tuple)
    if is_list and operator not in LIST_OPERATORS.union(field.list_operators):
        raise error("invalid_filter", reason=f"'{operator}' takes no list for {comparison.field}")
    if not is_list and operator in LIST_OPERATORS:
        raise error("invalid_filter", reason=f"'{operator}' takes a list for {comparison.field}")


def converted(comparison: Comparison, field: FilterField) -> Value:
    """The comparison's value in the field's type."""
    if comparison.value is None and comparison.operator in ("has", "equals"):
        return None
    field_type = FIELD_TYPES.get(field.format) or FIELD_TYPES.get(field.type, ANY_TYPE)
    try:
        if isinstance(comparison.value, tuple):
            return tuple(field_type.conversion(value) for value in comparison.value)
        return field_type.conversion(comparison.value)
    except ValueError:
        raise error("invalid_filter", reason=f"{comparison.field} is compared with {field_type.name}") from None
