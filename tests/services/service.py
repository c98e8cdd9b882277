"""A webhook service of one's own: verifies who sends, maps, and tells Klaviyo with the official SDK."""

import hmac
import json
from base64 import b64decode, b64encode

from flask import Flask, request
from klaviyo_api import KlaviyoAPI

from tests.services.mapping import to_klaviyo


def create_app(sdk: KlaviyoAPI, secret: str, *, mapping=to_klaviyo, is_genuine=None, send=None) -> Flask:
    """The service; the last three arguments are there so that tests can put mistakes in."""
    app = Flask(__name__)
    is_genuine, send = is_genuine or has_proof, send or tell

    @app.post("/hooks/<vendor>")
    def hook(vendor):
        if not is_genuine(vendor, secret):
            return "this is not signed by the vendor", 401
        payload = request.get_json()
        for one in mapping(vendor, event_name(vendor, payload), dict(webhook_headers()), payload, customer(payload)):
            send(sdk, one)
        return "", 204

    return app


def has_proof(vendor, secret):
    """Whether the vendor has sent this; Influence.io proves nothing."""
    if vendor == "jericommerce":
        wanted = b64encode(hmac.digest(secret.encode(), request.get_data(), "sha256")).decode()
        return hmac.compare_digest(wanted, request.headers.get("x-jericommerce-hmac-sha256", ""))
    if vendor == "trifft":
        return hmac.compare_digest(secret, request.headers.get("x-trifft-secret", ""))
    return vendor == "influence"


def event_name(vendor, payload):
    """Where each vendor says what happened."""
    header = {"jericommerce": "x-jericommerce-event-type", "influence": "x-webhook-topic"}.get(vendor)
    return request.headers[header] if header else payload["event"]


def webhook_headers():
    """The headers, their names in small letters."""
    return ((name.lower(), value) for name, value in request.headers)


def customer(payload):
    """The vendor's record of the customer: in the body, or looked up."""
    looked_up = request.headers.get("x-mock-customer")
    return json.loads(b64decode(looked_up)) if looked_up else payload.get("member")


def tell(sdk, one):
    """Send one request; the SDK tries again what Klaviyo asks to send again."""
    calls = {
        "/api/events": sdk.Events.create_event,
        "/api/profile-import": sdk.Profiles.create_or_update_profile,
        "/api/profile-subscription-bulk-create-jobs": sdk.Profiles.bulk_subscribe_profiles,
    }
    call = calls[one["path"]]
    call(one["body"])
