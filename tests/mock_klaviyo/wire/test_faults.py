"""Faults: which requests they hit, how often and when, and what becomes of the request."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.spec.validation import response_problems
from mock_klaviyo.wire.fault import FaultError, fault
from mock_klaviyo.wire.faults import Faults, described
from mock_klaviyo.wire.latency import latency
from mock_klaviyo.wire.messages import Request
from mock_klaviyo.wire.presets import PRESETS
from tests.calling import Client, event
from tests.conftest import START

ANNA = "anna@shop.example.org"
EVENTS = "/api/events"
DRAWS = 10_000


def hits(given, requests=DRAWS, faults=None):
    """Which of some requests a fault hits."""
    faults = faults or Faults()
    faults.add([given], START)
    return [faults.hit("POST", EVENTS, START) is not None for _ in range(requests)]


def arm(klaviyo: Klaviyo, **given) -> None:
    klaviyo.faults.add([given], klaviyo.clock.now)


def send(klaviyo: Klaviyo, unique_id="1", **headers):
    """The answer to an event."""
    client = Client(klaviyo)
    client.check = lambda *_: None  # no recording has what goes wrong
    return client.call("POST", EVENTS, event("Bought", {"email": ANNA}, unique_id=unique_id), headers=headers)


# how often


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [0, 0.001, 0.01, 0.05, 0.333, 0.5, 0.9, 1])
def test_the_rate_that_is_seen_is_the_one_that_was_asked_for(rate, seed):
    seen = sum(hits({"status": 503, "rate": rate, "seed": seed})) / DRAWS

    assert seen == pytest.approx(rate, rel=0.01)


def test_the_same_seed_gives_the_same_faults_and_another_seed_others():
    asked = {"status": 503, "rate": 0.5, "seed": 7}

    assert hits(asked) == hits(asked)
    assert hits(asked) != hits(asked | {"seed": 8})


def test_hits_follow_no_pattern():
    found = hits({"status": 503, "rate": 0.5})
    pairs = sum(first and second for first, second in pairwise(found)) / DRAWS

    assert pairs == pytest.approx(0.25, abs=0.02)


def test_other_requests_and_other_faults_change_no_draw():
    asked = {"match": "*", "status": 503, "rate": 0.5}
    faults = Faults()
    faults.add([{"status": 500, "rate": 0.5, "match": "GET *"}, asked], START)
    found = []
    for _ in range(100):
        faults.hit("GET", "/api/profiles", START)
        found.append(faults.hit("POST", EVENTS, START) is not None)

    assert hits(asked, 100) == found


def test_times_ends_it_and_every_counts_it_out():
    assert [True, True, False, False] == hits({"status": 503, "times": 2}, 4)
    assert [False, False, True, False, False, True] == hits({"status": 503, "every": 3}, 6)


def test_a_window_is_on_the_clock_of_the_server(klaviyo):
    arm(klaviyo, status=503, **{"from": "5m", "to": "2026-01-01T00:08:00Z"})
    times = (0, 5, 7, 8)

    statuses = []
    for minutes in times:
        klaviyo.move_clock(START + timedelta(minutes=minutes))
        statuses.append(send(klaviyo, str(minutes)).status)

    assert [202, 503, 503, 202] == statuses


def test_a_request_that_moves_the_clock_meets_the_fault_of_its_own_time(klaviyo):
    arm(klaviyo, status=503, **{"from": "5m"})

    assert 503 == send(klaviyo, **{"x-mock-clock": "2026-01-01T00:05:00Z"}).status


# which


@pytest.mark.parametrize(
    ("match", "method", "path", "is_hit"),
    [
        ("*", "GET", "/api/lists", True),
        ("POST /api/events", "POST", "/api/events", True),
        ("POST /api/events", "POST", "/api/events/", True),
        ("POST /api/events", "GET", "/api/events", False),
        ("POST /api/events", "POST", "/api/events/1", False),
        ("get /api/profiles/*", "GET", "/api/profiles/1/lists", True),
        ("/api/*", "PATCH", "/api/profiles/1", True),
        ("/api/*", "POST", "/client/events", False),
    ],
)
def test_a_fault_hits_what_it_matches(match, method, path, is_hit):
    faults = Faults()
    faults.add([{"match": match, "status": 503}], START)

    assert is_hit is (faults.hit(method, path, START) is not None)


# what becomes of the request


@pytest.mark.parametrize(("phase", "kept"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("what", [{"status": 503}, {"status": 500}, {"kind": "reset"}, {"kind": "empty"}])
def test_the_phase_tells_whether_the_write_takes_effect(klaviyo, what, phase, kept):
    arm(klaviyo, **what, phase=phase, times=1)
    send(klaviyo)

    assert kept == len(klaviyo.rows("event", 0, 10))
    assert (202, 1) == (send(klaviyo).status, len(klaviyo.rows("event", 0, 10)))


def test_a_503_says_when_to_try_again(klaviyo):
    arm(klaviyo, status=503, retry_after=7)
    answer = send(klaviyo)

    assert (503, "7") == (answer.status, answer.headers["Retry-After"])
    assert ["service_unavailable", 503] == [answer.document["errors"][0][name] for name in ("code", "status")]


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_429_reads_as_klaviyos(klaviyo, phase):
    arm(klaviyo, status=429, retry_after=2, phase=phase)
    answer = send(klaviyo)
    error = answer.document["errors"][0]

    assert ("2", "throttled") == (answer.headers["Retry-After"], error["code"])
    assert "Request was throttled. Expected available in 2 seconds." == error["detail"]
    assert [] == [name for name in answer.headers if name.startswith("RateLimit")]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 418, 429, 500, 502, 503, 504, 599])
def test_every_status_has_an_error_document(klaviyo, client, status):
    arm(klaviyo, status=status)
    answer = send(klaviyo)
    recorded = klaviyo.recordings["2026-07-15"]
    operation = recorded.route("POST", EVENTS)[0]

    assert (status, status) == (answer.status, answer.document["errors"][0]["status"])
    assert [] == response_problems(recorded, operation, status, answer.document)


def test_a_fault_is_named_beside_the_answer_and_in_the_journal(klaviyo):
    arm(klaviyo, status=503, phase="after")
    answer = send(klaviyo)
    entry = next(klaviyo.journal.entries()).document()

    assert "fault-1: 503 after the request took effect" == answer.headers["X-Mock-Hint"]
    assert {"id": "fault-1", "kind": "status", "status": 503, "phase": "after", "delay": 0.0} == entry["fault"]


def test_a_request_without_an_answer_stands_in_the_journal_with_status_0(klaviyo):
    arm(klaviyo, kind="reset", phase="after")
    send(klaviyo)

    assert [0] == [entry.status for entry in klaviyo.journal.entries(only_rejected=True)]
    assert {"total": 1, "accepted": 0, "rejected": 1, "by_status": {"0": 1}} == klaviyo.journal.counts()


def test_delays_add_up_and_the_first_failure_counts(klaviyo):
    for given in ({"latency": "2s"}, {"status": 503}, {"status": 500}, {"latency": "1s"}):
        arm(klaviyo, **given)
    hit = send(klaviyo).hit

    assert (3.0, "fault-2") == (hit.delay, hit.id)
    assert [1, 1, 0, 1] == [each["hits"] for each in klaviyo.faults.documents()]


def test_a_reset_forgets_the_faults(klaviyo):
    arm(klaviyo, status=503)
    klaviyo.reset()

    assert [] == klaviyo.faults.documents()


def test_oauth_and_retired_endpoints_can_fail_too(klaviyo):
    arm(klaviyo, status=503)
    client = Client(klaviyo)
    client.check = lambda *_: None

    assert 503 == client.call("POST", "/api/track").status
    assert 503 == klaviyo.oauth(Request("POST", "/oauth/token")).status


# latency


def test_a_drawn_latency_keeps_to_its_distribution():
    uniform, lognormal = latency({"uniform": ["1s", "3s"]}), latency({"lognormal": {"median": "1s", "sigma": 1}})
    spread = sorted(lognormal.draw("key", number) for number in range(1000))
    even = [uniform.draw("key", number) for number in range(1000)]

    assert 1 <= min(even) < 1.01
    assert 2.99 < max(even) < 3
    assert spread[500] == pytest.approx(1, rel=0.01)
    assert spread[841] == pytest.approx(2.718, rel=0.05)  # one sigma above


# faults that cannot be


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "must be an object"),
        ({}, "needs status, latency or a kind"),
        ({"kind": "rest"}, "(reset?)"),
        ({"kind": "status"}, "needs status"),
        ({"kind": "slow_body"}, "needs latency"),
        ({"kind": "reset", "status": 503}, "has no status"),
        ({"status": 200}, "from 400 to 599"),
        ({"status": True}, "status must be a whole number"),
        ({"status": 503, "rate": 1.5}, "rate must be a number from 0 to 1"),
        ({"status": 503, "rate": "0.5"}, "rate must be a number from 0 to 1"),
        ({"status": 503, "times": 0}, "times must be"),
        ({"status": 503, "every": -1}, "every must be"),
        ({"status": 503, "retry_after": -1}, "retry_after must be"),
        ({"status": 503, "phase": "during"}, "before, after"),
        ({"latency": "1s", "phase": "after"}, "always takes effect"),
        ({"status": 503, "match": "FETCH /api"}, "match must be"),
        ({"status": 503, "match": "api/events"}, "match must be"),
        ({"status": 503, "match": ""}, "match must be"),
        ({"status": 503, "statuss": 1}, "(status?)"),
        ({"status": 503, "from": "soon"}, "from must be"),
        ({"status": 503, "to": 5}, "to must be"),
        ({"latency": 2}, "latency must be"),
        ({"latency": "2 days"}, "30s, 5m or 1h 30m"),
        ({"latency": "9d"}, "1 day at most"),
        ({"latency": {"normal": 1}}, "latency must be"),
        ({"latency": {"uniform": ["3s", "1s"]}}, "the shorter duration first"),
        ({"latency": {"uniform": "1s"}}, "latency must be"),
        ({"latency": {"lognormal": {"median": "1s"}}}, "latency must be"),
        ({"latency": {"lognormal": {"median": "1s", "sigma": 9}}}, "sigma must be"),
        ({"kind": "segments_late", "latency": {"uniform": ["1s", "2s"]}}, "must be a duration"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_would_be_right(given, said):
    with pytest.raises(FaultError) as refusal:
        fault(given, START)

    assert said in str(refusal.value)


def test_none_of_several_faults_is_set_when_one_is_wrong():
    faults = Faults()
    with pytest.raises(FaultError):
        faults.add([{"status": 503}, {"status": 5}], START)

    assert [] == faults.documents()


# presets


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_made_of_faults_and_takes_members_of_its_own(name):
    made = [fault(each, START) for each in described({"preset": name, "to": "2026-01-02T00:00:00Z"})]

    assert made
    assert {START + timedelta(days=1)} == {each.until for each in made}
