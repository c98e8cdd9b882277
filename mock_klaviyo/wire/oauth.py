"""OAuth: a person grants an app access, the app trades the code for tokens, renews them and gives them back.

Codes live five minutes, access tokens an hour. A refresh token stays the same when it is used, as Klaviyo's does, and
older access tokens stay good; see https://developers.klaviyo.com/en/docs/set_up_oauth.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mock_klaviyo import json
from mock_klaviyo.config import App, Config, Key
from mock_klaviyo.json import Json
from mock_klaviyo.resources.world import World, iso
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field, TableForm
from mock_klaviyo.wire.consent_page import consent_page
from mock_klaviyo.wire.messages import Request, Response

GRANT, ACCESS = "oauth-grant", "oauth-access-token"
TABLES = (
    TableForm(GRANT, (Field("code", is_indexed=True),)),
    TableForm(ACCESS, (Field("grant_id", is_indexed=True),)),
)
"""What the store keeps: grants, whose ids are their refresh tokens, and access tokens."""

CODE_LIVES = timedelta(minutes=5)
ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(days=90)
"""How long a refresh token may lie unused."""

URL = re.compile(r"https?://[A-Za-z0-9._:-]+(/[!-~]*)?")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
NOT_STORED = {"Cache-Control": "no-store"}


class Refusal(Exception):
    """What is wrong with a request, by the codes of RFC 6749."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status

    @property
    def document(self) -> Json:
        """The refusal as it is sent."""
        return {"error": self.code, "error_description": self.description}


class UnsafeRedirectError(Refusal):
    """A refusal that may not be told by way of the redirect, since nobody knows where that leads."""


@dataclass
class OAuth:
    """The grants of one account."""

    config: Config
    world: World

    def answer(self, request: Request) -> Response:
        """Answer a request to a path under /oauth/."""
        answers: Mapping[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "/oauth/authorize"): self._ask,
            ("POST", "/oauth/authorize"): self._decide,
            ("POST", "/oauth/token"): self._token,
            ("POST", "/oauth/revoke"): self._revoke,
        }
        found = answers.get((request.method, request.path.removesuffix("/")))
        if found is None:
            return told(Refusal("invalid_request", f"There is no {request.method} {request.path}.", 404))
        try:
            return found(request)
        except Refusal as refusal:
            return told(refusal)

    def key(self, token: str) -> Key | None:
        """What an access token may do; None when it is unknown or has expired."""
        row = self.world.store.row(ACCESS, token)
        if row is None or self._is_over(row.document["expires_at"]):
            return None
        grant = self.world.store.row(GRANT, row.document["grant_id"])
        return Key(token, frozenset(row.document["scopes"]), grant.document["client_id"] if grant else None)

    # a person decides

    def _ask(self, request: Request) -> Response:
        """Show the page on which one decides."""
        asked = dict(request.arguments)
        try:
            app, scopes = self._checked(asked)
        except UnsafeRedirectError:
            raise
        except Refusal as refusal:
            return redirected(asked, refusal.document)
        page = consent_page(app.client_id, self.world.account.name, scopes, asked)
        return Response(200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())

    def _decide(self, request: Request) -> Response:
        """Send the decision to the app: a code, or that access was denied."""
        asked = form(request)
        try:
            app, scopes = self._checked(asked)
            if asked.get("decision") != "allow":
                raise Refusal("access_denied", "The request was denied.")
        except UnsafeRedirectError:
            raise
        except Refusal as refusal:
            return redirected(asked, refusal.document)
        return redirected(asked, {"code": self._granted(app, scopes, asked)})

    def _checked(self, asked: Mapping[str, str]) -> tuple[App, list[str]]:
        """The app that asks, and for which scopes; refuses what it may not ask."""
        app = self._app(asked.get("client_id", ""))
        check_redirect(app, asked.get("redirect_uri", ""))
        if asked.get("response_type") != "code":
            raise Refusal("unsupported_response_type", "response_type must be code.")
        if asked.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(asked.get("code_challenge", "")):
            raise Refusal("invalid_request", "code_challenge with code_challenge_method S256 is required.")
        scopes = asked.get("scope", "").split()
        unknown = [scope for scope in scopes if scope not in known_scopes()]
        if unknown or not scopes:
            raise Refusal("invalid_scope", f"Unknown scopes: {' '.join(unknown)}." if unknown else "scope is required.")
        return app, list(dict.fromkeys(scopes))

    def _app(self, client_id: str) -> App:
        """The app of a client id."""
        found = next((app for app in self.config.apps if app.client_id == client_id), None)
        if found is None and self.config.takes_any_key and client_id:
            return App(client_id)
        if found is None:
            raise UnsafeRedirectError("invalid_client", "The client_id is unknown.", 401)
        return found

    def _granted(self, app: App, scopes: list[str], asked: Mapping[str, str]) -> str:
        """The code of a new grant."""
        code = self.world.ids.hexadecimal()
        document = {
            "code": code,
            "client_id": app.client_id,
            "scopes": scopes,
            "redirect_uri": asked["redirect_uri"],
            "challenge": asked["code_challenge"],
            "expires_at": self._end(CODE_LIVES),
        }
        self.world.store.insert(Row(GRANT, self.world.ids.hexadecimal(64), document))
        return code

    # the app's server

    def _token(self, request: Request) -> Response:
        """New tokens for a code, or a new access token for a refresh token."""
        fields = form(request)
        app = self._client(request, fields)
        grants: Mapping[str, Callable[[App, Mapping[str, str]], Row]] = {
            "authorization_code": self._of_code,
            "refresh_token": self._of_refresh_token,
        }
        find = grants.get(fields.get("grant_type", ""))
        if find is None:
            raise Refusal("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.")
        grant = find(app, fields)
        grant.document |= {"code": None, "expires_at": self._end(REFRESH_LIVES)}
        self.world.store.update(grant)
        return sent(self._access(grant))

    def _access(self, grant: Row) -> Json:
        """A new access token, with the refresh token of its grant."""
        scopes = grant.document["scopes"]
        document = {"grant_id": grant.id, "scopes": scopes, "expires_at": self._end(ACCESS_LIVES)}
        row = Row(ACCESS, self.world.ids.hexadecimal(64), document)
        self.world.store.insert(row)
        return {
            "access_token": row.id,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "refresh_token": grant.id,
            "scope": " ".join(scopes),
        }

    def _of_code(self, app: App, fields: Mapping[str, str]) -> Row:
        """The grant of a code, which is good once and for who knows its verifier."""
        grant = self._good(self.world.store.first(GRANT, code=fields.get("code", "")), app, "The code")
        if fields.get("redirect_uri") != grant.document["redirect_uri"]:
            raise Refusal("invalid_grant", "The redirect_uri is not that of the authorization request.")
        if challenge(fields.get("code_verifier", "")) != grant.document["challenge"]:
            raise Refusal("invalid_grant", "Invalid code verifier.")
        return grant

    def _of_refresh_token(self, app: App, fields: Mapping[str, str]) -> Row:
        """The grant of a refresh token."""
        row = self.world.store.row(GRANT, fields.get("refresh_token", ""))
        return self._good(row if row and row.document["code"] is None else None, app, "The refresh token")

    def _good(self, grant: Row | None, app: App, what: str) -> Row:
        """The grant, when there is one of the app that has not expired."""
        if grant is None or grant.document["client_id"] != app.client_id or self._is_over(grant.document["expires_at"]):
            raise Refusal("invalid_grant", f"{what} is invalid, expired or revoked.")
        return grant

    def _revoke(self, request: Request) -> Response:
        """Take back an access token, or a refresh token and all that came of it; unknown ones do no harm."""
        fields = form(request)
        app, store = self._client(request, fields), self.world.store
        token = fields.get("token", "")
        access = store.row(ACCESS, token)
        grant = store.row(GRANT, access.document["grant_id"] if access else token)
        if grant is not None and grant.document["client_id"] == app.client_id:
            if access is None:
                store.delete_where(ACCESS, grant_id=grant.id)
            store.delete(access or grant)
        return Response(200, NOT_STORED)

    def _client(self, request: Request, fields: Mapping[str, str]) -> App:
        """The app that a request to the token endpoint comes from; refuses one that does not know its secret."""
        client_id, secret = basic(request) or (fields.get("client_id", ""), fields.get("client_secret", ""))
        app = self._app(client_id)
        if app.client_secret is not None and secret != app.client_secret:
            raise Refusal("invalid_client", "The client_secret is wrong.", 401)
        return app

    # time

    def _end(self, lives: timedelta) -> str:
        """When something that begins now ends."""
        return iso(self.world.now + lives)

    def _is_over(self, end: str) -> bool:
        """Whether the end of something has come."""
        return self.world.now >= datetime.fromisoformat(end)


