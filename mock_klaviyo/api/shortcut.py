"""Shortcut: plain requests answered without Flask's own objects, which take half as long as the answer itself."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES

from mock_klaviyo.accounts import Accounts
from mock_klaviyo.api.views import OUTCOME, message_of
from mock_klaviyo.wire.messages import Response

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

NOT_PLAIN = frozenset({"HTTP_X_MOCK_ACCOUNT", "HTTP_X_MOCK_WORLD", "HTTP_TRANSFER_ENCODING"})
"""What Flask, or a view of ours, has to look at."""


class Shortcut:
    """The way into an application: Klaviyo's own paths are answered here where the server has one account and no world.

    Everything else goes through Flask, and so does what went wrong: an exception, an answer that a fault hits.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._flask: WSGIApplication = app.wsgi_app
        self._accounts: Accounts = app.extensions["accounts"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if not self._is_plain(environ):
            return self._flask(environ, start_response)
        outcome: Future[Response] = Future()
        try:
            answer = self._answer(environ)
        except Exception as reason:  # noqa: BLE001 - Flask raises it again, and tells of it as of any other
            outcome.set_exception(reason)
        else:
            if answer.hit is None:
                return written(answer, start_response)
            outcome.set_result(answer)
        environ[OUTCOME] = outcome
        return self._flask(environ, start_response)

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        """Whether there is nothing to choose, and nothing that somebody wants done before or after."""
        return (
            environ["PATH_INFO"].startswith("/api/")
            and environ["REQUEST_METHOD"] in METHODS
            and NOT_PLAIN.isdisjoint(environ)
            and self._accounts.is_one
            and None not in self._app.before_request_funcs
            and None not in self._app.after_request_funcs
        )

    def _answer(self, environ: WSGIEnvironment) -> Response:
        """What the account answers."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return self._accounts.first.answer(message_of(environ, body, self._app.extensions["tls port"]))


def written(answer: Response, start_response: StartResponse) -> Iterable[bytes]:
    """An answer as WSGI has it; the same bytes as Flask's."""
    length = [] if answer.status == HTTPStatus.NO_CONTENT else [("Content-Length", str(len(answer.body)))]
    start_response(status_line(answer.status), [*length, *answer.headers.items()])
    return [answer.body]


@cache
def status_line(status: int) -> str:
    """A status with its name, as Flask writes it.

    >>> status_line(202)
    '202 ACCEPTED'
    """
    return f"{status} {HTTP_STATUS_CODES.get(status, 'unknown').upper()}"
