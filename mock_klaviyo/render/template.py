"""Rendering a template: Django's engine, without files, code or endless work."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.template import Engine, Library, Node, NodeList, Template, TemplateSyntaxError, VariableDoesNotExist
from django.template.base import DebugLexer, FilterExpression, Parser, TextNode, Token, Variable, VariableNode

from mock_klaviyo.json import Json
from mock_klaviyo.render.filters import FILTERS, surrounded
from mock_klaviyo.render.meter import MOST_STEPS, Exhausted, Meter
from mock_klaviyo.render.surroundings import Surroundings, TemplateError
from mock_klaviyo.render.tags import Scope, library

if not settings.configured and ENVIRONMENT_VARIABLE not in os.environ:  # a user's own Django keeps its settings
    settings.configure(USE_I18N=False, USE_TZ=False)

FAULTS = (
    TemplateSyntaxError, VariableDoesNotExist, Exhausted, ArithmeticError, AttributeError, LookupError, MemoryError,
    RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What a template can do wrong, when it is read or when it is rendered."""

CHARACTERS_A_STEP = 50
"""How much of a tag's text counts as one step each time it is rendered."""

LONGEST_EXPRESSION = 10_000


def render(text: str, context: Json, surroundings: Surroundings, *, is_html: bool = True) -> str:
    """A template with its values in place; what comes from the context is escaped in HTML.

    >>> from datetime import UTC, datetime
    >>> render("Hi {{ first_name|default:'there' }}!", {}, Surroundings(datetime(2026, 1, 1, tzinfo=UTC)))
    'Hi there!'
    """
    meter = Meter()
    try:
        template = read(text, surroundings, meter, is_html=is_html)
        scope = Scope(context, surroundings, meter, is_html=is_html)
        written = str(template.render(scope))
    except FAULTS as fault:
        raise located(fault, text) from None
    for start, variable in sorted(scope.empty.items()):
        surroundings.empty(variable, *place(text, start))
    return written


def check(text: str, surroundings: Surroundings) -> None:
    """Read a template without rendering it; raises `TemplateError` for one that cannot be read."""
    try:
        read(text, surroundings, Meter(), is_html=True)
    except FAULTS as fault:
        raise located(fault, text) from None


def read(text: str, surroundings: Surroundings, meter: Meter, *, is_html: bool) -> Template:
    """A template, read; what it does is counted by the meter."""
    engine = BoundedEngine(debug=True, autoescape=is_html, loaders=[])
    engine.meter, engine.template_builtins = meter, [builtins(surroundings, meter)]
    return BoundedTemplate(text, engine=engine)


def builtins(surroundings: Surroundings, meter: Meter) -> Library:
    """All tags and filters."""
    found = Library()
    found.tags, found.filters = library.tags, FILTERS | surrounded(surroundings, meter)
    return found


def located(fault: BaseException, text: str) -> TemplateError:
    """A fault as an error that says where it is: at the beginning of a tag."""
    culprit = getattr(fault, "_culprit_node", None)
    token = getattr(fault, "token", None) or getattr(culprit, "token", None)
    start = token.position[0] if token is not None and token.position else 0
    reason = "it is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
    return TemplateError(reason or type(fault).__name__, *place(text, start))


def place(text: str, start: int) -> tuple[int, int]:
    """The line and the column of a place in a text.

    >>> place("one\\ntwo", 5)
    (2, 2)
    """
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


class BoundedEngine(Engine):
    """An engine whose templates are counted by a meter."""

    meter: Meter


class BoundedTemplate(Template):
    """A template that counts what it does."""

    engine: BoundedEngine

    def compile_nodelist(self) -> NodeList:
        """The template as nodes."""
        tokens = DebugLexer(str(self.source)).tokenize()
        if len(tokens) > MOST_STEPS:
            raise Exhausted
        parser = BoundedParser(tokens, {}, self.engine.template_builtins, self.origin)
        parser.meter = self.engine.meter
        return parser.parse()


class BoundedParser(Parser):
    """A parser whose nodes and expressions count what they do."""

    meter: Meter

    def find_filter(self, filter_name: str) -> Callable[..., Any]:
        """A filter, counted; only those that are used are made to count, for there are many."""
        return self.meter.filter(filter_name, super().find_filter(filter_name))

    def compile_filter(self, token: str) -> FilterExpression:
        """A value with its filters."""
        if len(token) > LONGEST_EXPRESSION:
            raise TemplateSyntaxError(f"an expression may have at most {LONGEST_EXPRESSION} characters")
        return Expression(token, self)

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        """Add a node that counts."""
        super().extend_nodelist(nodelist, node, token)
        if isinstance(node, VariableNode):
            node.render_annotated = partial(noticed, node, node.render_annotated)  # type: ignore[method-assign]
        cost = 1 if isinstance(node, TextNode) else 1 + len(token.contents) // CHARACTERS_A_STEP
        node.render_annotated = partial(counted, node.render_annotated, cost)  # type: ignore[method-assign]


def counted(annotated: Callable[[Any], Any], cost: int, context: Any) -> str:
    """What a node writes, counted; `verbatim` renders its text while it is read, in a context of its own."""
    if not isinstance(context, Scope):
        return str(annotated(context))
    context.meter.spend(cost)
    text = str(annotated(context))
    context.meter.grow(len(text))
    return text


def noticed(node: VariableNode, annotated: Callable[[Any], Any], context: Any) -> str:
    """What a variable shows; when that is nothing, or nothing but Python's word for it, the scope remembers."""
    text = str(annotated(context))
    is_empty = not text or (text == "None" and node.filter_expression.resolve(context) is None)
    if is_empty and isinstance(context, Scope) and node.token and node.token.position:
        context.empty[node.token.position[0]] = node.token.contents
    return text


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
