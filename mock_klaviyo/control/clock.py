"""The clock: frozen, real or scaled, and moved by a duration, to what is due next, or until nothing is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from mock_klaviyo import travel
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.clock import checked_rate
from mock_klaviyo.control.answering import (
    answer,
    blueprint,
    body,
    duration,
    moment,
    seconds,
    whole_number,
)
from mock_klaviyo.control.declaring import DURATION, NUMBER, TEXT, TIME, Argument, ControlError
from mock_klaviyo.control.documents import message_document
from mock_klaviyo.control.finding import profile_ids
from mock_klaviyo.json import Json
from mock_klaviyo.store.rows import Row

MODES = ("real", "frozen", "scaled")
MOST_DUE = 1000


@blueprint.get("/clock")
def clock() -> Response:
    """The time, and how the clock runs: real, frozen or scaled."""
    return answer(clock_document())


@blueprint.put("/clock", body={"now": TIME, "mode": {"enum": [*MODES]}, "rate": {"type": "number"}})
def set_clock() -> Response:
    """Freeze the clock at a time, let it run, or let it run faster: `{"mode": "scaled", "rate": 1440}`."""
    asked = body()
    mode = asked.get("mode", MODES[1])
    if mode not in MODES:
        raise ControlError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    if "now" not in asked and "mode" not in asked:
        raise ControlError('now or mode is missing: {"now": "2026-03-01T08:00:00Z"} or {"mode": "real"}')
    SETTINGS[mode](asked)
    return answer(clock_document())


def freeze(asked: Json) -> None:
    """Let the clock stand still."""
    now = moment(asked["now"], "now") if "now" in asked else klaviyo().clock.now
    move(now)
    klaviyo().clock.restart(now)


def run(asked: Json) -> None:
    """Let the clock follow the wall clock."""
    if "now" in asked:
        raise ControlError('a real clock shows the time that it is: leave now out, or ask for {"mode": "scaled"}')
    klaviyo().clock.release()


def scale(asked: Json) -> None:
    """Let the clock run faster, or slower, than life."""
    rate = asked.get("rate", 1)
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        raise ControlError(f'rate must be a number such as {{"mode": "scaled", "rate": 1440}}, not {rate!r}')
    understood(lambda: checked_rate(rate))
    if "now" in asked:
        move(moment(asked["now"], "now"))
    klaviyo().clock.scale(rate)


SETTINGS: Mapping[str, Callable[[Json], None]] = dict(zip(MODES, (run, freeze, scale), strict=True))
"""Mode → how the clock is set to it."""


@blueprint.post("/clock/advance", body={"by": DURATION, "by_seconds": {"type": "number", "minimum": 0}})
def advance_clock() -> Response:
    """Move the clock forward: `{"by": "3d"}` or `{"by_seconds": 259200}`."""
    asked = body()
    forward(duration(asked["by"]) if "by" in asked else seconds(asked.get("by_seconds")))
    return answer(clock_document())


@blueprint.post("/clock/next", body={"within": DURATION})
def to_next_due() -> Response:
    """Move to the next time at which something is due."""
    within = horizon(body())
    found(lambda: travel.to_next_due(klaviyo(), within))
    return answer(clock_document())


@blueprint.post("/clock/next-message", body={"profile": TEXT, "within": DURATION})
def to_next_message() -> Response:
    """Move to the next message, to a profile's if one is named by id, email, phone number or external id."""
    asked = body()
    profile = asked.get("profile")
    id = profile_id(str(profile)) if profile is not None else None
    within = horizon(asked)
    message = found(lambda: travel.to_next_message(klaviyo(), id, within))
    return answer({**clock_document(), "message": message_document(message)})


@blueprint.post("/clock/idle", body={"within": DURATION})
def until_idle() -> Response:
    """Move on from one due thing to the next until nothing is due any more; `within` is a year unless told."""
    within = horizon(body())
    return answer({"is_idle": travel.until_idle(klaviyo(), within), **clock_document()})


@blueprint.get("/clock/due", arguments=(Argument("limit", f"How many are wanted, {MOST_DUE} at most.", NUMBER, 10),))
def due() -> Response:
    """What is due next, the first thing first."""
    limit = min(whole_number("limit"), MOST_DUE)
    return answer({"data": [due_document(row) for row in travel.due(klaviyo(), limit)]})


def due_document(row: Row) -> Json:
    """A task: when it is due, what kind of work it is, and what it is about."""
    return {name: row.document[name] for name in ("due", "kind", "subject", "given")}


def profile_id(name: str) -> str:
    """The id of the profile that an id or an identifier names."""
    klaviyo().catch_up()
    ids = profile_ids(klaviyo(), name)
    if not ids:
        raise ControlError(f"there is no profile {name!r}; name it by id, email, phone number or external id")
    return ids[0]


def horizon(asked: Json) -> timedelta:
    """How far ahead is looked."""
    return duration(asked["within"]) if "within" in asked else travel.FARTHEST


def found(look: Callable[[], Any]) -> Any:
    """What is due; that nothing is due is said."""
    try:
        return look()
    except travel.NothingDue as reason:
        raise ControlError(str(reason)) from None


def forward(by: timedelta) -> None:
    """Move the clock on by a duration."""
    try:
        now = klaviyo().clock.now + by
    except OverflowError:
        raise ControlError("the clock cannot be moved that far") from None
    move(now)


def move(now: datetime) -> None:
    """Move the clock to a time that is not before the one that it shows."""
    understood(lambda: klaviyo().move_clock(now))


def understood(change: Callable[[], object]) -> None:
    """Change the clock; what cannot be is refused."""
    try:
        change()
    except ValueError as reason:
        raise ControlError(f"{reason}; POST /__mock/reset begins anew") from None


def clock_document() -> Json:
    """What there is to say of the clock."""
    clock = klaviyo().clock
    return {"now": clock.now.isoformat(), "mode": clock.mode, "rate": clock.rate}
