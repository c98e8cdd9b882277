"""The one view that answers every operation of Klaviyo's."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Request, Response, current_app, request

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.wire import messages

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

blueprint = Blueprint("api", __name__)


def klaviyo() -> Klaviyo:
    """The Klaviyo that this application is a shell of."""
    found: Klaviyo = current_app.extensions["klaviyo"]
    return found


@blueprint.route("/api/<path:rest>", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/client/<path:rest>", methods=METHODS, provide_automatic_options=False)
def operation(rest: str) -> Response:  # noqa: ARG001 - the path is read as it came, percent-encoded
    """Answer an operation."""
    answer = klaviyo().answer(message(request))
    response = Response(answer.body, status=answer.status, headers=answer.headers)
    if "Content-Type" not in answer.headers:
        del response.headers["Content-Type"]
    return response


def message(flask_request: Request) -> messages.Request:
    """Flask's request in our own form."""
    uri = urlsplit(flask_request.environ["REQUEST_URI"])
    return messages.Request(
        method=flask_request.method,
        path=uri.path,
        query_string=uri.query,
        headers={name.lower(): value for name, value in flask_request.headers.items()},
        body=flask_request.get_data(cache=False),
        base_url=flask_request.host_url.rstrip("/"),
    )
