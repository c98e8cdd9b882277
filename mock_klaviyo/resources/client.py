"""Client: what browsers and apps send with the public key, beside events, subscriptions and push tokens."""

from __future__ import annotations

from mock_klaviyo.errors import raise_all
from mock_klaviyo.resources import identifiers
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.profiles import created, profile_problems, write
from mock_klaviyo.resources.registry import operation


@operation("create_client_profile")
def create_client_profile(call: Call) -> Reply:
    """Create or change a profile; identifiers that it has are never changed from a browser."""
    raise_all(profile_problems(call.data))
    profiles = Profiles(call.world)
    named = identifiers.identifiers(call.attributes, call.data.get("id"))
    row = profiles.find(named)
    if row is None:
        created(profiles, call.data, named)
        return Reply(202)
    profiles.complete(row, named)
    write(profiles, row, call.data)
    return Reply(202)