@cache
def known_scopes() -> frozenset[str]:
    """Every scope that an operation of the newest revision needs."""
    return frozenset(
        scope for operation in recording(revisions()[-1]).operations.values() for scope in operation.scopes
    )


def check_redirect(app: App, uri: str) -> None:
    """Refuse to send anybody to a place that the app has not named."""
    if not URL.fullmatch(uri) or (app.redirect_uris and uri not in app.redirect_uris):
        raise UnsafeRedirectError("invalid_request", "The redirect_uri is not one of the app's.")


def challenge(verifier: str) -> str:
    """The S256 challenge of a code verifier.

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def form(request: Request) -> dict[str, str]:
    """The fields of a body that is a form."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"))


def basic(request: Request) -> tuple[str, str] | None:
    """The client id and secret of an Authorization header, if it has them."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        name, colon, secret = b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, secret) if colon and scheme.lower() == "basic" else None


def redirected(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    """The way back to the app, with an answer and the state that it gave."""
    parts = urlsplit(asked["redirect_uri"])
    state = {"state": asked["state"]} if "state" in asked else {}
    query = "&".join(filter(None, (parts.query, urlencode({**answer, **state}))))
    return Response(302, {"Location": urlunsplit(parts._replace(query=query))} | NOT_STORED)


def told(refusal: Refusal) -> Response:
    """A refusal as an answer."""
    challenged = {"WWW-Authenticate": 'Basic realm="oauth"'} if refusal.status == 401 else {}
    answer = sent(refusal.document, refusal.status)
    return Response(answer.status, {**answer.headers, **challenged}, answer.body)


def sent(document: Json, status: int = 200) -> Response:
    """A document as an answer that nobody keeps."""
    return Response(status, {"Content-Type": "application/json"} | NOT_STORED, json.written(document))
