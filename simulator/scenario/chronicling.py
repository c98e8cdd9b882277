"""Chronicling: what of a run is drawn: vendors' events, requests to Klaviyo, and faults that were asked for."""

from __future__ import annotations

from datetime import timedelta

from simulator.chronicle import Chronicle, Window
from simulator.mapping.omnisend import is_for_omnisend
from simulator.scenario.incidents import Incident, VendorFault, split
from simulator.scenario.moments import placed
from simulator.scenario.run import Run, end_of
from simulator.targets.target import Happening

REQUESTS, COPIES = "to Klaviyo", "to Omnisend"
FEW = 40
"""Events of a vendor are marked one by one as long as there are so few."""


def chronicle_of(run: Run) -> Chronicle:
    """An empty chronicle of a run's time, with the windows of its faults."""
    scenario = run.scenario
    end = max(run.end or end_of(scenario), scenario.start + timedelta(minutes=1))
    disorders, faults = split(scenario.incidents)
    incidents: list[Incident] = [*disorders, *faults]
    windows = [window(run, each) for each in incidents]
    return Chronicle(scenario.start, end, windows=[each for each in windows if each.end > each.start])


def window(run: Run, incident: Incident) -> Window:
    """When something is wrong on purpose."""
    start = run.scenario.start
    since = placed(incident.since.earliest, start) if incident.since else start
    until = placed(incident.until.earliest, start) if incident.until else end_of(run.scenario)
    name = incident.disorder.name if isinstance(incident, VendorFault) else incident.name
    return Window(since, until, name)


def note(chronicle: Chronicle, happening: Happening) -> None:
    """Count what happened."""
    event = happening.event
    if event is not None:
        at = happening.handover.at or event.occurred_at
        chronicle.count(event.vendor, at)
        if chronicle.totals[event.vendor] <= FEW:
            chronicle.mark(event.vendor, at, event.name)
    for one in happening.outgoing:
        chronicle.count(COPIES if is_for_omnisend(one.request) else REQUESTS, one.at)
