"""Reports on campaigns, flows, forms and segments, worked out of the events that are in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import document as documents
from mock_klaviyo.jsonapi.fields import pruned
from mock_klaviyo.jsonapi.page import Cursor
from mock_klaviyo.resources import groupings, report_filters, segment_changes
from mock_klaviyo.resources.attribution import Messages, events
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import require
from mock_klaviyo.resources.groupings import Known, Reader
from mock_klaviyo.resources.own_events import FORM_METRICS, SERVICE
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.report_filters import ReportFilter, report_filter
from mock_klaviyo.resources.statistics import FORM_STATISTICS, SEGMENT_STATISTICS, STATISTICS, Statistic, Tally
from mock_klaviyo.resources.timeframes import Timeframe, timeframe
from mock_klaviyo.resources.world import World

ATTRIBUTES = "/data/attributes"
PAGE = 500
"""How many groups a page of a campaign or flow report holds; ours, for Klaviyo does not say."""

Key: TypeAlias = tuple[Any, ...]
Tallies: TypeAlias = Mapping[Key, Mapping[datetime, Tally]]
"""What was counted of each group in each part of the timeframe."""


@dataclass(frozen=True)
class Question:
    """What a report is to tell: when, grouped by what, and of which things only."""

    world: World
    timeframe: Timeframe
    group_by: Sequence[str]
    filter: ReportFilter
    conversion_metric_id: str | None


@dataclass(frozen=True)
class Report:
    """A kind of report: its statistics, its groupings, its filters, and how it counts.

    One that is `paged` comes in pages; `related` are the types that its groups lead to, by the grouping.
    """

    statistics: Mapping[str, Statistic]
    default_groups: tuple[str, ...]
    required_groups: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    count: Callable[[Question], Tallies]
    is_paged: bool = False
    related: Mapping[str, str] | None = None


class Counting:
    """Counts of things by group and part of the timeframe."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self.tallies: dict[Key, dict[datetime, Tally]] = defaultdict(lambda: defaultdict(Tally))

    def add(self, known: Known, at: datetime, kind: str, who: Any, value: float = 0) -> None:
        """Count one thing, if the filter lets it and it lies in the timeframe."""
        question = self._question
        if question.timeframe.has(at) and question.filter.accepts(known.sets):
            for key in known.keys(question.group_by):
                self.tallies[key][question.timeframe.bucket(at)].add(kind, who, value)


def of_messages(reader: Reader) -> Callable[[Question], Tallies]:
    """How a report on campaigns or flows counts."""

    def count(question: Question) -> Tallies:
        world, counting, start = question.world, Counting(question), question.timeframe.start
        messages = Messages(world, start)
        conversions = messages.conversions(str(question.conversion_metric_id), start)
        for outcome in (*messages.outcomes, *conversions):
            send = outcome.send
            known = reader(world, send) if question.timeframe.has(send.at) else None
            if known is not None:
                counting.add(known, send.at, outcome.kind, send.who, outcome.value)
        return counting.tallies

    return count


def of_forms(question: Question) -> Tallies:
    """How a report on forms counts: what people did with them, when they did it."""
    counting = Counting(question)
    for kind, name in FORM_METRICS.items():
        metric = question.world.store.first("metric", name=name, service=SERVICE)
        for event in events(question.world, [metric.id] if metric else [], question.timeframe.start):
            properties = event.document["event_properties"]
            known = Known({each: properties.get(each) for each in ("form_id", "form_version_id")})
            at = datetime.fromisoformat(event.document["datetime"])
            counting.add(known, at, kind, event.document["profile_id"])
    return counting.tallies


def of_segments(question: Question) -> Tallies:
    """How a report on segments counts: every segment, with its members at the end of each part."""
    tallies: dict[Key, dict[datetime, Tally]] = {}
    for segment in question.world.store.rows("segment"):
        known = Known({"segment_id": segment.id})
        for key in known.keys(question.group_by) if question.filter.accepts(known.sets) else ():
            tallies[key] = dict(segment_parts(question, segment.id))
    return tallies


def segment_parts(question: Question, segment_id: str) -> Iterator[tuple[datetime, Tally]]:
    """How a segment grew in each part of the timeframe."""
    world, timeframe = question.world, question.timeframe
    found = list(segment_changes.changes(world, segment_id, timeframe.start))
    now = len(world.store.links.ids("segment-profiles", segment_id))
    for start, end in timeframe.parts:
        tally, later = Tally(), [each for each in found if each.at >= end]
        for each in found:
            if start <= each.at < end:
                tally.sums["added"] += each.added
                tally.sums["removed"] += each.removed
        tally.sums["member"] = now - sum(each.added - each.removed for each in later)
        yield start, tally


