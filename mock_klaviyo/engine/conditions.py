"""Conditions: one function per type of condition; segments and flows judge profiles by them.

Groups are joined by AND, the conditions of a group by OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from mock_klaviyo.engine.consents import marketing_consent, permission
from mock_klaviyo.engine.custom_objects import objects_of
from mock_klaviyo.engine.filters import is_number, matched
from mock_klaviyo.engine.moments import when
from mock_klaviyo.engine.places import REGIONS, country_code
from mock_klaviyo.engine.subject import Occurrence, Subject
from mock_klaviyo.engine.verdict import BEGINNING, FALSE, FOREVER, TRUE, Verdict, all_of, any_of
from mock_klaviyo.json import Json
from mock_klaviyo.resources.identity import FRESH

Condition: TypeAlias = Callable[[Subject, Json], Verdict]

Step: TypeAlias = tuple[bool, list[datetime]]
"""A step of a funnel: whether it is wanted, and when it was done."""

CONDITIONS: dict[str, Condition] = {}
"""Every type of condition, and what judges a profile by it."""

WELL_KNOWN: Mapping[str, str] = {"phone": "phone_number"}
"""Other names of attributes."""

PART = re.compile(r"(properties|location)\[(['\"])(.*)\2\]", re.DOTALL)
WINDOWS: Mapping[str, timedelta] = {
    "HOURS_1": timedelta(hours=1),
    "DAYS_1": timedelta(days=1),
    "DAYS_3": timedelta(days=3),
    "DAYS_5": timedelta(days=5),
    "WEEKS_1": timedelta(weeks=1),
    "DAYS_30": timedelta(days=30),
    "DAYS_90": timedelta(days=90),
    "DAYS_180": timedelta(days=180),
    "YEARS_1": timedelta(days=365),
}
"""How long the steps of a funnel may take together."""


def condition(type: str) -> Callable[[Condition], Condition]:
    """Declare the function that judges by a type of condition."""

    def register(function: Condition) -> Condition:
        CONDITIONS[type] = function
        return function

    return register


def satisfies(subject: Subject, definition: Json) -> Verdict:
    """Whether a profile satisfies a definition: each group has a condition that is true."""
    return all_of(
        any_of(CONDITIONS[each["type"]](subject, each) for each in group["conditions"])
        for group in definition["condition_groups"]
    )


@condition("profile-property")
def profile_property(subject: Subject, condition: Json) -> Verdict:
    """What a profile is."""
    return matched(property_of(subject.profile.document, condition["property"]), condition["filter"], subject.now)


def property_of(document: Json, name: str) -> Any:
    """An attribute, a part of the location or a custom property of a profile.

    >>> property_of({"properties": {"Tier": "Gold"}}, "properties['Tier']")
    'Gold'
    """
    part = PART.fullmatch(name)
    if part:
        return (document.get(part[1]) or {}).get(part[3])
    name = WELL_KNOWN.get(name, name)
    return document.get(name) if name in FRESH and name not in ("properties", "location") else None


@condition("profile-metric")
def profile_metric(subject: Subject, condition: Json) -> Verdict:
    """How often a profile did something in a time, or what that adds up to."""
    measured, until = measure(subject, condition)
    return Verdict(matched(measured, condition["measurement_filter"], subject.now).is_true, until)


def measure(subject: Subject, condition: Json) -> tuple[float, datetime]:
    """How often a profile did something in a time, or what that adds up to, and until when that surely stays so."""
    timed = [
        (each, in_time(subject, each, condition["timeframe_filter"]))
        for each in subject.occurred(condition["metric_id"])
        if has_properties(each, condition.get("metric_filters"), subject.now)
    ]
    counted = [each for each, verdict in timed if verdict.is_true]
    measured = len(counted) if condition["measurement"] == "count" else sum(each.value for each in counted)
    return measured, min((verdict.until for _, verdict in timed), default=FOREVER)


def in_time(subject: Subject, occurrence: Occurrence, timeframe: Json) -> Verdict:
    """Whether something happened within a timeframe; what a flow began with was before its start."""
    if timeframe["operator"] != "flow-start":
        return when(occurrence.at, timeframe, subject.now)
    start = subject.start
    is_since = start is not None and occurrence.at >= start.at and occurrence.number > start.number
    return TRUE if is_since else FALSE


def has_properties(occurrence: Occurrence, filters: list[Json] | None, now: datetime) -> bool:
    """Whether an event has all the properties that are asked for."""
    return all(
        matched(event_property(occurrence.properties, each["property"]), each["filter"], now).is_true
        for each in filters or []
        if each.get("filter") is not None
    )


def event_property(properties: Json, name: str) -> Any:
    """A property of an event; Klaviyo drops a zero when it segments.

    https://developers.klaviyo.com/en/docs/guide_to_integrating_a_platform
    """
    value = properties.get(name)
    return None if is_number(value) and value == 0 else value


@condition("profile-metric-funnel")
def profile_metric_funnel(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile did some things one after the other in a time, and others not in between."""
    timeframe, steps = condition["timeframe_filter"], condition["steps"]
    paths, until = [], FOREVER
    for step in steps:
        timed = [
            (each.at, in_time(subject, each, timeframe))
            for each in subject.occurred(step["metric_id"])
            if has_properties(each, step.get("metric_filters"), subject.now)
        ]
        paths.append((step["metric_exists"], [at for at, verdict in timed if verdict.is_true]))
        until = min(until, *(verdict.until for _, verdict in timed), FOREVER)
    window = WINDOWS.get(condition.get("completion_window_seconds") or "")
    return Verdict(is_walked(paths, window), until)


