import pytest

from simulator.chance import chance
from simulator.event import Occasion
from simulator.population import person
from simulator.scenario.overrides import OverrideError, overridden
from simulator.shop import shop
from tests.simulator.conftest import START


@pytest.fixture
def told(tea):
    luck = chance("overrides")
    drinker = tea.join(person("ana", 1, luck, email="ana@example.org"), shop(), luck, START)
    return lambda **values: overridden(tea, drinker, Occasion(START, "cup.sold"), luck, overrides=values)


def test_a_value_that_the_event_asks_for_moves_the_members_state_too(told):
    event = told(cups=5)

    assert (5, 5) == (event.payload["cups"], event.customer["cups"])


def test_any_other_value_is_put_into_the_payload(told):
    assert "9.999" == told(price="9.999").payload["price"]


def test_a_value_below_customer_is_put_into_the_record(told):
    assert "zoe@example.org" == told(**{"customer.email": "zoe@example.org"}).customer["email"]


def test_a_path_that_does_not_exist_is_refused_with_the_nearest_one(told):
    with pytest.raises(OverrideError, match=r"with.prise is unknown \(price\?\)"):
        told(prise=3)


def test_a_value_that_the_event_cannot_work_with_is_refused(told):
    with pytest.raises(OverrideError, match=r"cup\.sold cannot take cups"):
        told(cups="many")
