"""Waiting for what comes, while it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
import requests

from mock_klaviyo.api.parking import Parking
from mock_klaviyo.app import create_app
from mock_klaviyo.control import finding, waiting
from mock_klaviyo.serving import Server
from tests.calling import Client

ANNA = "anna@shop.example.org"


@pytest.fixture
def control(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


@pytest.fixture
def running(klaviyo):
    server = Server(create_app(klaviyo=klaviyo))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize(
    "query", ["metric=Bought", f"profile={ANNA}", "for=requests&path=/api/events", f"for=profiles&email={ANNA}"]
)
def test_what_has_come_already_is_given_at_once(control, client: Client, query):
    client.track("Bought", ANNA)
    answer = control.get(f"/__mock/wait?{query}&timeout=1h")

    assert (400, True) == (answer.status_code, "10m at most" in answer.json["error"])
    answer = control.get(f"/__mock/wait?{query}&timeout=10m")
    assert (200, True, 1) == (answer.status_code, answer.json["found"], answer.json["count"])


def test_what_does_not_come_is_a_408_with_what_is_there(control, client):
    client.track("Bought", ANNA)
    answer = control.get("/__mock/wait?metric=Bought&count=2&timeout=1ms")

    assert (408, False, 1) == (answer.status_code, answer.json["found"], answer.json["count"])
    assert ["Bought"] == [each["metric"] for each in answer.json["data"]]


def test_only_what_is_new_counts_with_after(control, client):
    client.track("Bought", ANNA)

    assert 408 == control.get("/__mock/wait?after=1&timeout=1ms").status_code


def test_many_wait_while_others_are_answered(running, client):
    """Ten wait for an event each, which are then sent; all are told long before their time is up."""
    wait = f"{running.url}/__mock/wait?timeout=30s&metric="
    began = monotonic()
    with ThreadPoolExecutor(10) as pool:
        waits = [pool.submit(requests.get, f"{wait}Metric {number}", timeout=40) for number in range(10)]
        assert 200 == requests.get(f"{running.url}/__mock/health", timeout=10).status_code
        for number in range(10):
            client.track(f"Metric {number}", ANNA)
        found = [each.result() for each in waits]

    assert [200] * 10 == [each.status_code for each in found]
    assert [[f"Metric {number}"] for number in range(10)] == [
        [one["metric"] for one in each.json()["data"]] for each in found
    ]
    assert monotonic() - began < 10


def test_it_is_looked_at_most_twenty_times_a_second(running, client, monkeypatch):
    looks = []
    find = finding.EVENTS.find

    def counted(*arguments):
        looks.append(monotonic())
        return find(*arguments)

    monkeypatch.setitem(
        waiting.KINDS, "events", finding.Kind(finding.EVENTS.arguments, counted, finding.EVENTS.document)
    )
    with ThreadPoolExecutor(1) as pool:
        waiter = pool.submit(requests.get, f"{running.url}/__mock/wait?metric=Never&timeout=500ms", timeout=10)
        while not waiter.done():
            client.track("Bought", ANNA)

    assert 408 == waiter.result().status_code
    assert 2 <= len(looks) <= 12


def test_idle_is_when_nobody_has_called_for_a_while(running, client):
    client.track("Bought", ANNA)
    began = monotonic()

    assert 200 == requests.get(f"{running.url}/__mock/wait?for=idle&quiet=100ms&timeout=10s", timeout=20).status_code
    assert 0.1 <= monotonic() - began < 5


def test_it_is_not_idle_while_an_answer_is_held_back(running, klaviyo):
    klaviyo.faults.add([{"latency": "1h"}], klaviyo.clock.now)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(requests.get, f"{running.url}/api/lists", timeout=0.7)
        while not klaviyo.faults.documents()[0]["hits"]:
            pass
        answer = requests.get(f"{running.url}/__mock/wait?for=idle&quiet=100ms&timeout=400ms", timeout=10)
        assert isinstance(late.exception(), requests.ReadTimeout)

    assert 408 == answer.status_code


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("for=miracles", "events, requests, messages, profiles, idle"),
        ("metric=Bought&timeout=soon", "timeout: 'soon' is not a duration"),
        ("for=requests&metric=Bought", "takes no 'metric'"),
        ("for=idle&metric=Bought", "it takes nothing"),
        ("metrc=Bought", "(metric?)"),
        ("count=many", "count must be a whole number"),
        ("for=messages&skipped=maybe", "true or false"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(control, query, said):
    answer = control.get(f"/__mock/wait?{query}")

    assert 400 == answer.status_code
    assert said in answer.json["error"]


@pytest.mark.parametrize("name", waiting.KINDS)
def test_each_kind_can_be_waited_for(control, name):
    assert {"found": True, "count": 0, "data": []} == control.get(f"/__mock/wait?for={name}&count=0").json


def test_who_waits_in_a_world_that_ends_is_told_so(control, monkeypatch):
    control.post("/__mock/worlds", json={"name": "brief"})
    monkeypatch.setattr(Parking, "pause", lambda *_: control.delete("/__mock/worlds/brief"))
    answer = control.get("/__mock/wait?for=messages&timeout=5s", headers={"X-Mock-World": "brief"})

    assert (409, "the account or world ended while this was asked") == (answer.status_code, answer.json["error"])
