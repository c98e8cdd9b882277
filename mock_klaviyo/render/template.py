"""Rendering a template: Django's engine, without files, code or endless work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.template import Engine, Library, Node, NodeList, Template, TemplateSyntaxError, VariableDoesNotExist
from django.template.base import FilterExpression, Parser, TextNode, Token, VariableNode

from mock_klaviyo.json import Json
from mock_klaviyo.render.expressions import Expression
from mock_klaviyo.render.filters import FILTERS, surrounded
from mock_klaviyo.render.lexing import LinearLexer, places
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
LONGEST_KEPT, MOST_KEPT = 200_000, 200
"""How long a template may be that is kept for the next rendering, and how many are kept."""

NO_TIME = datetime.min.replace(tzinfo=UTC)


def render(text: str, context: Json, surroundings: Surroundings, *, is_html: bool = True) -> str:
    """A template with its values in place; what comes from the context is escaped in HTML.

    >>> from datetime import UTC, datetime
    >>> render("Hi {{ first_name|default:'there' }}!", {}, Surroundings(datetime(2026, 1, 1, tzinfo=UTC)))
    'Hi there!'
    """
    try:
        with SHELF.template(text, is_html=is_html) as template:
            scope = Scope(context, surroundings, template.meter, is_html=is_html)
            written = template.render(scope)
    except FAULTS as fault:
        raise located(fault, text) from None
    empty = sorted(scope.empty.items())
    for (_, variable), place in zip(empty, places(text, (start for start, _ in empty)), strict=True):
        surroundings.empty(variable, *place)
    return written


def check(text: str) -> None:
    """Read a template without rendering it; raises `TemplateError` for one that cannot be read."""
    try:
        Readable(text, is_html=True)
    except FAULTS as fault:
        raise located(fault, text) from None


class Readable:
    """A template that was read; it is rendered by one at a time, and what it does is counted anew each time."""

    def __init__(self, text: str, *, is_html: bool) -> None:
        self.meter = Meter()
        self.now = NO_TIME
        engine = BoundedEngine(debug=True, autoescape=is_html, loaders=[])
        engine.meter, engine.template_builtins = self.meter, [self._builtins()]
        self._template = BoundedTemplate(text, engine=engine)

    def _builtins(self) -> Library:
        """All tags and filters."""
        found = Library()
        found.tags, found.filters = library.tags, FILTERS | surrounded(self, self.meter)
        return found

    def render(self, scope: Scope) -> str:
        """The template with its values in place."""
        self.now = scope.surroundings.now
        self.meter.restart()
        return str(self._template.render(scope))


class Shelf:
    """Templates that were read and may be rendered again; whoever renders one takes it away meanwhile."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[tuple[str, bool], Readable] = {}

    def __len__(self) -> int:
        return len(self._kept)

    @contextmanager
    def template(self, text: str, *, is_html: bool) -> Iterator[Readable]:
        """A template for the time of one rendering."""
        with self._lock:
            found = self._kept.pop((text, is_html), None)
        found = found or Readable(text, is_html=is_html)
        try:
            yield found
        finally:
            if len(text) <= LONGEST_KEPT:
                self._put_back((text, is_html), found)

    def _put_back(self, key: tuple[str, bool], template: Readable) -> None:
        """Keep a template, and forget the one that was not used for the longest time when there are too many."""
        with self._lock:
            self._kept[key] = template
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]


SHELF = Shelf()


def located(fault: BaseException, text: str) -> TemplateError:
    """A fault as an error that says where it is: at the beginning of a tag."""
    culprit = getattr(fault, "_culprit_node", None)
    token = getattr(fault, "token", None) or getattr(culprit, "token", None)
    start = token.position[0] if token is not None and token.position else 0
    reason = "it is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
    return TemplateError(reason or type(fault).__name__, *next(places(text, [start])))


class BoundedEngine(Engine):
    """An engine whose templates are counted by a meter."""

    meter: Meter


class BoundedTemplate(Template):
    """A template that counts what it does."""

    engine: BoundedEngine

    def compile_nodelist(self) -> NodeList:
        """The template as nodes."""
        tokens = LinearLexer(str(self.source)).tokenize()
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
