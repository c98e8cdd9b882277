"""Whatever anybody asks of the control routes: no fault of ours, an answer as declared, and no refusal changes a thing.

`MOCK_KLAVIYO_ANY_CALLS=50` makes 50 times as many calls, and other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from mock_klaviyo import json
from mock_klaviyo.snapshots import Snapshot
from tests.calling import resource
from tests.contract.any_control_call import Called, ControlChance
from tests.mock_klaviyo.engine.flows.story import Story
from tests.mock_klaviyo.engine.flows.test_webhooks import webhook
from tests.mock_klaviyo.resources.test_flows import email, wait

TIMES = int(os.environ.get("MOCK_KLAVIYO_ANY_CALLS", "1"))
MOST_CALLS = 4
EXAMPLES = 80

NOT_JSON = ("text/html", "text/plain", "image/gif", "image/png")


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """An account with something of everything that the control routes tell of."""
    told = Story(keeps_history=True, most_worlds=5)
    ana = told.person(properties={"Tier": "Gold"})
    told.subscribe("email", email="ana@shop.org")
    link = '<a href="https://shop.example.org/">x</a>{% unsubscribe %}{% manage_preferences %}'
    template = told.client.create("/api/templates", resource("template", name="T", editor_type="CODE", html=link))
    told.flow(email("e", "w", template_id=template), wait("w", "h"), webhook("http://127.0.0.1:1/x"))
    told.happens()
    told.list(ana)
    yield told
    told.klaviyo.close()


@pytest.fixture(scope="module")
def routes(story: Story) -> list[tuple[str, str, Any]]:
    """Method, path and description of every route."""
    paths = story.control.get("/__mock/openapi.json").json["paths"]
    return [(method, path, each) for path, item in paths.items() for method, each in item.items()]


def test_no_control_call_breaks_anything(story: Story, routes: list[tuple[str, str, Any]]) -> None:
    start = story.klaviyo.remember()

    @settings(
        max_examples=EXAMPLES * TIMES,
        deadline=None,
        database=None,
        derandomize=TIMES == 1,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        begin(story, start)
        chance = ControlChance(data.draw, known(story), whole(story))
        for _ in range(data.draw(st.integers(1, MOST_CALLS))):
            method, path, described = data.draw(st.sampled_from(routes))
            hold(story, chance.call(method, path, described), described)

    run()


def begin(story: Story, start: Snapshot) -> None:
    """Make everything as it was before."""
    control = story.control
    story.klaviyo.snapshots.close()
    story.klaviyo.recall(start)
    story.klaviyo.lineage = None
    for name in [each["name"] for each in control.get("/__mock/worlds").json["data"]]:
        assert control.delete(f"/__mock/worlds/{quote(name)}").status_code == 200
    assert control.post("/__mock/worlds", json={"name": "other"}).status_code == 201
    assert control.post("/__mock/snapshots/kept").status_code == 201


def hold(story: Story, call: Called, described: Any) -> None:
    """Make a call, and hold its answer against the description."""
    note(f"{call}")
    before = state(story)
    answer = story.control.open(
        call.path, method=call.method, query_string=call.query, data=call.body, headers=call.headers
    )
    told = f"{answer.status_code} {answer.data[:300]!r}"
    note(told)
    assert answer.status_code < 500, told
    assert answer.status_code in expected(story, call, described), told
    if answer.mimetype not in NOT_JSON and answer.data:
        json.read(answer.data)
    if answer.status_code >= 400 and "/at/" not in call.path:
        assert before == state(story), told


def expected(story: Story, call: Called, described: Any) -> set[int]:
    """The statuses that an answer may have: those declared, and those of a path or a world that is not to be had."""
    declared = {int(status) for status in described["responses"]}
    odd = {404, 405} if leads_elsewhere(call.path) else set()
    return declared | odd | ({409} if "X-Mock-World" in call.headers else set())


def leads_elsewhere(path: str) -> bool:
    """Whether the slashes and dots of what was put into a path make it the path of another route, or of none."""
    parts = [unquote(part) for part in path.split("/")]
    return any(part in ("", ".", "..") or "/" in part for part in parts[1:])


def state(story: Story) -> str:
    """A digest of all that the account keeps."""
    story.klaviyo.catch_up()
    connection: Any = story.klaviyo.store._database._connection.connection.driver_connection
    return sha256("\n".join(connection.iterdump()).encode(errors="surrogatepass")).hexdigest()


def known(story: Story) -> dict[str, list[str]]:
    """What is there, by the name of the parameter or the first part of the path that asks for it."""
    klaviyo = story.klaviyo
    by_type = {"flows": "flow", "profiles": "profile", "messages": "outbox-message", "images": "image"}
    ids = {part: [row.id for row in klaviyo.rows(type, 0, 5)] for part, type in by_type.items()}
    profiles, account = ids["profiles"], klaviyo.config.account.id
    return {
        **ids, "console": [id for some in ids.values() for id in some],
        "profile": [*profiles, "ana@shop.org"], "profile_id": profiles, "flow": ids["flows"], "account": [account],
        "links": ids["messages"], "name": ["kept", "other"], "number": ["1", "2", "3"], "index": ["0", "1"],
        "page": ["unsubscribe", "manage_preferences"], "metric": ["Joined"], "to": ["ana@shop.org"],
        "rest": ["profiles", "lists", "events", "flows"], "company_id": [account],
        "link": ["https://shop.example.org/"],
        "at": profiles, "since": ["2026-03-01"],
    }  # fmt: skip


def whole(story: Story) -> list[Any]:
    """Flows in files, as the server gives them."""
    control: FlaskClient = story.control
    return [control.get(f"/__mock/flows/{row.id}/export").json for row in story.klaviyo.rows("flow", 0, 1)]
