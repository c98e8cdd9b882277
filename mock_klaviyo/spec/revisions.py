"""Revisions: which one a request is served at, and why an operation may not be there.

Klaviyo's rules: https://developers.klaviyo.com/en/docs/api_versioning_and_deprecation_policy
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from mock_klaviyo.errors import ApiError, error
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.record import BETA
from mock_klaviyo.spec.recorded import Recordings, revisions, shipped

RELEASES = (
    "2022-10-17", "2023-01-24", "2023-02-22", "2023-06-15", "2023-07-15", "2023-08-15", "2023-09-15", "2023-10-15",
    "2023-12-15", "2024-02-15", "2024-05-15", "2024-06-15", "2024-07-15", "2024-10-15", "2025-01-15", "2025-04-15",
    "2025-07-15", "2025-10-15", "2026-01-15", "2026-04-15", "2026-07-15",
)  # fmt: skip
"""Every revision that Klaviyo released for general use; the older ones are not recorded."""

HEADER = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})({re.escape(BETA)})?", re.ASCII)

STABLE_YEARS = 1
LIFE_YEARS = 2

WhenMissing = Literal["newest", "refuse"]


@dataclass(frozen=True)
class Resolved:
    """What a request asked for, the recorded revision that serves it, and when that retires if it is deprecated.

    `hint` is set when Klaviyo has the revision by now and this server has no recording of it.
    """

    requested: str | None
    served: str
    retirement_date: str | None = None
    hint: str | None = None


def resolve(
    header: str | None,
    *,
    now: date,
    is_fall_forward: bool = True,
    when_missing: WhenMissing = "newest",
    recorded: Sequence[str] | None = None,
) -> Resolved:
    """The revision that serves a request; raises `ApiError` when none does."""
    recorded = revisions() if recorded is None else recorded
    if header is None:
        return resolved(None, missing(recorded, when_missing), now)
    day, is_beta = parsed(header)
    newest = stable(recorded)[-1]
    if day > newest:
        return unrecorded(header, newest, now)
    if is_beta and header in recorded:
        return resolved(header, header, now)
    known = rounded_down(day, recorded)
    if is_retired(known, now):
        if not is_fall_forward:
            raise error("retired_revision", revision=header, retired=anniversary(known, LIFE_YEARS).isoformat())
        return resolved(header, oldest_alive(recorded, now), now)
    if known in recorded:
        return resolved(header, known, now)
    return too_old(header, known, oldest_alive(recorded, now), now)


def too_old(header: str, known: str, served: str, now: date) -> Resolved:
    """A revision that was still alive when a held clock says it is, and is older than every recording."""
    hint = f"{known} is not recorded; the oldest revision that this server knows, {served}, served this request"
    return replace(resolved(header, served, now), hint=hint)


def unrecorded(header: str, newest: str, now: date) -> Resolved:
    """A revision newer than every recording: one that may be out by now is served as the newest, others are refused."""
    known = f"the newest revision that this server knows is {newest}"
    if parsed(header)[0] > now.isoformat():
        raise error("future_revision", hint=known)
    return replace(resolved(header, newest, now), hint=f"{header} is not recorded; {known}, which served this request")


def parsed(header: str) -> tuple[str, bool]:
    """The date in a revision header, and whether it asks for the beta of that date.

    >>> parsed("2026-07-15"), parsed("2026-07-15.pre")
    (('2026-07-15', False), ('2026-07-15', True))
    """
    match = HEADER.fullmatch(header.strip())
    try:
        if match and date.fromisoformat(match[1]):
            return match[1], match[2] is not None
    except ValueError:
        pass
    raise error("malformed_revision", revision=header)


def missing(recorded: Sequence[str], when_missing: WhenMissing) -> str:
    """What serves a request that names no revision; unsure: nobody knows what Klaviyo does."""
    if when_missing == "refuse":
        raise error("missing_revision")
    return stable(recorded)[-1]


def stable(recorded: Sequence[str]) -> list[str]:
    """The recorded revisions that are not beta, oldest first."""
    return sorted(revision for revision in recorded if not revision.endswith(BETA))


def rounded_down(day: str, recorded: Sequence[str]) -> str:
    """The newest known release not after a day; the very first one for a day before it."""
    known = sorted({*RELEASES, *stable(recorded)})
    return max((release for release in known if release <= day), default=known[0])


def oldest_alive(recorded: Sequence[str], now: date) -> str:
    """Where requests for retired revisions end: the oldest that is not retired, or the newest if all are."""
    known = stable(recorded)
    return next((revision for revision in known if not is_retired(revision, now)), known[-1])


def resolved(requested: str | None, served: str, now: date) -> Resolved:
    """The outcome; a deprecated revision tells when it retires."""
    is_deprecated = now >= anniversary(served, STABLE_YEARS)
    retirement = anniversary(served, LIFE_YEARS).isoformat() if is_deprecated else None
    return Resolved(requested, served, retirement)


def is_retired(revision: str, now: date) -> bool:
    """Whether a revision's two years are over."""
    return now >= anniversary(revision, LIFE_YEARS)


def anniversary(revision: str, years: int) -> date:
    """The day some years after a revision's release; releases are never on 29 February.

    >>> anniversary("2026-07-15.pre", 2).isoformat()
    '2028-07-15'
    """
    released = date.fromisoformat(revision[:10])
    return released.replace(year=released.year + years)


def operation_at(
    revision: str, method: str, path: str, recordings: Recordings | None = None
) -> tuple[Operation, dict[str, str]]:
    """The operation that answers at a recorded revision, and its path parameters; raises `ApiError` without one.

    HEAD is answered as GET is, without the body.
    """
    recordings = recordings or shipped()
    found = recordings[revision].route("GET" if method == "HEAD" else method, path)
    if found:
        return found
    raise absence(revision, method, path, recordings)


def absence(revision: str, method: str, path: str, recordings: Recordings) -> ApiError:
    """Why no operation answers: the path or the method is newer than the revision, or there never was one."""
    here = recordings[revision].methods(path)
    later = [each for each in recordings.revisions if each > revision and recordings[each].route(method, path)]
    if later and here:
        return error("no_revision_for_method")
    if later:
        return error("revision_before_operation", revision=revision, earliest=later[0])
    if here:
        return error("method_not_allowed", method=method, headers={"Allow": ", ".join(here)})
    return error("unknown_path")
