"""What the official Python SDK says on the wire, and what it makes of refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from klaviyo_api import KlaviyoAPI
from openapi_client.api_arg_options import USE_DICTIONARY_FOR_RESPONSE_DATA
from openapi_client.exceptions import (
    ApiException,
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from openapi_client.models.get_account_response_collection import GetAccountResponseCollection
from openapi_client.rest import RESTClientObject

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config, Key, RateLimits
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.serving import Server
from mock_klaviyo.spec.recorded import revisions
from tests.calling import event, profile

START = datetime(2026, 8, 1, 12, tzinfo=UTC)
REFUSALS = {
    "an unknown list": (lambda sdk: sdk.Lists.get_list("ZZZZZZ"), NotFoundException, 404, "not_found"),
    "an unknown metric": (lambda sdk: sdk.Metrics.get_metric("ZZZZZZ"), NotFoundException, 404, "not_found"),
    "an unknown event": (lambda sdk: sdk.Events.get_event("ZZZZZZZZZZZ"), NotFoundException, 404, "not_found"),
    "a filter field that is not allowed": (
        lambda sdk: sdk.Events.get_events(filter='equals(colour,"red")'), BadRequestException, 400, "invalid",
    ),
    "a metric without a name": (
        lambda sdk: sdk.Events.create_event(event("", {"email": "ana@example.org"})),
        BadRequestException, 400, "invalid",
    ),
}  # fmt: skip


@dataclass
class Wire:
    """A WSGI application's door; notes what comes in."""

    application: Any
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.requests.append(environ)
        return self.application(environ, start_response)


@dataclass
class HeldTime:
    """The `time` module of whoever waits: the server's clock, which sleeping moves, so that waiting takes no time."""

    klaviyo: Klaviyo
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.klaviyo.clock.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.klaviyo.move_clock(self.klaviyo.clock.now + timedelta(seconds=seconds))


@contextmanager
def serving(klaviyo: Klaviyo) -> Iterator[tuple[str, Wire]]:
    """A server's URL, and what it gets."""
    app = create_app(klaviyo=klaviyo)
    app.wsgi_app = wire = Wire(app.wsgi_app)
    running = Server(app)
    running.start()
    yield running.url, wire
    running.stop()


@pytest.fixture
def served() -> Iterator[Callable[..., tuple[Klaviyo, str, Wire]]]:
    """Starts servers with settings of their own."""
    with ExitStack() as stack:

        def start(**settings: Any) -> tuple[Klaviyo, str, Wire]:
            klaviyo = stack.enter_context(closing(Klaviyo(Config(clock=START, **settings))))
            return klaviyo, *stack.enter_context(serving(klaviyo))

        yield start


@pytest.fixture
def limited(served, monkeypatch) -> tuple[Klaviyo, KlaviyoAPI, HeldTime]:
    """A server whose rate limits hold, an SDK, and the time of both."""
    klaviyo, url, _ = served(rate_limits=RateLimits.REAL)
    time = HeldTime(klaviyo)
    monkeypatch.setattr("klaviyo_api.custom_retry.time", time)
    monkeypatch.setattr("urllib3.util.retry.time", time)
    return klaviyo, KlaviyoAPI(PRIVATE_KEY, test_host=url), time


def retrying_itself(sdk: KlaviyoAPI, *, times: int = 3) -> KlaviyoAPI:
    """The SDK without the retries of its HTTP library, which come before its own."""
    sdk.configuration.retries = False
    sdk.api_client.rest_client = RESTClientObject(sdk.configuration)
    sdk.retry_wrapper.num_retries = times
    return sdk


def exhaust(klaviyo: Klaviyo, sdk: KlaviyoAPI) -> int:
    """Call as often as the steady window allows, once a second; gives the seconds until the window ends."""
    for _ in range(15):
        sdk.Accounts.get_accounts()
        klaviyo.move_clock(klaviyo.clock.now + timedelta(seconds=1))
    return 60 - 15


def statuses(klaviyo: Klaviyo) -> list[int]:
    return [entry.status for entry in klaviyo.journal.entries(only_rejected=False)]


def test_the_sdk_says_who_it_is_and_speaks_the_newest_recorded_revision(served):
    _, url, wire = served()

    KlaviyoAPI(PRIVATE_KEY, test_host=url).Profiles.create_or_update_profile(profile(email="ana@example.org"))

    request = wire.requests[0]
    assert revisions()[-1] == request["HTTP_REVISION"]
    assert "klaviyo-api-python/24.0.0" == request["HTTP_USER_AGENT"]
    assert f"Klaviyo-API-Key {PRIVATE_KEY}" == request["HTTP_AUTHORIZATION"]
    assert "application/vnd.api+json" == request["HTTP_ACCEPT"] == request["CONTENT_TYPE"]
    assert "/api/profile-import" == request["PATH_INFO"]


def test_the_sdk_s_revision_is_served_as_it_is(sdk):
    headers = sdk.Accounts.get_accounts_with_http_info().headers

    assert sdk._REVISION == headers["X-Klaviyo-Api-Revision"]
    assert "X-Klaviyo-Api-Retirement-Date" not in headers


