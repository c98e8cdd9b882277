"""How the control routes show what is in the store."""

from __future__ import annotations

from datetime import datetime

from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.events import sent_properties
from mock_klaviyo.resources.identifiers import IDENTIFIERS
from mock_klaviyo.resources.intake import DROPPED
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.resources.metrics import DEFAULT_SERVICE
from mock_klaviyo.store.rows import Row
from mock_klaviyo.violations import Violation


def event_document(klaviyo: Klaviyo, row: Row) -> Json:
    """An event and what became of it."""
    return dropped_document(row) if row.type == DROPPED else stored_document(klaviyo, row)


def stored_document(klaviyo: Klaviyo, row: Row) -> Json:
    """An event that Klaviyo keeps."""
    event, properties = row.document, row.document["event_properties"]
    metric = klaviyo.store.row("metric", event["metric_id"])
    profile = klaviyo.store.row("profile", event["profile_id"])
    return {
        "number": row.number,
        "outcome": "stored",
        "reason": None,
        "cause": event["cause"],
        "lineage": event.get("lineage"),
        "id": row.id,
        "metric": metric.document["name"] if metric else None,
        "service": metric.document["service"] if metric else None,
        "profile": identifiers(profile) if profile else None,
        "unique_id": event["unique_id"],
        "time": utc_text(event["datetime"]),
        "value": properties.get("$value"),
        "value_currency": properties.get("$value_currency"),
        "properties": sent_properties(properties),
    }


def dropped_document(row: Row) -> Json:
    """An event that Klaviyo accepts and then drops."""
    event = row.document
    named = {name: value for name, value in event["profile"].items() if name in IDENTIFIERS}
    return {
        "number": row.number,
        "outcome": "dropped",
        "reason": event["reason"],
        "cause": event["cause"],
        "lineage": event.get("lineage"),
        "id": None,
        "metric": event["metric"],
        "service": event["service"] or DEFAULT_SERVICE,
        "profile": {"id": event["profile_id"], **named},
        "unique_id": event["unique_id"],
        "time": utc_text(event["time"]),
        "value": event["value"],
        "value_currency": event["value_currency"],
        "properties": event["properties"],
    }


def violation_document(found: Violation) -> Json:
    """Something that is not as a contract says."""
    return {
        "number": found.row.number,
        "id": found.row.id,
        "type": found.row.type,
        "metric": found.metric,
        "cause": found.row.document.get("cause"),
        "field": found.breach.field,
        "message": found.breach.message,
        "provenance": found.breach.provenance,
        "is_note": found.breach.provenance == "assumed",
    }


def profile_document(klaviyo: Klaviyo, row: Row) -> Json:
    """A profile with the lists it is on."""
    lists = klaviyo.store.links.ids(MEMBERS, row.id, is_inverse=True)
    attributes = {name: value for name, value in row.document.items() if name != "lineage"}
    lineage = row.document.get("lineage")
    return {"number": row.number, "id": row.id, "attributes": attributes, "lists": lists, "lineage": lineage}


def message_document(row: Row) -> Json:
    """A message of the outbox and what became of it."""
    message = {name: value for name, value in row.document.items() if name not in ("skipped", "attempted_at")}
    reason = row.document["skipped"]
    return {
        "number": row.number,
        "outcome": "skipped" if reason else "sent",
        "reason": reason,
        "id": row.id,
        **message,
        "at": utc_text(message["at"]),
    }


def identifiers(row: Row) -> Json:
    """A profile's id and its identifiers that are set."""
    return {"id": row.id} | {name: row.document[name] for name in IDENTIFIERS[1:] if row.document.get(name)}


def utc_text(text: str) -> str:
    """A time in UTC ending in Z.

    >>> utc_text("2026-01-01T00:00:00+00:00")
    '2026-01-01T00:00:00Z'
    """
    return f"{datetime.fromisoformat(text):%Y-%m-%dT%H:%M:%S}Z"
