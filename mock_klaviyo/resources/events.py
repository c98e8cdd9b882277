"""Events: things that profiles did; taken in at once, processed in order before anything reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mock_klaviyo.errors import Problem, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.currencies import CURRENCIES
from mock_klaviyo.resources.properties import limit_problems
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, one
from mock_klaviyo.spec.formats import moment
from mock_klaviyo.store.tables import Field

ATTRIBUTES = "/data/attributes"
LONGEST_METRIC_NAME = 127
LONGEST_UNIQUE_ID = 255
MOST_EVENTS = 1000
LARGEST_PROFILE = 95
"""How large the profile of an event may be, in KB."""

RESERVED = ("$event_id", "$value", "$value_currency")
"""Properties that Klaviyo adds to those that were sent."""

EARLIEST_YEAR = 2000
FURTHEST_AHEAD = timedelta(days=366)

EVENT = declare(
    Resource(
        type="event",
        make_id=lambda world: world.ids.event(),
        relationships=(
            one("profile", to="profile", field="profile_id"),
            one("metric", to="metric", field="metric_id"),
        ),
        fields=(
            Field("metric_id", is_required=True),
            Field("profile_id", is_indexed=True, is_required=True),
            Field("unique_id", is_required=True),
            Field("datetime", is_indexed=True, is_required=True),
            Field("timestamp", type="integer", is_required=True),
            Field("cause"),
        ),
        unique=("unique_id", "profile_id", "metric_id"),
        aliases={"metric": "metric_id", "profile": "profile_id"},
        default_sort="-datetime",
        id_form="[A-Za-z0-9]{11}",
        malformed_id="invalid_event_id",
    )
)
"""Unknown and malformed ids are told apart; the unique fields make an event idempotent within profile and metric."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as it was sent: its attributes and its profile, and where in the body each stands."""

    attributes: Json
    profile: Json
    place: str
    profile_place: str


@operation("create_event", is_intake=True)
def create_event(call: Call) -> Reply:
    """Check an event and take it in."""
    return take_in(call, [single(call)])


@operation("bulk_create_events", is_intake=True)
def bulk_create_events(call: Call) -> Reply:
    """Check many events of many profiles and take them in, all or none."""
    return take_in(call, list(bulk(call.attributes["events-bulk-create"]["data"])))


@operation("create_client_event", is_intake=True)
def create_client_event(call: Call) -> Reply:
    """Check a browser's event and take it in."""
    return take_in(call, [single(call)])


@operation("bulk_create_client_events", is_intake=True)
def bulk_create_client_events(call: Call) -> Reply:
    """Check a browser's events, all of one profile, and take them in."""
    return take_in(call, list(of_one_profile(call.attributes, ATTRIBUTES)))


def single(call: Call) -> Sent:
    """The event of a body with one event."""
    attributes = call.attributes
    return Sent(attributes, attributes["profile"]["data"], ATTRIBUTES, f"{ATTRIBUTES}/profile/data")


def bulk(creates: list[Json]) -> Iterator[Sent]:
    """The events of a body with many profiles."""
    for number, create in enumerate(creates):
        yield from of_one_profile(create["attributes"], f"{ATTRIBUTES}/events-bulk-create/data/{number}/attributes")


def of_one_profile(attributes: Json, place: str) -> Iterator[Sent]:
    """The events of one profile that stand at a place."""
    for index, event in enumerate(attributes["events"]["data"]):
        profile, where = attributes["profile"]["data"], f"{place}/events/data/{index}/attributes"
        known = {"backfill": attributes.get("backfill"), **event["attributes"]}
        yield Sent(known, profile, where, f"{place}/profile/data")


def take_in(call: Call, sent: list[Sent]) -> Reply:
    """Refuse what is wrong; keep the rest as one lot."""
    raise_all(problems(sent, call.world.now))
    events = [accepted(call, each) for each in sent]
    if call.world.drops_placeholder_domains and any(is_for_placeholder(event) for event in events):
        call.hint("Klaviyo accepts events for @example.com and @test.com and drops them without a word.")
    for event in events:
        for breach in call.world.contracts.event_breaches(event["metric"], event["properties"]):
            call.hint(f"contract of {event['metric']}: {breach.field}: {breach.message} ({breach.provenance})")
    call.world.intake.take(events)
    return Reply(202)


