"""How targets that call Klaviyo themselves are judged: by what the server received, whatever way they take."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
import requests

from mock_klaviyo.config import PRIVATE_KEY
from simulator.contract.inspecting import inspection
from simulator.contract.trials import START, single_events
from simulator.server import Control
from simulator.targets.foreign import Foreign
from simulator.targets.surroundings import Surroundings
from simulator.targets.target import FIRST_SYNC, Handover, farewell, introduction, reaction
from simulator.vendors import vendors
from simulator.verdict import Kind
from simulator.webhook import Signature
from tests.services.mapping import to_klaviyo

HEADERS = {"authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": "2026-07-15"}
VENDOR = vendors()["jericommerce"]


@pytest.fixture
def event():
    return next(one for one in single_events(VENDOR, 0) if one.name == "Balance changed")


@pytest.fixture
def call(wire):
    """Calls Klaviyo as any client does."""

    def call(method: str, path: str, data) -> requests.Response:
        url = f"{wire.control.url}{path}"
        return requests.request(method, url, json={"data": data}, headers=HEADERS, timeout=5)

    return call


@pytest.fixture
def judge(wire):
    """The findings when a function is called for each event that is told."""

    def judge(work, *tellings, within=timedelta(0), customers=(), wire=wire):
        class Worker:
            name = place = "worker"

            def receive(self, event, *_):
                work(event)
                return ()

            def close(self):
                pass

        wire.control.reset(START)
        target = Foreign(Worker(), Surroundings({"jericommerce": VENDOR}, control=wire.control))
        judged = inspection(target, [VENDOR], wire, within=within)
        with closing(target):
            if customers:
                judged.take(introduction(target, "jericommerce", customers, START))
            for event, handover in tellings:
                judged.take(reaction(target, event, handover))
            judged.take(farewell(target))
        judged.close()
        return [(one.kind, one.what.partition(": ")[2], one.got) for one in judged.tally.findings.values()]

    return judge


@pytest.fixture
def good(call):
    """Does what is right."""

    def good(event, **changes):
        for one in to_klaviyo(event.vendor, event.name, {}, event.payload, event.customer):
            data = one["body"]["data"]
            if data["type"] == "event":
                data["attributes"] |= changes
            call(one["method"], one["path"], data)

    return good


ONCE = Handover()


def test_what_is_right_is_not_blamed(judge, good, event):
    assert [] == judge(good, (event, ONCE))


def test_silence_is_told(judge, event):
    assert [(Kind.VIOLATION, "event", "0 events"), (Kind.VIOLATION, "profile write", "absent")] == judge(
        lambda _: None, (event, ONCE)
    )


def test_an_event_that_is_delivered_twice_may_be_sent_twice(judge, good, event):
    assert [] == judge(good, (event, ONCE), (event, replace(ONCE, number=2)))


def test_an_event_that_is_sent_twice_for_nothing_is_told(judge, good, event):
    def twice(event):
        good(event)
        good(event)

    assert [Kind.DROPPED] == [kind for kind, _, _ in judge(twice, (event, ONCE))]


def test_an_event_that_a_duplicate_makes_twice_is_told(judge, good, event):
    numbers = iter("12")
    found = judge(lambda one: good(one, unique_id=next(numbers)), (event, ONCE), (event, replace(ONCE, number=2)))

    assert (Kind.VIOLATION, "event", "2 events") in found


class Patient(Control):
    """Control routes that let work begin as soon as somebody waits for it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.work = []

    def wait(self, **wanted):
        for each in self.work:
            each.start()
        self.work.clear()
        return super().wait(**wanted)


@pytest.mark.parametrize(("seconds", "findings"), [(10, []), (0, ["0 events", "absent"])])
def test_a_target_may_work_on_after_its_answer_when_there_is_time(judge, good, event, wire, seconds, findings):
    patient = Patient(wire.control.url)

    def later(event):
        patient.work.append(Thread(target=good, args=(event,)))

    with closing(patient):
        found = judge(later, (event, ONCE), within=timedelta(seconds=seconds), wire=replace(wire, control=patient))

    assert findings == [got for _, _, got in found]


def test_a_profile_may_be_made_and_updated_by_its_id(judge, good, call, event):
    def by_id(event):
        first, write = to_klaviyo(event.vendor, event.name, {}, event.payload, event.customer)
        call("POST", first["path"], first["body"]["data"])
        attributes = write["body"]["data"]["attributes"]
        found = call("GET", f'/api/profiles?filter=equals(email,"{attributes.pop("email")}")', None).json()["data"][0]
        call("PATCH", f"/api/profiles/{found['id']}", {"type": "profile", "id": found["id"], "attributes": attributes})

    assert [] == judge(by_id, (event, ONCE))


def test_what_klaviyo_refuses_is_told_in_its_words(judge, good, event):
    found = judge(lambda one: good(one, value="much"), (event, ONCE))

    assert (Kind.REJECTED, "request") == found[0][:2]
    assert found[0][2].startswith("400: ")


@pytest.mark.parametrize(
    ("path", "data", "field", "got"),
    [
        ("/api/lists", {"type": "list", "attributes": {"name": "Loyal"}}, "request", "create_list"),
        (
            "/api/profile-suppression-bulk-create-jobs",
            {
                "type": "profile-suppression-bulk-create-job",
                "attributes": {"profiles": {"data": [{"type": "profile", "attributes": {"email": "x@example.org"}}]}},
            },
            "consent",
            "bulk_suppress_profiles",
        ),
    ],
)
def test_what_no_contract_asks_for_is_told(judge, good, call, event, path, data, field, got):
    def more(event):
        good(event)
        call("POST", path, data)

    ((kind, what, said),) = judge(more, (event, ONCE))

    assert (Kind.VIOLATION, field) == (kind, what)
    assert got in said


@pytest.mark.parametrize("signature", [Signature.FORGED, Signature.UNSIGNED])
def test_what_is_not_signed_must_lead_to_nothing(judge, good, event, signature):
    handover = replace(ONCE, signature=signature)

    assert [] == judge(lambda _: None, (event, handover))
    assert [(Kind.VIOLATION, "signature", "1 event 'Balance changed'")] == judge(good, (event, handover))


def test_a_first_sync_is_judged_by_the_profiles_that_arrived(judge, call, event):
    customer = replace(event, name=FIRST_SYNC, payload={})

    def import_all(event):
        profiles = [
            {"type": "profile", "attributes": written["body"]["data"]["attributes"]}
            for record in event.payload["customers"]
            for written in to_klaviyo("jericommerce", "", {}, ONE, record)[1:]
        ]
        attributes = {"profiles": {"data": profiles}}
        call("POST", "/api/profile-bulk-import-jobs", {"type": "profile-bulk-import-job", "attributes": attributes})

    ONE = {**event.payload, "email": event.customer["email"]}
    assert [] == judge(import_all, customers=[customer])
    assert [(Kind.VIOLATION, "profile write", "absent")] == judge(lambda _: None, customers=[customer])
