"""The one view that answers every operation of Klaviyo's."""

from __future__ import annotations

import re
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Request, Response, current_app, request

from mock_klaviyo.accounts import Accounts
from mock_klaviyo.api.faults import faulted
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.proxy.hosts import KLAVIYO_HOSTS
from mock_klaviyo.wire import messages

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

PREFIXES = ("api", "client")

SERVER_OF_URL = re.compile(r"^https?://[^/?]*", re.IGNORECASE)
"""What proxies put before the path."""

OUTCOME = "mock_klaviyo.outcome"
"""Where the environment of a request keeps what became of it, when that is known before Flask sees it."""

blueprint = Blueprint("api", __name__)


def klaviyo() -> Klaviyo:
    """The account or world that a request is for: by its key, or our headers X-Mock-Account and X-Mock-World."""
    known = accounts()
    if account := request.headers.get("X-Mock-Account"):
        known.check(account)
    if world := request.headers.get("X-Mock-World"):
        return known.worlds(account_name(request)).named(world)
    return known.first if known.is_one else known.named(account_name(request))


def accounts() -> Accounts:
    """All accounts of the server."""
    found: Accounts = current_app.extensions["accounts"]
    return found


def account_name(flask_request: Request) -> str:
    """What in a request tells which account it is for; empty when nothing does."""
    headers = flask_request.headers
    key = headers.get("Authorization", "").rpartition(" ")[2]
    return headers.get("X-Mock-Account") or key or flask_request.args.get("company_id", "")


@blueprint.route("/api/<path:rest>", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/client/<path:rest>", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/omnisend/<path:rest>", methods=METHODS, provide_automatic_options=False)
def operation(rest: str = "") -> Response:  # noqa: ARG001 - the path is read as it came, percent-encoded
    """Answer an operation, or tell what became of it already."""
    outcome: Future[messages.Response] | None = request.environ.get(OUTCOME)
    return written(outcome.result() if outcome else klaviyo().answer(message(request)))


def written(answer: messages.Response) -> Response:
    """An answer as Flask sends it."""
    response = Response(answer.body, status=answer.status)
    del response.headers["Content-Type"]
    response.headers.extend(answer.headers)
    return faulted(response, answer.hit) if answer.hit else response


def is_of_klaviyo(flask_request: Request) -> bool:
    """Whether a request is for a path of Klaviyo's."""
    return flask_request.path.split("/")[1] in PREFIXES


def message(flask_request: Request) -> messages.Request:
    """Flask's request in our own form."""
    return message_of(flask_request.environ, flask_request.get_data(cache=False), current_app.extensions["tls port"])


def message_of(environ: WSGIEnvironment, body: bytes, tls_port: int | None) -> messages.Request:
    """A request in our own form; read from the environment, which is much faster than Flask's own views of it."""
    path, _, query = SERVER_OF_URL.sub("", environ["REQUEST_URI"]).partition("?")
    headers = {header_name(name): value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))}
    return messages.Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        query_string=query,
        headers=headers,
        body=body,
        base_url=base_url(environ.get("HTTP_HOST") or environ["SERVER_NAME"], tls_port),
    )


def base_url(host: str, tls_port: int | None) -> str:
    """What links begin with: https for Klaviyo's own hosts, and for a host with the port at which TLS ends.

    >>> base_url("a.klaviyo.com", None), base_url("localhost:4743", 4743), base_url("localhost:4747", 4743)
    ('https://a.klaviyo.com', 'https://localhost:4743', 'http://localhost:4747')
    """
    is_secure = host in KLAVIYO_HOSTS or (tls_port is not None and host.endswith(f":{tls_port}"))
    return f"{'https' if is_secure else 'http'}://{host}"


@lru_cache(maxsize=1000)
def header_name(variable: str) -> str:
    """The header that a variable of the environment holds.

    >>> header_name("HTTP_X_MOCK_CAUSE"), header_name("CONTENT_TYPE")
    ('x-mock-cause', 'content-type')
    """
    return variable.removeprefix("HTTP_").replace("_", "-").lower()
