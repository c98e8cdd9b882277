"""Expressions: values in templates with their filters; variables lead to values only, never into Python."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.template import VariableDoesNotExist
from django.template.base import FilterExpression, Parser, Variable

from mock_klaviyo.render.tags import Scope


class Expression(FilterExpression):
    """A value with its filters, weighed; variables lead to values only."""

    __slots__ = ()

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        if isinstance(self.var, Variable):
            self.var = ValueOnly(self.var.var)
        self.filters = [(function, [limited(*each) for each in arguments]) for function, arguments in self.filters]

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:  # noqa: FBT001, FBT002 - as Django calls it
        """The value."""
        value = super().resolve(context, ignore_failures)
        if isinstance(value, str | list | tuple | dict):
            context.meter.weigh(value)
        return value


def limited(is_variable: bool, argument: Any) -> tuple[bool, Any]:  # noqa: FBT001 - as Django keeps it
    """An argument of a filter, its variable made one that leads to values only."""
    return (is_variable, ValueOnly(argument.var)) if is_variable else (is_variable, argument)


class ValueOnly(Variable):
    """A variable that leads to members of objects and lists, never to attributes or methods of Python's."""

    __slots__ = ()

    def _resolve_lookup(self, context: Any) -> Any:
        """The value at the end of the path."""
        found = context
        for part in self.lookups or ():
            found = member(found, part)
        return found


def member(value: Any, name: str) -> Any:
    """What a part of a path leads to."""
    try:
        if isinstance(value, Scope | dict):
            return value[name]
        if isinstance(value, list | tuple) and name.isdecimal():
            return value[int(name)]
    except LookupError:
        raise missing(name) from None
    if is_field(value, name):
        return getattr(value, name)
    raise missing(name)


def is_field(value: Any, name: str) -> bool:
    """Whether a name is a field of a group that `regroup` made, or of a time."""
    if isinstance(value, date):
        return name in ("year", "month", "day", "hour", "minute", "second") and hasattr(value, name)
    return name in getattr(value, "_fields", ())


def missing(name: str) -> VariableDoesNotExist:
    """That there is no such variable, which shows as nothing."""
    return VariableDoesNotExist("Failed lookup for key [%s]", (name,))
