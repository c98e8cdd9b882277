"""Conditions: whom each makes a member, by the cases of tests/data/conditions.yaml."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mock_klaviyo.config import Config
from mock_klaviyo.engine.conditions import CONDITIONS
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION, Client, channels, consent, no_channels, profile, references, resource, withdrawal

DATA = YAML(typ="safe").load(Path(__file__).parents[2] / "data" / "conditions.yaml")
NOW = datetime(2023, 6, 17, 10, tzinfo=UTC)
GOLD = {
    "type": "profile-property",
    "property": "properties['Tier']",
    "filter": {"type": "string", "operator": "equals", "value": "Gold"},
}


def segment(*conditions, name="A segment"):
    return resource("segment", name=name, definition={"condition_groups": [{"conditions": [*conditions]}]})


@pytest.fixture(scope="module")
def account():
    """An account with the people of the cases: a client, and the ids of metrics and groups by name."""
    klaviyo = Klaviyo(Config(clock=NOW))
    client = Client(klaviyo)
    ids = {"VIPs": client.create("/api/lists", resource("list", name="VIPs", opt_in_process="single_opt_in"))}
    for name, person in DATA["people"].items():
        settle(client, ids, name, person)
    ids |= {each["attributes"]["name"]: each["id"] for each in client.get("/api/metrics")["data"]}
    ids["Golden"] = client.create("/api/segments", segment(GOLD))
    yield client, ids
    klaviyo.close()


def settle(client, ids, name, person):
    """Bring a person into the account."""
    email = f"{name}@example.org"
    attributes = {
        each: person[each] for each in ("properties", "location", "first_name", "phone_number") if each in person
    }
    id = client.create("/api/profiles", profile(email=email, **attributes))
    for metric, events in person.get("did", {}).items():
        for time, value, properties in events:
            given = {} if value is None else {"value": value}
            client.track(metric, email, time=time, properties=properties, **given)
    if "list" in person:
        client.post(f"/api/lists/{ids[person['list']]}/relationships/profiles", references("profile", id))
    said = person.get("email")
    if said == "subscribed":
        agreed = {"email": email, "subscriptions": channels()}
        client.post(
            "/api/profile-subscription-bulk-create-jobs", consent(agreed, list_id=ids["VIPs"], custom_source="Till")
        )
    elif said == "unsubscribed":
        refused = {"email": email, "subscriptions": no_channels()}
        client.post("/api/profile-subscription-bulk-delete-jobs", withdrawal(refused))
    elif said == "suppressed":
        named = {"data": [{"type": "profile", "attributes": {"email": email}}]}
        client.post(
            "/api/profile-suppression-bulk-create-jobs", resource("profile-suppression-bulk-create-job", profiles=named)
        )
    if person.get("sms") == "subscribed":
        # historical, so that nobody must confirm and nobody joins a list
        agreed = {
            "phone_number": person["phone_number"],
            "subscriptions": channels("sms", consented_at="2023-06-01T00:00:00Z"),
        }
        client.post("/api/profile-subscription-bulk-create-jobs", consent(agreed, historical_import=True))


def named(value, ids):
    """A condition with the ids of what it names."""
    if isinstance(value, dict):
        return {name: named(member, ids) for name, member in value.items() if name not in ("members", "source")}
    if isinstance(value, list):
        return [named(item, ids) for item in value]
    return ids.get(value, value) if isinstance(value, str) else value


def spelled(case):
    return " ".join(str(value) for name, value in case.items() if name not in ("members", "source"))[:150]


@pytest.mark.parametrize("case", DATA["conditions"], ids=spelled)
def test_a_condition_makes_the_right_people_members(account, case):
    client, ids = account
    id = client.create("/api/segments", segment(named(case, ids)))
    members = [
        each["attributes"]["email"].partition("@")[0] for each in client.get(f"/api/segments/{id}/profiles")["data"]
    ]
    client.delete(f"/api/segments/{id}")

    assert case["members"] == sorted(members)


def test_every_type_of_condition_can_be_judged_and_has_a_case():
    definitions = recording(REVISION).operations["create_segment"].request["$defs"]
    branches = definitions["ConditionGroup"]["properties"]["conditions"]["items"]["anyOf"]
    published = {definitions[each["$ref"].rpartition("/")[2]]["properties"]["type"]["enum"][0] for each in branches}

    assert published <= CONDITIONS.keys()
    assert published == {case["type"] for case in DATA["conditions"]}
