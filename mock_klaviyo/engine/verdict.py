"""Verdict: whether something is true at a moment, and until when it surely stays so when only time passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

BEGINNING = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A truth, and the moment from which on it must be judged anew."""

    is_true: bool
    until: datetime = FOREVER


TRUE, FALSE = Verdict(is_true=True), Verdict(is_true=False)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """That all are true; one that stays false keeps the whole false.

    >>> all_of([TRUE, FALSE]) == FALSE, all_of([]) == TRUE
    (True, True)
    """
    found = list(verdicts)
    wrong = [each.until for each in found if not each.is_true]
    if wrong:
        return Verdict(is_true=False, until=max(wrong))
    return Verdict(is_true=True, until=min((each.until for each in found), default=FOREVER))


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """That at least one is true; one that stays true keeps the whole true.

    >>> any_of([TRUE, FALSE]) == TRUE, any_of([]) == FALSE
    (True, True)
    """
    return opposite(all_of(opposite(each) for each in verdicts))


def opposite(verdict: Verdict) -> Verdict:
    """That something is not so."""
    return Verdict(is_true=not verdict.is_true, until=verdict.until)
