"""Lint: what in a flow cannot work, or hardly does what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mock_klaviyo.flow_files import trigger_laws  # noqa: F401 - declares some of the rules
from mock_klaviyo.flow_files.bundle import Bundle
from mock_klaviyo.flow_files.inside import Refused, copy_of
from mock_klaviyo.flow_files.law import ERROR, Draft
from mock_klaviyo.flow_files.laws import LAWS
from mock_klaviyo.flow_files.loading import Loaded, Loader
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a flow: which rule says so, where, and what would be right."""

    flow: str
    rule: str
    severity: str
    pointer: str
    message: str
    remedy: str = ""


def findings(klaviyo: Klaviyo, bundle: Bundle) -> Iterator[Finding]:
    """What is wrong with the flows of a file, in an account that is left as it is."""
    for flow in bundle.flows:
        name = str(flow["attributes"].get("name", "Flow"))
        scratch = copy_of(klaviyo)
        try:
            (loaded,) = Loader(scratch, Bundle([flow], bundle.others)).load()
        except Refused as refusal:
            yield from (refused(name, error) for error in refusal.errors)
        else:
            yield from of_flow(scratch, loaded, flow["attributes"]["definition"])
        scratch.close()


def refused(flow: str, error: Json) -> Finding:
    """What Klaviyo itself refuses."""
    pointer = str((error.get("source") or {}).get("pointer", "")).removeprefix("/data/attributes/definition")
    return Finding(flow, "refused-by-klaviyo", ERROR, pointer, error["detail"])


def of_flow(klaviyo: Klaviyo, loaded: Loaded, given: Json) -> Iterator[Finding]:
    """What the rules find in a flow that could be made."""
    (flow,) = klaviyo.store.rows("flow", id=loaded.id)
    actions = [row.document["definition"] for row in klaviyo.store.rows("flow-action", flow_id=flow.id)]
    draft = Draft(klaviyo, loaded, given, flow, actions)
    for each in LAWS.values():
        for pointer, message, remedy in each.rule(draft):
            yield Finding(loaded.name, each.name, each.severity, pointer, message, remedy)
