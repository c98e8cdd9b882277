"""Mistakes that mappings and services make: each is the good one with one thing wrong."""

from __future__ import annotations

from copy import deepcopy
from itertools import count

from openapi_client.exceptions import ApiException

from tests.services.mapping import to_klaviyo, upsert
from tests.services.service import tell

numbers = count()
seen = set()


def mapped(vendor, event, headers, payload, customer):
    """The good requests, to be spoilt, and the attributes of the event among them."""
    requests = deepcopy(to_klaviyo(vendor, event, headers, payload, customer))
    return requests, requests[0]["body"]["data"]["attributes"] if requests else {}


def local_time_as_utc(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    if event == "Balance changed":
        hour = int(attributes["time"][11:13])
        attributes["time"] = f"{attributes['time'][:11]}{hour - 5:02d}{attributes['time'][13:]}"
    return requests


def cents_as_units(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    if vendor == "trifft":
        attributes["value"] = attributes["properties"]["points"] = payload["points"]
    return requests


def wrong_profile_on_referral(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    if event == "referrals/started":
        attributes["profile"]["data"]["attributes"]["email"] = payload["customer"]["email"]
    return requests


def wrong_metric_name(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    if requests and event == "Balance changed":
        attributes["metric"]["data"]["attributes"]["name"] = "Balance Changed"
    return requests


def consent_without_opt_in(vendor, event, headers, payload, customer):
    requests, _ = mapped(vendor, event, headers, payload, customer)
    if vendor == "jericommerce":
        consent = {"consent": "SUBSCRIBED", "consented_at": "2026-01-01T00:00:00Z"}
        marketing = {"email": {"marketing": consent}}
        profile = {"type": "profile", "attributes": {"email": payload["email"], "subscriptions": marketing}}
        attributes = {"profiles": {"data": [profile]}, "historical_import": True}
        data = {"type": "profile-subscription-bulk-create-job", "attributes": attributes}
        path = "/api/profile-subscription-bulk-create-jobs"
        requests.append({"method": "POST", "path": path, "body": {"data": data}})
    return requests


def dropped_field(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    attributes["properties"].pop("rewardTitle", None)
    return requests


def wrong_type_of_a_number(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    if vendor == "trifft":
        attributes["properties"]["points"] = str(attributes["properties"]["points"])
    return requests


def late_event_stamped_with_now(vendor, event, headers, payload, customer):
    requests, attributes = mapped(vendor, event, headers, payload, customer)
    del attributes["time"]  # Klaviyo takes the time at which it comes
    return requests


def forgotten_profile(vendor, event, headers, payload, customer):
    requests, _ = mapped(vendor, event, headers, payload, customer)
    return requests[:1] if vendor == "trifft" else requests


def stale_profile(vendor, event, headers, payload, customer):
    requests, _ = mapped(vendor, event, headers, payload, customer)
    if vendor == "trifft":
        requests[1] = upsert(
            {"external_id": customer["id"], "email": customer["email"]},
            requests[1]["body"]["data"]["attributes"]["properties"] | {"trifft_points": 0},
        )
    return requests


def crash_without_a_tier(vendor, event, headers, payload, customer):
    if vendor == "jericommerce":
        return payload["tier"]["name"]
    return to_klaviyo(vendor, event, headers, payload, customer)


def again(sdk, one, spoil):
    """Send, and send once more when Klaviyo stumbles, after `spoil` has had its way with the event."""
    try:
        tell(sdk, one)
    except ApiException as error:
        if error.status != 503 or one["path"] != "/api/events":
            raise
        spoil(one["body"]["data"]["attributes"])
        tell(sdk, one)


def unique_id_lost_on_retry(sdk, one):
    again(sdk, one, lambda attributes: attributes.pop("unique_id"))


def another_unique_id_on_retry(sdk, one):
    again(sdk, one, lambda attributes: attributes.update(unique_id=f"try-{next(numbers)}"))


def swallowed_429(sdk, one):
    try:
        tell(sdk, one)
    except ApiException as error:
        if error.status != 429:
            raise


def another_unique_id_each_time(sdk, one):
    if one["path"] == "/api/events":
        one["body"]["data"]["attributes"]["unique_id"] = f"event-{next(numbers)}"
    tell(sdk, one)


def another_unique_id_for_a_duplicate(sdk, one):
    attributes = one["body"]["data"]["attributes"]
    if one["path"] == "/api/events" and attributes["unique_id"] in seen:
        attributes["unique_id"] = f"again-{next(numbers)}"
    seen.add(attributes.get("unique_id"))
    tell(sdk, one)


def unsigned_accepted(vendor, secret):
    return True