def test_a_deprecated_revision_is_served_and_tells_when_it_retires(sdk):
    sdk.api_client.set_default_header("revision", "2025-07-15")

    headers = sdk.Accounts.get_accounts_with_http_info().headers

    assert "2025-07-15" == headers["X-Klaviyo-Api-Revision"]
    assert "2027-07-15" == headers["X-Klaviyo-Api-Retirement-Date"]


def test_an_sdk_that_is_ahead_of_the_clock_is_told_so(sdk):
    """klaviyo-api 25.0.0 asks for 2026-10-15."""
    sdk.api_client.set_default_header("revision", "2026-10-15")

    with pytest.raises(NotFoundException, match="Unable to specify a future revision date") as refusal:
        sdk.Accounts.get_accounts()
    assert f"is {revisions()[-1]}" in refusal.value.headers["X-Mock-Hint"]


def test_an_sdk_newer_than_the_recordings_is_served_as_the_newest(server, sdk):
    requests.put(f"{server.url}/__mock/clock", json={"now": "2026-11-01"}, timeout=5).raise_for_status()
    sdk.api_client.set_default_header("revision", "2026-10-15")

    headers = sdk.Accounts.get_accounts_with_http_info().headers

    assert revisions()[-1] == headers["X-Klaviyo-Api-Revision"]
    assert "2026-10-15 is not recorded" in headers["X-Mock-Hint"]


def test_an_access_token_is_taken_as_a_key_is(served):
    _, url, wire = served(takes_any_key=True)

    KlaviyoAPI(None, access_token="token", test_host=url).Accounts.get_accounts()

    assert "Bearer token" == wire.requests[0]["HTTP_AUTHORIZATION"]


def test_answers_are_typed_unless_dictionaries_are_asked_for(server, sdk):
    plain = KlaviyoAPI(PRIVATE_KEY, test_host=server.url, options={USE_DICTIONARY_FOR_RESPONSE_DATA: True})

    typed = sdk.Accounts.get_accounts()
    of_one_call = sdk.Accounts.get_accounts(options={USE_DICTIONARY_FOR_RESPONSE_DATA: True})
    of_all_calls = plain.Accounts.get_accounts()

    assert isinstance(typed, GetAccountResponseCollection)
    assert of_one_call == of_all_calls
    assert typed.data[0].attributes.contact_information.organization_name == "Mock Shop"
    assert of_one_call["data"][0]["attributes"]["contact_information"]["organization_name"] == "Mock Shop"


@pytest.mark.parametrize(("call", "exception", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_the_sdk_s_own_exception(sdk, call, exception, status, code):
    with pytest.raises(exception) as refusal:
        call(sdk)

    assert status == refusal.value.status
    assert code == refusal.value.data.errors[0].code
    assert status == json.loads(refusal.value.body)["errors"][0]["status"]


@pytest.mark.parametrize("credentials", [{"api_key": "pk_wrong"}, {"api_key": None, "access_token": "wrong"}])
def test_wrong_credentials_are_unauthorized(server, credentials):
    sdk = KlaviyoAPI(**credentials, test_host=server.url)

    with pytest.raises(UnauthorizedException) as refusal:
        sdk.Accounts.get_accounts()

    assert "not_authenticated" == refusal.value.data.errors[0].code
    assert "Bearer, Klaviyo-API-Key" == refusal.value.headers["WWW-Authenticate"]


def test_a_key_without_the_scope_is_forbidden(served):
    _, url, _ = served(keys=(Key.read("pk_1:events:write"),))

    with pytest.raises(ForbiddenException) as refusal:
        KlaviyoAPI("pk_1", test_host=url).Lists.get_lists()

    assert "permission_denied" == refusal.value.data.errors[0].code


def test_a_call_too_many_waits_for_the_burst_window(limited):
    klaviyo, sdk, time = limited

    first, second = sdk.Accounts.get_accounts(), sdk.Accounts.get_accounts()

    assert first == second
    assert [200, 429, 200] == statuses(klaviyo)
    assert [1] == time.slept


def test_a_call_too_many_waits_as_long_as_retry_after_says(limited):
    klaviyo, sdk, time = limited
    wait = exhaust(klaviyo, sdk)

    sdk.Accounts.get_accounts()

    assert [*[200] * 15, 429, 200] == statuses(klaviyo)
    assert [wait] == time.slept


def test_the_sdk_s_own_retry_waits_as_long_as_retry_after_says(limited):
    """Without the header it would ask again within a second; it looks at its watch again and again instead."""
    klaviyo, sdk, time = limited
    wait = exhaust(klaviyo, retrying_itself(sdk))

    sdk.Accounts.get_accounts()

    assert [*[200] * 15, 429, 200] == statuses(klaviyo)
    assert sum(time.slept[:-1]) <= wait < sum(time.slept)


def test_a_call_too_many_is_the_sdk_s_exception_when_it_does_not_try_again(limited):
    klaviyo, sdk, time = limited
    retrying_itself(sdk, times=1).Accounts.get_accounts()

    with pytest.raises(ApiException) as refusal:
        sdk.Accounts.get_accounts()

    assert (429, "throttled") == (refusal.value.status, refusal.value.data.errors[0].code)
    assert "Request was throttled. Expected available in 1 second." == refusal.value.data.errors[0].detail
    assert "1" == refusal.value.headers["Retry-After"]
    assert "RateLimit-Limit" not in refusal.value.headers
    assert ([200, 429], []) == (statuses(klaviyo), time.slept)
