"""create_app: Flask around a Klaviyo."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from mock_klaviyo import json
from mock_klaviyo.accounts import Accounts, NoAccount
from mock_klaviyo.api.oauth import blueprint as oauth
from mock_klaviyo.api.parking import Parking
from mock_klaviyo.api.shortcut import Shortcut
from mock_klaviyo.api.views import blueprint as api
from mock_klaviyo.api.views import is_of_klaviyo, operation
from mock_klaviyo.config import Config
from mock_klaviyo.control import blueprint as control
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.store.database import StoreClosed
from mock_klaviyo.wire.messages import MEDIA_TYPE
from mock_klaviyo.worlds import WorldError


def create_app(config: Config | None = None, *others: Config, klaviyo: Klaviyo | None = None) -> Flask:
    """The application of a Klaviyo, a given one or a new one; with further accounts when their settings are given."""
    app = Flask("mock_klaviyo", static_folder=None)
    app.url_map.merge_slashes = False  # Klaviyo answers every path directly and never redirects
    app.extensions["accounts"] = Accounts([klaviyo or Klaviyo(config), *map(Klaviyo, others)])
    app.extensions["parking"] = Parking()
    app.extensions["tls port"] = None
    app.register_blueprint(api)
    app.register_blueprint(oauth)
    app.register_blueprint(control)
    app.register_error_handler(HTTPException, failure)
    app.register_error_handler(WorldError, conflict)
    app.register_error_handler(StoreClosed, conflict)
    app.wsgi_app = Shortcut(app)  # type: ignore[method-assign]  # as Flask's documentation adds middleware
    app.register_error_handler(NoAccount, unknown_account)
    return app


def conflict(reason: WorldError | StoreClosed) -> Response:
    """What is said when the world that a request names cannot be, or ends meanwhile."""
    return Response(json.written({"error": str(reason)}), status=409, content_type="application/json")


def unknown_account(reason: NoAccount) -> Response:
    """What is said when X-Mock-Account names nobody."""
    return Response(json.written({"error": str(reason)}), status=404, content_type="application/json")


def failure(reason: HTTPException) -> Response:
    """What is said of a path outside Klaviyo's, and of a fault of ours: an error document like all others.

    Klaviyo's own paths come here when Flask has no rule for the method or for `/api//`: these get Klaviyo's answer.
    """
    status = reason.code or 500
    if status in (404, 405) and is_of_klaviyo(request):
        return operation()
    code = reason.name.lower().replace(" ", "_")
    detail = (
        f"{reason.description} Klaviyo's paths begin with /api/, /client/ or /oauth/, this server's own with /__mock/."
    )
    error = {"id": "none", "status": status, "code": code, "title": reason.name, "detail": detail, "source": {}}
    return Response(json.written({"errors": [error]}), status=status, content_type=MEDIA_TYPE)
