"""Omnisend: the same events as Klaviyo's, as Omnisend takes them."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import NEVER, iso_z
from simulator.mapping.mapping import Skip, VendorMapping
from simulator.mapping.requests import KlaviyoRequest

OMNISEND = "omnisend"
"""The destination's name."""

PREFIX = "/omnisend"
"""What Omnisend's paths begin with in a mock, which is Klaviyo and Omnisend in one."""

VERSION = "2026-03-15"

CONTACT = {"email": "email", "phone_number": "phone", "first_name": "firstName", "last_name": "lastName"}
"""Omnisend's words for what identifies a Klaviyo profile."""

LONGEST_PHONE = 15


def omnisend_request(event: VendorEvent, mapping: VendorMapping) -> KlaviyoRequest | None:
    """The request that tells Omnisend of a vendor event, as a mock takes it; None when it is not told."""
    body = omnisend_event(event, mapping) if OMNISEND in mapping.destinations else None
    return None if body is None else KlaviyoRequest("POST", f"{PREFIX}/api/events", body, event.id)


def is_for_omnisend(request: KlaviyoRequest) -> bool:
    """Whether a request goes to Omnisend."""
    return request.path.startswith(f"{PREFIX}/")


def omnisend_headers(key: str) -> dict[str, str]:
    """The headers of a request to Omnisend."""
    return {
        "authorization": f"Omnisend-API-Key {key}",
        "omnisend-version": VERSION,
        "content-type": "application/json",
        "accept": "application/json",
    }


def omnisend_event(event: VendorEvent, mapping: VendorMapping) -> Json | None:
    """The body of POST /api/events for a vendor event; None when it is not sent or has nobody to be sent for."""
    metric = mapping.events[event.name]
    if isinstance(metric, Skip) or not metric.when(event):
        return None
    person = contact((metric.profile or mapping.profile)(event) or {})
    if person is None:
        return None
    return {
        "eventName": metric.name,
        "origin": mapping.vendor,
        "eventID": str(uuid5(NAMESPACE_OID, f"{mapping.vendor} {metric.unique_id(event)}")),
        "eventTime": iso_z(event.occurred_at),
        "contact": person,
        "properties": without_never(metric.properties(event)),
    }


def contact(profile: Json) -> Json | None:
    """A Klaviyo profile's identity in Omnisend's words; None without an e-mail address and a phone number.

    >>> contact({"email": "ana@example.org", "first_name": "Ana"})
    {'email': 'ana@example.org', 'firstName': 'Ana'}
    """
    known = {word: profile[name] for name, word in CONTACT.items() if profile.get(name)}
    if len(known.get("phone", "")) > LONGEST_PHONE:
        del known["phone"]
    return known if "email" in known or "phone" in known else None


def without_never(properties: Json) -> Json:
    """The properties with no `expiration_date` where they say that there never is one; nothing else differs.

    >>> without_never({"expiration_date": "Never", "deliver_at": "Never"})
    {'expiration_date': None, 'deliver_at': 'Never'}
    """
    return properties | {"expiration_date": None} if properties.get("expiration_date") == NEVER else properties
