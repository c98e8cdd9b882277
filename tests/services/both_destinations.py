"""A mapping of one's own that sends to two destinations, and means the same by `expiration_date` at both."""

from simulator.event import VendorEvent
from simulator.mapping.omnisend import omnisend_request
from simulator.vendors import vendors


def told_alike(vendor, event, payload, customer, id, occurred_at):
    """The requests for one event; the mistake is that Omnisend is told Never, too."""
    mapping = vendors()[vendor].mapping
    happened = VendorEvent(
        vendor=vendor, name=event, id=id, occurred_at=occurred_at, payload=payload, customer=customer
    )
    klaviyo, copy = [*mapping.event_requests(happened)], omnisend_request(happened, mapping)
    if copy is None:
        return klaviyo
    never = {"expiration_date": "Never"} if copy.body["properties"].get("expiration_date", "") is None else {}
    copy.body["properties"] |= never
    return [*klaviyo, copy]
