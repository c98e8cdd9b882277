"""A data file: what was answered with success outlives the process, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import REVISION, Client, event, profile, resource
from tests.conftest import START

ROOT = Path(__file__).parents[2]
ANNA = "anna@shop.example.org"


class Process:
    """A server in a process of its own."""

    def __init__(self, file):
        command = [sys.executable, "-m", "mock_klaviyo", "serve", "--port", "0", "--print-url", "--data", str(file)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.session = requests.Session()
        self.session.headers.update({"authorization": f"Klaviyo-API-Key {Config().private_key}", "revision": REVISION})

    def post(self, path, body):
        return self.session.post(f"{self.url}{path}", json=body, timeout=10)

    def ids(self, path):
        return [each["id"] for each in self.session.get(f"{self.url}{path}", timeout=10).json()["data"]]

    def end(self, how):
        self.process.send_signal(how)
        self.process.communicate(timeout=20)
        self.session.close()
        return self.process.returncode


@pytest.fixture
def start():
    """Starts servers, and ends those that a test leaves behind."""
    running = []

    def started(file):
        running.append(Process(file))
        return running[-1]

    yield started
    for each in running:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)


def test_what_was_answered_survives_the_sudden_death_of_the_process(start, tmp_path):
    first = start(tmp_path / "shop.sqlite")
    assert 201 == first.post("/api/profiles", profile(email=ANNA)).status_code
    assert 202 == first.post("/api/events", event("Bought", {"email": ANNA})).status_code
    first.end(signal.SIGKILL)

    second = start(tmp_path / "shop.sqlite")
    assert (1, 1) == (len(second.ids("/api/profiles")), len(second.ids("/api/events")))
    assert os.EX_OK == second.end(signal.SIGTERM)


@pytest.fixture
def restarted(tmp_path):
    """Opens the same file again, as often as it is called."""
    open_ones = []

    def opened(**settings):
        for each in open_ones:
            each.close()
        open_ones.append(Klaviyo(Config(clock=START, data=tmp_path / "shop.sqlite", **settings)))
        return Client(open_ones[-1])

    yield opened
    for each in open_ones:
        each.close()


def test_ids_never_repeat_after_a_restart(restarted):
    made = []
    for name in ("first", "second", "third"):
        client = restarted()
        made.append(client.create("/api/lists", resource("list", name=name)))
        made.append(client.create("/api/profiles", profile(external_id=name)))
        client.track(name, ANNA)

    client = restarted()
    assert 6 == len(set(made))
    assert 3 == len(set(client.ids("/api/events"))) == len(set(client.ids("/api/metrics")))


def test_events_that_wait_are_processed_after_a_restart(restarted):
    client = restarted()
    for number in range(3):
        client.track("Bought", ANNA, unique_id=f"{number}")

    assert 3 == restarted().klaviyo.world.store.intake_size()
    client = restarted()
    client.track("Bought", ANNA, unique_id="0")
    assert 3 == len(client.ids("/api/events"))


def test_a_batch_that_was_cut_short_is_processed_once(restarted, monkeypatch):
    client = restarted()
    client.track("Bought", ANNA, unique_id="1")
    store = client.klaviyo.world.store
    monkeypatch.setattr(store, "forget_intake", fail)
    with pytest.raises(RuntimeError):
        client.klaviyo.catch_up()

    client = restarted()
    assert 1 == len(client.ids("/api/events"))
    assert [] == client.klaviyo.rows("dropped-event", 0, 9)


def fail(*_):
    raise RuntimeError


def test_numbers_of_events_go_on_after_a_restart(restarted):
    client = restarted()
    client.track("Bought", ANNA, unique_id="1")
    client.klaviyo.catch_up()

    client = restarted()
    client.track("Bought", ANNA, unique_id="2")
    assert [1, 2] == [row.number for row in client.klaviyo.events(0, 9)]


def test_the_account_is_kept_once(restarted):
    for _ in range(2):
        assert ["MOCK01"] == restarted().ids("/api/accounts")


def test_a_reset_of_a_file_is_as_a_fresh_start(restarted):
    first = restarted().create("/api/profiles", profile(email=ANNA))
    client = restarted()
    client.klaviyo.reset()

    assert [] == client.ids("/api/profiles")
    assert first == client.create("/api/profiles", profile(email=ANNA))
