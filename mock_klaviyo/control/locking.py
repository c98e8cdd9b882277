"""The lock of the control routes: with `serve --lock TOKEN` only who has the token may use them."""

from __future__ import annotations

from hmac import compare_digest

from flask import Response, request

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import answer, blueprint

HEADER = "X-Mock-Token"

OPEN = ("/health", "/ready", "/images/", "/links/", "/s/")
"""Where everybody may go: what orchestrators ask, and what messages and answers lead recipients to."""


@blueprint.before_request
def check_token() -> Response | None:
    """Refuse who does not have the token; without a lock nobody needs one."""
    lock = klaviyo().config.lock
    rule = str(request.url_rule).removeprefix(blueprint.url_prefix or "")
    if lock is None or rule.startswith(OPEN):
        return None
    if compare_digest(token().encode(), lock.encode()):
        return None
    said = f"the control routes are locked; send the token of `serve --lock` as {HEADER}, or as the password of the URL"
    refusal = answer({"error": said}, 401)
    refusal.headers["WWW-Authenticate"] = 'Basic realm="mock-klaviyo", charset="UTF-8"'  # browsers ask for it then
    return refusal


def token() -> str:
    """The token that a request comes with: in our header, or as the password of `http://:TOKEN@host`."""
    basic = request.authorization
    return request.headers.get(HEADER) or (basic.password if basic else None) or ""
