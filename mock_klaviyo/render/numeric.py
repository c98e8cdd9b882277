"""Filters of numbers; results as Klaviyo's glossary prints them."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from operator import ge, gt, le, lt
from typing import Any

from mock_klaviyo.render.values import items, klaviyo_filter, number, text


def rounded(value: Any, places: Any, way: str) -> str:
    """A number rounded one way to so many places."""
    step = Decimal(1).scaleb(-int(number(places) or 0))
    return str(Decimal(str(number(value) or 0)).quantize(step, way))


@klaviyo_filter("abs")
def absolute(value: Any) -> Any:
    """`{{ -1.2|abs }}` is 1.2."""
    return abs(number(value) or 0)


@klaviyo_filter("at_least")
def at_least(value: Any, limit: Any) -> Any:
    """`{{ 1|at_least:5.0 }}` is 5.0."""
    return max(number(value) or 0, number(limit) or 0)


@klaviyo_filter("at_most")
def at_most(value: Any, limit: Any) -> Any:
    """`{{ 1|at_most:-1.0 }}` is -1.0."""
    return min(number(value) or 0, number(limit) or 0)


@klaviyo_filter("ceil")
def ceil(value: Any) -> str:
    """`{{ 5.01|ceil }}` is 6.0."""
    return str(float(math.ceil(number(value) or 0)))


@klaviyo_filter("floor")
def floor(value: Any) -> str:
    """`{{ 5.9|floor }}` is 5.0."""
    return str(float(math.floor(number(value) or 0)))


@klaviyo_filter("round")
def round_(value: Any) -> str:
    """`{{ 5.05|round }}` is 6.0: odd, but that is what Klaviyo's glossary prints."""
    return ceil(value)


@klaviyo_filter("round_up")
def round_up(value: Any, places: Any = 0) -> str:
    """`{{ 5.123|round_up:2 }}` is 5.13."""
    return rounded(value, places, ROUND_CEILING)


@klaviyo_filter("round_down")
def round_down(value: Any, places: Any = 0) -> str:
    """`{{ 5.129|round_down:2 }}` is 5.12."""
    return rounded(value, places, ROUND_FLOOR)


@klaviyo_filter("multiply")
def multiply(value: Any, factor: Any) -> float:
    """`{{ "10"|multiply:"2" }}` is 20.0; what is no number makes it 0.0."""
    return float(number(value) or 0) * float(number(factor) or 0)


@klaviyo_filter("divide")
def divide(value: Any, divisor: Any) -> float:
    """`{{ "10"|divide:"2" }}` is 5.0; 0.0 when it cannot be divided."""
    by = number(divisor)
    return float(number(value) or 0) / by if by else 0.0


@klaviyo_filter("floatadd", "plus")
def plus(value: Any, other: Any) -> float:
    """`{{ 1.5|floatadd:2 }}` is 3.5."""
    return float(number(value) or 0) + float(number(other) or 0)


@klaviyo_filter("floatsub", "minus")
def minus(value: Any, other: Any) -> float:
    """`{{ 5|floatsub:1.5 }}` is 3.5."""
    return float(number(value) or 0) - float(number(other) or 0)


@klaviyo_filter("modulo", "remainder")
def modulo(value: Any, divisor: Any) -> float:
    """`{{ 10|modulo:3 }}` is 1.0."""
    by = number(divisor)
    return float(number(value) or 0) % by if by else 0.0


@klaviyo_filter("percentize")
def percentize(value: Any, places: Any = 0) -> str:
    """`{{ ".25"|percentize:2 }}` is 25.00%."""
    return f"{float(number(value) or 0) * 100:.{int(number(places) or 0)}f}%"


@klaviyo_filter("sum_list")
def sum_list(value: Any) -> int | float:
    """The sum of the numbers in a list."""
    return sum(number(each) or 0 for each in items(value))


def compared(value: Any, other: Any, compare: Callable[[Any, Any], Any]) -> bool:
    """How two values compare: as numbers when both are numbers, else as texts."""
    left, right = number(value), number(other)
    if left is None or right is None:
        return bool(compare(text(value), text(other)))
    return bool(compare(left, right))


@klaviyo_filter("gt")
def greater_than(value: Any, other: Any) -> bool:
    """`{{ 5|gt:4 }}` is true."""
    return compared(value, other, gt)


@klaviyo_filter("gte")
def greater_or_equal(value: Any, other: Any) -> bool:
    """`{{ 5|gte:5 }}` is true."""
    return compared(value, other, ge)


@klaviyo_filter("lt")
def less_than(value: Any, other: Any) -> bool:
    """`{{ 4|lt:5 }}` is true."""
    return compared(value, other, lt)


@klaviyo_filter("lte")
def less_or_equal(value: Any, other: Any) -> bool:
    """`{{ 5|lte:5 }}` is true."""
    return compared(value, other, le)