CAMPAIGNS = Report(
    STATISTICS,
    default_groups=("campaign_id", "campaign_message_id", "send_channel"),
    required_groups=("campaign_id", "campaign_message_id"),
    filters=report_filters.OF_CAMPAIGNS,
    count=of_messages(groupings.of_campaign),
    is_paged=True,
    related={"campaign_id": "campaign"},
)
FLOWS = Report(
    STATISTICS,
    default_groups=("flow_id", "flow_message_id", "send_channel"),
    required_groups=("flow_id", "flow_message_id"),
    filters=report_filters.OF_FLOWS,
    count=of_messages(groupings.of_flow),
    is_paged=True,
    related={"flow_id": "flow", "flow_message_id": "flow-message"},
)
FORMS = Report(
    FORM_STATISTICS,
    default_groups=("form_id",),
    required_groups=("form_id",),
    filters=report_filters.OF_FORMS,
    count=of_forms,
)
SEGMENTS = Report(
    SEGMENT_STATISTICS,
    default_groups=("segment_id",),
    required_groups=(),
    filters=report_filters.OF_SEGMENTS,
    count=of_segments,
)


@operation("query_campaign_values")
def query_campaign_values(call: Call) -> Reply:
    """What campaigns did."""
    return answer(call, CAMPAIGNS)


@operation("query_flow_values")
@operation("query_flow_series")
def query_flow_values(call: Call) -> Reply:
    """What flows did, as a whole or part by part."""
    return answer(call, FLOWS)


@operation("query_form_values")
@operation("query_form_series")
def query_form_values(call: Call) -> Reply:
    """What people did with forms, as a whole or part by part."""
    return answer(call, FORMS)


@operation("query_segment_values")
@operation("query_segment_series")
def query_segment_values(call: Call) -> Reply:
    """How segments grew, as a whole or part by part."""
    return answer(call, SEGMENTS)


def answer(call: Call, report: Report) -> Reply:
    """A report as an answer."""
    question = asked(call, report)
    tallies = report.count(question)
    keys, links = page(call, report, sorted(tallies, key=lambda key: tuple(map(str, key))))
    statistics = {name: report.statistics[name] for name in call.attributes["statistics"]}
    attributes: Json = {
        "results": [
            {
                "groupings": dict(zip(question.group_by, key, strict=True)),
                "statistics": shown(statistics, tallies[key], question.timeframe),
            }
            for key in keys
        ]
    }
    if question.timeframe.interval is not None:
        attributes["date_times"] = question.timeframe.date_times
    type = call.data["type"]
    asked_for = call.query.fields.get(type)
    data = {
        "type": type,
        "id": call.world.ids.uuid(),
        "attributes": attributes if asked_for is None else pruned(attributes, asked_for),
        **related(question, report, keys),
    }
    return Reply(200, {"data": data, "links": links})


def asked(call: Call, report: Report) -> Question:
    """What a call asks of a report; refuses what cannot be answered."""
    attributes, metric_id = call.attributes, call.attributes.get("conversion_metric_id")
    group_by = tuple(dict.fromkeys(attributes.get("group_by") or report.default_groups))
    raise_all(group_problems(report, group_by))
    if metric_id is not None:
        require(call, "metric", metric_id)
    filter = report_filter(attributes.get("filter"), report.filters)
    return Question(call.world, timeframe(call.world, attributes), group_by, filter, metric_id)


def group_problems(report: Report, group_by: Sequence[str]) -> Iterator[Problem]:
    """Which groupings are missing."""
    missing = [name for name in report.required_groups if name not in group_by]
    if missing:
        reason = f"The following group by attributes are required: {', '.join(report.required_groups)}"
        yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/group_by")


def shown(statistics: Mapping[str, Statistic], parts: Mapping[datetime, Tally], timeframe: Timeframe) -> Json:
    """The statistics of a group: one number each, or one for each part of the timeframe."""
    tallies = [parts.get(start, Tally()) for start in timeframe.buckets]
    series = {name: [statistic(tally) for tally in tallies] for name, statistic in statistics.items()}
    return series if timeframe.interval is not None else {name: values[0] for name, values in series.items()}


def page(call: Call, report: Report, keys: list[Key]) -> tuple[list[Key], Json]:
    """The groups of the page that is asked for, and the links."""
    if not report.is_paged:
        return keys, {"self": call.url}
    first = offset(call)
    ends = {"next": first + PAGE if first + PAGE < len(keys) else None, "prev": max(0, first - PAGE) if first else None}
    return keys[first : first + PAGE], {"self": call.url, **{name: link(call, end) for name, end in ends.items()}}


def offset(call: Call) -> int:
    """How many groups stand on the pages before."""
    text = call.query.parameters.get("page_cursor")
    match Cursor.read(text, call.operation.id).key if text else (0,):
        case (int(first),) if first >= 0:
            return first
    raise error("invalid_cursor")


def link(call: Call, first: int | None) -> str | None:
    """The link to the page that begins with a group."""
    if first is None:
        return None
    cursor = Cursor((first,), "", is_backward=False, scope=call.operation.id).written()
    return documents.next_link(call.url, cursor, "page_cursor")


def related(question: Question, report: Report, keys: Sequence[Key]) -> Json:
    """The campaigns, or flows and messages, that the groups are about; nothing when there are no groups, as live."""
    if not report.related or not keys:
        return {}
    places = {type: question.group_by.index(name) for name, type in report.related.items()}
    found = {type: dict.fromkeys(key[place] for key in keys) for type, place in places.items()}
    relationships = {
        documents.plural(type): {"data": [documents.identifier(type, id) for id in ids]} for type, ids in found.items()
    }
    return {"relationships": relationships}
