"""Naming: what users may call worlds and snapshots; the names stand in headers and in paths."""

from __future__ import annotations

LONGEST_NAME = 200


def fault_of(name: str, whose: str, without: str = "") -> str | None:
    """What is wrong with a name, None when nothing is.

    >>> fault_of("before the sale", "a snapshot", without="/")
    >>> fault_of("a/b", "a snapshot", without="/")
    "the name of a snapshot is 1 to 200 printable ASCII characters other than '/', not 'a/b'"
    """
    is_fit = 0 < len(name) <= LONGEST_NAME and name.isascii() and name.isprintable() and name == name.strip()
    if is_fit and not set(without) & set(name):
        return None
    other = f" other than {without!r}" if without else ""
    return f"the name of {whose} is 1 to {LONGEST_NAME} printable ASCII characters{other}, not {name[:50]!r}"
