"""Our own routes to worlds, the isolated states of an account, and to snapshots, its states at other times."""

from __future__ import annotations

from flask import Response, request
from werkzeug.routing import BaseConverter

from mock_klaviyo.api.views import account_name, accounts, klaviyo
from mock_klaviyo.control.answering import answer, blueprint, body, moment
from mock_klaviyo.control.declaring import TEXT, TIME, ControlError
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.snapshots import Snapshot, SnapshotError
from mock_klaviyo.worlds import Worlds


class Name(BaseConverter):
    """A name in a path, with whatever is in it, so that one that cannot be is told what would be right."""

    regex = "(?s:.+?)"
    part_isolating = False


blueprint.record(lambda setup: setup.app.url_map.converters.update(name=Name))

REMOVED = {200: "It is gone.", 404: "There is none of that name."}


@blueprint.post(
    "/worlds",
    body={"name": TEXT, "clock": TIME, "seed": {"type": "integer"}},
    answers={201: "The world's name and its keys.", 400: "Such a world cannot be, or there are too many."},
)
def make_world() -> Response:
    """Make a fresh world: `{"name": "test-1", "clock": "2026-03-01T08:00:00Z", "seed": 7}`, each of them optional."""
    asked = body()
    clock = moment(asked["clock"], "clock") if asked.get("clock") is not None else None
    try:
        made = of_account().make(text(asked.get("name")), clock=clock, seed=whole(asked.get("seed")))
    except ValueError as reason:
        raise ControlError(str(reason)) from None
    return answer(world_document(*made), 201)


@blueprint.get("/worlds")
def list_worlds() -> Response:
    """The worlds of the account, and how many there may be."""
    worlds = of_account()
    return answer({"data": [world_document(*each) for each in worlds], "limit": worlds.limit})


@blueprint.delete("/worlds/<name:name>", answers=REMOVED)
def remove_world(name: str) -> Response:
    """End a world and forget what was in it."""
    if not of_account().has(name):
        return answer({"error": f"there is no world {name!r}; GET /__mock/worlds lists them"}, 404)
    of_account().remove(name)
    return answer({"status": "ok"})


@blueprint.get("/snapshots")
def list_snapshots() -> Response:
    """The snapshots that are kept, and of what time each is."""
    return answer({"data": [snapshot_document(*each) for each in klaviyo().snapshots]})


@blueprint.post("/snapshots/<name:name>", answers={201: "The snapshot."})
def keep_snapshot(name: str) -> Response:
    """Keep how everything is now under a name."""
    try:
        return answer(snapshot_document(name, klaviyo().snapshots.keep(name)), 201)
    except SnapshotError as reason:
        raise ControlError(str(reason)) from None


@blueprint.post(
    "/snapshots/<name:name>/restore", answers={200: "Everything is as it was.", 404: "There is none of that name."}
)
def restore_snapshot(name: str) -> Response:
    """Go back to a snapshot: the same requests get the same answers again."""
    try:
        return answer(snapshot_document(name, klaviyo().snapshots.restore(name)))
    except SnapshotError as reason:
        return answer({"error": str(reason)}, 404)


@blueprint.delete("/snapshots/<name:name>", answers=REMOVED)
def remove_snapshot(name: str) -> Response:
    """Forget a snapshot."""
    try:
        klaviyo().snapshots.remove(name)
    except SnapshotError as reason:
        return answer({"error": str(reason)}, 404)
    return answer({"status": "ok"})


def of_account() -> Worlds:
    """The worlds of the account that a request is for."""
    return accounts().worlds(account_name(request))


def world_document(name: str, world: Klaviyo) -> Json:
    """A world: its keys and its settings."""
    return {
        "name": name,
        "private_key": world.config.private_key,
        "public_key": world.config.account.id,
        "seed": world.config.seed,
        "now": world.clock.now.isoformat(),
        "requests": world.journal.counts()["total"],
    }


def snapshot_document(name: str, snapshot: Snapshot) -> Json:
    """A snapshot and the time at which it was made, by the account's clock."""
    return {"name": name, "at": snapshot.at.isoformat()}


def text(value: object) -> str | None:
    """A name, if there is one."""
    if value is None or isinstance(value, str):
        return value
    raise ControlError(f"name must be a text such as test-1, not {value!r}")


def whole(value: object) -> int | None:
    """A seed, if there is one."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ControlError(f"seed must be a whole number such as 7, not {value!r}")
