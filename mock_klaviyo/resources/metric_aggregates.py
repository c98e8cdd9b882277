"""Metric aggregates: counts, sums and unique profiles of a metric's events, in buckets of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from mock_klaviyo.errors import ApiError, Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import fields
from mock_klaviyo.jsonapi.document import next_link
from mock_klaviyo.jsonapi.filters import Comparison, parse
from mock_klaviyo.jsonapi.page import Cursor
from mock_klaviyo.jsonapi.problems import collecting
from mock_klaviyo.jsonapi.values import Scalar, as_moment
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import require
from mock_klaviyo.resources.intervals import bucket_start, bucket_starts
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

ATTRIBUTES = "/data/attributes"
REFUSED_TIMEZONES = frozenset({"Factory", "Europe/Kyiv", "Pacific/Kanton"})
"""Names that IANA knows and Klaviyo does not."""

LONGEST_RANGE = timedelta(days=366)
EARLIEST_YEAR, LATEST_YEAR = 1970, 2200
TYPE, FIELDS = "metric-aggregate", ("id", "dates", "data")
DEFAULT_SIZE = 500
BOUNDS = {"greater-or-equal": "start", "less-than": "end"}
TIME_OPERATORS = ("greater-or-equal", "greater-than", "less-or-equal", "less-than")
DIMENSION_OPERATORS = ("equals", "contains")


@dataclass
class Bucket:
    """What fell into one bucket of one row."""

    count: int = 0
    sum_value: float = 0.0
    profiles: set[str] = field(default_factory=set)

    def add(self, event: Json) -> None:
        """Count an event."""
        self.count += 1
        value = event["event_properties"].get("$value")
        self.sum_value += value if isinstance(value, int | float) else 0
        self.profiles.add(event["profile_id"])


MEASUREMENTS: Mapping[str, Callable[[Bucket], float]] = {
    "count": lambda bucket: float(bucket.count),
    "sum_value": lambda bucket: float(bucket.sum_value),
    "unique": lambda bucket: float(len(bucket.profiles)),
}
"""The measurement's name → its number for a bucket."""


@operation("query_metric_aggregates")
def query_metric_aggregates(call: Call) -> Reply:
    """Work out the measurements over the events that are in the store."""
    asked = call.attributes
    require(call, "metric", asked["metric_id"])
    refuse_sort(asked)
    shown = wanted_fields(call)
    comparisons = filters(asked["filter"])
    start, end = bounds(comparisons)
    zone = timezone(asked.get("timezone") or "UTC")
    interval = asked.get("interval") or "day"
    dates = list(bucket_starts(start, end, zone, interval))
    rows = measured(call, asked, comparisons, (zone, interval))
    names = asked["measurements"]
    data = [
        {
            "dimensions": list(dimensions),
            "measurements": {
                name: [MEASUREMENTS[name](buckets.get(date, Bucket())) for date in dates] for name in names
            },
        }
        for dimensions, buckets in rows.items()
    ]
    data, links = page(call, data)
    attributes = fields.pruned({"dates": [date.isoformat() for date in dates], "data": data}, shown)
    id = call.world.ids.numeric()
    link = f"{call.base_url}/api/metric-aggregates/{id}/"
    resource = {"type": "metric-aggregate", "id": id, "attributes": attributes, "links": {"self": link}}
    return Reply(200, {"data": resource, "links": {"self": call.url, **links}})


def wanted_fields(call: Call) -> tuple[str, ...]:
    """The attributes that are asked for: by the query string as of any resource, and by the body."""
    by_query = call.query.fields.get(TYPE, FIELDS)
    by_body = call.attributes.get("return_fields")
    reason, pointer = (
        "'{}' is not a field of a metric-aggregate: return_fields takes {}.",
        f"{ATTRIBUTES}/return_fields",
    )
    raise_all(
        problem("invalid", reason=reason.format(name, ", ".join(FIELDS)), pointer=pointer)
        for name in by_body or ()
        if name not in FIELDS
    )
    return tuple(name for name in by_query if not by_body or name in by_body)


def page(call: Call, rows: list[Json]) -> tuple[list[Json], Json]:
    """The rows of the page that is asked for, and the links to the next one and the one before."""
    size, first = page_size(call.attributes), offset(call)
    ends = {"next": first + size if first + size < len(rows) else None, "prev": max(0, first - size) if first else None}
    return rows[first : first + size], {name: page_link(call, end) for name, end in ends.items()}


def page_size(asked: Json) -> int:
    """How many rows a page has."""
    size: int = asked.get("page_size") or (DEFAULT_SIZE if asked.get("page_size") is None else 0)
    if size < 1:
        reason = f"page_size must be at least 1, {size} was given."
        raise error("invalid", reason=reason, pointer=f"{ATTRIBUTES}/page_size")
    return size


