"""What is true of any run, and which events break it."""

from __future__ import annotations

import pytest

from simulator.contract.received import ReceivedEvent
from simulator.scenario.expectations.invariants import INVARIANTS

CARD = "card balance is issued minus redeemed"


def told(minute: int, balance: float, activity: str, **values: float) -> ReceivedEvent:
    properties = {"card_number": "C1", "card_pin": "1", "balance": balance, "activity_type": activity, **values}
    return ReceivedEvent("Card", {"email": "ana@shop.org"}, properties, f"{minute}", f"2026-03-01T08:{minute:02}:00Z")


ISSUED = told(1, 25.0, "GIFTCARD_ISSUED", amount=25.0)
REDEEMED = told(2, 15.0, "GIFTCARD_REDEEMED", redemption_amount=10.0)


@pytest.mark.parametrize(
    ("events", "broken"),
    [
        ([ISSUED, REDEEMED], 0),
        ([told(0, 25.0, "GIFTCARD_ISSUED"), ISSUED, REDEEMED], 0),  # delivered first, as 99minds tells it
        ([REDEEMED, ISSUED], 0),  # their own times count
        ([ISSUED, told(2, 20.0, "GIFTCARD_REDEEMED", redemption_amount=10.0)], 1),
        ([ISSUED, REDEEMED, told(3, 30.0, "GIFTCARD_RELOADED", amount=10.0)], 1),
    ],
)
def test_what_is_on_a_card_follows_from_what_came_and_went(events, broken):
    assert broken == len(list(INVARIANTS[CARD](events)))


@pytest.mark.parametrize(("balance", "broken"), [(0, 0), (-1, 1), ("-1", 0)])
def test_a_balance_below_zero_is_found(balance, broken):
    event = ReceivedEvent("Points", {"email": "ana@shop.org"}, {"Points Balance": balance})

    assert broken == len(list(INVARIANTS["points never negative"]([event])))


def test_events_that_say_the_same_are_found_whatever_their_ids():
    again = ReceivedEvent(ISSUED.metric, ISSUED.profile, ISSUED.properties, "other", ISSUED.time)

    assert 1 == len(list(INVARIANTS["no event twice"]([ISSUED, REDEEMED, again])))


@pytest.mark.parametrize(("unique_id", "broken"), [("1", 0), (None, 1), ("", 1)])
def test_events_without_an_id_are_found(unique_id, broken):
    event = ReceivedEvent("Points", {"email": "ana@shop.org"}, {}, unique_id)

    assert broken == len(list(INVARIANTS["every event has a unique id"]([event])))
