"""Client: what browsers and apps send with the public key, beside events, subscriptions and push tokens."""

from __future__ import annotations

from mock_klaviyo.errors import raise_all
from mock_klaviyo.resources import identifiers, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.merging import united
from mock_klaviyo.resources.profiles import write
from mock_klaviyo.resources.registry import operation


@operation("create_client_profile")
def create_client_profile(call: Call) -> Reply:
    """Create or change a profile; identifiers that it has are never changed from a browser."""
    raise_all(profile_checks.problems(call.data, "/data"))
    profiles = Profiles(call.world)
    named = identifiers.identifiers(call.attributes, call.data.get("id"))
    row = united(call.world, profiles, named) or profiles.find_or_create(named)
    if row is None:
        call.hint(f"there is no profile with id {named['id']}, so nothing was changed")
        return Reply(202)
    profiles.complete(row, named)
    write(profiles, row, call.data)
    profiles.keep()
    return Reply(202)
