"""Erasure: what is to be found of a person by name and nowhere else, and how it is made unreadable."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from mock_klaviyo import json

ERASED = "erased"
"""What stands where a person was named."""

PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
"""What may be base64, in which the oldest endpoints take JSON."""


@dataclass(frozen=True)
class Erasure:
    """The identifiers of an erased person; unlike a name, a key may mean something else outside personal records."""

    names: tuple[str, ...]
    keys: tuple[str, ...] = field(default=())

    @property
    def only_names(self) -> Erasure:
        """The same without keys."""
        return replace(self, keys=())

    @property
    def words(self) -> tuple[str, ...]:
        """All identifiers as text."""
        return (*self.names, *self.keys)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds an identifier as a whole word, also where a URL has it."""
        forms = dict.fromkeys(form for word in self.words for form in (word, quote(word, safe=""), quote(word)))
        before, after = r"(?:(?<![\w.+-])|(?<=%[0-9A-Fa-f]{2}))", r"(?![\w-]|\.\w)"
        return re.compile(f"{before}(?:{'|'.join(map(re.escape, forms))}){after}", re.IGNORECASE)

    def text(self, text: str) -> str:
        """A text without the identifiers, in base64 neither."""
        if not self.words:
            return text
        return PACKED.sub(lambda found: self._unpacked(found[0]), self.pattern.sub(ERASED, text))

    def _unpacked(self, packed: str) -> str:
        """A text that may be base64; nothing of one that names the person."""
        try:
            standard = packed.rstrip("=").replace("-", "+").replace("_", "/")
            text = b64decode(standard + "=" * (-len(standard) % 4)).decode()
        except ValueError:
            return packed
        return ERASED if self.pattern.search(text) else packed

    def value(self, value: Any) -> Any:
        """A JSON value without the identifiers."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.value(member) for member in value]
        is_key = isinstance(value, int) and not isinstance(value, bool) and str(value) in self.keys
        return ERASED if is_key else value

    def content(self, content: bytes) -> bytes:
        """A body without the identifiers, however its JSON spells them."""
        try:
            value = json.read(content)
        except ValueError:
            return self.text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        cleaned = self.value(value)
        return content if cleaned == value else json.written(cleaned)

    def is_in(self, value: Any) -> bool:
        """Whether a value names the person."""
        return bool(self.value(value) != value)


def erasure(names: Iterable[Any], keys: Iterable[Any]) -> Erasure:
    """The erasure of identifiers, without those that are missing."""
    return Erasure(tuple(texts(names)), tuple(texts(keys)))


def texts(values: Iterable[Any]) -> Iterator[str]:
    """Values as text, each once, without those that say nothing."""
    yield from dict.fromkeys(str(each) for each in values if each not in (None, ""))
