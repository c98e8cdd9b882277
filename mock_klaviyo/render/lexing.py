"""Lexing: a template cut into texts and tags in a time that grows with its length and no faster.

Django's own expression looks for the end of each tag to the end of the line, also where it has seen that there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.template.base import DebugLexer

Span = tuple[int, int]

OPENING = re.compile(r"\{[%{#]")
CLOSINGS = {"%": "%}", "{": "}}", "#": "#}"}


class LinearLexer(DebugLexer):
    """Django's lexer with another way to find the tags, which finds the same ones."""

    def _tag_re_split_positions(self) -> Iterator[Span]:
        last = 0
        for start, end in tags(self.template_string):
            yield last, start
            yield start, end
            last = end
        yield last, len(self.template_string)


def tags(text: str) -> Iterator[Span]:
    """Where the tags of a template stand; each ends on its line.

    >>> list(tags("{{ a }} {% b {# c #}"))
    [(0, 7), (13, 20)]
    """
    position = line_end = 0
    unclosed: dict[str, int] = {}
    while opening := OPENING.search(text, position):
        start, closing = opening.start(), CLOSINGS[opening[0][1]]
        position = start + 1
        if start >= line_end:
            line_end = text.find("\n", start) % (len(text) + 1)  # the end of the text when there is none
        if start < unclosed.get(closing, 0):
            continue
        end = text.find(closing, start + 2, line_end)
        if end < 0:
            unclosed[closing] = line_end
        else:
            position = end + 2
            yield start, position


def places(text: str, starts: Iterable[int]) -> Iterator[Span]:
    """The lines and the columns of places in a text, which come in their order.

    >>> list(places("one\\ntwo", [0, 5]))
    [(1, 1), (2, 2)]
    """
    line, before, last = 1, -1, 0
    for start in starts:
        line += text.count("\n", last, start)
        newline = text.rfind("\n", last, start)
        before, last = (newline if newline >= 0 else before), start
        yield line, start - before