def is_walked(paths: list[Step], window: timedelta | None) -> bool:
    """Whether the steps can be found one after the other; a window begins with the first thing that was done."""
    first = next((index for index, (is_wanted, _) in enumerate(paths) if is_wanted), None)
    if first is None:
        return not any(moments for _, moments in paths)
    return any(
        is_walked_until(
            [*paths[:first], (True, [start]), *paths[first + 1 :]], FOREVER if window is None else start + window
        )
        for start in paths[first][1]
    )


def is_walked_until(paths: list[Step], end: datetime) -> bool:
    """Whether each wanted step follows the one before, as soon as it can, and no unwanted one comes in between."""
    last = BEGINNING
    for index, (is_wanted, moments) in enumerate(paths):
        until = first_moment(moments if is_wanted else following(paths[index + 1 :]), last)
        if not is_wanted and any(last <= at <= end and (until is None or at < until) for at in moments):
            return False
        if is_wanted:
            if until is None or until > end:
                return False
            last = until
    return True


def following(paths: list[Step]) -> list[datetime]:
    """When the next wanted step was done."""
    return next((moments for is_wanted, moments in paths if is_wanted), [])


def first_moment(moments: list[datetime], last: datetime) -> datetime | None:
    """The first moment that is not before another."""
    return next((at for at in moments if at >= last), None)


@condition("profile-group-membership")
def profile_group_membership(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile is in any of some lists and segments, perhaps since a certain time, or in none of them."""
    joined = [subject.groups[id] for id in condition["group_ids"] if id in subject.groups]
    if not condition["is_member"]:
        return FALSE if joined else TRUE
    timeframe = condition.get("timeframe_filter")
    return any_of(TRUE if timeframe is None else when(since, timeframe, subject.now) for since in joined)


@condition("profile-marketing-consent")
def profile_marketing_consent(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile can receive marketing, and what it said about that."""
    return marketing_consent(subject, condition["consent"])


@condition("profile-permissions")
def profile_permissions(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile can be reached by WhatsApp."""
    return permission(subject, condition["channel"], condition["permission"])


@condition("profile-region")
def profile_region(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile lives in a region; without a country it is neither inside nor outside."""
    country = subject.profile.document["location"].get("country")
    if not isinstance(country, str) or not country.strip():
        return FALSE
    is_inside = country_code(country) in REGIONS[condition["region"]]
    return TRUE if is_inside is condition["in_region"] else FALSE


@condition("profile-postal-code-distance")
def profile_postal_code_distance(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile lives near a postal code, or far from it."""
    return matched(distance(subject, condition), condition["filter"], subject.now)


def distance(subject: Subject, condition: Json) -> float | None:
    """How far from a postal code a profile lives; None when that cannot be told."""
    location = subject.profile.document["location"]
    return subject.places.distance(location, condition["country_code"], condition["postal_code"], condition["unit"])


@condition("profile-predictive-analytics")
def profile_predictive_analytics(_subject: Subject, _condition: Json) -> Verdict:
    """What Klaviyo predicts of a profile: nothing here, so nobody satisfies it."""
    return FALSE


@condition("profile-has-custom-object")
def profile_has_custom_object(subject: Subject, condition: Json) -> Verdict:
    """How many objects of an account's own a profile has, of those with certain properties."""
    verdicts = verdicts_on_objects(subject, condition)
    is_true = matched(sum(each.is_true for each in verdicts), condition["filter"], subject.now).is_true
    return Verdict(is_true, min((each.until for each in verdicts), default=FOREVER))


def verdicts_on_objects(subject: Subject, condition: Json) -> list[Verdict]:
    """Whether each object of a profile has certain properties."""
    owned = objects_of(subject, condition["object_type_id"], condition["object_type_relationship_id"])
    return [
        all_of(
            matched(each.by_id.get(wish["property_id"]), wish["filter"], subject.now) for wish in condition["filters"]
        )
        for each in owned
    ]
