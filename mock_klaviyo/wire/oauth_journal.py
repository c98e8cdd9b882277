"""Requests to the OAuth endpoints as the journal keeps them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from mock_klaviyo.wire.journal import Entry
from mock_klaviyo.wire.messages import Request, Response
from mock_klaviyo.wire.oauth import form

SECRETS = ("client_secret", "code", "code_verifier", "refresh_token", "token")
HIDDEN = "hidden"
"""What the journal shows of a secret."""


def oauth_entry(request: Request, response: Response, number: int, at: datetime) -> Entry:
    """The exchange as the journal keeps it: without what only the app may know."""
    shown = urlencode({name: HIDDEN if name in SECRETS else value for name, value in form(request).items()})
    told = response.document if response.headers.get("Content-Type") == "application/json" else None
    return Entry(
        number=number,
        at=at.isoformat(),
        method=request.method,
        url=request.url,
        status=response.seen_status,
        operation=f"oauth {request.path.removesuffix('/').rpartition('/')[2]}",
        fault=response.hit.document() if response.hit else None,
        errors=[told] if told and "error" in told else [],
        body=shown.encode(),
    )
