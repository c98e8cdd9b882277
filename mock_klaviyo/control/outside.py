"""Our own routes to what meets the world outside: image files, messages from profiles, geofences, webhook calls."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import PAGE, answer, blueprint, body, page
from mock_klaviyo.control.declaring import TEXT, ControlError
from mock_klaviyo.json import Json
from mock_klaviyo.resources.conversations import CHANNELS, MESSAGE
from mock_klaviyo.resources.geofences import GEOFENCE
from mock_klaviyo.resources.images import IMAGE_FILE
from mock_klaviyo.resources.webhook_deliveries import DELIVERY
from mock_klaviyo.store.rows import Row

DEGREES: Json = {"type": "number"}


@blueprint.get("/images/<id>", answers={200: "The bytes.", 404: "There is no such image."})
def image(id: str) -> Response:
    """The bytes of an image."""
    row = klaviyo().row(IMAGE_FILE.type, id)
    if row is None:
        return answer({"error": f"there is no image {id}"}, 404)
    return Response(b64decode(row.document["content"]), content_type=f"image/{row.document['format']}")


@blueprint.post(
    "/geofences",
    body={"latitude": DEGREES, "longitude": DEGREES, "radius": {"type": "number", "description": "In metres."}},
    answers={201: "The geofence."},
)
def make_geofence() -> Response:
    """Make a geofence, which no operation of Klaviyo's does: `{"latitude": 52.5, "longitude": 13.4, "radius": 100}`."""
    given = body()
    document = {name: number(given, name) for name in ("latitude", "longitude", "radius")}
    row = klaviyo().keep(GEOFENCE.type, document)
    return answer({"id": row.id, **row.document}, 201)


@blueprint.post(
    "/conversations",
    body={"profile_id": TEXT, "channel": {"type": "string", "enum": list(CHANNELS)}, "body": TEXT},
    answers={201: "The message."},
)
def receive_message() -> Response:
    """Let a profile write: `{"profile_id": "01…", "channel": "sms", "body": "Hello"}`."""
    given = body()
    channel, text = given.get("channel", CHANNELS[0]), given.get("body")
    if channel not in CHANNELS or not isinstance(text, str):
        raise ControlError(f'channel must be one of {", ".join(CHANNELS)}, and body a text such as "Hello"')
    row = klaviyo().receive(str(given.get("profile_id")), channel, text)
    if row is None:
        raise ControlError(f"there is no profile with the id {given.get('profile_id')}")
    return answer(message_document(row), 201)


@blueprint.get("/conversations", arguments=PAGE)
def conversation_messages() -> Response:
    """What was written in all conversations, oldest first."""
    return page(lambda after, limit: klaviyo().rows(MESSAGE.type, after, limit), message_document)


@blueprint.post("/webhooks/deliver")
def deliver() -> Response:
    """Make the webhook calls that are due; moving the clock does so as well."""
    return answer({"calls": klaviyo().deliver()})


@blueprint.get("/webhooks/deliveries", arguments=PAGE)
def deliveries() -> Response:
    """What webhooks are told, were told and could not be told, oldest first."""
    return page(lambda after, limit: klaviyo().rows(DELIVERY.type, after, limit), delivery_document)


def message_document(row: Row) -> Json:
    """A message of a conversation."""
    return {"number": row.number, "id": row.id, **row.document}


def delivery_document(row: Row) -> Json:
    """A delivery: what of, where to, and what became of it."""
    return {"number": row.number, **row.document}


def number(given: Json, name: str) -> Any:
    """A number in a body."""
    found = given.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ControlError(f"{name} must be a number")
    return found
