"""What Prometheus can read: how much came, what became of it, what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import blueprint
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.intake import DROPPED
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE

PREFIX = "mock_klaviyo"
KEPT = {"events": "event", "dropped_events": DROPPED, "profiles": "profile", "messages": OUTBOX_MESSAGE.type}


@dataclass(frozen=True)
class Metric:
    """Something that is counted: its name, whether it only grows, what it says, and its values by labels."""

    name: str
    kind: str
    meaning: str
    values: Mapping[str, float]

    def lines(self) -> Iterator[str]:
        """The metric as Prometheus reads it."""
        yield f"# HELP {PREFIX}_{self.name} {self.meaning}"
        yield f"# TYPE {PREFIX}_{self.name} {self.kind}"
        yield from (f"{PREFIX}_{self.name}{labels} {value}" for labels, value in self.values.items())


@blueprint.get("/metrics", answers={200: "Text that Prometheus reads."})
def metrics() -> Response:
    """Counts for Prometheus: requests by status, what is kept, faults, what is not supported."""
    lines = (line for metric in counted(klaviyo()) for line in metric.lines())
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def counted(account: Klaviyo) -> Iterator[Metric]:
    """All that is counted of an account."""
    statuses = account.journal.counts()["by_status"]
    by_status = {f'{{status="{status}"}}': count for status, count in statuses.items()}
    yield Metric("requests_total", "counter", "Requests since the last reset, status 0 without an answer.", by_status)
    account.catch_up()
    for name, type in KEPT.items():
        yield Metric(name, "gauge", f"How many {name.replace('_', ' ')} are kept.", {"": account.number_of(type)})
    hits = {f'{{fault="{each["id"]}"}}': each["hits"] for each in account.faults.documents()}
    yield Metric("fault_hits_total", "counter", "How often each fault hit.", hits)
    total = account.unsupported.document()["total"]
    yield Metric("unsupported_total", "counter", "How often something was asked for that is not there.", {"": total})
