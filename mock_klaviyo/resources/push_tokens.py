"""Push tokens: addresses of apps on devices."""

from __future__ import annotations

from mock_klaviyo.errors import raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import require
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

PROFILE = "/data/attributes/profile/data"

PUSH_TOKEN = declare(
    Resource(
        type="push-token",
        make_id=lambda world: world.ids.hexadecimal(),
        relationships=(one("profile", to="profile", field="profile_id"),),
        fields=(Field("profile_id", is_indexed=True), Field("token", is_indexed=True)),
        aliases={"profile.id": "profile_id"},
    )
)


@operation("create_push_token")
def create_push_token(call: Call) -> Reply:
    """Keep a token and its profile, both new or known."""
    return keep(call)


@operation("create_client_push_token")
def create_client_push_token(call: Call) -> Reply:
    """Keep a token that an app sends."""
    return keep(call)


@operation("unregister_client_push_token")
def unregister_client_push_token(call: Call) -> Reply:
    """Forget a token; an unknown one does no harm."""
    forget(call, call.attributes["token"])
    return Reply(202)


@operation("delete_push_token")
def delete_push_token(call: Call) -> Reply:
    """Forget a token by its id."""
    row = require(call, "push-token", call.id)
    forget(call, row.document["token"])
    return Reply(204)


def keep(call: Call) -> Reply:
    """Find or make the profile that a body names and give it the token."""
    data = call.attributes["profile"]["data"]
    raise_all(profile_checks.problems(data, PROFILE))
    attributes, profiles = data["attributes"], Profiles(call.world)
    named = identifiers.identifiers(attributes, data.get("id"))
    row = profiles.find_or_create(named)
    if row is None:
        call.hint(f"there is no profile with id {named['id']}, so the token was not kept")
        return Reply(202)
    profiles.complete(row, named)
    hidden = (*identifiers.IDENTIFIERS, "meta")
    rest = {name: value for name, value in attributes.items() if name not in hidden}
    profiles.write(row, rest, attributes.get("meta"))
    keep_token(call.world, profiles, row, call.attributes)
    profiles.keep()
    return Reply(202)


def forget(call: Call, token: str) -> None:
    """Forget a token and note it at its profile."""
    profiles = Profiles(call.world)
    remove_token(call.world, profiles, token)
    profiles.keep()


def keep_token(world: World, profiles: Profiles, profile: Row, attributes: Json) -> None:
    """Give a profile a token; a token belongs to one profile only, and the last one has it."""
    remove_token(world, profiles, attributes["token"])
    document = {
        "created": world.second,
        "recorded_date": world.second,
        "token": attributes["token"],
        "platform": attributes["platform"],
        "vendor": attributes["vendor"].lower(),
        "enablement_status": attributes.get("enablement_status") or "AUTHORIZED",
        "background": attributes.get("background") or "AVAILABLE",
        "metadata": attributes.get("device_metadata") or {},
        "profile_id": profile.id,
    }
    world.store.insert(Row("push-token", world.ids.hexadecimal(), document))
    tokens = profile.document.get("push_tokens", [])
    profile.document["push_tokens"] = [*tokens, {"token": attributes["token"]}]
    profiles.change(profile)


def remove_token(world: World, profiles: Profiles, token: str) -> None:
    """Forget a token, wherever it is."""
    for row in world.store.rows("push-token", token=token):
        world.store.delete(row)
        profile = profiles.named("id", row.document["profile_id"])
        if profile is not None:
            tokens = profile.document.get("push_tokens", [])
            profile.document["push_tokens"] = [each for each in tokens if each["token"] != token]
            profiles.change(profile)