def offset(call: Call) -> int:
    """How many rows stand on the pages before, as a cursor tells; a whole link serves as one."""
    text = call.attributes.get("page_cursor")
    try:
        match Cursor.read(text, call.operation.id).key if text else (0,):
            case (int(first),) if first >= 0:
                return first
        raise error("invalid_cursor")
    except ApiError as refusal:
        pointer = f"{ATTRIBUTES}/page_cursor"
        raise ApiError(*(replace(each, parameter=None, pointer=pointer) for each in refusal.problems)) from None


def page_link(call: Call, first: int | None) -> str | None:
    """The link to the page that begins with a row; its `page_cursor` belongs into the body."""
    if first is None:
        return None
    cursor = Cursor((first,), "", is_backward=False, scope=call.operation.id).written()
    return next_link(call.url, cursor, "page_cursor")


def refuse_sort(asked: Json) -> None:
    """Refuse to sort, as the live server does although its definition offers it."""
    if asked.get("sort"):
        hint = "sort fails at Klaviyo too, although its definition offers it"
        raise error("invalid", reason="unsupported operand type(s) for +", pointer=f"{ATTRIBUTES}/sort", hint=hint)


def filters(texts: list[str]) -> list[Comparison]:
    """The comparisons of a list of filters; what is wrong with one is said of the body and not of the query."""
    found: list[Comparison] = []
    problems: list[Problem] = []
    for text in texts:
        with collecting(problems):
            found += [checked(each) for each in parse(text)]
    raise_all(replace(each, parameter=None, pointer=f"{ATTRIBUTES}/filter") for each in problems)
    return found


def checked(comparison: Comparison) -> Comparison:
    """A comparison that may be made: of the time with a time, of a dimension with a single value."""
    is_time = comparison.field == "datetime"
    allowed = TIME_OPERATORS if is_time else DIMENSION_OPERATORS
    if comparison.operator not in allowed:
        names = ", ".join(allowed)
        raise error("operator_not_allowed", operator=comparison.operator, field=comparison.field, allowed=names)
    if isinstance(comparison.value, tuple):
        raise error("invalid_filter", reason=f"'{comparison.operator}' takes no list for {comparison.field}")
    return replace(comparison, value=time(comparison.value)) if is_time else comparison


def time(value: Scalar) -> datetime:
    """The time that a filter compares with."""
    try:
        found = as_moment(value)
    except ValueError:
        raise error("invalid_filter", reason="datetime is compared with a datetime") from None
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise error("invalid_filter", reason=f"datetime must lie between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return found


def bounds(comparisons: list[Comparison]) -> tuple[datetime, datetime]:
    """The range of time, which the filter must name from both sides."""
    found = {
        BOUNDS[each.operator]: each.value
        for each in comparisons
        if each.operator in BOUNDS and isinstance(each.value, datetime)
    }
    raise_all(bound_problems(found))
    return found["start"], found["end"]


def bound_problems(found: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the range of time."""
    pointer = f"{ATTRIBUTES}/filter"
    if len(found) < 2:
        reason = "filter must hold greater-or-equal(datetime,…) and less-than(datetime,…)."
        yield problem("invalid", reason=reason, pointer=pointer)
    elif found["start"] >= found["end"]:
        yield problem("invalid", reason="The range of time ends before it begins.", pointer=pointer)
    elif found["end"] - found["start"] > LONGEST_RANGE:
        yield problem("invalid", reason="The range of time may not be longer than one year.", pointer=pointer)


def timezone(name: str) -> ZoneInfo:
    """The time zone of a name, which must be spelled as IANA does."""
    if name in REFUSED_TIMEZONES or name not in available_timezones():
        raise error("invalid", reason=f"'{name}' is not a valid timezone.", pointer=f"{ATTRIBUTES}/timezone")
    return ZoneInfo(name)


def measured(
    call: Call, asked: Json, comparisons: list[Comparison], time: tuple[ZoneInfo, str]
) -> dict[tuple[str, ...], dict[datetime, Bucket]]:
    """The buckets of each combination of dimensions; one row without any when none are asked for."""
    by = asked.get("by") or []
    rows: dict[tuple[str, ...], dict[datetime, Bucket]] = {} if by else {(): {}}
    mine = Comparison("equals", "metric_id", asked["metric_id"])
    times = [each for each in comparisons if each.field == "datetime"]
    others = [each for each in comparisons if each.field != "datetime"]
    for row in call.world.store.every(Selection("event", (mine, *times))):
        if all(holds(each, row) for each in others):
            dimensions = tuple(str(row.document["event_properties"].get(name, "")) for name in by)
            at = bucket_start(datetime.fromisoformat(row.document["datetime"]), *time)
            rows.setdefault(dimensions, {}).setdefault(at, Bucket()).add(row.document)
    return rows


def holds(comparison: Comparison, row: Row) -> bool:
    """Whether an event's property satisfies a comparison."""
    value = row.document["event_properties"].get(comparison.field)
    if comparison.operator == "contains":
        return str(comparison.value) in str(value or "")
    return bool(value == comparison.value)
