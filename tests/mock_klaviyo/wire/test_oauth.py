"""OAuth: authorize, token, refresh, revoke; and what a token may do."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.config import CLIENT_ID, CLIENT_SECRET, App, Config, RateLimits
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.wire.messages import Request, Response
from mock_klaviyo.wire.oauth import challenge
from tests.calling import Client, profile
from tests.conftest import START

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CALLBACK = "https://shop.example/callback?shop=1"
BASIC = "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()


def asked(**changes: str) -> dict[str, str]:
    """What an app asks for; empty changes are left out."""
    usual = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "profiles:read profiles:write",
        "state": "s1",
        "code_challenge_method": "S256",
        "code_challenge": challenge(VERIFIER),
    }
    return {name: value for name, value in (usual | changes).items() if value}


def post(klaviyo: Klaviyo, path: str, fields: dict[str, str], authorization: str = BASIC) -> Response:
    """The answer to a form."""
    headers = {"authorization": authorization, "content-type": "application/x-www-form-urlencoded"}
    return klaviyo.oauth(Request("POST", f"/oauth/{path}", headers=headers, body=urlencode(fields).encode()))


def sent_back(response: Response) -> dict[str, str]:
    """What the app learns by the redirect."""
    assert 302 == response.status
    assert response.headers["Location"].startswith("https://shop.example/callback?")
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def code(klaviyo: Klaviyo, **changes: str) -> str:
    """The code of a new grant."""
    return sent_back(post(klaviyo, "authorize", asked(decision="allow", **changes)))["code"]


def of_code(code: str, **changes: str) -> dict[str, str]:
    """The form that trades a code for tokens."""
    usual = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK}
    return usual | changes


@pytest.fixture
def tokens(klaviyo: Klaviyo) -> Any:
    """The tokens of a new grant."""
    return post(klaviyo, "token", of_code(code(klaviyo))).document


def status(klaviyo: Klaviyo, token: str, method: str = "GET", path: str = "/api/profiles", body: Any = None) -> int:
    """The status of a call with a token."""
    return Client(klaviyo, {"authorization": f"Bearer {token}"}).call(method, path, body).status


def test_a_person_sees_what_an_app_asks_for(klaviyo):
    query = urlencode(asked(state='"><script>'))

    page = klaviyo.oauth(Request("GET", "/oauth/authorize", query))

    text = page.body.decode()
    assert (200, "text/html; charset=utf-8") == (page.status, page.headers["Content-Type"])
    assert "<li>profiles:read</li>" in text
    assert "<script>" not in text


def test_what_is_allowed_gives_a_code_and_keeps_the_state(klaviyo):
    found = sent_back(post(klaviyo, "authorize", asked(decision="allow")))

    assert {"shop", "code", "state"} == found.keys()
    assert "s1" == found["state"]


def test_what_is_denied_gives_no_code(klaviyo):
    found = sent_back(post(klaviyo, "authorize", asked(decision="deny")))

    assert ("access_denied", "s1") == (found["error"], found["state"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "profiles:rule"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_a_wrong_request_is_told_to_the_app(klaviyo, changes, error):
    page = klaviyo.oauth(Request("GET", "/oauth/authorize", urlencode(asked(**changes))))

    assert error == sent_back(page)["error"]
    assert error == sent_back(post(klaviyo, "authorize", asked(decision="allow", **changes)))["error"]


@pytest.mark.parametrize(
    "changes", [{"client_id": "unknown"}, {"redirect_uri": "javascript:alert(1)"}, {"redirect_uri": ""}]
)
def test_nobody_is_sent_to_an_unknown_place(klaviyo, changes):
    page = klaviyo.oauth(Request("GET", "/oauth/authorize", urlencode(asked(**changes))))

    assert page.status in (400, 401)
    assert "Location" not in page.headers


def test_an_app_may_name_its_only_redirects():
    klaviyo = Klaviyo(Config(clock=START, apps=(App(CLIENT_ID, CLIENT_SECRET, (CALLBACK,)),)))

    assert "code" in sent_back(post(klaviyo, "authorize", asked(decision="allow")))
    assert 400 == post(klaviyo, "authorize", asked(decision="allow", redirect_uri="https://other.example/")).status


def test_a_code_gives_tokens(klaviyo):
    response = post(klaviyo, "token", of_code(code(klaviyo)))

    assert (200, "no-store") == (response.status, response.headers["Cache-Control"])
    assert ["access_token", "token_type", "expires_in", "refresh_token", "scope"] == list(response.document)
    assert ("Bearer", 3600, "profiles:read profiles:write") == (
        response.document["token_type"],
        response.document["expires_in"],
        response.document["scope"],
    )


def test_an_app_may_send_its_secret_in_the_form(klaviyo):
    fields = of_code(code(klaviyo), client_id=CLIENT_ID, client_secret=CLIENT_SECRET)

    assert 200 == post(klaviyo, "token", fields, authorization="").status


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "wrong"}, {"redirect_uri": "https://shop.example/"}, {"code": "unknown"}, {"code": ""}],
)
def test_a_code_is_good_only_for_who_asked_for_it(klaviyo, changes):
    fields = of_code(code(klaviyo)) | changes

    response = post(klaviyo, "token", fields)

    assert (400, "invalid_grant") == (response.status, response.document["error"])


def test_a_code_is_good_once(klaviyo):
    fields = of_code(code(klaviyo))

    assert [200, 400] == [post(klaviyo, "token", fields).status for _ in range(2)]


def test_a_code_lives_five_minutes(klaviyo):
    fields, late = of_code(code(klaviyo)), of_code(code(klaviyo))

    klaviyo.move_clock(START + timedelta(minutes=5) - timedelta(seconds=1))
    assert 200 == post(klaviyo, "token", fields).status
    klaviyo.move_clock(START + timedelta(minutes=5))
    assert 400 == post(klaviyo, "token", late).status


@pytest.mark.parametrize("authorization", ["", "Basic x", "Basic " + b64encode(f"{CLIENT_ID}:no".encode()).decode()])
def test_an_app_that_does_not_know_its_secret_gets_nothing(klaviyo, authorization):
    response = post(klaviyo, "token", of_code(code(klaviyo)), authorization)

    assert (401, "invalid_client") == (response.status, response.document["error"])


def test_another_grant_type_is_refused(klaviyo):
    response = post(klaviyo, "token", {"grant_type": "password"})

    assert (400, "unsupported_grant_type") == (response.status, response.document["error"])


def test_a_token_may_do_what_was_granted(klaviyo, tokens):
    token = tokens["access_token"]

    assert 201 == status(klaviyo, token, "POST", body=profile(email="anna@example.org"))
    assert 200 == status(klaviyo, token)
    assert 403 == status(klaviyo, token, path="/api/lists")
    assert 401 == Client(klaviyo, {"authorization": f"Klaviyo-API-Key {token}"}).call("GET", "/api/profiles").status


def test_an_access_token_lives_an_hour(klaviyo, tokens):
    klaviyo.move_clock(START + timedelta(minutes=59))
    assert 200 == status(klaviyo, tokens["access_token"])

    klaviyo.move_clock(START + timedelta(hours=1))
    response = Client(klaviyo, {"authorization": f"Bearer {tokens['access_token']}"}).call("GET", "/api/profiles")
    assert (401, "not_authenticated") == (response.status, response.document["errors"][0]["code"])
    assert "expired" in response.headers["X-Mock-Hint"]


def test_a_refresh_gives_another_access_token_and_keeps_the_rest(klaviyo, tokens):
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    renewed = post(klaviyo, "token", fields).document

    assert tokens["access_token"] != renewed["access_token"]
    assert (tokens["refresh_token"], tokens["scope"]) == (renewed["refresh_token"], renewed["scope"])
    assert [200, 200] == [status(klaviyo, each["access_token"]) for each in (tokens, renewed)]


def test_a_refresh_token_lives_90_days_after_its_last_use(klaviyo, tokens):
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    for days, expected in ((89, 200), (178, 200), (268, 400)):
        klaviyo.move_clock(START + timedelta(days=days))
        assert expected == post(klaviyo, "token", fields).status


def test_a_grant_that_was_not_traded_yet_cannot_be_refreshed(klaviyo):
    code(klaviyo)
    (grant,) = klaviyo.store.rows("oauth-grant")

    assert 400 == post(klaviyo, "token", {"grant_type": "refresh_token", "refresh_token": grant.id}).status


def test_a_refresh_token_that_is_revoked_takes_its_access_tokens_along(klaviyo, tokens):
    fields = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}

    response = post(klaviyo, "revoke", fields)

    assert (200, b"") == (response.status, response.body)
    assert 401 == status(klaviyo, tokens["access_token"])
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert "invalid_grant" == post(klaviyo, "token", renewal).document["error"]


def test_an_access_token_is_revoked_alone(klaviyo, tokens):
    post(klaviyo, "revoke", {"token": tokens["access_token"]})

    assert 401 == status(klaviyo, tokens["access_token"])
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert 200 == post(klaviyo, "token", renewal).status


def test_tokens_of_another_app_are_out_of_reach(klaviyo, tokens):
    klaviyo = Klaviyo(Config(clock=START, apps=(App(CLIENT_ID, CLIENT_SECRET), App("other", "secret"))))
    tokens = post(klaviyo, "token", of_code(code(klaviyo))).document
    other = "Basic " + b64encode(b"other:secret").decode()

    assert 200 == post(klaviyo, "revoke", {"token": tokens["refresh_token"]}, other).status
    assert 200 == status(klaviyo, tokens["access_token"])
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert "invalid_grant" == post(klaviyo, "token", renewal, other).document["error"]


def test_an_unknown_token_is_revoked_without_harm(klaviyo):
    assert 200 == post(klaviyo, "revoke", {"token": "unknown"}).status


def test_there_is_no_other_path(klaviyo):
    assert 404 == post(klaviyo, "introspect", {}).status


def test_a_reset_forgets_all_grants(klaviyo, tokens):
    klaviyo.reset()

    assert 401 == status(klaviyo, tokens["access_token"])


def test_the_server_answers_oauth(klaviyo):
    web = create_app(klaviyo=klaviyo).test_client()

    decided = web.post("/oauth/authorize", data=asked(decision="allow"))
    found = dict(parse_qsl(urlsplit(decided.headers["Location"]).query))
    tokens = web.post("/oauth/token", data=of_code(found["code"]), headers={"Authorization": BASIC}).get_json()

    headers = {"Authorization": f"Bearer {tokens['access_token']}", "revision": "2026-07-15"}
    assert 200 == web.get("/api/profiles", headers=headers).status_code
    uri = {"REQUEST_URI": f"/oauth/authorize?{urlencode(asked())}"}  # as servers have it, and the test client has not
    page = web.get("/oauth/authorize", environ_overrides=uri)
    assert "text/html; charset=utf-8" == page.headers["Content-Type"]


def test_requests_stand_in_the_journal_without_secrets(klaviyo, tokens):
    post(klaviyo, "token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    entries = [*klaviyo.journal.entries()]
    text = str([entry.document() for entry in entries])

    names = ["oauth authorize", "oauth token", "oauth token"]
    assert (names, [302, 200, 200]) == ([each.operation for each in entries], [each.status for each in entries])
    assert "grant_type=refresh_token&refresh_token=hidden" == entries[2].body.decode()
    assert not any(secret in text for secret in (tokens["refresh_token"], tokens["access_token"], VERIFIER))


def test_a_refused_request_stands_in_the_journal_with_its_reason(klaviyo):
    post(klaviyo, "token", {"grant_type": "password"})

    (entry,) = klaviyo.journal.entries(only_rejected=True)
    assert "unsupported_grant_type" == entry.errors[0]["error"]


def test_an_app_has_rate_limits_of_its_own():
    strict = Klaviyo(Config(clock=START, rate_limits=RateLimits.REAL))
    token = post(strict, "token", of_code(code(strict, scope="accounts:read"))).document["access_token"]
    key = Client(strict).headers["authorization"].rpartition(" ")[2]

    def account(authorization):
        return Client(strict, {"authorization": authorization}).call("GET", "/api/accounts").status

    assert [200, 429] == [account(f"Klaviyo-API-Key {key}") for _ in range(2)]
    assert [200, 429] == [account(f"Bearer {token}") for _ in range(2)]
    strict.close()
