"""Every reason by which a profile is not let in, a message or action is skipped, or a run ends: each is brought about.

Klaviyo's words: help centre 1260805003210; those for entries, notifications and WhatsApp are ours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_klaviyo import engine
from mock_klaviyo.engine.flow_entries import REFUSALS
from mock_klaviyo.engine.flow_run import COMPLETED
from mock_klaviyo.resources.feed_content import UNREADABLE
from mock_klaviyo.resources.letters import ELSEWHERE, NO_COUPON_LEFT, UNKNOWN_COUPON, WRONG
from tests.calling import resource
from tests.mock_klaviyo.engine.definitions import is_gold
from tests.mock_klaviyo.engine.flows.story import DAY
from tests.mock_klaviyo.engine.flows.test_actions import operation, profile_action
from tests.mock_klaviyo.engine.flows.test_dates import birthday
from tests.mock_klaviyo.engine.flows.test_skips import NUMBER, push, suppress, whatsapp, with_token
from tests.mock_klaviyo.resources.test_flows import email, groups, text, wait

GOLD = {"profile_filter": groups(is_gold())}
LATER = (wait("w", "m"), email("m"))


def begun(story, *actions, changing=None, waiting=DAY * 3, event=None, **given):
    """A flow that Ana, who is gold, begins; then something changes, and time passes."""
    ana = story.person(properties={"Tier": "Gold", "Birthday": "1990-03-12"}, phone_number=NUMBER)
    flow_id = story.flow(*actions, **given)
    story.happens(**(event or {}))
    if changing is not None:
        changing(ana, flow_id)
    story.wait(waiting)
    return flow_id


def texted(story, **message):
    story.person(phone_number=NUMBER)
    story.subscribe("sms", phone_number=NUMBER)
    return begun_again(story, text("m", **message))


def begun_again(story, *actions, **given):
    """A flow that Ana begins as she is."""
    flow_id = story.flow(*actions, **given)
    story.happens()
    return flow_id


def joined_and_left(story):
    news = story.list()
    flow_id = story.flow(*LATER, trigger={"type": "list", "id": news})
    ana = story.person()
    story.join(news, ana)
    story.leave(news, ana)
    story.wait(DAY * 3)
    return flow_id


def silver(story):
    return lambda ana, _: story.change(ana, properties={"Tier": "Silver"})


def without_coupons(story):
    story.client.create("/api/coupons", resource("coupon", external_id="EMPTY"))
    return begun_again(story, email("m", subject_line="{% coupon_code 'EMPTY' %}"))


def with_feed(story):
    attributes = {"name": "news", "url": "https://shop.example.org", "request_method": "get", "content_type": "json"}
    story.client.create("/api/web-feeds", resource("web-feed", **attributes))
    return begun_again(story, email("m", subject_line="{{ feeds.news }}"))


def with_token_of(story, status, **message):
    story.person()
    with_token(story, status)
    return begun_again(story, push("m", **message))


def with_odd_number(story):
    story.person(phone_number=NUMBER)
    story.subscribe("sms", phone_number=NUMBER)
    row = story.klaviyo.store.first("profile", email="ana@shop.org")
    story.klaviyo.alter(lambda world: world.store.update(numbered(row)))
    return begun_again(story, text("m"))


def numbered(row):
    row.document["phone_number"] = "123"
    return row


def circling(story):
    story.person(phone_number=NUMBER)
    story.subscribe("sms", phone_number=NUMBER)
    begun_again(story, text("t", smart_sending_enabled=False))
    received = {"type": "metric", "id": story.own_metric("Received SMS")}
    flow_id = story.flow(text("t", smart_sending_enabled=False), trigger=received)
    story.happens(unique_id="again")
    return flow_id


def reviewed_without_action(story):
    flow_id = story.flow(email("m", "w"), wait("w", "n"), email("n"))
    story.set_status(flow_id, 0, "manual")
    story.happens()
    story.client.delete(f"/api/flow-actions/{story.actions(flow_id)[0][0]}")
    story.control.post(f"/__mock/flows/{flow_id}/review/send")
    return flow_id


def deleted(story):
    return lambda _, flow_id: story.client.delete(f"/api/flows/{flow_id}")


CASES = {
    "Backfilled Event": lambda story: begun(story, email("m"), event={"backfill": True}),
    "Late Event": lambda story: begun(story, email("m"), event={"time": "2026-03-01T00:00:00Z"}),
    "Fails Trigger Filters": lambda story: begun(story, email("m"), trigger=of_event(story)),
    "Re-entry Criteria": lambda story: begun(
        story,
        email("m"),
        changing=lambda *_: story.happens(unique_id="2"),
        reentry_criteria={"duration": 1, "unit": "alltime"},
    ),
    "Circular Flows": circling,
    "Fails Flow Filters": lambda story: begun(story, *LATER, changing=silver(story), **GOLD),
    "Fails Flow Conditions": lambda story: begun(
        story,
        *(wait("w", "a"), profile_action(operation("create", "numeric", "N", 1), then=None)),
        changing=silver(story),
        **GOLD,
    ),
    "Person No Longer in List": joined_and_left,
    "Fails Additional Filters": lambda story: begun_again(story, email("m", additional_filters=groups(is_gold()))),
    "Missing Email": lambda story: begun(story, *LATER, changing=lambda ana, _: story.change(ana, email=None)),
    "Missing Phone Number": lambda story: begun_again(story, text("m")),
    "Phone Number is Not Valid": with_odd_number,
    "Missing Push Token": lambda story: begun_again(story, push("m")),
    "Push Notifications Not Allowed": lambda story: with_token_of(story, "DENIED"),
    "Person Suppressed": lambda story: begun(story, *LATER, changing=lambda *_: suppress(story)),
    "Missing SMS Consent": lambda story: begun(story, text("m")),
    "Missing WhatsApp Consent": lambda story: begun(story, whatsapp("m")),
    "Smart Sending": lambda story: begun(story, email("m", "n"), email("n", smart_sending_enabled=True)),
    WRONG["email"]: lambda story: begun_again(story, email("m", subject_line="{% if %}")),
    WRONG["sms"]: lambda story: texted(story, body="{% if %}"),
    ELSEWHERE: lambda story: with_token_of(story, "AUTHORIZED", body="{% if %}"),
    "Catalog Item Unavailable": lambda story: begun_again(
        story, email("m", subject_line="{% catalog 'X' %}{% endcatalog %}")
    ),
    UNKNOWN_COUPON: lambda story: begun_again(story, email("m", subject_line="{% coupon_code 'NONE' %}")),
    NO_COUPON_LEFT: without_coupons,
    UNREADABLE: with_feed,
    COMPLETED: lambda story: begun(story, email("m")),
    "Date Changed": lambda story: begun(
        story,
        *LATER,
        trigger=birthday(),
        waiting=DAY * 30,
        changing=lambda ana, _: (story.wait(DAY * 4), story.change(ana, properties={"Birthday": "1990-08-12"})),
    ),
    "Action Deleted": reviewed_without_action,
    "Flow Deleted": lambda story: begun(story, *LATER, changing=deleted(story)),
}
"""The reason → how it comes about; gives the id of the flow."""


def of_event(story):
    filter = {"type": "numeric", "operator": "equals", "value": 5}
    asked = {"type": "metric-property", "metric_id": story.metric(), "field": "n", "filter": filter}
    return {"type": "metric", "id": story.metric(), "trigger_filter": groups(asked)}


def reasons(story, flow_id) -> Iterator[str]:
    """Every reason that is told of what happened in a flow."""
    for run in story.runs(flow_id, limit="1000"):
        yield run["exit"]
        yield from (step["reason"] for step in run["path"] if "reason" in step)
    yield from (each["reason"] for each in story.control.get(f"/__mock/flows/{flow_id}/review").json.get("data", ()))


@pytest.mark.parametrize("reason", CASES)
def test_a_reason_is_told(story, reason):
    assert reason in set(reasons(story, CASES[reason](story)))


NEVER = {
    "Person Deleted": "who is erased takes runs and reviews along",
    "Coupon Code Unavailable": "is what a template alone says; in a message the reason is known",
}
"""Reasons that are there in case that something is gone, though nothing that can be done now leads to them."""


def spoken() -> Iterator[str]:
    """The reasons that the engine and the letters say, by their source."""
    speaking = {"Skip", "Leave", "end", "settle", "unavailable"}
    package = Path(engine.__file__).parents[1]
    for file in (*package.glob("engine/flow*.py"), package / "render" / "tags.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            name = getattr(call.func, "id", getattr(call.func, "attr", "")) if isinstance(call, ast.Call) else ""
            if name in speaking:
                yield from (each.value for each in call.args if isinstance(each, ast.Constant) and each.value)


def test_every_reason_has_a_case():
    others = {*REFUSALS, *WRONG.values(), ELSEWHERE, UNKNOWN_COUPON, NO_COUPON_LEFT, UNREADABLE, COMPLETED}

    assert {*spoken()} | others | {"Fails Additional Filters", "Fails Flow Conditions"} == CASES.keys() | NEVER.keys()
