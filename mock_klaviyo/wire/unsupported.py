"""Unsupported: what clients asked for and did not get because it is not there, counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mock_klaviyo.errors import Problem
from mock_klaviyo.json import Json

KINDS: Mapping[str, str] = {
    "unknown_path": "path",
    "method_not_allowed": "method",
    "not_implemented": "operation",
    "unknown_attribute": "field",
    "unknown_parameter": "parameter",
    "invalid_field": "parameter",
    "invalid_include": "parameter",
    "invalid_sort": "parameter",
    "filter_field_not_allowed": "parameter",
    "operator_not_allowed": "parameter",
    "retired_revision": "retired revision",
    "future_revision": "unknown revision",
    "malformed_revision": "unknown revision",
    "revision_before_operation": "operation of a later revision",
    "no_revision_for_method": "operation of a later revision",
    "retired_endpoint": "legacy endpoint",
}
"""The errors that count, and what kind of thing was not there."""

BETA_REVISION = "beta revision"
"""What is asked with a beta that is not recorded: it is answered as by the stable revision."""

MOST = 1000
"""How many different things are told apart; all further ones are counted together."""

INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True)
class Missing:
    """Something that is not there: what kind of thing, where it was asked for, and what exactly."""

    kind: str
    where: str
    what: str


FURTHER = Missing("others", "anywhere", f"more than {MOST} different things")


class Unsupported:
    """How often each thing was asked for, and when first and last."""

    def __init__(self) -> None:
        self._counts: dict[Missing, tuple[int, str, str]] = {}

    def refuse(self, where: str, problems: Iterable[Problem], at: str) -> None:
        """Count those problems of a refusal that say that something is not there."""
        for problem in problems:
            if problem.name in KINDS:
                what = problem.parameter or INDEX.sub("/*", problem.pointer or "")
                self.note(Missing(KINDS[problem.name], where, f"{what} {problem.detail}"), at)

    def note(self, missing: Missing, at: str) -> None:
        """Count one thing."""
        if len(self._counts) >= MOST and missing not in self._counts:
            missing = FURTHER
        count, first, _ = self._counts.get(missing, (0, at, at))
        self._counts[missing] = (count + 1, first, at)

    def document(self) -> Json:
        """What was asked for, the most frequent first."""
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1][0], item[0].kind, item[0].where, item[0].what))
        found = [
            {"kind": each.kind, "where": each.where, "what": each.what, "count": count, "first": first, "last": last}
            for each, (count, first, last) in ranked
        ]
        return {"data": found, "total": sum(count for count, _, _ in self._counts.values())}

    def restart(self) -> None:
        """Forget all."""
        self._counts.clear()
