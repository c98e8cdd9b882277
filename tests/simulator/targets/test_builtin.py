from dataclasses import replace
from datetime import timedelta

import pytest

from simulator.targets.builtin import Builtin


@pytest.fixture
def target(tea) -> Builtin:
    return Builtin({"tea": tea.mapping})


def paths(outgoing):
    return [one.request.path for one in outgoing]


def later(event, seconds: float, cups: int):
    customer = {**event.customer, "cups": cups}
    return replace(event, occurred_at=event.occurred_at + timedelta(seconds=seconds), customer=customer)


def test_an_event_leaves_at_once_and_its_profile_write_waits(target, sold):
    assert ["/api/events"] == paths(target.take(sold))
    assert ["/api/profile-import"] == paths(target.flush())


def test_changes_within_the_debounce_become_one_write_with_the_last_values(target, sold):
    for seconds, cups in ((0, 7), (0.5, 8), (1, 9)):
        assert ["/api/events"] == paths(target.take(later(sold, seconds, cups)))
    (write,) = target.flush()

    assert {"Cups": 9} == write.request.body["data"]["attributes"]["properties"]


def test_a_write_that_is_asked_for_too_early_still_waits(target, sold):
    list(target.take(sold))

    assert [] == paths(target.flush(sold.occurred_at))
    assert ["/api/profile-import"] == paths(target.flush(sold.occurred_at + timedelta(minutes=1)))


def test_a_write_leaves_when_its_time_has_come(target, sold):
    list(target.take(sold))

    assert ["/api/profile-import", "/api/events"] == paths(target.take(later(sold, 60, 8)))


def test_a_write_knows_the_event_that_it_comes_from(target, sold):
    list(target.take(sold))

    assert [sold] == [one.event for one in target.flush()]


def test_a_first_sync_goes_in_batches(target, sold):
    customers = [{"email": f"{name}@example.org", "cups": 1} for name in "abc"] + [{"email": "", "cups": 1}]

    assert ["/api/profile-bulk-import-jobs"] * 2 == paths(target.first_sync("tea", customers, sold.occurred_at))
