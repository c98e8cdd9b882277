"""Every trigger lets a profile in, and again as its re-entry criteria say.

Sources: the published definitions for the triggers; help centre 360003040052 for re-entry and what is usual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mock_klaviyo.engine.flow_entries import UNITS
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION, resource
from tests.mock_klaviyo.engine.definitions import is_gold, segment
from tests.mock_klaviyo.engine.flows.story import DAY, Story
from tests.mock_klaviyo.engine.flows.test_dates import birthday
from tests.mock_klaviyo.engine.flows.test_products import change, low_inventory, price_drop
from tests.mock_klaviyo.resources.test_custom_objects import make_source
from tests.mock_klaviyo.resources.test_flows import email
from tests.mock_klaviyo.resources.test_object_records import related, send

HELLO = email("e", smart_sending_enabled=False)
Again = Callable[[], object]
"""Lets the trigger happen to Ana once more, three days after the time before."""


def metric(story: Story) -> tuple[Any, Again]:
    return {"type": "metric", "id": story.metric()}, story.happens


def joining(story: Story) -> tuple[Any, Again]:
    news, (ana,) = story.list(), story.client.ids("/api/profiles", filter="equals(email,'ana@shop.org')")

    def again() -> None:
        story.leave(news, ana)
        story.join(news, ana)

    return {"type": "list", "id": news}, again


def qualifying(story: Story) -> tuple[Any, Again]:
    (ana,) = story.client.ids("/api/profiles", filter="equals(email,'ana@shop.org')")

    def again() -> None:
        for tier in ("Silver", "Gold"):
            story.change(ana, properties={"Tier": tier})

    return {"type": "segment", "id": story.client.create("/api/segments", segment(is_gold()))}, again


def dated(story: Story) -> tuple[Any, Again]:
    """A date that comes back each week, and once more in the week after."""
    (ana,) = story.client.ids("/api/profiles", filter="equals(email,'ana@shop.org')")

    def again() -> None:
        story.change(ana, properties={"Birthday": "1990-03-01"})
        story.wait(DAY * 7)

    return birthday(recurrence_frequency="weekly", timedelta_value_before_date=0), again


def walking(story: Story) -> tuple[Any, Again]:
    source = make_source(story.client)
    type_id, relationship_id = related(story.client, source, update_strategy="additive")
    trigger = birthday(date_field_type="custom-object", custom_object_label="Walk", recurrence_frequency="never")
    trigger |= {"custom_object_property_id": 1, "object_type_id": type_id, "timedelta_value_before_date": 0}
    days = iter(("2026-03-10", "2026-03-20"))
    del trigger["date_profile_property"]

    def again() -> None:
        send(story.client, source, {"id": next(days), "walkers": ["ana@shop.org"]})
        story.wait(DAY * 12)

    return trigger | {"object_type_relationship_id": relationship_id}, again


def products(story: Story, attributes: list[Any]) -> Again:
    """A catalog with one variant of one item, which Ana saw, and what changes of it each time."""
    item = {"external_id": "I1", "title": "Boots", "description": "Warm", "url": "http://shop.org/b", "price": 100.0}
    story.client.create("/api/catalog-items", resource("catalog-item", **item))
    variant = item | {"external_id": "V1", "sku": "V1", "inventory_quantity": 10}
    of = {"item": {"type": "catalog-item", "id": "$custom:::$default:::I1"}}
    story.client.create("/api/catalog-variants", resource("catalog-variant", None, of, **variant))
    story.happens("Viewed Product", properties={"ProductID": "I1"})
    coming = iter(attributes)
    return lambda: [change(story, type, id, **given) for type, id, given in next(coming)]


def dropping(story: Story) -> tuple[Any, Again]:
    prices = [[("catalog-item", "I1", {"price": price})] for price in (80.0, 60.0)]
    return price_drop(), products(story, prices)


def running_low(story: Story) -> tuple[Any, Again]:
    stocks = [[("catalog-variant", "V1", {"inventory_quantity": stock}) for stock in (9, 2)]] * 2
    return low_inventory(), products(story, stocks)


TRIGGERS = {
    "metric": (metric, True),
    "list": (joining, False),
    "segment": (qualifying, False),
    "date profile-property": (dated, True),
    "date custom-object": (walking, True),
    "price-drop": (dropping, True),
    "low-inventory": (running_low, True),
}
"""The trigger → what makes it, and whether one may usually come back."""

NEVER, ALWAYS = {"duration": 1, "unit": "alltime"}, {"duration": 0, "unit": "alltime"}


@pytest.mark.parametrize("criteria", [None, NEVER, ALWAYS], ids=str)
@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_lets_a_profile_in_and_again_as_the_criteria_say(story, name, criteria):
    story.person()
    make, is_usual = TRIGGERS[name]
    trigger, again = make(story)
    flow_id = story.flow(HELLO, trigger=trigger, reentry_criteria=criteria)
    again()
    story.wait(DAY)
    again()
    comes_back = is_usual if criteria is None else criteria == ALWAYS

    assert ["Completed", "Completed" if comes_back else "Re-entry Criteria"] == [
        run["exit"] for run in story.runs(flow_id)
    ]


def published() -> dict[str, Any]:
    """The definitions of a flow's parts, by the recording."""
    found: dict[str, Any] = recording(REVISION).operations["create_flow"].request["$defs"]
    return found


def test_every_trigger_has_a_case():
    members = [each["properties"] for name, each in published().items() if name.endswith("Trigger")]
    kinds = [(*each["type"]["enum"], *each.get("date_field_type", {}).get("enum", ())) for each in members]

    assert TRIGGERS.keys() == {" ".join(kind) for kind in kinds}


def test_every_unit_of_re_entry_is_known():
    forms = published()["ReentryCriteria"]["properties"]["unit"]["anyOf"]

    assert {unit for form in forms for unit in form["enum"]} == {*UNITS, "alltime"}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("is_early", [True, False])
def test_a_profile_may_come_back_at_the_end_of_each_unit(story, unit, is_early):
    """To the second: the time counts from when it began last."""
    flow_id = story.flow(HELLO, reentry_criteria={"duration": 2, "unit": unit})
    story.happens()
    story.wait(UNITS[unit] * 2 - (DAY / 86_400 if is_early else DAY * 0))
    story.happens()

    assert ["Completed", "Re-entry Criteria" if is_early else "Completed"] == [
        run["exit"] for run in story.runs(flow_id)
    ]