def accepted(call: Call, sent: Sent) -> Json:
    """An event as it waits in the intake."""
    attributes, profile = sent.attributes, sent.profile
    metric, known = attributes["metric"]["data"]["attributes"], profile.get("attributes") or {}
    return {
        "metric": metric["name"],
        "service": metric.get("service"),
        "profile_id": profile.get("id"),
        "profile": {name: value for name, value in known.items() if name != "meta"},
        "meta": profile.get("meta") or known.get("meta"),
        "properties": attributes["properties"],
        "time": occurred_at(attributes.get("time"), call.world.now).isoformat(),
        "value": attributes.get("value"),
        "value_currency": attributes.get("value_currency"),
        "unique_id": attributes.get("unique_id"),
        "is_backfill": bool(attributes.get("backfill")),
        "is_client": call.operation.is_client,
        "cause": call.cause,
        "lineage": call.lineage,
    }


def is_for_placeholder(event: Json) -> bool:
    """Whether an accepted event is for an address at a placeholder domain."""
    return identifiers.is_placeholder(event["profile"].get("email"))


def occurred_at(time: str | None, now: datetime) -> datetime:
    """When an event happened, cut to the second; the time of receipt when it does not say."""
    return (moment(time) if time else now).replace(microsecond=0)


def problems(sent: list[Sent], now: datetime) -> Iterator[Problem]:
    """What is wrong with events that their schema cannot tell; a profile of several is looked at once."""
    if len(sent) > MOST_EVENTS:
        reason = f"At most {MOST_EVENTS} events may be sent in one request, {len(sent)} were given."
        yield problem("invalid", reason=reason, pointer=ATTRIBUTES)
    for place, profile in {each.profile_place: each.profile for each in sent}.items():
        yield from profile_checks.problems(profile, place, forgives_phone_number=True, largest=LARGEST_PROFILE)
    for each in sent:
        yield from event_problems(each.attributes, each.place, now)


def event_problems(attributes: Json, place: str, now: datetime) -> Iterator[Problem]:
    """What is wrong with an event itself."""
    yield from metric_problems(attributes["metric"]["data"]["attributes"]["name"], f"{place}/metric/data/attributes")
    yield from time_problems(attributes.get("time"), f"{place}/time", now)
    yield from member_problems(attributes, place)
    yield from limit_problems(attributes["properties"], f"{place}/properties")


def metric_problems(name: str, place: str) -> Iterator[Problem]:
    """What is wrong with a metric's name."""
    if not name or len(name) > LONGEST_METRIC_NAME:
        reason = f"A metric name must have 1 to {LONGEST_METRIC_NAME} characters."
        yield problem("invalid", reason=reason, pointer=f"{place}/name")


def time_problems(time: str | None, place: str, now: datetime) -> Iterator[Problem]:
    """Whether an event's time is too long ago or too far ahead."""
    at = moment(time) if time else now
    if at.year < EARLIEST_YEAR or at > now + FURTHEST_AHEAD:
        reason = f"An event's time must be after {EARLIEST_YEAR} and at most one year ahead."
        yield problem("invalid", reason=reason, pointer=place)


def member_problems(attributes: Json, place: str) -> Iterator[Problem]:
    """What is wrong with an event's own id and currency."""
    unique_id, currency = attributes.get("unique_id"), attributes.get("value_currency")
    if unique_id is not None and not 1 <= len(unique_id) <= LONGEST_UNIQUE_ID:
        reason = f"unique_id must have 1 to {LONGEST_UNIQUE_ID} characters."
        yield problem("invalid", reason=reason, pointer=f"{place}/unique_id")
    if currency is not None and currency not in CURRENCIES:
        reason = f"'{currency}' is not an ISO 4217 currency code."
        yield problem("invalid", reason=reason, pointer=f"{place}/value_currency")


def stored_properties(event: Json, unique_id: str, *, metric_has_value: bool) -> Json:
    """An event's properties as they are read back: the reserved ones among them."""
    value, currency = event["value"], event["value_currency"]
    reserved: dict[str, Any] = {"$event_id": unique_id}
    if value is not None or metric_has_value:
        reserved["$value"] = value or 0
    if currency is not None:
        reserved["$value_currency"] = currency
    properties: Json = event["properties"]
    return properties | reserved


def sent_properties(stored: Json) -> Json:
    """An event's properties as they were sent: without the reserved ones."""
    return {name: value for name, value in stored.items() if name not in RESERVED}
