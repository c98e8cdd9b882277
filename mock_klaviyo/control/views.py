"""Our own routes below /__mock: state, clock, and what became of each request and event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request

from mock_klaviyo import __version__, durations, json
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.contracts.contract import ContractError
from mock_klaviyo.control.documents import event_document, message_document, profile_document, violation_document
from mock_klaviyo.json import Json
from mock_klaviyo.resources.intake import DROPPED
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.registry import INTAKES
from mock_klaviyo.spec.recorded import revisions

LARGEST_PAGE = 1000
BASELINES = ("baseline", "empty")
"""What one can go back to."""

blueprint = Blueprint("control", __name__, url_prefix="/__mock")


class ControlError(Exception):
    """A control request that makes no sense; says what is wrong and what would be right."""


@blueprint.errorhandler(ControlError)
def refusal(reason: ControlError) -> Response:
    """A refused control request as an answer."""
    return answer({"error": str(reason)}, 400)


@blueprint.get("/health")
@blueprint.get("/ready")
def health() -> Response:
    """Whether the server answers."""
    return answer({"status": "ok"})


@blueprint.get("/version")
def version() -> Response:
    """The version of this program."""
    return answer({"version": __version__})


@blueprint.get("/config")
def config() -> Response:
    """What a client needs to know: URL, keys, revisions."""
    settings = klaviyo().config
    return answer(
        {
            "url": request.host_url.rstrip("/"),
            "private_key": settings.private_key,
            "public_key": settings.account.id,
            "revision": revisions()[-1],
            "revisions": list(klaviyo().recordings.revisions),
            "rate_limits": settings.rate_limits,
            "seed": settings.seed,
        }
    )


@blueprint.post("/reset")
def reset() -> Response:
    """Go back to the baseline, `?to=empty` to nothing; `{"clock": "2026-03-01T08:00:00Z"}` also holds the clock."""
    clock, to = body().get("clock"), request.args.get("to", BASELINES[0])
    if to not in BASELINES:
        raise ControlError(f"to must be one of {', '.join(BASELINES)}, not {to!r}")
    try:
        klaviyo().reset(moment(clock, "clock") if clock is not None else None, is_empty=to == "empty")
    except ValueError as reason:
        raise ControlError(str(reason)) from None
    return answer({"status": "ok", **clock_document()})


@blueprint.put("/baseline")
def keep_baseline() -> Response:
    """Let later resets go back to how things are now."""
    klaviyo().keep_baseline()
    return answer({"status": "ok"})


@blueprint.get("/contracts")
def contracts() -> Response:
    """The contracts that events and profiles are held against."""
    return answer(klaviyo().contracts.document)


@blueprint.put("/contracts")
def put_contracts() -> Response:
    """Hold events and profiles against contracts: `{"metrics": {"Placed Order": {"required": ["total"]}}}`."""
    try:
        klaviyo().contracts.put(body())
    except ContractError as reason:
        raise ControlError(str(reason)) from None
    return contracts()


@blueprint.get("/violations")
def violations() -> Response:
    """What in events and profiles is not as the contracts say, assumed facts as notes."""
    found = [*map(violation_document, klaviyo().violations())]
    documented = [each for each in found if not each["is_note"]]
    return answer({"data": found, "violations": len(documented), "notes": len(found) - len(documented)})


@blueprint.get("/clock")
def clock() -> Response:
    """The time, and whether the clock follows the wall clock or is held."""
    return answer(clock_document())


@blueprint.put("/clock")
def hold_clock() -> Response:
    """Hold the clock at a time: `{"now": "2026-03-01T08:00:00Z"}`."""
    move(moment(body().get("now"), "now"))
    return answer(clock_document())


@blueprint.post("/clock/advance")
def advance_clock() -> Response:
    """Move the clock forward: `{"by": "3d"}` or `{"by_seconds": 259200}`."""
    asked = body()
    try:
        by = duration(asked["by"]) if "by" in asked else seconds(asked.get("by_seconds"))
        move(klaviyo().clock.now + by)
    except OverflowError:
        raise ControlError("the clock cannot be moved that far") from None
    return answer(clock_document())


@blueprint.get("/requests")
def requests() -> Response:
    """The latest requests, oldest first."""
    return entries(only_rejected=False)


@blueprint.get("/rejected")
def rejected() -> Response:
    """The latest requests that were refused, each with its errors."""
    return entries(only_rejected=True)


@blueprint.get("/requests/count")
def request_counts() -> Response:
    """How many requests came since the last reset."""
    return answer(klaviyo().journal.counts())


@blueprint.get("/events")
def events() -> Response:
    """Events in the order in which they were accepted, those that Klaviyo would have dropped silently among them."""
    return page(lambda after, limit: klaviyo().events(after, limit), lambda row: event_document(klaviyo(), row))


@blueprint.get("/events/good")
def good_events() -> Response:
    """Events that Klaviyo keeps."""
    return page(lambda after, limit: klaviyo().rows("event", after, limit), lambda row: event_document(klaviyo(), row))


@blueprint.get("/events/bad")
def bad_events() -> Response:
    """The latest requests to send events that were refused, each with its errors."""
    found = klaviyo().journal.entries(only_rejected=True)
    wanted = [entry for entry in found if entry.operation in INTAKES]
    return page(
        lambda after, limit: [entry for entry in wanted if entry.number > after][:limit], lambda entry: entry.document()
    )


@blueprint.get("/events/dropped")
def dropped_events() -> Response:
    """Events that were accepted and that Klaviyo would have dropped silently, each with the reason."""
    return page(lambda after, limit: klaviyo().rows(DROPPED, after, limit), lambda row: event_document(klaviyo(), row))


@blueprint.get("/profiles")
def profiles() -> Response:
    """Profiles in the order in which they were made."""
    return page(
        lambda after, limit: klaviyo().rows("profile", after, limit), lambda row: profile_document(klaviyo(), row)
    )


@blueprint.get("/messages")
def messages() -> Response:
    """Messages in the order in which they were sent, those that were skipped among them with the reason."""
    return page(lambda after, limit: klaviyo().rows(OUTBOX_MESSAGE.type, after, limit), message_document)


def entries(*, only_rejected: bool) -> Response:
    """A page of the journal."""
    found = klaviyo().journal.entries(only_rejected=only_rejected)
    return page(
        lambda after, limit: [entry for entry in found if entry.number > after][:limit], lambda entry: entry.document()
    )


def page(fetch: Callable[[int, int], Iterable[Any]], document: Callable[[Any], Json]) -> Response:
    """A page of numbered things: `after` is the last number seen, `limit` how many are wanted."""
    after, limit = argument("after", 0), min(argument("limit", 100), LARGEST_PAGE)
    found = list(fetch(after, limit))
    following = found[-1].number if len(found) == limit and found else None
    return answer({"data": [document(each) for each in found], "next": following})


def argument(name: str, default: int) -> int:
    """A whole number from the query string."""
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ControlError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def body() -> Json:
    """The JSON object in the body; nothing counts as an empty one."""
    content = request.get_data(cache=False)
    try:
        found = json.read(content) if content else {}
    except ValueError as reason:
        raise ControlError(f"the body is not valid JSON: {reason}") from None
    if not isinstance(found, dict):
        raise ControlError("the body must be a JSON object")
    return found


def moment(text: Any, name: str) -> datetime:
    """The time that a text names."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ControlError(f"{name} must be an ISO 8601 time such as 2026-03-01T08:00:00Z, not {text!r}") from None


def seconds(number: Any) -> timedelta:
    """The duration that a number of seconds makes."""
    if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number < 10**10:
        raise ControlError('by_seconds must be a number of seconds such as {"by_seconds": 3600}')
    return timedelta(seconds=number)


def duration(text: Any) -> timedelta:
    """The duration that a text such as `3d` or `1h 30m` names."""
    try:
        return durations.duration(text)
    except (TypeError, ValueError):
        raise ControlError(
            f'by must be a duration such as {{"by": "3d"}} or {{"by": "1h 30m"}}, not {text!r}'
        ) from None


def move(now: datetime) -> None:
    """Hold the clock at a time that is not before the one it is held at."""
    try:
        klaviyo().move_clock(now)
    except ValueError as reason:
        raise ControlError(f"{reason}; POST /__mock/reset begins anew") from None


def clock_document() -> Json:
    """What there is to say of the clock."""
    clock = klaviyo().clock
    return {"now": clock.now.isoformat(), "mode": "real" if clock.is_real else "held"}


def answer(document: Json, status: int = 200) -> Response:
    """A document as an answer."""
    return Response(json.written(document), status=status, content_type="application/json")
