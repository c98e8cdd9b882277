"""Inferring: the contract that recorded traffic suggests, as a contract.yaml to go on from."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from simulator.contract.inference.observed import Observed
from simulator.contract.inference.traffic import Traffic
from simulator.contract.rules import MEMBERS
from simulator.json import Json

RECORDED = "recorded"
HEADER = """# Proposed from recorded traffic; every rule is what was seen, not what anybody promised.
# x-seen is the share of requests that had a field. Tell where a value comes from with x-equals.
"""


def contract_document(seen: Traffic, vendor: str) -> Json:
    """The contract that traffic suggests: events by metric, the profile, and the payloads of webhooks by topic."""
    document: Json = {"vendor": vendor, "events": {name: event_rules(name, seen.events[name]) for name in seen.events}}
    if seen.profiles.count:
        document["profile"] = profile_rules(seen.profiles)
    if seen.webhooks:
        document["x-webhooks"] = {name: each.schema() for name, each in seen.webhooks.items()}
    return document


def event_rules(metric: str, observed: Observed) -> Json:
    """The rules for the events of a metric."""
    members = {name: rule(observed.fields[name], observed.count) for name in MEMBERS if name in observed.fields}
    profile = observed.fields["profile"]
    return {
        "metric": metric,
        "provenance": RECORDED,
        "metric_provenance": RECORDED,
        "profile": {name: rule(each, observed.count) for name, each in profile.fields.items()},
        **members,
        "properties": table_rules(observed.fields["properties"]),
    }


def profile_rules(observed: Observed) -> Json:
    """The rules for profile writes."""
    custom = observed.fields.get("properties", Observed())
    known = {name: each for name, each in observed.fields.items() if name != "properties"}
    return {
        "attributes": {name: rule(each, observed.count) | {"x-provenance": RECORDED} for name, each in known.items()},
        "properties": table_rules(custom) | {"x-provenance": RECORDED},
    }


def rule(observed: Observed, times: int) -> Json:
    """The rule for a field that may be absent when it was."""
    return observed.schema() | ({} if observed.count == times else {"x-optional": True})


def table_rules(observed: Observed) -> Json:
    """The rules for a table of properties; what never came is not allowed."""
    table = observed.table() if observed.types["object"] else {"properties": {}}
    return {"type": "object", "additionalProperties": False, **table}


def contract_text(document: Json) -> str:
    """A contract as YAML."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 120
    yaml.representer.ignore_aliases = never
    text = StringIO()
    yaml.dump(document, text)
    return HEADER + text.getvalue()


def never(_value: Any) -> bool:
    """Values that are the same stand in the text each time."""
    return True
