"""What every control route is made of: the blueprint, arguments, bodies, pages, and refusals that say what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g, request

from mock_klaviyo import durations, json
from mock_klaviyo.control.declaring import NUMBER, Argument, ControlBlueprint, ControlError, Route, refuse_unknown
from mock_klaviyo.json import Json

LARGEST_PAGE = 1000

PAGE = (
    Argument("after", "The number of the last one seen.", NUMBER, 0),
    Argument("limit", f"How many are wanted, {LARGEST_PAGE} at most.", NUMBER, 100),
)
"""The arguments of every route that gives pages."""

blueprint = ControlBlueprint("control", __name__, url_prefix="/__mock")


@blueprint.errorhandler(ControlError)
def refusal(reason: ControlError) -> Response:
    """A refused control request as an answer."""
    return answer({"error": str(reason)}, 400)


def answer(document: Json, status: int = 200) -> Response:
    """A document as an answer."""
    return Response(json.written(document), status=status, content_type="application/json")


def page(fetch: Callable[[int, int], Iterable[Any]], document: Callable[[Any], Json]) -> Response:
    """A page of numbered things: `after` is the last number seen, `limit` how many are wanted."""
    after, limit = whole_number("after"), min(whole_number("limit"), LARGEST_PAGE)
    found = list(fetch(after, limit))
    following = found[-1].number if len(found) == limit and found else None
    return answer({"data": [document(each) for each in found], "next": following})


def route() -> Route:
    """The route that is asked."""
    found = blueprint.current
    if found is None:
        raise ControlError(f"{request.method} {request.path} is no control route")
    return found


def asked(name: str) -> str | None:
    """An argument as it was given; its default when it was not."""
    default = route().argument(name).default
    return request.args.get(name, None if default is None else str(default))


def whole_number(name: str) -> int:
    """A whole number from the query string."""
    text = asked(name) or ""
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ControlError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def span(name: str) -> timedelta:
    """A duration from the query string."""
    text = asked(name) or ""
    try:
        return durations.duration(text)
    except ValueError as reason:
        raise ControlError(f"{name}: {reason}") from None


@blueprint.before_request
def check_body() -> None:
    """Refuse a body that is not as the route declares it."""
    here = blueprint.current
    if here is not None and here.body is not None:
        g.body = read_body()
        refuse_unknown(g.body, list(here.body), f"the body of {here.method} {blueprint.url_prefix}{here.rule}")


def read_body() -> Json:
    """The JSON object in the body; nothing counts as an empty one."""
    content = request.get_data(cache=False)
    try:
        found = json.read(content) if content else {}
    except ValueError as reason:
        raise ControlError(f"the body is not valid JSON: {reason}") from None
    if not isinstance(found, dict):
        raise ControlError("the body must be a JSON object")
    return found


def body() -> Json:
    """The JSON object in the body, with no other members than the route declares."""
    if route().body is None:
        raise LookupError(f"{route().rule} reads its body and does not declare it: body={{…}} beside the rule")
    found: Json = g.body
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


def duration(text: Any, name: str = "by") -> timedelta:
    """The duration that a text such as `3d` or `1h 30m` names."""
    try:
        return durations.duration(text)
    except (TypeError, ValueError):
        raise ControlError(
            f'{name} must be a duration such as {{"{name}": "3d"}} or {{"{name}": "1h 30m"}}, not {text!r}'
        ) from None
