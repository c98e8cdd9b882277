"""Klaviyo's OAuth endpoints."""

from __future__ import annotations

from flask import Blueprint, Response, request

from mock_klaviyo.api.faults import faulted
from mock_klaviyo.api.views import klaviyo, message

blueprint = Blueprint("oauth", __name__)


@blueprint.route("/oauth/<path:rest>", methods=("GET", "POST"))
def oauth(rest: str) -> Response:  # noqa: ARG001 - the path is read as it came
    """Answer a request of a person or of an app's server."""
    answer = klaviyo().oauth(message(request))
    response = Response(answer.body, status=answer.status)
    response.headers.update(answer.headers)
    return faulted(response, answer.hit) if answer.hit else response
