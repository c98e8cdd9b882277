"""The filter language: `equals(email,"anna@example.com"),greater-than(created,2026-01-01)`.

    filter   := expr ("," expr)*                        a comma means AND
    expr     := operator "(" field ["," value] ")" | "and" "(" filter ")"
    value    := string | datetime | number | true | false | null | "[" [value ("," value)*] "]"
    string   := in double or single quotes, with JSON's escapes
    datetime := ISO 8601 without quotes; UTC when it names no offset

Spaces may stand between any two of these. See https://developers.klaviyo.com/en/docs/filtering_
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from mock_klaviyo.errors import ApiError, Problem, error, raise_all
from mock_klaviyo.jsonapi.problems import collecting
from mock_klaviyo.spec.operation import FilterField, Operation

Scalar: TypeAlias = str | int | float | bool | datetime | None
Value: TypeAlias = Scalar | tuple[Scalar, ...]

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
    return found


# What the words of the language look like. The lengths keep every number within 64 bits.
STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")
NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?")
CONSTANT = re.compile(r"(?:true|false|null|True|False|None)\b")
OPERATOR = re.compile(rf"(?:{'|'.join(sorted(OPERATORS, reverse=True))})(?![\w.$-])")
AND = re.compile(r"and(?=\s*\()")
FIELD = re.compile(r"[\w.$-]+")
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


def expressions(reader: Reader, *, depth: int) -> tuple[Comparison, ...]:
    """The comparisons of `expr ("," expr)*`."""
    found = expression(reader, depth=depth)
    while reader.take(COMMA):
        found += expression(reader, depth=depth)
    return found


def expression(reader: Reader, *, depth: int) -> tuple[Comparison, ...]:
    """The comparisons of one `operator(...)` or `and(...)`."""
    if not reader.take(AND):
        return (comparison(reader),)
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


ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/"}


def unquoted(word: str) -> str:
    r"""The text of a string in quotes.

    >>> unquoted(r"'it\'s'")
    "it's"
    >>> unquoted(r'"Caf\u00e9"')
    'Café'
    """
    text = ESCAPE.sub(unescaped, word[1:-1])
    # JSON writes a character beyond U+FFFF as two escapes; UTF-16 puts them together
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def unescaped(escape: re.Match[str]) -> str:
    """The character that an escape stands for; an unknown escape stands for itself."""
    code = escape[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else ESCAPES.get(code, escape[0])


def moment(text: str) -> datetime:
    """The point in time that an ISO text names, in UTC; `ValueError` when it names none.

    >>> moment("2018-12-27T12:30:00.710+03:00").isoformat()
    '2018-12-27T09:30:00.710000+00:00'
    """
    read = datetime.fromisoformat(text)
    try:
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except OverflowError as overflow:  # 0001-01-01 in Moscow was before year 1 in UTC
        raise ValueError(text) from overflow


def number(word: str) -> int | float:
    """The number that a word stands for."""
    return int(word) if word.lstrip("-").isdecimal() else float(word)


CONSTANTS = {"true": True, "false": False, "null": None}
"""The official Python SDK writes lists as Python does, hence `True`; any case will do."""


def constant(word: str) -> bool | None:
    """What `true`, `false` or `null` stands for."""
    return CONSTANTS.get(word.lower())


SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (STRING, unquoted),
    (DATETIME, moment),
    (NUMBER, number),
    (CONSTANT, constant),
)
"""How each kind of value looks, and what it means; a datetime comes before the number it begins with."""


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


@dataclass(frozen=True)
class FieldType:
    """A type that a field can have: what to call it, and a value in it (`ValueError` when that cannot be)."""

    name: str
    conversion: Callable[[Scalar], Scalar]


def as_moment(value: Scalar) -> datetime:
    """A datetime with or without quotes."""
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, datetime):
        return value
    raise ValueError(value)


def as_number(value: Scalar) -> int | float:
    """A number; true and false are none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError(value)


def as_integer(value: Scalar) -> int:
    """A number without a fraction."""
    whole = int(as_number(value))
    if whole != value:
        raise ValueError(value)
    return whole


def as_boolean(value: Scalar) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(value)


def as_string(value: Scalar) -> str:
    """A string, which had quotes."""
    if isinstance(value, str):
        return value
    raise ValueError(value)


FIELD_TYPES: Mapping[str | None, FieldType] = {
    "date-time": FieldType("a datetime", as_moment),
    "number": FieldType("a number", as_number),
    "integer": FieldType("an integer", as_integer),
    "boolean": FieldType("true or false", as_boolean),
    "string": FieldType("a string in quotes", as_string),
}
"""By recorded format or type."""


def converted(comparison: Comparison, field: FilterField) -> Value:
    """The comparison's value in the field's type."""
    if comparison.value is None and comparison.operator in ("has", "equals"):
        return None
    field_type = FIELD_TYPES.get(field.format) or FIELD_TYPES[field.type]
    try:
        if isinstance(comparison.value, tuple):
            return tuple(field_type.conversion(value) for value in comparison.value)
        return field_type.conversion(comparison.value)
    except ValueError:
        raise error("invalid_filter", reason=f"{comparison.field} is compared with {field_type.name}") from None
