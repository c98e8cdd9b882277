"""Users' services as targets: they get the vendor's own webhook, again and again until they take it."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from simulator.delivery import Unreachable
from simulator.targets.choosing import target
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import Handover, farewell, reaction
from simulator.vendors import vendors
from simulator.vendors.jericommerce.webhook import is_signed
from simulator.webhook import RetryPolicy, Signature, WebhookForm
from tests.receiver import receiver

TWICE = WebhookForm(retry=RetryPolicy(2, timedelta(seconds=60)))


class Clock:
    """The control routes that a target uses; remembers what it was told."""

    def __init__(self) -> None:
        self.held: list[datetime] = []
        self.lineages: list[tuple[str, ...]] = []

    def now(self):
        return max(self.held, default=datetime.fromisoformat("2026-01-01T00:00:00Z"))

    def hold(self, at):
        self.held.append(at)

    def tell_lineage(self, *told):
        self.lineages.append(told)

    def end_lineage(self):
        self.lineages.append(())


@pytest.fixture
def service():
    with receiver() as found:
        yield found


@pytest.fixture
def control():
    return Clock()


@pytest.fixture
def made(tea, service, control):
    vendor = replace(tea, webhook=TWICE)
    return target({"http": f"{service.url}/hooks/{{vendor}}"}, Surroundings({"tea": vendor}, control=control))


def test_a_service_gets_the_webhook_of_the_vendor(service, sold, tea, control):
    jeri = replace(tea, webhook=vendors()["jericommerce"].webhook)
    made = target(service.url, Surroundings({"tea": jeri}, control=control, secrets={"tea": "s3cret"}))

    assert ([], []) == (reaction(made, sold).outgoing, reaction(made, sold).faults)
    headers, body = service.calls[0]
    assert is_signed("s3cret", body, {name.lower(): value for name, value in headers.items()})
    assert "cup.sold" == headers["x-jericommerce-event-type"]


def test_the_mock_is_told_whose_doing_it_is_at_the_time_of_the_event(made, sold, control):
    reaction(made, sold, Handover(entry="tea.yaml:4:5"))
    made.close()

    assert [("tea cup.sold e1", made.name, "tea.yaml:4:5"), ()] == control.lineages
    assert [sold.occurred_at] == control.held


def test_what_is_refused_comes_again_when_the_vendor_tries_again(made, sold, service, control):
    service.statuses = [503]
    later = replace(sold, id="e2", occurred_at=sold.occurred_at + timedelta(minutes=5))

    assert [[], []] == [reaction(made, each).faults for each in (sold, later)]
    assert [0, 1, 5] == [round((at - sold.occurred_at) / timedelta(minutes=1)) for at in control.held]
    assert ["e1", "e1", "e2"] == [told[0].split()[-1] for told in control.lineages]
    assert service.calls[0] == service.calls[1]


def test_what_is_refused_each_time_is_given_up_and_told(made, sold, service, control):
    service.statuses = [500] * 3
    assert [] == reaction(made, sold).faults
    (fault,) = farewell(made).faults

    assert ("the webhook taken, 2xx", "500, 3 times", sold) == (fault.expected, fault.got, fault.event)
    assert [0, 1, 3] == [round((at - sold.occurred_at) / timedelta(minutes=1)) for at in control.held]


@pytest.mark.parametrize(("status", "got"), [(401, []), (403, []), (200, ["200"])])
def test_what_is_forged_must_be_refused(made, sold, service, status, got):
    service.statuses = [status]
    faults = reaction(made, sold, Handover(signature=Signature.FORGED)).faults

    assert got == [fault.got for fault in faults]
    assert [] == farewell(made).faults


def test_a_service_that_is_not_there_is_told(tea, sold, control):
    with pytest.raises(Unreachable, match=r"127[.]0[.]0[.]1:9/hooks cannot be reached: .*; start it before"):
        target("http://127.0.0.1:9/hooks", Surroundings({"tea": tea}, control=control))


def test_a_service_that_has_ended_meanwhile_is_told(tea, sold, control):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/hooks"
        made = target(url, Surroundings({"tea": tea}, control=control))
    (fault,) = reaction(made, sold).faults

    assert f"{url} cannot be reached" in fault.got


def test_a_service_that_does_not_answer_in_time_is_told(tea, sold, service, control):
    surroundings = Surroundings({"tea": tea}, control=control, patience=timedelta(milliseconds=50))
    made = target(service.url, surroundings)
    with service.received:  # the receiver cannot go on while we hold this
        (fault,) = reaction(made, sold).faults

    assert f"no answer from {service.url} within 0.05 s" == fault.got


def test_a_service_needs_a_server(tea):
    with pytest.raises(TargetError, match="calls Klaviyo itself"):
        target("http://localhost:8000", Surroundings({"tea": tea}))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("bulitin", "'bulitin' is unknown (builtin?)"),
        ({"pyhton": "a:b"}, "'pyhton' is unknown (python?)"),
        ({"python": "a:b", "http": "x"}, "one key"),
        ("python:", "says nothing more"),
        ({"python": "nothing"}, "must be python: package.module:function"),
        ({"http": "localhost"}, "must be a URL"),
        ({"builtin": "v2"}, "no version 'v2'"),
        (5, "not 5"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused_with_what_is_right(told, words, tea):
    with pytest.raises(TargetError) as refusal:
        target(told, Surroundings({"tea": tea}, control=Clock()))

    assert words in str(refusal.value)


@pytest.mark.parametrize("told", ["builtin", {"builtin": "v1"}, {"builtin": True}])
def test_our_own_mapping_is_a_target_by_many_words(told, tea, sold):
    made = target(told, Surroundings({"tea": tea}))

    assert ["/api/events"] == [one.request.path for one in reaction(made, sold).outgoing]


@pytest.mark.parametrize("told", ["none", {"none": True}])
def test_no_target_takes_no_events(told, tea, sold):
    (fault,) = reaction(target(told, Surroundings({"tea": tea})), sold).faults

    assert "target none, though the timeline sends tea events" == fault.got
